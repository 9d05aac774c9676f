//! Is it JSON? A yes costs some quarter of a nanosecond a byte.
//!
//! Vector masks find quotes, brackets and signs, 64 bytes at a time; bit operations tell strings from the rest, and compare each sign and
//! value with what stands before it, for all of a block at once. What is left for a loop: brackets, for they nest, and the spelling of
//! numbers and words. Rare spacing (`"a" : 1`, `[ ]`) is left to the slower walk of `walk.rs`.
//! It must never say yes to what is no JSON; no to deep JSON only costs time. Tests: `tests/valid.rs`.

use gwplugins_core::masks::{BLOCK, JsonMasks, Path};

/// Blocks for which masks are made at once. The first are few: what is broken is so early more often than not.
pub const BLOCKS: usize = 16;
pub const FIRST_BLOCKS: usize = 4;

/// Levels that are remembered, one bit each; deeper texts are left to the machine.
pub const LEVELS: usize = 1024;

/// The level of what stands in no bracket; an object is 0, an array 1. It is the index of what is forbidden there.
const TOP: u8 = 2;

/// What is carried from block to block: a bit each, or all ones inside a string.
#[derive(Default)]
struct Carry {
    inside: u64,
    escaped: u64,
    /// The last byte was part of a number or word, closed a string, opened a bracket.
    scalar: u64,
    closing: u64,
    open: u64,
    /// The last byte that was no blank ended a value.
    done: u64,
    /// The last sign was a comma or an opening bracket.
    awaits: u64,
}

/// What a block says.
struct Marks {
    /// It cannot be JSON.
    wrong: u64,
    /// It has to be read by the slower way.
    rare: u64,
    scalars: u64,
    brackets: u64,
    /// Signs that must not stand in an object, in an array, at the top.
    forbidden: [u64; 3],
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
        let no_key = first & !colon & !(close & !after_done);
        Marks {
            wrong: (begins | quotes & within | open) & after_done | comma & !after_done | colon & !first,
            rare: colon & !after_closing | close & !(after_done | after_open),
            scalars: begins,
            brackets: open | close,
            forbidden: [no_key, colon, colon | comma],
        }
    }
}

/// Which brackets are open.
struct Nest {
    depth: usize,
    most: usize,
    /// The level around each level, and the one that is read.
    levels: [u8; LEVELS + 1],
}

impl Nest {
    /// Checks the signs of a block against the levels they stand in. False when it cannot be JSON.
    #[inline(always)]
    fn fits(&mut self, text: &[u8], from: usize, marks: &Marks) -> bool {
        let mut level = self.levels[self.depth % (LEVELS + 1)];
        let (mut brackets, mut rest, mut wrong) = (marks.brackets, u64::MAX, 0);
        while brackets != 0 {
            let at = brackets.trailing_zeros();
            brackets &= brackets - 1;
            let upto = u64::MAX >> (63 - at);
            wrong |= marks.forbidden[level as usize % 3] & upto & rest;
            rest = !upto;
            // `{}` are 0x7B and 0x7D, `[]` are 0x5B and 0x5D.
            let byte = text.get(from + at as usize).copied().unwrap_or(0);
            let kind = byte >> 5 & 1 ^ 1;
            if byte & 4 == 0 {
                if self.depth >= self.most {
                    return false;
                }
                self.depth += 1;
                self.levels[self.depth % (LEVELS + 1)] = kind;
                level = kind;
            } else {
                if level != kind {
                    return false;
                }
                self.depth -= 1;
                level = self.levels[self.depth % (LEVELS + 1)];
            }
        }
        wrong | marks.forbidden[level as usize % 3] & rest == 0
    }
}

/// True for JSON by RFC 8259 in UTF-8, not nested deeper than `max_depth`.
pub fn is_valid(text: &[u8], max_depth: usize, path: Path) -> bool {
    let mut nest = Nest { depth: 0, most: max_depth.min(LEVELS), levels: [TOP; LEVELS + 1] };
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
            if escaped & within != 0 && !escapes_fit(text, from, escaped & within) || !nest.fits(text, from, &marks) {
                return false;
            }
            let mut scalars = marks.scalars;
            while scalars != 0 {
                if !scalar(text, from + scalars.trailing_zeros() as usize) {
                    return false;
                }
                scalars &= scalars - 1;
            }
            from += BLOCK;
        }
    }
    let ended = nest.depth == 0 && carry.inside == 0 && carry.done == 1;
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

/// The end of the number at the beginning of `rest`; 0 if it is none.
#[inline(always)]
pub fn number(rest: &[u8]) -> usize {
    let at = |place: usize| rest.get(place).copied().unwrap_or(0);
    let digits = |from: usize| {
        let mut end = from;
        while at(end).is_ascii_digit() {
            end += 1;
        }
        end
    };
    let whole = usize::from(at(0) == b'-');
    let mut end = if at(whole) == b'0' { whole + 1 } else { digits(whole) };
    if end == whole {
        return 0;
    }
    if at(end) == b'.' {
        let part = end + 1;
        end = digits(part);
        if end == part {
            return 0;
        }
    }
    if at(end) | 0x20 == b'e' {
        let power = end + 1 + usize::from(matches!(at(end + 1), b'+' | b'-'));
        end = digits(power);
        if end == power {
            return 0;
        }
    }
    end
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
