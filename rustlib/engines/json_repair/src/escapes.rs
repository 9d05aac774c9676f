//! The inside of strings: where the next sign is that needs a look, escapes, control characters.
//!
//! Steps have the same names in `pyplugins/json_repair/_escapes.py`. Tests: `tests/`, the vectors.

use std::borrow::Cow;

use crate::chars::Family;
use crate::edit::{Edit, Kind};
use crate::machine::Machine;

/// A backslash and the letters behind it, which JSON knows.
const ESCAPES: &[u8] = b"\"\\/bfnrt";

impl Machine<'_> {
    /// The first place in `at..to` that needs a look: a quote, a backslash, a control character; `to` if there is none.
    #[inline(always)]
    pub fn plain_end(&self, at: usize, to: usize, family: Family) -> usize {
        let rest = self.text.0.get(at..to).unwrap_or_default();
        let wide = matches!(family, Family::Double | Family::Single);
        let single = matches!(family, Family::Apostrophe | Family::Single);
        let looks = |byte: u8| {
            byte < 0x20
                || byte == b'"'
                || byte == b'\\'
                || single && (byte == b'\'' || byte == b'`' && family == Family::Single)
                || wide && matches!(byte, 0xC2 | 0xE2 | 0xEF)
        };
        let mut skipped = 0;
        if !wide {
            let extra = if single { b'\'' } else { b'"' };
            while let Some(word) = rest.get(skipped..).and_then(|rest| rest.first_chunk::<8>()) {
                let word = u64::from_le_bytes(*word);
                let hits = (below_space(word) | equals(word, b'"') | equals(word, b'\\') | equals(word, extra)) & HIGH_BITS;
                if hits != 0 {
                    return at + skipped + (hits.trailing_zeros() / 8) as usize;
                }
                skipped += 8;
            }
        }
        let found = rest.iter().skip(skipped).position(|&byte| looks(byte));
        found.map_or(to, |found| at + skipped + found)
    }

    /// A control character at `at` is written as an escape.
    pub fn control(&mut self, at: usize) {
        let put: Cow<'static, str> = match self.text.at(at) {
            b'\n' => "\\n".into(),
            b'\t' => "\\t".into(),
            b'\r' => "\\r".into(),
            8 => "\\b".into(),
            12 => "\\f".into(),
            other => format!("\\u{other:04x}").into(),
        };
        self.edits.push(Edit::new(at, at + 1, Kind::ControlCharacter, put));
    }

    /// The backslash at `at`; where to go on.
    pub fn escape(&mut self, at: usize, family: Family) -> usize {
        let next = self.text.at(at + 1);
        if at + 1 >= self.text.len() {
            self.guess(at, at + 1, Kind::BadEscape, "");
            return at + 1;
        }
        if family == Family::Escaped && next == b'\\' {
            return self.escaped_escape(at);
        }
        if ESCAPES.contains(&next) {
            return at + 2;
        }
        match next {
            b'u' => self.unicode_escape(at),
            b'\'' => {
                self.edit(at, at + 1, Kind::BadEscape, "");
                at + 2
            }
            b'x' if self.python && self.hex_digits(at + 2, 2) == 2 => {
                self.edit(at, at + 2, Kind::BadEscape, "\\u00");
                at + 4
            }
            // A line that goes on.
            b'\n' => {
                self.edit(at, at + 2, Kind::BadEscape, "");
                at + 2
            }
            _ if self.python => {
                self.edit(at, at, Kind::BadEscape, "\\");
                at + 1
            }
            _ => {
                self.edit(at, at + 1, Kind::BadEscape, "");
                at + 1
            }
        }
    }

    pub fn hex_digits(&self, at: usize, most: usize) -> usize {
        (0..most).take_while(|&count| self.text.at(at + count).is_ascii_hexdigit()).count()
    }

    fn unicode_escape(&mut self, at: usize) -> usize {
        let digits = self.hex_digits(at + 2, 4);
        if digits == 4 {
            return at + 6;
        }
        let end = at + 2 + digits;
        if end >= self.text.len() {
            self.guess(at, end, Kind::BadEscape, "");
            return end;
        }
        self.edit(at, at, Kind::BadEscape, "\\");
        at + 2
    }

    /// Two backslashes in a string whose quotes are escaped: with what follows they are one escape of the text inside.
    fn escaped_escape(&mut self, at: usize) -> usize {
        let third = self.text.at(at + 2);
        match third {
            b'\\' if matches!(self.text.at(at + 3), b'"' | b'\\') => {
                self.edit(at, at + 2, Kind::EscapedJson, "");
                at + 4
            }
            b'u' if self.hex_digits(at + 3, 4) == 4 => {
                self.edit(at, at + 1, Kind::EscapedJson, "");
                at + 7
            }
            b'"' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.edit(at, at + 1, Kind::EscapedJson, "");
                at + 3
            }
            _ => at + 2,
        }
    }

    /// Escapes what a bare word must not hold once it stands in quotes.
    pub fn bare_inside(&mut self, from: usize, to: usize) {
        let mut at = from;
        loop {
            at = self.plain_end(at, to, Family::Straight);
            if at >= to {
                return;
            }
            match self.text.at(at) {
                b'"' => {
                    self.edit(at, at, Kind::UnescapedQuote, "\\");
                    at += 1;
                }
                b'\\' => {
                    let before = self.edits.len();
                    let next = self.escape(at, Family::Straight);
                    if next > to {
                        // The escape reaches over the end: the backslash is meant as it stands.
                        self.edits.truncate(before);
                        self.edit(at, at, Kind::BadEscape, "\\");
                        at += 1;
                    } else {
                        at = next;
                    }
                }
                _ => {
                    self.control(at);
                    at += 1;
                }
            }
        }
    }
}

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
const LOW_BITS: u64 = 0x0101_0101_0101_0101;

/// The lowest high bit that is set marks the first byte below a blank; those above it may be wrong.
#[inline(always)]
fn below_space(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS * 0x20) & !word
}

/// The same for the bytes that equal `byte`.
#[inline(always)]
fn equals(word: u64, byte: u8) -> u64 {
    let differs = word ^ (LOW_BITS * byte as u64);
    differs.wrapping_sub(LOW_BITS) & !differs
}
