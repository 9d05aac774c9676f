//! Is it JSON? A yes costs some fifth of a nanosecond a byte.
//!
//! Vector masks find quotes, brackets and signs of 512 bytes at a time; bit operations on all of them at once tell strings from the rest,
//! and compare each sign and value with what stands before it. What is left for loops: brackets, for they nest, and the spelling of words,
//! escapes and exponents. It must never say yes to what is no JSON. Tests: `tests/valid.rs`.

use gwplugins_core::masks::{BLOCK, BLOCKS, Bits, Blocks, Job, JsonMasks, Path, Picked, Places};

/// What is carried on from the blocks before.
#[derive(Default)]
struct Carry<B> {
    /// 1 inside a string; where the first byte is escaped.
    inside: u64,
    escaped: u64,
    // Masks of the blocks before: bytes of numbers and words; zeros that begin a number; dots behind digits.
    scalar: B,
    zero: B,
    dot: B,
    // Bytes that end a value; that close a string or open a bracket; and the blanks behind them.
    done: B,
    edge: B,
    // Commas and opening brackets.
    comma: B,
    /// 1 where the last byte was a digit of a number that began with one; a digit of its fraction.
    digits: u64,
    fraction: u64,
    /// 1 where the last sign was a comma or an opening bracket.
    awaits: u64,
    /// 1 where there was a sign, since the last bracket, that only an array may hold; that only an object may hold.
    item: u64,
    member: u64,
}

/// What the blocks say.
struct Marks<B> {
    /// They cannot be JSON.
    wrong: B,
    /// First bytes of what begins with no digit; what stands behind the digits of a number and must be its exponent; what is escaped.
    words: B,
    exponents: B,
    escapes: B,
    brackets: B,
    /// Brackets up to which, from the one before, there is a sign that only an array, only an object may hold.
    item: B,
    member: B,
}

/// The bytes behind `bytes`, and behind the blanks that follow them: an addition carries through a run of blanks.
#[inline(always)]
fn after<B: Bits>(bytes: B, blank: B, before: &mut B) -> B {
    let follows = bytes.behind(&mut before.clone()) & blank;
    (bytes | blank & !blank.plus(follows, &mut 0)).behind(before)
}

/// Which bytes a backslash before them escapes.
#[inline(always)]
fn escaped<B: Bits>(backslash: B, first: &mut u64) -> B {
    // The lowest bit, where it is escaped by a backslash before.
    let before = B::lowest(std::mem::take(first));
    if !backslash.any() {
        return before;
    }
    // Runs of backslashes escape every second byte from their start on: an addition carries through each run.
    let even = B::each(0x5555_5555_5555_5555);
    let starting = backslash & !before;
    let follows = starting.behind(&mut B::default()) | before;
    let ends = (starting & !even & !follows).plus(starting, first);
    (even ^ ends.behind(&mut B::default())) & follows
}

