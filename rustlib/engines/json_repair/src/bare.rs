//! Words without quotes: numbers, constants, calls, keys, and strings that lost their quotes.
//!
//! Where a word ends depends on where it stands: in an object a comma belongs to it when no member follows. Steps have the same names in
//! `pyplugins/json_repair/_bare.py`. Tests: `tests/`, the vectors.

use crate::chars::Family;
use crate::edit::{Edit, Kind};
use crate::machine::{Machine, Role, TooDeep};

/// What a word is, if it is no string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    /// As JSON writes it.
    Plain,
    Constant(Kind, &'static str),
    /// A number that has to be respelt.
    Number,
    /// Cut off by the end of the text.
    Truncated(&'static str),
    /// A string.
    Text,
}

/// The longest word that stands for a constant.
const LONGEST: usize = 9;

/// What a word stands for in Python or JavaScript, in any case of letters.
fn constant(word: &[u8]) -> Option<(Kind, &'static str)> {
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    match &*lower {
        b"true" => Some((Kind::PythonConstant, "true")),
        b"false" => Some((Kind::PythonConstant, "false")),
        b"null" | b"none" => Some((Kind::PythonConstant, "null")),
        b"undefined" => Some((Kind::JavascriptConstant, "null")),
        _ => None,
    }
}

/// Numbers that JSON does not know, in this spelling.
const NO_NUMBERS: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];

/// What a word cut off by the end of the text may have been.
const COMPLETE: [(&[u8], &str); 6] =
    [(b"true", "true"), (b"false", "false"), (b"null", "null"), (b"True", "true"), (b"False", "false"), (b"None", "null")];

/// A constant of some language, in any case of letters.
pub fn is_constant(word: &[u8]) -> bool {
    constant(word).is_some() || NO_NUMBERS.contains(&word)
}

/// The parts of a number, each a length: sign, digits, point, digits, exponent with its sign, digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Number {
    sign: usize,
    whole: usize,
    point: usize,
    part: usize,
    exponent: usize,
    power: usize,
}

impl Number {
    /// The number at the beginning of `word`. `_` counts as a digit behind one.
    pub fn read(word: &[u8]) -> Self {
        let at = |place: usize| word.get(place).copied().unwrap_or(0);
        let digits = |from: usize| {
            let run = word.get(from..).unwrap_or_default();
            let first = run.first().is_some_and(u8::is_ascii_digit);
            if first { run.iter().take_while(|&&byte| byte.is_ascii_digit() || byte == b'_').count() } else { 0 }
        };
        let sign = usize::from(matches!(at(0), b'-' | b'+'));
        let whole = digits(sign);
        let mut end = sign + whole;
        let point = usize::from(at(end) == b'.');
        let part = if point > 0 { digits(end + 1) } else { 0 };
        end += point + part;
        let exponent = match (at(end), at(end + 1)) {
            (b'e' | b'E', b'-' | b'+') => 2,
            (b'e' | b'E', _) => 1,
            _ => 0,
        };
        let power = if exponent > 0 { digits(end + exponent) } else { 0 };
        Self { sign, whole, point, part, exponent, power }
    }

    pub fn len(&self) -> usize {
        self.sign + self.whole + self.point + self.part + self.exponent + self.power
    }

    /// It is spelt as JSON spells it.
    fn is_plain(&self, word: &[u8]) -> bool {
        let digits = word.get(self.sign..).unwrap_or_default();
        self.whole > 0
            && (self.point == 0) == (self.part == 0)
            && (self.exponent == 0) == (self.power == 0)
            && word.first() != Some(&b'+')
            && (self.whole == 1 || digits.first() != Some(&b'0'))
            && !word.get(..self.len()).unwrap_or_default().contains(&b'_')
    }
}

