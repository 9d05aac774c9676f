//! The steps of the program, remembered: what a character does to a set of threads is computed once.
//!
//! The twin of `pyplugins/core/pattern/automaton.py`. A state is the ordered threads; the start of each thread's match travels beside
//! it, so one pass finds the span. Memory is bounded: at the limit all is forgotten, and a pattern that needs more again and again goes
//! to the program itself. Tests: below, `tests/vectors/patterns.jsonl`.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use super::charset::{self, CharSet};
use super::program::{Op, Place, Program, holds};
use super::text;
use super::unicode;
use super::{Span, once};

/// Steps that may be remembered, each 16 bytes and its share of a state.
const MAX_STEPS: usize = if cfg!(test) { 40 } else { 40_000 };
/// Forgetting everything more often than once in so many characters is slower than the program.
const MIN_CHARS: usize = if cfg!(test) { 40 } else { 20_000 };
/// Caches kept for later calls; as many threads search one pattern at a time without making their own.
const MAX_POOL: usize = 8;

const UNKNOWN: u32 = u32::MAX;
const DONE: u32 = u32::MAX - 1;
const NONE: u16 = u16::MAX;

/// A program too large for this way.
pub(super) struct TooLarge;

/// Finds spans with a program; shared by threads.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    symbols: OnceLock<Symbols>,
    #[allow(clippy::vec_box, reason = "a cache moves between the pool and an iteration without a copy")]
    pool: Mutex<Vec<Box<Cache>>>,
}

/// Characters that nothing in a program tells apart have one number.
#[derive(Debug)]
struct Symbols {
    /// First code points of ranges, ascending, with the number of each.
    bounds: Vec<u32>,
    numbers: Vec<u16>,
    /// A member of each; `None` is the invalid character. The end of the text comes behind them.
    members: Vec<Option<u32>>,
    places: Vec<Place>,
    ascii: [u16; 128],
    invalid: u16,
    end: u16,
}

/// Numbers of states, and of symbols, by all that tells them apart.
type Numbers = HashMap<Vec<u32>, u32>;

/// What a symbol does to a state.
#[derive(Clone, Copy, Debug)]
struct Step {
    next: u32,
    /// Where `sources` of the cache says which thread each of the new ones comes from; 0 when they are the first ones in order.
    sources: u32,
    kept: u16,
    /// The thread that matches in front of the symbol.
    matched: u16,
}

const TO_COMPUTE: Step = Step { next: UNKNOWN, sources: 0, kept: 0, matched: NONE };

#[derive(Clone, Debug)]
struct State {
    threads: Vec<u32>,
    before: Place,
    /// While nothing has matched a new thread begins at each place.
    searching: bool,
}

/// What one thread remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    /// One more than the number of the state that has no threads, by what stands before; 0 is not made yet.
    idle: [u32; 4],
    states: Vec<State>,
    numbers: Numbers,
    steps: Vec<Step>,
    sources: Vec<u16>,
    /// Symbols by code point, 256 at a time, made when met; 0 is not made yet.
    pages: Vec<u16>,
    blocks: Vec<u16>,
    /// Where the last search ended.
    pub read: usize,
    starts: Vec<usize>,
    spare: Vec<usize>,
    /// For each instruction the round it was reached in.
    reached: Vec<u32>,
    round: u32,
}

impl Automaton {
    /// What earlier searches remembered; to be given back.
    pub fn take(&self) -> Box<Cache> {
        // Never waits: another thread, or the process this one was forked from, may hold the lock.
        self.pool.try_lock().ok().and_then(|mut pool| pool.pop()).unwrap_or_default()
    }

    /// Keeps what was remembered.
    pub fn give(&self, cache: Box<Cache>) {
        if let Ok(mut pool) = self.pool.try_lock()
            && pool.len() < MAX_POOL
        {
            pool.push(cache);
        }
    }