impl<B: Bits> Carry<B> {
    /// Compares everything in the blocks from `from` on with what stands before it.
    #[inline(always)]
    fn marks(&mut self, blocks: &JsonMasks<Blocks>, from: usize) -> Marks<B> {
        let load = |blocks| B::load(blocks, from);
        let escaped = escaped(load(&blocks.backslash), &mut self.escaped);
        let quotes = load(&blocks.quote) & !escaped;
        let within = quotes.parity(&mut self.inside);
        let [open, close, colon, comma] = [&blocks.open, &blocks.close, &blocks.colon, &blocks.comma].map(|sign| load(sign) & !within);
        let (blank, closing, brackets) = (load(&blocks.blank) & !within, quotes & !within, open | close);
        let signs = brackets | colon | comma;
        let scalar = !(signs | blank | within | closing);
        let begins = scalar & !scalar.behind(&mut self.scalar);
        // The digits that a number begins with, and those of its fraction: an addition carries through a run of them.
        let (digits, dots) = (load(&blocks.digit) & scalar, load(&blocks.dot));
        let whole = digits.plus(begins & digits, &mut self.digits) & scalar & !digits;
        let fraction = (whole & dots).behind(&mut self.dot);
        let end = digits.plus(fraction & digits, &mut self.fraction) & scalar & !digits;
        let leading_zero = (begins & load(&blocks.zero)).behind(&mut self.zero) & digits;
        let after_done = after(!(open | colon | comma | blank), blank, &mut self.done);
        // The same addition serves both: which of them it was, `after_done` says.
        let after_edge = after(closing | open, blank, &mut self.edge);
        // The first sign behind a comma or opening bracket: a key's colon, or what only an array may hold.
        let first = (open | comma).behind(&mut self.comma).plus(!signs, &mut self.awaits) & signs;
        let item = first & !colon & !(close & !after_done);
        let others = !brackets;
        Marks {
            wrong: (begins | quotes & within | open) & after_done
                | comma & !after_done
                | colon & !(first & after_done & after_edge)
                | close & !(after_done | after_edge)
                | fraction & !digits
                | leading_zero
                | load(&blocks.control) & within,
            words: begins & !digits,
            exponents: whole & !dots | end,
            escapes: escaped & within,
            brackets,
            item: (others.plus(item & others, &mut self.item) | item) & brackets,
            member: others.plus(colon, &mut self.member) & brackets,
        }
    }

    /// Nothing is left open: blanks behind the text would change nothing.
    #[inline(always)]
    fn ended(mut self) -> bool {
        let first = |mask: B| mask.store().0[0] & 1;
        let none = B::default();
        let done = first(none.behind(&mut self.done));
        let open = first(none.behind(&mut self.dot)) | first(none.behind(&mut self.comma));
        done == 1 && open | self.inside | self.awaits | self.item | self.member == 0
    }
}

/// What is open at a level, as [`Nest`] codes it.
const ARRAY: u64 = 0;
const OBJECT: u64 = 1;
const TOP: u64 = 2;

/// By level and tagged bracket: it must not stand there. The lowest bit of a bracket is turned where there is a sign before it that
/// only an object may hold, the highest where there is one that only an array may hold.
static WRONG: [[bool; 256]; 4] = {
    let mut table = [[false; 256]; 4];
    let (mut level, mut entry) = (0, 0);
    while level < 4 {
        let another = closes(entry as u8) && level as u64 != kind(entry as u8);
        let item = entry & 0x80 != 0 && level as u64 != ARRAY;
        let member = entry & 1 == 0 && level as u64 != OBJECT;
        table[level][entry] = another || item || member;
        entry = (entry + 1) % 256;
        level += (entry == 0) as usize;
    }
    table
};

/// A tagged bracket closes: `{}` are 0x7B and 0x7D, `[]` are 0x5B and 0x5D.
#[inline(always)]
const fn closes(entry: u8) -> bool {
    entry & 4 != 0
}

/// What it opens or closes.
#[inline(always)]
const fn kind(entry: u8) -> u64 {
    (entry >> 5 & 1) as u64
}

/// Which brackets are open.
struct Nest {
    /// Two bits for each of the innermost levels, the lowest two for the one that is read.
    levels: u64,
    /// How many these are.
    held: usize,
    /// Levels outside of them, [`MOVED`] at a time.
    outer: Vec<u64>,
    max_depth: usize,
}

/// Brackets that are read without a look at how many levels are held: as few as there is room for.
const STEP: usize = 8;
/// Levels that are put aside, or taken back, at once.
const MOVED: usize = 16;

impl Nest {
    fn new(max_depth: usize) -> Self {
        Self { levels: TOP, held: 1, outer: Vec::new(), max_depth }
    }

    /// Brackets that are open. After a bracket too many this means nothing.
    fn depth(&self) -> usize {
        (self.outer.len() * MOVED + self.held).wrapping_sub(1)
    }