impl Machine<'_> {
    /// Reads the bare word at the current place as a value.
    pub fn bare(&mut self, role: Role) -> Result<(), TooDeep> {
        let at = self.at;
        if let Some(end) = self.plain_word(role) {
            self.at = end;
            self.ended();
            return Ok(());
        }
        if let Some(end) = self.call_at(at) {
            return self.call(end);
        }
        let (end, quote) = match self.scalar_end(role) {
            Some(end) => (end, 0),
            None => self.bare_end(role),
        };
        let word = self.text.0.get(at..end).unwrap_or_default();
        match if quote == 0 { self.word(word, end) } else { Word::Text } {
            Word::Plain => {}
            Word::Constant(kind, put) => {
                self.edits.push(Edit::new(at, end, kind, put).guessed(NO_NUMBERS.contains(&word)));
            }
            Word::Truncated(put) => self.guess(at, end, Kind::TruncatedConstant, put),
            Word::Number => self.respell(at, end),
            Word::Text => self.quote_word(end, quote),
        }
        self.at = end + quote;
        self.ended();
        Ok(())
    }

    /// The quick way: a number or constant of JSON, and behind it what must follow. Where it ends.
    fn plain_word(&self, role: Role) -> Option<usize> {
        let rest = self.text.0.get(self.at..).unwrap_or_default();
        let length = match rest.first() {
            Some(b'0'..=b'9' | b'-') => {
                let number = Number::read(rest);
                number.is_plain(rest).then(|| number.len())?
            }
            Some(b't') if rest.starts_with(b"true") => 4,
            Some(b'f') if rest.starts_with(b"false") => 5,
            Some(b'n') if rest.starts_with(b"null") => 4,
            _ => return None,
        };
        let end = self.at + length;
        let next = self.text.next(end).at;
        match self.text.at(next) {
            b'}' | b']' => Some(end),
            b',' if role == Role::Item || role == Role::Member && self.member_follows(next + 1) => Some(end),
            _ => None,
        }
    }

    /// A number or constant that the next item or member follows without a comma: where it ends.
    fn scalar_end(&self, role: Role) -> Option<usize> {
        let mut end = self.at;
        while matches!(self.text.at(end), b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'+' | b'-') {
            end += 1;
        }
        let next = self.text.next(end).at;
        if next == end || !self.is_scalar(self.at, end) {
            return None;
        }
        let follows = match role {
            Role::Item => {
                let word = self.text.0.get(next..self.text.name_end(next)).unwrap_or_default();
                matches!(self.text.at(next), b'0'..=b'9' | b'-' | b'{' | b'[') || self.text.opens(next).is_some() || is_constant(word)
            }
            Role::Member => self.text.key_at(next),
            _ => false,
        };
        follows.then_some(end)
    }

    fn word(&self, word: &[u8], end: usize) -> Word {
        if matches!(word, b"true" | b"false" | b"null") {
            return Word::Plain;
        }
        let cut_off = end >= self.text.len();
        // JavaScript's library knows one spelling of each.
        let known = self.python || matches!(word, b"True" | b"False" | b"None" | b"undefined");
        if let Some((kind, put)) = constant(word).filter(|_| known) {
            return Word::Constant(kind, put);
        }
        if NO_NUMBERS.contains(&word) {
            return Word::Constant(Kind::JavascriptConstant, "null");
        }
        if cut_off && let Some((_, put)) = COMPLETE.iter().find(|(name, _)| name.starts_with(word) && !word.is_empty()) {
            return Word::Truncated(put);
        }
        let number = Number::read(word);
        if number.len() != word.len() {
            return Word::Text;
        }
        if number.is_plain(word) {
            return Word::Plain;
        }
        let digits = number.whole + number.part > 0 || number.len() == 1 && word == b"-" && (cut_off || !self.python);
        let zeros = number.whole > 1 && word.get(number.sign) == Some(&b'0');
        let pythonic = zeros || word.contains(&b'_');
        if digits && (self.python || !pythonic) { Word::Number } else { Word::Text }
    }

    /// Spells the number at `at` as JSON spells it.
    fn respell(&mut self, at: usize, end: usize) {
        let word = self.text.0.get(at..end).unwrap_or_default();
        let number = Number::read(word);
        let byte = |place: usize| self.text.at(place);
        let mut changes: Vec<(usize, usize, &'static str)> = Vec::new();
        let mut place = at;
        if byte(at) == b'+' {
            changes.push((at, at + 1, ""));
        }
        place += number.sign;
        let whole_end = place + number.whole;
        // Zeros in front go, but not the last digit.
        let last = (place..whole_end).rfind(|&place| byte(place) != b'_').unwrap_or(place);
        let mut first = place;
        while first < last && matches!(byte(first), b'0' | b'_') {
            first += 1;
        }
        if first > place {
            changes.push((place, first, ""));
        }
        if number.whole == 0 {
            changes.push((place, place, "0"));
        }
        let underscores = |from: usize, to: usize| (from..to).filter(|&place| byte(place) == b'_').collect::<Vec<_>>();
        changes.extend(underscores(first, whole_end).into_iter().map(|place| (place, place + 1, "")));
        let part_end = whole_end + number.point + number.part;
        if number.point > 0 && number.part == 0 {
            changes.push((part_end, part_end, "0"));
        }
        changes.extend(underscores(whole_end, end).into_iter().map(|place| (place, place + 1, "")));
        if number.exponent > 0 && number.power == 0 {
            changes.push((end, end, "0"));
        }
        for (start, end, put) in changes {
            self.edit(start, end, Kind::Number, put);
        }
    }

    /// Puts the word that ends at `end` in quotes; a quote of this length stands behind it already.
    fn quote_word(&mut self, end: usize, quote: usize) {
        let at = self.at;
        let plain = (at..end).all(|place| self.text.in_name(place));
        self.edit(at, at, Kind::MissingQuote, "\"");
        if let Some(edit) = self.edits.last_mut() {
            edit.guess = !plain;
        }
        self.bare_inside(at, end);
        if quote == 0 {
            self.edit(end, end, Kind::MissingQuote, "\"");
        } else if quote == 2 && self.text.at(end) == b'\\' {
            self.edit(end, end + 1, Kind::EscapedJson, "");
        } else if self.text.at(end) != b'"' {
            self.edit(end, end + quote, Kind::QuoteStyle, "\"");
        }
    }

    /// Where the bare word at the current place ends, and the length of the quote behind it that belongs to it.
    fn bare_end(&self, role: Role) -> (usize, usize) {
        let from = self.at;
        let (mut at, mut curly, mut square, mut round) = (from, 0usize, 0usize, 0usize);
        while at < self.text.len() {
            let byte = self.text.at(at);
            let comma = self.text.comma(at);
            if comma > 0 {
                if role != Role::Member || self.member_follows(at + comma) {
                    break;
                }
                at += comma;
                continue;
            }
            if at > from
                && let Some((family, length)) = self.text.opens(at)
            {
                let spaced = matches!(self.text.at(at - 1), b' ' | b'\t' | b'\r');
                let strong = !matches!(family, Family::Apostrophe | Family::Single);
                if strong && role == Role::Member && self.text.key_at(at) {
                    break;
                }
                if (strong || !spaced) && self.quote_ends_word(at + length, role) {
                    return (at, length);
                }
                if strong && spaced && role == Role::Item && self.item_begins(at + length, family) {
                    break;
                }
                at += length;
                continue;
            }
            match byte {
                b'}' if curly > 0 => curly -= 1,
                b'{' if at > from && self.text.at(at - 1) < 0x80 && self.text.in_name(at - 1) => curly += 1,
                b'}' | b'{' => break,
                b']' if square > 0 => square -= 1,
                b')' if round > 0 => round -= 1,
                b']' | b')' if self.is_open(byte) => break,
                b'[' => square += 1,
                b'(' => round += 1,
                b'\n' | b'\\' if byte == b'\n' || matches!(self.text.at(at + 1), b'n' | b'r' | b't') => {
                    // The end of a line, or the escape of one where it may stand outside of strings.
                    let escape = byte == b'\\';
                    let next = self.text.after_escapes(at);
                    let ends = role != Role::Member && !escape
                        || next >= self.text.len()
                        || matches!(self.text.at(next), b'}' | b']' | b')' | b'{' | b'[')
                        || self.text.comma(next) > 0
                        || self.text.opens(next).is_some()
                        || self.text.comment(next)
                        || self.text.fence(next)
                        || self.text.key_at(next);
                    if ends {
                        break;
                    }
                    at = next;
                    continue;
                }
                b'/' | b'#' if self.text.comment(at) => {
                    let spaced = at > from && matches!(self.text.at(at - 1), b' ' | b'\t' | b'\r');
                    if spaced || self.text.at(at + 1) == b'*' && at > from {
                        break;
                    }
                }
                b'`' if self.text.fence(at) => break,
                _ => {}
            }
            at += 1;
        }
        (self.text.trimmed(from, at).at, 0)
    }

    /// An item in quotes begins: its end fits.
    fn item_begins(&self, inside: usize, family: Family) -> bool {
        self.text.string_end(inside, family).is_some_and(|end| {
            let next = self.text.next(end).at;
            next >= self.text.len() || matches!(self.text.at(next), b',' | b']')
        })
    }

    /// Reads the bare word at the current place as a key.
    pub fn bare_key(&mut self) {
        let from = self.at;
        let mut at = from;
        let mut quote = 0;
        while at < self.text.len() {
            if self.text.colon(at) > 0 || self.text.comma(at) > 0 || self.text.fence(at) {
                break;
            }
            if at > from
                && let Some((family, length)) = self.text.opens(at)
            {
                if self.text.colon(self.text.next(at + length).at) > 0 {
                    quote = length;
                    break;
                }
                if !matches!(family, Family::Apostrophe | Family::Single) {
                    break;
                }
                at += length;
                continue;
            }
            if matches!(self.text.at(at), b'}' | b']' | b'{' | b'[' | b'\n') || at > from && self.text.comment(at) {
                break;
            }
            at += 1;
        }
        let end = if quote > 0 { at } else { self.text.trimmed(from, at).at };
        self.quote_word(end, quote);
        self.at = end + quote;
        self.ended();
    }

    /// The end of the name and bracket of a call at `at`, if a value follows: `ObjectId(`, `new Date(`.
    pub fn call_at(&self, at: usize) -> Option<usize> {
        let name_end = |from: usize| {
            let first = matches!(self.text.at(from), b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'$');
            let mut end = from;
            while first && matches!(self.text.at(end), b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | b'.') {
                end += 1;
            }
            end
        };
        let mut end = name_end(at);
        if self.text.0.get(at..end) == Some(b"new") && self.text.at(end) == b' ' {
            end = name_end(end + 1);
        }
        // With white space before the bracket only around an object or array: JSONP.
        let bracket = self.text.next(end).at;
        let spaced = bracket > end && self.text.at(bracket) == b'(' && matches!(self.text.at(self.text.next(bracket + 1).at), b'{' | b'[');
        let end = if spaced && end > at { bracket } else { end };
        if end == at || self.text.at(end) != b'(' {
            return None;
        }
        let next = self.text.next(end + 1).at;
        let inner = name_end(next);
        let value = next >= self.text.len()
            || matches!(self.text.at(next), b'{' | b'[' | b')' | b'-' | b'0'..=b'9')
            || self.text.opens(next).is_some()
            || inner > next && self.text.at(inner) == b'('
            || is_constant(self.text.0.get(next..inner).unwrap_or_default());
        value.then_some(end + 1)
    }

    /// A number or constant is all that stands between `from` and `to`.
    pub fn is_scalar(&self, from: usize, to: usize) -> bool {
        let word = self.text.0.get(from..to).unwrap_or_default();
        !word.is_empty() && !matches!(self.word(word, usize::MIN), Word::Text | Word::Truncated(_))
    }
}
