//! Is it JSON? A yes costs some quarter of a nanosecond a byte.
//!
//! Vector masks find quotes, brackets and signs, 64 bytes at a time; bit operations tell strings from the rest, and compare each sign and
//! value with what stands before it, for all of a block at once. What is left for a loop: brackets, for they nest, and the spelling of
//! numbers and words. Rare spacing (`"a" : 1`, `[ ]`) is left to the slower walk of `walk.rs`.
//! It must never say yes to what is no JSON; no to deep JSON only costs time. Tests: `tests/valid.rs`.

use gwplugins_core::masks::{BLOCK, JsonMasks, Path};

/// Blocks for which masks are made at once. The first are few: what is broken is so early more often than not.
pub const BLOCKS: usize = 8;
pub const FIRST_BLOCKS: usize = 4;

/// Levels that are remembered, a bit each; the slower way remembers more.
const LEVELS: u32 = 63;

/// What is carried from block to block: a bit each, or all ones inside a string.
#[derive(Default)]
struct Carry {
    inside: u64,
    escaped: u64,
    /// The last byte was part of a number or word, closed a string, opened a bracket, was a blank.
    scalar: u64,
    closing: u64,
    open: u64,
    blank: u64,
    /// The last byte that was no blank ended a value.
    done: u64,
    /// The last sign was a comma or an opening bracket.
    awaits: u64,
    /// The last byte was a digit of a number that began with one; a zero that began one.
    digits: u64,
    zero: u64,
}

/// What a block says.
struct Marks {
    /// It cannot be JSON.
    wrong: u64,
    /// It has to be read by the slower way.
    rare: u64,
    /// First bytes of what begins with no digit, and first bytes behind the digits that began a number: its fraction or exponent.
    words: u64,
    fractions: u64,
    brackets: u64,
    /// Signs that must not stand in an object, in an array, at the top; the last two are the same.
    forbidden: [u64; 4],
}

impl Carry {
    /// Compares everything in a block with what stands before it.
    #[inline(always)]
    fn marks(&mut self, block: &JsonMasks, within: u64, quotes: u64) -> Marks {
        let out = !within;
        let (open, close, colon, comma) = (block.open & out, block.close & out, block.colon & out, block.comma & out);
        let (blank, closing) = (block.blank & out, quotes & out);
        let signs = open | close | colon | comma;
        let scalar = !(signs | blank | within | closing);
        let begins = scalar & !(scalar << 1 | self.scalar);
        self.scalar = scalar >> 63;
        // The digits that a number begins with: an addition carries through a run of them.
        let digits = block.digit & scalar;
        let (sum, over) = digits.overflowing_add(begins & digits | self.digits);
        let fractions = sum & !digits & scalar;
        self.digits = u64::from(over);
        let zeros = begins & block.zero;
        let leading_zero = (zeros << 1 | self.zero) & digits;
        self.zero = zeros >> 63;
        // A value or closing bracket, and the blanks behind it: an addition carries through a run of blanks.
        let done = !(open | colon | comma | blank);
        let behind = (done << 1 | self.done) & blank;
        let done = done | blank & !blank.wrapping_add(behind);
        let after_done = done << 1 | self.done;
        self.done = done >> 63;
        // The first sign behind a comma or opening bracket: a key's colon, or what only an array may hold.
        let (sum, over) = ((open | comma) << 1 | self.awaits).overflowing_add(!signs);
        let first = sum & signs;
        self.awaits = u64::from(over) | (open | comma) >> 63;
        let after_closing = closing << 1 | self.closing;
        self.closing = closing >> 63;
        let after_open = open << 1 | self.open;
        self.open = open >> 63;
        // What stands right behind neither is wrong; behind blanks, the slower way decides.
        let after_blank = blank << 1 | self.blank;
        self.blank = blank >> 63;
        let astray = colon & !after_closing | close & !(after_done | after_open);
        let no_key = first & !colon & !(close & !after_done);
        Marks {
            wrong: (begins | quotes & within | open) & after_done
                | comma & !after_done
                | colon & !first
                | leading_zero
                | astray & !after_blank,
            rare: astray,
            words: begins & !digits,
            fractions,
            brackets: open | close,
            forbidden: [no_key, colon, colon | comma, colon | comma],
        }
    }
}

