//! Read access to a scanned text for matchers: bytes outside the text read as NUL, and with the feature `count-reads` every
//! byte read is counted, so that the adversarial suite can assert a bound.

use crate::offsets::is_continuation;

/// A text under examination. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    bytes: &'a [u8],
}

impl<'a> Text<'a> {
    /// Wraps `bytes`.
    #[inline(always)]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Length in bytes.
    #[inline(always)]
    pub fn len(self) -> usize {
        self.bytes.len()
    }

    /// True for the empty text.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// The byte at `index`, 0 outside the text.
    #[inline(always)]
    pub fn at(self, index: usize) -> u8 {
        note_reads(1);
        self.bytes.get(index).copied().unwrap_or(0)
    }

    /// The byte `distance` before `index`, 0 outside the text.
    #[inline(always)]
    pub fn before(self, index: usize, distance: usize) -> u8 {
        self.at(index.wrapping_sub(distance))
    }

    /// The eight bytes from `index` on.
    #[inline(always)]
    pub fn eight_at(self, index: usize) -> Eight {
        note_reads(8);
        match self.bytes.get(index..index.wrapping_add(8)) {
            Some(&[a, b, c, d, e, f, g, h]) => Eight(u64::from_le_bytes([a, b, c, d, e, f, g, h])),
            _ => self.some_at(index),
        }
    }

    /// The eight bytes before `index`.
    #[inline(always)]
    pub fn eight_before(self, index: usize) -> Eight {
        self.eight_at(index.wrapping_sub(8))
    }

    /// Eight bytes at an edge of the text.
    #[cold]
    fn some_at(self, index: usize) -> Eight {
        let byte = |n| self.bytes.get(index.wrapping_add(n)).copied().unwrap_or(0);
        Eight(u64::from_le_bytes(std::array::from_fn(byte)))
    }

    /// The bytes of `start..end`, cut to the text.
    #[inline(always)]
    pub fn slice(self, start: usize, end: usize) -> &'a [u8] {
        let end = end.min(self.bytes.len());
        let found = self.bytes.get(start..end).unwrap_or(&[]);
        note_reads(found.len());
        found
    }

    /// Length of the JSON string escape that ends before `end`: 2 for `\n`, `\r`, `\t`, `\b`, `\f`, 6 for `\uXXXX`, else 0. Text inside JSON
    /// arrives escaped, and the letters of an escape belong to no word.
    #[inline]
    pub fn escape_before(self, end: usize) -> usize {
        let last = self.before(end, 1);
        if self.before(end, 2) == b'\\' && is_escape_letter(last) {
            2
        } else if last.is_ascii_hexdigit() && self.before(end, 6) == b'\\' && self.before(end, 5) == b'u' {
            if (2..=4).all(|n| self.before(end, n).is_ascii_hexdigit()) { 6 } else { 0 }
        } else {
            0
        }
    }

    /// A JSON escape begins before `index` and ends behind it.
    pub fn in_escape(self, index: usize) -> bool {
        self.eight_before(index).hold(b'\\') && (1..6).any(|n| self.before(index, n) == b'\\' && self.behind_escape(index - n + 1) > index)
    }

    /// A word character stands before `index`, and not as the end of a JSON escape.
    #[inline]
    pub fn word_before(self, index: usize) -> bool {
        is_word(self.before(index, 1)) && self.escape_before(index) == 0
    }

    /// Where a run of letters and digits at `start` really begins: behind the rest of a JSON escape whose `\\` stands before it.
    #[inline]
    pub fn behind_escape(self, start: usize) -> usize {
        if self.before(start, 1) != b'\\' {
            start
        } else if is_escape_letter(self.at(start)) {
            start + 1
        } else if self.escape_before(start + 5) == 6 {
            start + 5
        } else {
            start
        }
    }

    /// Number of ASCII digits from `start`, counted up to `most`. By eight bytes at a time, so that short runs cost no jump.
    #[inline]
    pub fn digit_run(self, start: usize, most: usize) -> usize {
        let mut count = 0;
        loop {
            let here = self.eight_at(start + count).digits();
            count += here;
            if here < 8 || count >= most {
                return count.min(most);
            }
        }
    }

    /// The character that begins at `index` and its length in bytes; `None` for the end and for invalid UTF-8.
    pub fn char_at(self, index: usize) -> Option<(char, usize)> {
        let first = self.at(index);
        if first.is_ascii() {
            return (index < self.len()).then_some((first as char, 1));
        }
        let length = match first {
            0xC2..=0xDF => {
                let second = self.at(index + 1);
                let code = u32::from(first & 0x1F) << 6 | u32::from(second & 0x3F);
                return char::from_u32(code).filter(|_| is_continuation(second)).map(|character| (character, 2));
            }
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        self.decode(index, length)
    }

    /// The character that ends before `index` and its length in bytes; `None` for the start and for invalid UTF-8.
    pub fn char_before(self, index: usize) -> Option<(char, usize)> {
        let last = self.before(index, 1);
        if last.is_ascii() {
            return (index > 0 && index <= self.len()).then_some((last as char, 1));
        }
        let length = (2..=4).find(|&length| !is_continuation(self.before(index, length)))?;
        self.decode(index.checked_sub(length)?, length)
    }

    /// The one character of `length` bytes, 2 to 4, at `index` (RFC 3629 3).
    fn decode(self, index: usize, length: usize) -> Option<(char, usize)> {
        const LEADS: [(u8, u8, u32); 3] = [(0xE0, 0xC0, 0x80), (0xF0, 0xE0, 0x800), (0xF8, 0xF0, 0x1_0000)];
        let (mask, lead, least) = LEADS[length - 2];
        let first = self.at(index);
        let mut code = u32::from(first & !mask);
        for place in 1..length {
            let byte = self.at(index + place);
            is_continuation(byte).then_some(())?;
            code = code << 6 | u32::from(byte & 0x3F);
        }
        let character = char::from_u32(code).filter(|_| first & mask == lead && code >= least)?;
        Some((character, length))
    }
}

