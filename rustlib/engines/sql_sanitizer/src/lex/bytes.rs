//! What single bytes are to the lexer. Tests: `tests.rs`.

pub(super) const SPACE: u8 = 1;

pub(super) const START: u8 = 2;

pub(super) const DIGIT: u8 = 4;

pub(super) const WORD: u8 = 8;

/// Begins a white space character beyond ASCII, perhaps.
pub(super) const LEAD: u8 = 16;

pub(super) const HEX: u8 = 32;

pub(super) static TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let char = byte as u8;
        table[byte] = match char {
            0..=b' ' | 0x7F => SPACE,
            b'a'..=b'f' | b'A'..=b'F' => START | WORD | HEX,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => START | WORD,
            b'0'..=b'9' => DIGIT | WORD | HEX,
            b'$' => WORD,
            0xC2 | 0xE2 | 0xE3 | 0xEF => START | WORD | LEAD,
            0x80..=0xFF => START | WORD,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[inline(always)]
pub(super) fn is(byte: u8, class: u8) -> bool {
    TABLE[usize::from(byte)] & class != 0
}

pub(super) const ONES: u64 = u64::MAX / 255;

pub(super) const HIGH: u64 = ONES << 7;

/// The high bit of each of eight ASCII bytes that is a letter, a digit, `_` or `$`.
#[inline(always)]
pub(super) fn ascii_words(eight: u64) -> u64 {
    let from = |bytes: u64, least: u8| bytes + ONES * u64::from(0x80 - least);
    let within = |bytes: u64, least: u8, most: u8| from(bytes, least) & !from(bytes, most + 1);
    let equal = |byte: u8| !((eight ^ (ONES * u64::from(byte))) + ONES * 0x7F);
    within(eight | (ONES * 0x20), b'a', b'z') | within(eight, b'0', b'9') | equal(b'_') | equal(b'$')
}

/// Length of the white space character beyond ASCII at `at`, 0 when there is none.
pub(super) fn space_at(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE2, 0x80, 0x80..=0x8B | 0xA8 | 0xA9 | 0xAF, ..] | [0xE2, 0x81, 0x9F, ..] | [0xE3, 0x80, 0x80, ..] | [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    }
}