/// Which brackets are open.
#[derive(Default)]
struct Nest {
    depth: u32,
    /// The deepest so far. A bracket too many makes the depth wrap, which is too deep.
    peak: u32,
    /// A bit for each level, the lowest for the one that is read: 0 in an object, 1 in an array.
    levels: u64,
}

impl Nest {
    /// The level that is read, as an index of what is forbidden in it.
    #[inline(always)]
    fn level(&self) -> usize {
        (self.levels & 1) as usize | usize::from(self.depth == 0) << 1
    }

    /// Checks the signs of a block against the levels they stand in; 0 when they fit.
    #[inline(always)]
    fn wrong(&mut self, text: &[u8], from: usize, marks: &Marks) -> u64 {
        let (mut brackets, mut rest, mut wrong) = (marks.brackets, u64::MAX, 0);
        while brackets != 0 {
            let at = brackets.trailing_zeros();
            brackets &= brackets - 1;
            let upto = u64::MAX >> (63 - at);
            let level = self.level();
            wrong |= marks.forbidden[level] & upto & rest;
            rest = !upto;
            // `{}` are 0x7B and 0x7D, `[]` are 0x5B and 0x5D. No branch: which bracket comes next is hard to guess.
            let byte = text.get(from + at as usize).copied().unwrap_or(0);
            let (kind, closes) = (u64::from(byte >> 5 & 1 ^ 1), byte & 4 != 0);
            wrong |= if closes { level as u64 ^ kind } else { 0 };
            self.levels = if closes { self.levels >> 1 } else { self.levels << 1 | kind };
            self.depth = if closes { self.depth.wrapping_sub(1) } else { self.depth.wrapping_add(1) };
            self.peak = self.peak.max(self.depth);
        }
        wrong | marks.forbidden[self.level()] & rest
    }
}

/// What every bit that is set says.
#[inline(always)]
fn all(mut places: u64, fits: impl Fn(usize) -> bool) -> bool {
    while places != 0 {
        if !fits(places.trailing_zeros() as usize) {
            return false;
        }
        places &= places - 1;
    }
    true
}

/// True for JSON by RFC 8259 in UTF-8, not nested deeper than `max_depth`.
pub fn is_valid(text: &[u8], max_depth: usize, path: Path) -> bool {
    let mut nest = Nest::default();
    let mut masks = [JsonMasks::default(); BLOCKS];
    let mut carry = Carry::default();
    let (mut from, mut wide) = (0, 0);
    while from < text.len() {
        let count = if from == 0 { FIRST_BLOCKS } else { BLOCKS };
        path.fill_json(text, from, &mut masks[..count]);
        for block in &mut masks[..count] {
            let Some(rest) = text.len().checked_sub(from).filter(|&rest| rest > 0) else { break };
            if rest < BLOCK {
                block.blank |= u64::MAX << rest;
            }
            wide |= block.wide;
            let escaped = escaped(block.backslash, &mut carry.escaped);
            let quotes = block.quote & !escaped;
            let within = prefix_xor(quotes) ^ carry.inside;
            carry.inside = ((within as i64) >> 63) as u64;
            let marks = carry.marks(block, within, quotes);
            if marks.wrong | block.control & within != 0 {
                return false;
            }
            if marks.rare != 0 {
                return crate::walk::is_valid(text, max_depth, path);
            }
            if escaped & within != 0 && !escapes_fit(text, from, escaped & within) || nest.wrong(text, from, &marks) != 0 {
                return false;
            }
            if nest.peak > LEVELS {
                return nest.peak as usize <= max_depth && crate::walk::is_valid(text, max_depth, path);
            }
            if !all(marks.words, |place| scalar(text, from + place)) || !all(marks.fractions, |place| fraction(text, from + place)) {
                return false;
            }
            from += BLOCK;
        }
    }
    let ended = nest.depth == 0 && nest.peak as usize <= max_depth && carry.inside == 0 && carry.done == 1;
    ended && (wide == 0 || std::str::from_utf8(text).is_ok())
}

