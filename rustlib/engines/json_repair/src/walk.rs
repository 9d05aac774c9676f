//! Is it JSON? The slower way, sign by sign, for what `valid.rs` does not decide: rare spacing.
//!
//! It must never say yes to what is no JSON. Tests: `tests/valid.rs`.

use gwplugins_core::masks::{BLOCK, JsonMasks, Path};

use crate::valid::{BLOCKS, FIRST_BLOCKS, escaped, escapes_fit, prefix_xor, scalar};

// What may come next.
const IN_OBJECT: u8 = 0;
const KEY_OR_END: u8 = 1;
const KEY: u8 = 2;
const COLON: u8 = 3;
const AFTER_MEMBER: u8 = 4;
const ITEM_OR_END: u8 = 5;
const ITEM: u8 = 6;
const AFTER_ITEM: u8 = 7;
const ROOT: u8 = 8;
const END: u8 = 9;
const WRONG: u8 = 10;
const STATES: usize = 11;

/// Bit of a step: more has to be done than to go to the next state.
const OPEN: u8 = 16;
const CLOSE: u8 = 32;
const SCALAR: u8 = 64;

// What a byte begins.
const OPEN_OBJECT: u8 = 0;
const OPEN_ARRAY: u8 = 1;
const CLOSE_OBJECT: u8 = 2;
const CLOSE_ARRAY: u8 = 3;
const COLON_SIGN: u8 = 4;
const COMMA_SIGN: u8 = 5;
const STRING: u8 = 6;
const WORD: u8 = 7;

static CLASS: [u8; 256] = {
    let mut table = [WORD; 256];
    table[b'{' as usize] = OPEN_OBJECT;
    table[b'[' as usize] = OPEN_ARRAY;
    table[b'}' as usize] = CLOSE_OBJECT;
    table[b']' as usize] = CLOSE_ARRAY;
    table[b':' as usize] = COLON_SIGN;
    table[b',' as usize] = COMMA_SIGN;
    table[b'"' as usize] = STRING;
    table
};

/// `STEPS[state * 8 + class]`.
static STEPS: [u8; STATES * 8] = {
    let mut table = [WRONG; STATES * 8];
    let mut state = 0u8;
    while state < STATES as u8 {
        let row = state as usize * 8;
        let after = match state {
            IN_OBJECT => AFTER_MEMBER,
            ITEM_OR_END | ITEM => AFTER_ITEM,
            ROOT => END,
            _ => WRONG,
        };
        if after != WRONG {
            table[row + OPEN_OBJECT as usize] = KEY_OR_END | OPEN;
            table[row + OPEN_ARRAY as usize] = ITEM_OR_END | OPEN;
            table[row + STRING as usize] = after;
            table[row + WORD as usize] = after | SCALAR;
        }
        match state {
            KEY_OR_END => {
                table[row + STRING as usize] = COLON;
                table[row + CLOSE_OBJECT as usize] = CLOSE;
            }
            KEY => table[row + STRING as usize] = COLON,
            COLON => table[row + COLON_SIGN as usize] = IN_OBJECT,
            AFTER_MEMBER => {
                table[row + COMMA_SIGN as usize] = KEY;
                table[row + CLOSE_OBJECT as usize] = CLOSE;
            }
            ITEM_OR_END => table[row + CLOSE_ARRAY as usize] = CLOSE,
            AFTER_ITEM => {
                table[row + COMMA_SIGN as usize] = ITEM;
                table[row + CLOSE_ARRAY as usize] = CLOSE;
            }
            _ => {}
        }
        state += 1;
    }
    table
};

/// Levels that are remembered, one bit each.
const LEVELS: usize = 1024;

/// Walks over what strings leave.
struct Walk {
    state: u8,
    depth: usize,
    most: usize,
    /// Bit `n`: level `n` stands in an object.
    in_object: [u64; LEVELS / 64],
}

impl Walk {
    /// The byte at `at` begins something. False when it must not.
    #[inline(always)]
    fn step(&mut self, text: &[u8], at: usize) -> bool {
        let Some(&byte) = text.get(at) else { return false };
        let class = CLASS[byte as usize];
        let Some(&step) = STEPS.get(self.state as usize * 8 + class as usize) else { return false };
        let before = self.state;
        self.state = step & 15;
        if step & (OPEN | CLOSE | SCALAR) == 0 {
            return step != WRONG;
        }
        if step & SCALAR != 0 {
            return scalar(text, at);
        }
        if step & OPEN != 0 {
            if self.depth >= self.most {
                return false;
            }
            let bit = 1 << (self.depth % 64);
            let word = &mut self.in_object[self.depth / 64 % (LEVELS / 64)];
            *word = if before == IN_OBJECT { *word | bit } else { *word & !bit };
            self.depth += 1;
            return true;
        }
        self.depth -= 1;
        let inside = self.in_object[self.depth / 64 % (LEVELS / 64)] >> (self.depth % 64) & 1 == 1;
        self.state = if self.depth == 0 {
            END
        } else if inside {
            AFTER_MEMBER
        } else {
            AFTER_ITEM
        };
        true
    }
}

/// True for JSON by RFC 8259 in UTF-8, not nested deeper than `max_depth`.
#[inline(never)]
pub fn is_valid(text: &[u8], max_depth: usize, path: Path) -> bool {
    let mut walk = Walk { state: ROOT, depth: 0, most: max_depth.min(LEVELS), in_object: [0; LEVELS / 64] };
    let mut masks = [JsonMasks::default(); BLOCKS];
    let mut from = 0;
    // Carried from block to block: all ones inside a string; 1 if the first byte is escaped; 1 if the last was part of a scalar.
    let (mut inside, mut escaped_first, mut scalar_before) = (0u64, 0u64, 0u64);
    let mut wide = 0;
    while from < text.len() {
        let count = if from == 0 { FIRST_BLOCKS } else { BLOCKS };
        path.fill_json(text, from, &mut masks[..count]);
        for block in &masks[..count] {
            if from >= text.len() {
                break;
            }
            wide |= block.wide;
            let structural = block.open | block.close | block.colon | block.comma;
            let escaped = escaped(block.backslash, &mut escaped_first);
            let quotes = block.quote & !escaped;
            let within = prefix_xor(quotes) ^ inside;
            inside = ((within as i64) >> 63) as u64;
            if block.control & within != 0 || escaped & within != 0 && !escapes_fit(text, from, escaped & within) {
                return false;
            }
            // Bytes behind the end are in no class; they count as scalars, and the last of them begins none that matters.
            let scalars = !(structural | block.blank | quotes | within);
            let begins = scalars & !(scalars << 1 | scalar_before);
            scalar_before = scalars >> 63;
            let mut tokens = structural & !within | quotes & within | begins;
            if text.len() - from < BLOCK {
                tokens &= (1 << (text.len() - from)) - 1;
            }
            while tokens != 0 {
                if !walk.step(text, from + tokens.trailing_zeros() as usize) {
                    return false;
                }
                tokens &= tokens - 1;
            }
            from += BLOCK;
        }
    }
    walk.state == END && inside == 0 && (wide == 0 || std::str::from_utf8(text).is_ok())
}