/// One in each of eight bytes.
const ONES: u64 = u64::MAX / 255;

/// The high bits of eight bytes side by side, the first one lowest.
#[inline(always)]
fn bit_for_mark(marks: u64) -> u32 {
    (marks.wrapping_mul(0x0002_0408_1020_4081) >> 56) as u32
}

/// Eight bytes of a text in one register.
#[derive(Clone, Copy)]
pub struct Eight(u64);

impl Eight {
    /// Byte number `n`, 0 to 7.
    #[inline(always)]
    pub fn byte(self, n: usize) -> u8 {
        (self.0 >> (8 * n)) as u8
    }

    /// The byte `distance` before their end, 1 to 8.
    #[inline(always)]
    pub fn back(self, distance: usize) -> u8 {
        self.byte(8 - distance)
    }

    /// All of them; the first is lowest.
    #[inline(always)]
    pub fn number(self) -> u64 {
        self.0
    }

    /// Those from number `first` on, before NUL.
    #[inline(always)]
    pub fn from(self, first: usize) -> Self {
        Self(self.0 >> (8 * first))
    }

    /// How many ASCII digits they begin with.
    #[inline(always)]
    pub fn digits(self) -> usize {
        self.other_marks().trailing_zeros() as usize / 8
    }

    /// Bit n is set when byte n is no ASCII digit.
    #[inline(always)]
    pub fn others(self) -> u32 {
        bit_for_mark(self.other_marks())
    }

    /// Bit n is set when byte n is `byte`.
    #[inline(always)]
    pub fn places_of(self, byte: u8) -> u32 {
        const LOW: u64 = ONES * 0x7F;
        let differences = self.0 ^ (ONES * byte as u64);
        // Exact in each byte, unlike `marks`: no carry leaves one.
        bit_for_mark(!(((differences & LOW) + LOW) | differences) & (ONES << 7))
    }

    /// The high bit of each byte that is no ASCII digit.
    #[inline(always)]
    fn other_marks(self) -> u64 {
        // A digit's high half byte is 3 and its low one at most 9, so that adding 0x76 to the rest leaves the high bit alone.
        let rest = self.0 ^ (ONES * 0x30);
        (((rest & (ONES * 0x7F)) + ONES * 0x76) | rest) & (ONES << 7)
    }

    /// The values of digits; other bytes are of no use.
    #[inline(always)]
    pub fn values(self) -> u64 {
        self.0 ^ (ONES * 0x30)
    }

    /// The number that the first `count` of them write, 1 to 3 ASCII digits.
    #[inline(always)]
    pub fn short_number(self, count: usize) -> u32 {
        let last = Self(self.values() << (8 * (8 - count)));
        let digit = |n| u32::from(last.byte(n));
        digit(5) * 100 + digit(6) * 10 + digit(7)
    }

    /// The same with ASCII letters in lower case.
    #[inline(always)]
    pub fn lower(self) -> Self {
        // In the seven low bits, adding 0x3F or 0x25 carries into the high bit from `A` or from `[` on.
        let low = self.0 & (ONES * 0x7F);
        let capitals = (low + ONES * 0x3F) & !(low + ONES * 0x25) & !self.0 & (ONES << 7);
        Self(self.0 | capitals >> 2)
    }

    /// One of them is `byte`.
    #[inline(always)]
    pub fn hold(self, byte: u8) -> bool {
        self.marks(byte) != 0
    }