/// Bytes that may stand behind a number or word.
static ENDS: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b" \t\r\n,}]:{[\"";
    let mut index = 0;
    while index < ends.len() {
        table[ends[index] as usize] = true;
        index += 1;
    }
    table
};

/// The number or word at `at` is one of JSON, and ends with it.
#[inline(always)]
pub fn scalar(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let end = match rest.first() {
        Some(b't') if rest.starts_with(b"true") => 4,
        Some(b'f') if rest.starts_with(b"false") => 5,
        Some(b'n') if rest.starts_with(b"null") => 4,
        Some(b'-' | b'0'..=b'9') => number(rest),
        _ => 0,
    };
    end > 0 && rest.get(end).is_none_or(|&byte| ENDS[byte as usize])
}

/// The digits at `from` in `text`: where they end. Eight at a time, while there are as many bytes.
#[inline(always)]
fn digits(text: &[u8], from: usize) -> usize {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let mut end = from;
    while let Some(bytes) = text.get(end..).and_then(|rest| rest.first_chunk()) {
        // Digits become 0 to 9; adding 0x76 sets the high bit of all others below 0x80.
        let places = u64::from_le_bytes(*bytes) ^ 0x3030_3030_3030_3030;
        let others = (((places & LOW) + 0x7676_7676_7676_7676) | places) & !LOW;
        if others != 0 {
            return end + (others.trailing_zeros() / 8) as usize;
        }
        end += 8;
    }
    while text.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    end
}

/// The end of the fraction and exponent at `at`, which may be missing; 0 if they are not those of a number.
#[inline(always)]
fn fraction_end(text: &[u8], at: usize) -> usize {
    let byte = |place: usize| text.get(place).copied().unwrap_or(0);
    let mut end = at;
    if byte(end) == b'.' {
        end = digits(text, at + 1);
        if end == at + 1 {
            return 0;
        }
    }
    if byte(end) | 0x20 == b'e' {
        let power = end + 1 + usize::from(matches!(byte(end + 1), b'+' | b'-'));
        end = digits(text, power);
        if end == power {
            return 0;
        }
    }
    end
}

/// What stands at `at`, behind the digits of a number, is its fraction or exponent, and the number ends with it.
#[inline(always)]
fn fraction(text: &[u8], at: usize) -> bool {
    let end = fraction_end(text, at);
    end > at && text.get(end).is_none_or(|&byte| ENDS[byte as usize])
}

/// The end of the number at the beginning of `rest`; 0 if it is none.
#[inline(always)]
pub fn number(rest: &[u8]) -> usize {
    let whole = usize::from(rest.first() == Some(&b'-'));
    let end = if rest.get(whole) == Some(&b'0') { whole + 1 } else { digits(rest, whole) };
    if end == whole { 0 } else { fraction_end(rest, end) }
}

/// Which bytes a backslash before them escapes.
#[inline(always)]
pub fn escaped(backslash: u64, first: &mut u64) -> u64 {
    if backslash == 0 {
        return std::mem::take(first);
    }
    // Runs of backslashes escape every second byte from their start on: an addition carries through each run.
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let starting = backslash & !*first;
    let follows = starting << 1 | *first;
    let odd_starts = starting & !EVEN & !follows;
    let (even_ends, overflow) = odd_starts.overflowing_add(starting);
    *first = u64::from(overflow);
    (EVEN ^ (even_ends << 1)) & follows
}

/// Bit i is the parity of bits 0 to i.
#[inline(always)]
pub fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// The escaped bytes of a block, in strings, are those that JSON knows.
pub fn escapes_fit(text: &[u8], from: usize, mut escaped: u64) -> bool {
    while escaped != 0 {
        let at = from + escaped.trailing_zeros() as usize;
        let fits = match text.get(at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
            Some(b'u') => text.get(at + 1..at + 5).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
            _ => false,
        };
        if !fits {
            return false;
        }
        escaped &= escaped - 1;
    }
    true
}