    /// Checks brackets, tagged with the signs before them, against the levels they stand in.
    #[inline(always)]
    fn fits(&mut self, brackets: &[u8]) -> bool {
        let (steps, rest) = brackets.as_chunks::<STEP>();
        let one_by_one = |nest: &mut Self, some: &[u8]| some.iter().all(|&bracket| nest.step([bracket]) && nest.depth() <= nest.max_depth);
        for step in steps {
            let fits = if self.depth() + STEP <= self.max_depth { self.step(*step) } else { one_by_one(self, step) };
            if !fits {
                return false;
            }
        }
        one_by_one(self, rest)
    }

    /// Checks some brackets, [`STEP`] at most. No branch asks which comes next: that is hard to guess.
    #[inline(always)]
    fn step<const MANY: usize>(&mut self, brackets: [u8; MANY]) -> bool {
        if self.held < STEP || self.held > u64::BITS as usize / 2 - STEP {
            self.make_room();
        }
        let (mut wrong, mut closed) = (false, 0);
        for entry in brackets {
            wrong |= WRONG[(self.levels & 3) as usize][usize::from(entry)];
            let closes = closes(entry);
            closed += usize::from(closes);
            self.levels = if closes { self.levels >> 2 } else { self.levels << 2 | kind(entry) };
        }
        self.held = (self.held + MANY).wrapping_sub(2 * closed);
        !wrong
    }

    /// Puts the outermost of many levels aside, or takes them back to few.
    fn make_room(&mut self) {
        if self.held > STEP + MOVED {
            let kept = self.held - MOVED;
            self.outer.push(self.levels >> (2 * kept));
            self.levels &= (1 << (2 * kept)) - 1;
            self.held = kept;
        } else if let Some(levels) = self.outer.pop_if(|_| self.held < STEP) {
            self.levels |= levels << (2 * self.held);
            self.held += MOVED;
        }
    }
}

/// True for JSON by RFC 8259 in UTF-8, not nested deeper than `max_depth`.
pub fn is_valid(text: &[u8], max_depth: usize, path: Path) -> bool {
    path.run(Validation { text, max_depth, path })
}

struct Validation<'a> {
    text: &'a [u8],
    max_depth: usize,
    path: Path,
}

impl Job for Validation<'_> {
    type Answer = bool;

    #[inline(always)]
    fn run<B: Bits>(self) -> bool {
        let Self { text, max_depth, path } = self;
        let (mut nest, mut carry) = (Nest::new(max_depth), Carry::<B>::default());
        let mut lists = Lists::default();
        let mut ahead = JsonMasks::default();
        path.fill_json(text, 0, &mut ahead);
        let (mut wide, mut start) = (0, 0);
        for from in (0..text.len()).step_by(BATCH) {
            let mut blocks = ahead;
            // Now, though it is needed later: processors do it beside what follows, where each step waits for the one before.
            if from + BATCH < text.len() {
                path.fill_json(text, from + BATCH, &mut ahead);
            }
            if let rest @ ..BATCH = text.len() - from {
                blocks.blank.0.iter_mut().zip(Blocks::from(rest).0).for_each(|(blank, beyond)| *blank |= beyond);
            }
            wide = blocks.wide.0.iter().fold(wide, |wide, mask| wide | mask);
            for first in (0..BLOCKS).step_by(B::WIDTH) {
                let marks = carry.marks(&blocks, first);
                if marks.wrong.any() {
                    return false;
                }
                lists.add(&marks, (from - start) / BLOCK + first, text.get(from + first * BLOCK..).unwrap_or_default());
            }
            let end = from + BATCH;
            if end >= text.len() || end - start >= Places::BLOCKS * BLOCK || lists.are_full() {
                if !lists.fit(text.get(start..).unwrap_or_default(), &mut nest) {
                    return false;
                }
                start = end;
            }
        }
        nest.depth() == 0 && carry.ended() && (wide == 0 || std::str::from_utf8(text).is_ok())
    }
}

/// What has to be looked at one by one. It is done for many blocks at once: the end of each loop is hard to guess.
#[derive(Default)]
struct Lists {
    brackets: Picked,
    words: Places,
    escapes: Places,
    exponents: Places,
}

