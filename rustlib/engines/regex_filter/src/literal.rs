//! Plain text to be searched: exact, or with ASCII or all letters in any case; alone, or only as a whole word.
//!
//! Letters are compared in a folded view of the text, whose places lead back to the text. It must never find anything inside a
//! character. Tests: below, `tests/vectors/regex_filter.jsonl`.

use std::borrow::Cow;

use gwplugins_core::pattern::{self, Span};
use memchr::memmem;

/// Which letters are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    Exact,
    Ascii,
    Unicode,
}

/// A character is at most this many times longer than another that is the same but for case.
const MOST_GROWTH: usize = 3;

/// One literal.
#[derive(Clone, Debug)]
pub struct Literal {
    /// Folded.
    needle: Vec<u8>,
    pub case: Case,
    /// No word character may stand beside it.
    whole: bool,
    /// Word characters are those of all scripts.
    unicode: bool,
}

impl Literal {
    /// A literal of that text.
    pub fn new(text: &str, ignore_case: bool, whole: bool, unicode: bool) -> Self {
        let case = match (ignore_case, unicode) {
            (false, _) => Case::Exact,
            (true, false) => Case::Ascii,
            (true, true) => Case::Unicode,
        };
        Self { needle: View::of(text.as_bytes(), case).bytes.into_owned(), case, whole, unicode }
    }

    /// What stands in a view that holds it.
    pub fn needle(&self) -> &[u8] {
        &self.needle
    }

    /// Bytes of the longest text it matches.
    pub fn reach(&self) -> usize {
        self.needle.len() * if self.case == Case::Unicode { MOST_GROWTH } else { 1 }
    }

    /// Whether the words around `start..end` of the text let it stand there.
    pub fn fits(&self, text: &[u8], start: usize, end: usize) -> bool {
        !self.whole || !(pattern::is_word_before(text, start, self.unicode) || pattern::is_word_behind(text, end, self.unicode))
    }

    /// Calls `found` with each occurrence, left to right and apart, until it says false.
    pub fn each(&self, text: &[u8], mut found: impl FnMut(Span) -> bool) {
        let view = View::of(text, self.case);
        let finder = memmem::Finder::new(&self.needle);
        let mut at = 0;
        while let Some(offset) = finder.find(&view.bytes[at..]) {
            let from = at + offset;
            let to = from + self.needle.len();
            let (start, end) = (view.place(from), view.place(to));
            at = from + 1;
            if self.fits(text, start, end) {
                at = to;
                if !found((start, end)) {
                    return;
                }
            }
        }
    }
}

/// A text in which letters that are the same are the same bytes.
pub struct View<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// Where a character has another length than in the text: the places behind it, here and there.
    shifts: Vec<(usize, usize)>,
}

impl<'a> View<'a> {
    /// The view of a text; the text itself where nothing needs folding.
    pub fn of(text: &'a [u8], case: Case) -> Self {
        match case {
            Case::Exact => Self { bytes: Cow::Borrowed(text), shifts: Vec::new() },
            Case::Unicode if !text.is_ascii() => Self::folded(text),
            _ => Self { bytes: Cow::Owned(text.to_ascii_uppercase()), shifts: Vec::new() },
        }
    }

    fn folded(text: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        let mut shifts = Vec::new();
        let mut at = 0;
        while let Some((code, length)) = pattern::char_behind(text, at) {
            let before = bytes.len();
            match code.map(canonical).and_then(char::from_u32) {
                Some(found) => bytes.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes()),
                None => bytes.extend_from_slice(&text[at..at + length]),
            }
            at += length;
            if bytes.len() - before != length {
                shifts.push((bytes.len(), at));
            }
        }
        Self { bytes: Cow::Owned(bytes), shifts }
    }

    /// The place in the text of a place here, both at characters.
    pub fn place(&self, at: usize) -> usize {
        let behind = self.shifts.partition_point(|shift| shift.0 <= at);
        behind.checked_sub(1).map_or(at, |index| self.shifts[index].1 + (at - self.shifts[index].0))
    }
}

/// ASCII letters to capitals, where the tables go too.
fn canonical(code: u32) -> u32 {
    match u8::try_from(code) {
        Ok(ascii @ 0..0x80) => u32::from(ascii.to_ascii_uppercase()),
        _ => pattern::canonical(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(literal: &Literal, text: &str) -> Vec<Span> {
        let mut found = Vec::new();
        literal.each(text.as_bytes(), |span| {
            found.push(span);
            true
        });
        found
    }

    #[test]
    fn cases_and_words() {
        let literal = |text, ignore_case, whole, unicode| Literal::new(text, ignore_case, whole, unicode);
        let rows = [
            ("exact", literal("aa", false, false, false), "aaaaa Aa", vec![(0, 2), (2, 4)]),
            ("ascii", literal("kÉ", true, false, false), "KÉ kÉ KÉ ké", vec![(0, 3), (4, 7), (8, 11)]),
            ("unicode", literal("ké", true, false, true), "KÉ \u{212A}É", vec![(0, 3), (4, 9)]),
            ("shifts", literal("x", true, false, true), "\u{212A}X\u{17F}x", vec![(3, 4), (6, 7)]),
            ("whole", literal("ab", false, true, false), "ab cab abc éab", vec![(0, 2), (13, 15)]),
            ("whole, all scripts", literal("ab", false, true, true), "éab ab", vec![(5, 7)]),
            ("whole, no letters", literal("+", false, true, false), "+ a+ +a ++", vec![(0, 1), (8, 9), (9, 10)]),
        ];
        for (name, literal, text, expected) in rows {
            assert_eq!(spans(&literal, text), expected, "{name}");
        }
    }
}