    /// The number of the first one that is `byte`.
    #[inline(always)]
    pub fn find(self, byte: u8) -> Option<usize> {
        let marks = self.marks(byte);
        (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
    }

    /// The high bit of each byte that is `byte`, of the first one at least; none if there is none.
    #[inline(always)]
    fn marks(self, byte: u8) -> u64 {
        let differences = self.0 ^ (ONES * byte as u64);
        differences.wrapping_sub(ONES) & !differences & (ONES << 7)
    }
}

/// The letters of the short JSON escapes of white space and control characters (RFC 8259 7).
#[inline(always)]
fn is_escape_letter(byte: u8) -> bool {
    matches!(byte, b'n' | b'r' | b't' | b'b' | b'f')
}

/// `[A-Za-z0-9_]`
#[inline(always)]
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(feature = "count-reads")]
mod counter {
    use std::cell::Cell;

    thread_local! {
        static READS: Cell<u64> = const { Cell::new(0) };
    }

    /// Adds to this thread's count of bytes read.
    pub fn note_reads(bytes: usize) {
        READS.with(|reads| reads.set(reads.get() + bytes as u64));
    }

    /// Returns this thread's count and starts again at 0.
    pub fn take_reads() -> u64 {
        READS.with(|reads| reads.replace(0))
    }
}

#[cfg(feature = "count-reads")]
pub use counter::{note_reads, take_reads};

/// Counts nothing: the feature `count-reads` is off.
#[cfg(not(feature = "count-reads"))]
#[inline(always)]
pub fn note_reads(_bytes: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_backwards_are_characters_forwards() {
        let bytes = "aé中😀".as_bytes();
        let text = Text::new(bytes);
        assert_eq!(text.char_before(1), Some(('a', 1)));
        assert_eq!(text.char_before(3), Some(('é', 2)));
        assert_eq!(text.char_before(6), Some(('中', 3)));
        assert_eq!(text.char_before(10), Some(('😀', 4)));
        assert_eq!(text.char_at(6), Some(('😀', 4)));
        assert_eq!(text.char_before(0), None);
        assert_eq!(text.char_before(5), None);
        assert_eq!(Text::new(b"\xed\xa0\x80").char_at(0), None);
    }

    #[test]
    fn characters_are_those_of_the_standard_library() {
        let bytes: [&[u8]; 10] = [
            b"\xC0\x80",
            b"\xC2\x80",
            b"\xDF\xBF",
            b"\xE0\x9F\xBF",
            b"\xE0\xA0\x80",
            b"\xED\x9F\xBF",
            b"\xED\xA0\x80",
            b"\xF0\x8F\xBF\xBF",
            b"\xF4\x8F\xBF\xBF",
            b"\xF4\x90\x80\x80",
        ];
        for bytes in bytes {
            let expected = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()).map(|c| (c, bytes.len()));
            let text = Text::new(bytes);
            assert_eq!((text.char_at(0), text.char_before(bytes.len())), (expected, expected), "{bytes:x?}");
        }
    }

    #[test]
    fn eight_bytes_at_every_place() {
        let bytes = b"0123456789\\b";
        let text = Text::new(bytes);
        for index in 0..20 {
            let (at, before) = (text.eight_at(index), text.eight_before(index));
            for n in 0..8 {
                assert_eq!((at.byte(n), before.back(n + 1)), (text.at(index + n), text.before(index, n + 1)), "{index} {n}");
            }
            assert_eq!(at.hold(b'\\'), (3..=10).contains(&index), "{index}");
            assert_eq!(text.digit_run(index, 9), 10usize.saturating_sub(index).min(9), "{index}");
        }
    }

    #[test]
    fn digits_of_eight_bytes() {
        for byte in 0..=255u8 {
            let text = [b'7', b'0', byte, b'9', b'5', 0xFF, 0xFF, 0xFF];
            let expected = if byte.is_ascii_digit() { 5 } else { 2 };
            let eight = Text::new(&text).eight_at(0);
            assert_eq!(eight.digits(), expected, "{byte}");
            assert_eq!(eight.lower().number().to_le_bytes(), text.map(|each| each.to_ascii_lowercase()), "{byte}");
            let bits = |of: fn(u8, u8) -> bool| text.iter().zip(0..).fold(0, |bits, (&each, n)| bits | u32::from(of(each, byte)) << n);
            assert_eq!(eight.others(), bits(|each, _| !each.is_ascii_digit()), "{byte}");
            assert_eq!(eight.places_of(byte), bits(|each, byte| each == byte), "{byte}");
        }
        let eight = Text::new(b"12345678").eight_at(0);
        assert_eq!((eight.short_number(1), eight.short_number(2), eight.short_number(3)), (1, 12, 123));
    }

    #[test]
    fn json_escapes_are_no_words() {
        let text = Text::new(br"a\n1 \u00e91 n1 \x1");
        assert_eq!((text.escape_before(3), text.escape_before(11), text.escape_before(14)), (2, 6, 0));
        assert_eq!((text.behind_escape(2), text.behind_escape(6), text.behind_escape(13)), (3, 11, 13));
        assert!(!text.word_before(3) && text.word_before(14));
    }
}