    /// The span of the leftmost preferred match at or behind `start`; how far the text was read stays in the cache.
    pub fn search(&self, program: &Program, cache: &mut Cache, cleaned: &[u8], start: usize) -> Result<Option<Span>, TooLarge> {
        let symbols = once(&self.symbols, || Symbols::of(program));
        if symbols.end == NONE || program.code.len() >= usize::from(NONE) {
            return Err(TooLarge);
        }
        cache.search(program, symbols, cleaned, start)
    }
}

impl Symbols {
    fn of(program: &Program) -> Symbols {
        let newline = CharSet::single(0x0A);
        let word = if program.scripts { unicode::tables().word.clone() } else { charset::word() };
        let mut sets = vec![&word, &newline];
        for op in &program.code {
            if let Op::Chars(chars, _) = op
                && !sets.contains(&chars)
            {
                sets.push(chars);
            }
        }
        // Pairs, because ranges are sorted as such: one sort for both.
        let mut bounds = vec![(0, 0)];
        for &(low, high) in sets.iter().flat_map(|set| &set.ranges) {
            bounds.extend([(low, 0), (high + 1, 0)]);
        }
        bounds.sort_unstable();
        bounds.dedup();
        let (mut known, mut members) = (Numbers::new(), Vec::new());
        let mut number_of = |code: Option<u32>| {
            let row = sets.iter().map(|set| u32::from(set.contains(code))).collect();
            let next = known.len() as u32;
            let number = *known.entry(row).or_insert(next);
            if number == next {
                members.push(code);
            }
            u16::try_from(number).unwrap_or(NONE)
        };
        let invalid = number_of(None);
        let bounds: Vec<u32> = bounds.into_iter().map(|bound| bound.0).collect();
        let numbers: Vec<u16> = bounds.iter().map(|&bound| number_of(Some(bound))).collect();
        let end = u16::try_from(members.len()).unwrap_or(NONE);
        let places = members.iter().map(|&member| Place::of(member, program.scripts)).chain([Place::Edge]).collect();
        let mut symbols = Symbols { bounds, numbers, members, places, ascii: [0; 128], invalid, end };
        symbols.ascii = std::array::from_fn(|code| symbols.find(code as u32));
        symbols
    }

    fn find(&self, code: u32) -> u16 {
        let behind = self.bounds.partition_point(|&bound| bound <= code);
        self.numbers[behind - 1]
    }

    fn width(&self) -> usize {
        usize::from(self.end) + 1
    }

    fn place(&self, symbol: u16) -> Place {
        self.places[usize::from(symbol)]
    }
}

impl Cache {
    fn search(&mut self, program: &Program, symbols: &Symbols, cleaned: &[u8], start: usize) -> Result<Option<Span>, TooLarge> {
        let mut best = None;
        let (mut at, mut forgotten) = (start, None);
        self.starts.clear();
        let mut state = self.idle(symbols, cleaned, start);
        loop {
            let (symbol, length) = self.symbol_at(symbols, cleaned, at);
            let slot = state as usize * symbols.width() + usize::from(symbol);
            let mut step = self.steps[slot];
            if step.next == UNKNOWN {
                if self.steps.len() > MAX_STEPS {
                    if forgotten.is_some_and(|last| at - last < MIN_CHARS) {
                        return Err(TooLarge);
                    }
                    forgotten = Some(at);
                    state = self.forget(symbols, state);
                }
                step = self.step(program, symbols, state, symbol);
                let slot = state as usize * symbols.width() + usize::from(symbol);
                self.steps[slot] = step;
            }
            // The thread that begins here is the last of the state's.
            if step.matched != NONE {
                best = Some((self.starts.get(usize::from(step.matched)).copied().unwrap_or(at), at));
            }
            if step.next == DONE {
                self.read = at;
                return Ok(best);
            }
            self.follow(step, at);
            state = step.next;
            at += length;
        }
    }

