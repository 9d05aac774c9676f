//! The forms in which a value may arrive: decoded once or twice, and without the comments inside of words.
//!
//! A form knows where each of its bytes comes from. An encoded character that is no ASCII becomes one that means nothing. The Python twin is
//! `pyplugins/sql_sanitizer/_decode.py`. Tests: `../tests.rs`, `tests/vectors/sql_sanitizer.jsonl`.

use memchr::{memchr, memmem};

/// A character that means nothing: to the lexer it is a word.
const OTHER: u8 = 0x80;
/// Characters of a comment in a word.
const MOST_COMMENT: usize = 16;
/// Digits of a numeric entity.
const MOST_DIGITS: usize = 9;

/// A form of a value.
pub struct Form {
    pub text: Vec<u8>,
    /// Where each byte, and the end, is in the value.
    places: Vec<usize>,
}

impl Form {
    /// The smallest span of the value that gave `text[start..end]`.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        let place = |at: usize| self.places.get(at).copied().unwrap_or(0);
        (place(start), place(end))
    }
}

/// The text with one level of encoding undone; `None` when there is none. `before`: what the text is a form of.
#[inline(never)]
pub fn decoded(text: &[u8], before: Option<&Form>) -> Option<Form> {
    let spaces = memchr(b'+', text).is_some() && memchr(b' ', text).is_none();
    let mut maker = Maker::new(text, before, spaces);
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(|byte| MARKS[usize::from(*byte)])) {
        at += found;
        match unit(text.get(at..).unwrap_or_default()) {
            Some((length, byte)) => {
                maker.replace(at, at + length, Some(byte));
                at += length;
            }
            None => at += 1,
        }
    }
    maker.finish(spaces)
}

/// The text without the comments inside of words; `None` when there are none.
#[inline(never)]
pub fn joined(text: &[u8], before: Option<&Form>) -> Option<Form> {
    let mut maker = Maker::new(text, before, false);
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memmem::find(rest, b"/*")) {
        let start = at + found;
        at = start + 2;
        let held = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'!' | b' ');
        let end = at + text[at..].iter().take(MOST_COMMENT).take_while(held).count() + 2;
        let letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphabetic);
        if text.get(end - 2..end) == Some(b"*/") && start > 0 && letter(start - 1) && letter(end) {
            maker.replace(start, end, None);
            at = end;
        }
    }
    maker.finish(false)
}

/// Builds a form piece by piece.
struct Maker<'a> {
    source: &'a [u8],
    before: Option<&'a Form>,
    spaces: bool,
    form: Form,
    at: usize,
}

impl<'a> Maker<'a> {
    fn new(source: &'a [u8], before: Option<&'a Form>, spaces: bool) -> Self {
        Self { source, before, spaces, form: Form { text: Vec::new(), places: Vec::new() }, at: 0 }
    }

    #[inline(never)]
    fn keep_until(&mut self, end: usize) {
        let kept = self.source.get(self.at..end).unwrap_or_default();
        let spaced = |&byte: &u8| if self.spaces && byte == b'+' { b' ' } else { byte };
        self.form.text.extend(kept.iter().map(spaced));
        self.form.places.extend(self.at..end);
    }

    fn replace(&mut self, start: usize, end: usize, byte: Option<u8>) {
        self.keep_until(start);
        if let Some(byte) = byte {
            self.form.text.push(byte);
            self.form.places.push(start);
        }
        self.at = end;
    }

    fn finish(mut self, changed: bool) -> Option<Form> {
        if self.at == 0 && !changed {
            return None;
        }
        self.keep_until(self.source.len());
        self.form.places.push(self.source.len());
        if let Some(before) = self.before {
            self.form.places.iter_mut().for_each(|place| *place = before.places.get(*place).copied().unwrap_or(0));
        }
        Some(self.form)
    }
}

/// The bytes that may begin something encoded.
static MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    let begin = b"%\\&\xEF\xE2\xCA";
    let mut at = 0;
    while at < begin.len() {
        marks[begin[at] as usize] = true;
        at += 1;
    }
    marks
};