impl Lists {
    /// Adds what is marked in the blocks from number `block` on, with which `text` begins.
    #[inline(always)]
    fn add<B: Bits>(&mut self, marks: &Marks<B>, block: usize, text: &[u8]) {
        marks.brackets.pick([marks.item, marks.member], text, &mut self.brackets);
        marks.words.list(block, &mut self.words);
        if marks.escapes.any() {
            marks.escapes.list(block, &mut self.escapes);
        }
        if marks.exponents.any() {
            marks.exponents.list(block, &mut self.exponents);
        }
    }

    #[inline(always)]
    fn are_full(&self) -> bool {
        self.brackets.is_full() || self.words.is_full() || self.escapes.is_full() || self.exponents.is_full()
    }

    /// Checks all of them; `text` begins with block 0.
    #[inline(always)]
    fn fit(&mut self, text: &[u8], nest: &mut Nest) -> bool {
        let fit = nest.fits(self.brackets.entries())
            && self.words.entries().iter().all(|&place| scalar(text, place.into()))
            && self.escapes.entries().iter().all(|&place| escape(text, place.into()))
            && self.exponents.entries().iter().all(|&place| exponent(text, place.into()));
        self.brackets.clear();
        for list in [&mut self.words, &mut self.escapes, &mut self.exponents] {
            list.clear();
        }
        fit
    }
}

/// Bytes of the blocks whose masks are made at once.
const BATCH: usize = BLOCKS * BLOCK;

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

/// A word of eight bytes at most, the bits that count, its length.
const fn word(spelling: &[u8]) -> (u64, u64, u32) {
    let (mut value, mut index) = (0, 0);
    while index < spelling.len() {
        value |= (spelling[index] as u64) << (8 * index);
        index += 1;
    }
    (value, (1 << (8 * spelling.len())) - 1, spelling.len() as u32)
}

/// By some bits of the first byte.
static WORDS: [(u64, u64, u32); 8] = {
    let mut words = [word(b"true"); 8];
    words[(b'f' >> 1 & 7) as usize] = word(b"false");
    words[(b'n' >> 1 & 7) as usize] = word(b"null");
    words
};

/// The word or negative number at `at` is one of JSON, and ends with it.
#[inline(always)]
fn scalar(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let eight = rest.first_chunk().map_or_else(|| padded(rest), |bytes| u64::from_le_bytes(*bytes));
    let (value, mask, length) = WORDS[(eight >> 1 & 7) as usize];
    if eight & mask == value {
        return ENDS[(eight >> (8 * length) & 0xFF) as usize];
    }
    let end = if rest.first() == Some(&b'-') { number(rest) } else { 0 };
    end > 0 && rest.get(end).is_none_or(|&byte| ENDS[byte as usize])
}

/// The last bytes of a text, and blanks.
fn padded(rest: &[u8]) -> u64 {
    let mut bytes = [b' '; 8];
    bytes.iter_mut().zip(rest).for_each(|(slot, &byte)| *slot = byte);
    u64::from_le_bytes(bytes)
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

/// What stands at `at`, behind the digits of a number, is its exponent, and the number ends with it.
fn exponent(text: &[u8], at: usize) -> bool {
    let end = if text.get(at) == Some(&b'.') { 0 } else { fraction_end(text, at) };
    end > at && text.get(end).is_none_or(|&byte| ENDS[byte as usize])
}

/// The end of the number at the beginning of `rest`; 0 if it is none.
#[inline(always)]
pub fn number(rest: &[u8]) -> usize {
    let whole = usize::from(rest.first() == Some(&b'-'));
    let end = if rest.get(whole) == Some(&b'0') { whole + 1 } else { digits(rest, whole) };
    if end == whole { 0 } else { fraction_end(rest, end) }
}

/// The escaped byte at `at` is one of those that JSON knows.
#[inline(always)]
fn escape(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
        Some(b'u') => text.get(at + 1..at + 5).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        _ => false,
    }
}
