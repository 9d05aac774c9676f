//! Byte classes of the gates, in one table: a load and a bit test instead of a jump.

/// May part the groups of a value.
pub const GAP: u16 = 1;
/// May stand behind the first character of a gap when a value goes on.
pub const GAP_GOES_ON: u16 = 2;
/// An ASCII separator of `rules/labels.json` (held by a test).
pub const SEPARATOR: u16 = 4;
/// May stand before a labelled value or a written date: a separator, a comma, any non-ASCII character.
pub const BEFORE_LABELLED: u16 = 8;
/// May begin a month: a letter, any non-ASCII character.
pub const MONTH: u16 = 16;
/// An ASCII separator that may not be the end of a tag.
pub const PLAIN_SEPARATOR: u16 = 64;
/// No separator and no digit, nor the last byte of a separator beyond ASCII (held by a test): what a label or another word ends in.
pub const LABEL_END: u16 = 128;
/// May follow the day of a date with the month's name: a gap, the first letter of an ordinal's ending.
pub const AFTER_DAY: u16 = 512;
/// The last byte of a separator.
const SEPARATOR_END: u16 = 1024;
/// Part of an IPv6 address: a hex digit, `:` or `.`
pub const ADDRESS: u16 = 256;
/// `0-9A-Za-z`
pub const ALNUM: u16 = 32;

const SETS: [(u16, &[u8]); 9] = [
    (GAP, b" -./()"),
    (GAP_GOES_ON, b" -./()0123456789"),
    (SEPARATOR, b" \t\n\r_:=#-\"'().>[]*`\\|"),
    (PLAIN_SEPARATOR, b" \t\n\r_:=#-\"'().[]*`\\|"),
    (BEFORE_LABELLED, b" \t\n\r_:=#-\"'().>[]*`\\|,"),
    (ALNUM, b"0123456789"),
    (SEPARATOR_END, b" \t\n\r_:=#-\"'().>[]*`\\|\xA0\xAB\xBB\x93\x94\x98\x99\x9C\x9D\x9E\xAF\x80\x8C\x8D\x88\x89\x9A"),
    (AFTER_DAY, b" .,-sSnNrRtT"),
    (ADDRESS, b"0123456789abcdefABCDEF:."),
];

static CLASS: [u16; 256] = {
    let mut table = [0; 256];
    let mut set = 0;
    while set < SETS.len() {
        let (bit, bytes) = SETS[set];
        let mut at = 0;
        while at < bytes.len() {
            table[bytes[at] as usize] |= bit;
            at += 1;
        }
        set += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        if table[byte] & SEPARATOR_END == 0 && !(byte as u8).is_ascii_digit() {
            table[byte] |= LABEL_END;
        }
        if (byte as u8).is_ascii_alphabetic() {
            table[byte] |= MONTH | ALNUM;
        } else if byte >= 128 {
            table[byte] |= MONTH | BEFORE_LABELLED;
        }
        byte += 1;
    }
    table
};

/// True when `byte` is of one of the classes in `bits`.
#[inline(always)]
pub fn is(byte: u8, bits: u16) -> bool {
    CLASS[usize::from(byte)] & bits != 0
}