    /// The state in which a search begins.
    #[inline]
    fn idle(&mut self, symbols: &Symbols, cleaned: &[u8], start: usize) -> u32 {
        let last = (0..start).rev().find(|&at| text::is_boundary(cleaned, at));
        let before = last.map_or(symbols.end, |last| self.symbol_at(symbols, cleaned, last).0);
        let before = symbols.place(before);
        if self.idle[before as usize] == 0 {
            self.idle[before as usize] = self.number(symbols, State { threads: Vec::new(), before, searching: true }) + 1;
        }
        self.idle[before as usize] - 1
    }

    #[inline]
    fn follow(&mut self, step: Step, at: usize) {
        let kept = usize::from(step.kept);
        if kept == 0 {
            self.starts.clear();
            return;
        }
        self.starts.push(at);
        if step.sources == 0 {
            self.starts.truncate(kept);
            return;
        }
        let first = step.sources as usize;
        self.spare.clear();
        self.spare.extend(self.sources[first..first + kept].iter().map(|&source| self.starts[usize::from(source)]));
        std::mem::swap(&mut self.starts, &mut self.spare);
    }

    /// The symbol at this byte and its length.
    #[inline]
    fn symbol_at(&mut self, symbols: &Symbols, cleaned: &[u8], at: usize) -> (u16, usize) {
        match cleaned.get(at) {
            None => (symbols.end, 0),
            Some(&byte @ 0..0x80) => (symbols.ascii[usize::from(byte)], 1),
            Some(_) => {
                let (code, length) = decoded(cleaned, at);
                (code.map_or(symbols.invalid, |code| self.wide(symbols, code)), length)
            }
        }
    }

    #[inline]
    fn wide(&mut self, symbols: &Symbols, code: u32) -> u16 {
        let page = (code >> 8) as usize;
        match self.pages.get(page) {
            Some(&block @ 1..) => self.blocks[usize::from(block - 1) * 256 + (code as usize & 0xFF)],
            _ => self.open_page(symbols, page, code),
        }
    }

    #[cold]
    fn open_page(&mut self, symbols: &Symbols, page: usize, code: u32) -> u16 {
        if self.pages.is_empty() {
            self.pages = vec![0; 0x1100];
        }
        let first = (page as u32) << 8;
        self.blocks.extend((0..256).map(|low| symbols.find(first + low)));
        self.pages[page] = (self.blocks.len() / 256) as u16;
        symbols.find(code)
    }

    fn number(&mut self, symbols: &Symbols, state: State) -> u32 {
        let next = self.states.len() as u32;
        let place = state.before as u32 * 2 + u32::from(state.searching);
        let number = *self.numbers.entry(state.threads.iter().copied().chain([place]).collect()).or_insert(next);
        if number != next {
            return number;
        }
        self.states.push(state);
        self.steps.resize(self.states.len() * symbols.width(), TO_COMPUTE);
        number
    }

    /// Forgets all states but one, whose new number is returned.
    #[cold]
    fn forget(&mut self, symbols: &Symbols, state: u32) -> u32 {
        let kept = self.states[state as usize].clone();
        self.states.clear();
        self.numbers.clear();
        self.steps.clear();
        self.sources.clear();
        self.idle = [0; 4];
        self.number(symbols, kept)
    }

