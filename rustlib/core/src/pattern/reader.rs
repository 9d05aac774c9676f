//! The lowest level of the parser: the place in a pattern, escapes, classes.
//!
//! The same steps in the same order as `pyplugins/core/pattern/reader.py`. It must never know groups or quantifiers.
//! Tests: `tests/vectors/patterns.jsonl`.

use super::charset::{self, CharSet, SURROGATES};
use super::reason::{PatternError, Reason};
use super::tree::{Look, Node};
use super::unicode;

/// An escape of characters: a class, or one code point.
enum Escaped {
    Class(CharSet),
    Code(u32),
}

/// What is read, or why it is refused.
pub(super) type Refusable<T> = Result<T, PatternError>;

/// The refusal of what is at that byte.
pub(super) fn refused<T>(reason: Reason, offset: usize) -> Refusable<T> {
    Err(PatternError { reason, offset, size: 0 })
}

/// A place in a pattern; `unicode` chooses the tables.
pub(super) struct Reader<'a> {
    pub text: &'a str,
    pub unicode: bool,
    pub at: usize,
}

impl<'a> Reader<'a> {
    /// What is not read yet.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character behind the next one.
    pub fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    /// The next character, read.
    pub fn next(&mut self) -> Option<char> {
        let found = self.peek();
        self.at += found.map_or(0, char::len_utf8);
        found
    }

    /// Whether `wanted` was here; the place is then behind it.
    pub fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// One character, or its cases.
    pub fn literal(&self, code: u32, ignore_case: bool) -> Node {
        Node::Chars(self.folded(CharSet::single(code), ignore_case))
    }

    fn folded(&self, chars: CharSet, ignore_case: bool) -> CharSet {
        match (ignore_case, self.unicode) {
            (false, _) => chars,
            (true, false) => chars.fold_ascii(),
            (true, true) => unicode::fold(&chars),
        }
    }

    fn named_class(&self, letter: char) -> CharSet {
        match (letter, self.unicode) {
            ('d', false) => charset::digit(),
            ('w', false) => charset::word(),
            ('d', true) => unicode::tables().digit.clone(),
            ('w', true) => unicode::tables().word.clone(),
            (_, false) => charset::space(),
            (_, true) => unicode::tables().space.clone(),
        }
    }

    /// The assertion or the character that a backslash begins.
    pub fn escape(&mut self, ignore_case: bool) -> Refusable<Node> {
        let look = match self.peek_second() {
            Some('b') if self.unicode => Look::UnicodeBoundary,
            Some('B') if self.unicode => Look::NotUnicodeBoundary,
            Some('b') => Look::WordBoundary,
            Some('B') => Look::NotWordBoundary,
            Some('A') => Look::TextStart,
            Some('z') => Look::TextEnd,
            _ => {
                return Ok(match self.escaped()? {
                    Escaped::Class(chars) => Node::Chars(chars),
                    Escaped::Code(code) => self.literal(code, ignore_case),
                });
            }
        };
        self.at += 2;
        Ok(Node::Assertion(look))
    }

    /// What an escape of characters means, inside and outside a class.
    fn escaped(&mut self) -> Refusable<Escaped> {
        let start = self.at;
        self.at += 1;
        let Some(found) = self.next() else {
            return refused(Reason::TrailingBackslash, start);
        };
        Ok(match found {
            't' => Escaped::Code(0x09),
            'n' => Escaped::Code(0x0A),
            'v' => Escaped::Code(0x0B),
            'f' => Escaped::Code(0x0C),
            'r' => Escaped::Code(0x0D),
            'a' => Escaped::Code(0x07),
            'x' => Escaped::Code(self.hex(start, 2)?),
            'u' => Escaped::Code(self.hex(start, 4)?),
            'U' => Escaped::Code(self.hex(start, 8)?),
            'd' | 'w' | 's' => Escaped::Class(self.named_class(found)),
            'D' | 'W' | 'S' => Escaped::Class(self.named_class(found.to_ascii_lowercase()).negate()),
            'Z' => return refused(Reason::TextEnd, start),
            '0' => return refused(Reason::Octal, start),
            '1'..='9' | 'k' | 'g' => return refused(Reason::Backreference, start),
            'p' | 'P' | 'N' => return refused(Reason::UnicodeProperty, start),
            '<' | '>' => return refused(Reason::BadEscape, start),
            _ if !found.is_ascii() || found.is_ascii_alphanumeric() => return refused(Reason::BadEscape, start),
            _ => Escaped::Code(u32::from(found)),
        })
    }

    fn hex(&mut self, start: usize, length: usize) -> Refusable<u32> {
        let digits = self.rest().as_bytes().get(..length).unwrap_or_default();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return refused(Reason::BadHex, start);
        }
        // Eight digits just fit; the digits were checked.
        let code = digits.iter().fold(0, |code, &digit| code << 4 | char::from(digit).to_digit(16).unwrap_or(0));
        if (SURROGATES.0..=SURROGATES.1).contains(&code) {
            return refused(Reason::Surrogate, start);
        }
        if char::from_u32(code).is_none() {
            return refused(Reason::BadHex, start);
        }
        self.at += length;
        Ok(code)
    }

    /// The members of the class that begins here.
    pub fn class(&mut self, ignore_case: bool) -> Refusable<CharSet> {
        let start = self.at;
        self.at += 1;
        let negated = self.take("^");
        let first = self.at;
        let mut items = Vec::new();
        while self.peek() != Some(']') || self.at == first {
            if self.peek().is_none() {
                return refused(Reason::UnclosedClass, start);
            }
            items.push(self.class_item(start, ignore_case)?);
        }
        self.at += 1;
        let mut chars = CharSet::union(&items);
        if negated {
            chars = chars.negate();
        }
        if chars.is_empty() {
            return refused(Reason::EmptyClass, start);
        }
        Ok(chars)
    }

    /// One character, class escape or range of the class that was opened there.
    fn class_item(&mut self, opened: usize, ignore_case: bool) -> Refusable<CharSet> {
        let start = self.at;
        let bracket = self.peek() == Some(']');
        let item = self.class_char()?;
        let is_range = self.peek() == Some('-') && self.peek_second() != Some(']');
        let low = match item {
            Escaped::Class(chars) if !is_range => return Ok(chars),
            // In "[]-a]" the engines see different things.
            Escaped::Code(code) if !(bracket && is_range) => code,
            _ => return refused(Reason::BadRange, start),
        };
        let mut high = low;
        if is_range {
            self.class_char()?;
            if self.peek().is_none() {
                return refused(Reason::UnclosedClass, opened);
            }
            high = match self.class_char()? {
                Escaped::Code(code) if code >= low => code,
                _ => return refused(Reason::BadRange, start),
            };
        }
        Ok(self.folded(CharSet::of(&[(low, high)], false), ignore_case))
    }

    fn class_char(&mut self) -> Refusable<Escaped> {
        let start = self.at;
        match (self.peek(), self.peek_second()) {
            (Some('\\'), Some('b' | 'B' | 'A' | 'z')) => refused(Reason::ClassEscape, start),
            (Some('\\'), _) => self.escaped(),
            (Some('['), _) => refused(Reason::NestedClass, start),
            (Some(found @ ('&' | '-' | '~')), second) if second == Some(found) => refused(Reason::ClassOperator, start),
            _ => Ok(Escaped::Code(self.next().map_or(0, u32::from))),
        }
    }
}