/// What the text begins with, if that is an encoded character: its length and the byte it stands for.
fn unit(text: &[u8]) -> Option<(usize, u8)> {
    match *text {
        [b'%', ..] => percent(text),
        [b'\\', b'u' | b'U', ..] => Some((6, plain(hex(text, 2, 4)?))),
        [b'\\', b'x' | b'X', ..] => Some((4, plain(hex(text, 2, 2)?))),
        [b'\\', quote @ (b'\'' | b'"'), ..] => Some((2, quote)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((2, b' ')),
        [b'&', b'#', ..] => numeric(text),
        [b'&', ..] => entity(text),
        [0xEF, 0xBC | 0xBD, last @ 0x80..=0xBF, ..] | [0xE2, 0x80, last @ 0x80..=0xBF, ..] | [0xCA, last @ 0x80..=0xBF, ..] => {
            let (length, first) = if text[0] == 0xCA {
                (2, 0x280)
            } else if text[0] == 0xE2 {
                (3, 0x2000)
            } else {
                (3, 0xF000 + (u32::from(text[1]) - 0x80) * 64)
            };
            let code = first + u32::from(last) - 0x80;
            let byte = plain(code);
            (byte != OTHER).then_some((length, byte))
        }
        _ => None,
    }
}

fn percent(text: &[u8]) -> Option<(usize, u8)> {
    if matches!(text.get(1), Some(b'u' | b'U')) {
        return Some((6, plain(hex(text, 2, 4)?)));
    }
    let first = hex(text, 1, 2)?;
    let second = if text.get(3) == Some(&b'%') { hex(text, 4, 2) } else { None };
    let third = if text.get(6) == Some(&b'%') { hex(text, 7, 2) } else { None };
    Some(match (first, second, third) {
        (0xEF, Some(0xBC), Some(code)) => (9, shifted(code, 0x81..=0xBF, 0x60)),
        (0xEF, Some(0xBD), Some(code)) => (9, shifted(code, 0x80..=0x9E, 0x20)),
        (0xC0, Some(code), _) => (6, shifted(code, 0x80..=0xBF, 0x80)),
        (0xC1, Some(code), _) => (6, shifted(code, 0x80..=0xBF, 0x40)),
        (0xE2, Some(0x80), Some(0x98 | 0x99)) => (9, b'\''),
        (0xE2, Some(0x80), Some(0x9C | 0x9D)) => (9, b'"'),
        _ => (3, plain(first)),
    })
}

fn shifted(code: u32, range: std::ops::RangeInclusive<u32>, distance: u32) -> u8 {
    if range.contains(&code) { (code - distance) as u8 } else { OTHER }
}

fn numeric(text: &[u8]) -> Option<(usize, u8)> {
    let (from, radix) = if matches!(text.get(2), Some(b'x' | b'X')) { (3, 16) } else { (2, 10) };
    let digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let count = text.get(from..)?.iter().take(MOST_DIGITS).take_while(digit).count();
    if count < 2 {
        return None;
    }
    let digits = std::str::from_utf8(text.get(from..from + count)?).ok()?;
    let code = u64::from_str_radix(digits, radix).ok()?;
    let end = from + count;
    Some((end + usize::from(text.get(end) == Some(&b';')), plain(u32::try_from(code).unwrap_or(u32::MAX))))
}

fn entity(text: &[u8]) -> Option<(usize, u8)> {
    let names: [(&[u8], &[u8], u8); 5] = [
        (b"&quot;", b"&QUOT;", b'"'),
        (b"&apos;", b"&APOS;", b'\''),
        (b"&amp;", b"&AMP;", b'&'),
        (b"&lt;", b"&LT;", b'<'),
        (b"&gt;", b"&GT;", b'>'),
    ];
    let found = names.iter().find(|(lower, upper, _)| text.starts_with(lower) || text.starts_with(upper));
    found.map(|(name, _, byte)| (name.len(), *byte))
}

/// The number that `count` hex digits from `at` on are.
fn hex(text: &[u8], at: usize, count: usize) -> Option<u32> {
    let digits = text.get(at..at + count)?;
    digits.iter().try_fold(0, |number, byte| Some(number * 16 + char::from(*byte).to_digit(16)?))
}

/// The ASCII character that a database may take this one for.
fn plain(code: u32) -> u8 {
    match code {
        0..0x80 => code as u8,
        0xA0 | 0x3000 => b' ',
        0xFF01..=0xFF5E => (code - 0xFEE0) as u8,
        0x2018 | 0x2019 | 0x2BC | 0x2B9 | 0x2032 => b'\'',
        0x201C | 0x201D | 0x2033 => b'"',
        _ => OTHER,
    }
}