    /// Moves every thread of a state over a symbol; a match ends the less preferred ones.
    #[cold]
    fn step(&mut self, program: &Program, symbols: &Symbols, state: u32, symbol: u16) -> Step {
        let State { mut threads, before, searching } = self.states[state as usize].clone();
        if searching {
            threads.push(program.start as u32);
        }
        let behind = symbols.place(symbol);
        let member = symbols.members.get(usize::from(symbol)).copied();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 || self.reached.len() != program.code.len() {
            self.reached = vec![0; program.code.len()];
            self.round = 1;
        }
        let (mut following, mut sources): (Vec<u32>, Vec<u16>) = (Vec::new(), Vec::new());
        let mut matched = NONE;
        'threads: for (source, &thread) in threads.iter().enumerate() {
            let mut todo = vec![thread as usize];
            while let Some(index) = todo.pop() {
                if std::mem::replace(&mut self.reached[index], self.round) == self.round {
                    continue;
                }
                match &program.code[index] {
                    Op::Match => {
                        matched = source as u16;
                        break 'threads;
                    }
                    Op::Chars(chars, next) => {
                        let next = *next as u32;
                        if member.is_some_and(|member| chars.contains(member)) && !following.contains(&next) {
                            following.push(next);
                            sources.push(source as u16);
                        }
                    }
                    Op::Look(look, next) if holds(*look, before, behind) => todo.push(*next),
                    Op::Look(..) => {}
                    Op::Save(_, next) => todo.push(*next),
                    Op::Split(ways) => todo.extend(ways.iter().rev()),
                }
            }
        }
        let searching = searching && matched == NONE;
        let over = member.is_none() || following.is_empty() && !searching;
        let kept = following.len() as u16;
        let in_order = sources.iter().enumerate().all(|(index, &source)| index == usize::from(source));
        let mut first = 0;
        if !in_order && !over {
            if self.sources.is_empty() {
                self.sources.push(0); // 0 means in order
            }
            first = self.sources.len() as u32;
            self.sources.extend(sources);
        }
        let next = if over { DONE } else { self.number(symbols, State { threads: following, before: behind, searching }) };
        Step { next, sources: first, kept, matched }
    }
}

/// A character of two bytes or more, or an invalid one. A cleaned text is valid but for 0xFF and encoded surrogates.
#[inline]
fn decoded(cleaned: &[u8], at: usize) -> (Option<u32>, usize) {
    match cleaned[at..] {
        [lead @ 0xC2..=0xDF, next, ..] => (Some(u32::from(lead & 0x1F) << 6 | u32::from(next & 0x3F)), 2),
        [0xED, 0xA0..=0xBF, ..] => (None, 3),
        [lead @ 0xE0..=0xEF, next, last, ..] => {
            (Some(u32::from(lead & 0x0F) << 12 | u32::from(next & 0x3F) << 6 | u32::from(last & 0x3F)), 3)
        }
        _ => text::char_at(cleaned, at).unwrap_or((None, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Options, parser::Parser};
    use super::*;

    /// Limits are low in tests, so that forgetting and giving up happen here too.
    #[test]
    fn finds_what_the_program_finds() {
        let patterns = [
            r"\b[A-Z]{2}\d{6}\b",
            r"\b\w+\b",
            r"\b\w{3}\b",
            r"\Bа|ж\b",
            r"(?:a|ж)*?\b",
            r"\b(?:а|аб)(?:в|бвг)?\B",
            r"\b.*а.{5}\b",
            r"\b[^ж]+[аб]{2,4}.\b",
            r"(?m)^\w+\b$",
        ];
        let alphabet = ["а", "б", "в", "ж", " ", "a", "A", "B", "1", "123456", "\n", "日", "\u{1F600}", "\u{301}"];
        let mut seed: u32 = 7;
        let mut gave_up = 0;
        for pattern in patterns {
            let node = Parser::parse(pattern, &Options { unicode: true, ..Options::default() }).expect("within the grammar");
            let (program, automaton, mut cache) = (Program::new(&node, 2, true), Automaton::default(), Cache::default());
            for length in 0..300 {
                let pieces = (0..length % 40).map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    alphabet[(seed >> 16) as usize % alphabet.len()]
                });
                let text: String = pieces.collect();
                for start in text.char_indices().map(|pair| pair.0).step_by(3) {
                    let expected = program.search(text.as_bytes(), start).and_then(|slots| slots[0].zip(slots[1]));
                    match automaton.search(&program, &mut cache, text.as_bytes(), start) {
                        Ok(found) => assert_eq!(found, expected, "{pattern} in {text:?} from {start}"),
                        Err(TooLarge) => gave_up += 1,
                    }
                }
            }
        }
        assert!(gave_up > 0, "the limits were never passed");
    }
}
