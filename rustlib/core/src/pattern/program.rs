//! A small matcher of our own, for what the `regex` crate is not built with: word boundaries of all scripts.
//!
//! Thompson's construction and Pike's simulation: every way through the program at once, in time proportional to the
//! text. The twin of `pyplugins/core/pattern/{program,pike}.py`. Texts were prepared by [`super::text::clean`].
//! Tests: `tests/vectors/patterns.jsonl`.

use super::charset::CharSet;
use super::text;
use super::tree::{Look, Node, lengths};
use super::unicode;

/// Start and end of the match, then of each group; `None` where a group took no part.
type Slots = Vec<Option<usize>>;

/// An instruction; numbers are those of the instructions to go on with, the preferred first.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Chars(CharSet, usize),
    Split(Vec<usize>),
    Look(Look, usize),
    Save(usize, usize),
    Match,
}

/// A compiled tree.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub code: Vec<Op>,
    pub start: usize,
    slots: usize,
    /// Word characters are those of all scripts.
    pub scripts: bool,
}

impl Program {
    /// Builds the program of a tree with that many capturing groups.
    pub fn new(node: &Node, groups: usize, scripts: bool) -> Program {
        let mut program = Program { code: vec![Op::Match], start: 0, slots: 2 * groups + 2, scripts };
        program.start = program.build(node, 0);
        program
    }

    /// The leftmost match at or behind `start`, of those the preferred one.
    pub fn search(&self, cleaned: &[u8], start: usize) -> Option<Slots> {
        self.search_far(cleaned, start).0
    }

    /// The match, and how far the text was read to find it.
    pub fn search_far(&self, cleaned: &[u8], start: usize) -> (Option<Slots>, usize) {
        let mut search =
            Search { program: self, seen: vec![usize::MAX; self.code.len()], before: Place::before(cleaned, start, self.scripts) };
        let mut threads: Vec<(usize, Slots)> = Vec::new();
        let mut best = None;
        let mut at = start;
        loop {
            if best.is_none() {
                let mut slots = vec![None; self.slots];
                slots[0] = Some(at);
                threads.push((self.start, slots));
            }
            let character = text::char_at(cleaned, at);
            let behind = character.map_or(Place::Edge, |(code, _)| Place::of(code, self.scripts));
            let (following, matched) = search.step(threads, at, character.map(|(code, _)| code), behind);
            best = matched.or(best);
            let Some((_, length)) = character.filter(|_| best.is_none() || !following.is_empty()) else { return (best, at) };
            threads = following;
            search.before = behind;
            at += length;
        }
    }

    fn add(&mut self, op: Op) -> usize {
        self.code.push(op);
        self.code.len() - 1
    }

    /// Adds the node in front of instruction `after`; returns where it starts.
    fn build(&mut self, node: &Node, after: usize) -> usize {
        match node {
            Node::Empty => after,
            Node::Chars(chars) => self.add(Op::Chars(chars.clone(), after)),
            Node::Assertion(look) => self.add(Op::Look(*look, after)),
            Node::Concat(parts) => parts.iter().rev().fold(after, |after, part| self.build(part, after)),
            Node::Alternation(branches) => {
                let ways = branches.iter().map(|branch| self.build(branch, after)).collect();
                self.add(Op::Split(ways))
            }
            Node::Capture { body, index, .. } => {
                let close = self.add(Op::Save(2 * index + 1, after));
                let body = self.build(body, close);
                self.add(Op::Save(2 * index, body))
            }
            Node::Repeat { body, least, most, greedy } => {
                // What consumes nothing once consumes nothing twice.
                let (least, most) = match lengths(body).max_bytes {
                    Some(0) => ((*least).min(1), Some(1)),
                    _ => (*least, *most),
                };
                let Some(most) = most else { return self.unbounded(body, least, *greedy, after) };
                let optional = (least..most).fold(after, |start, _| {
                    let body = self.build(body, start);
                    self.split(body, after, *greedy)
                });
                self.copies(body, least, optional)
            }
        }
    }

    fn unbounded(&mut self, body: &Node, least: u32, greedy: bool, after: usize) -> usize {
        let turn = self.split(after, after, greedy);
        let start = self.build(body, turn);
        if let Op::Split(ways) = &mut self.code[turn] {
            ways[usize::from(!greedy)] = start;
        }
        match least {
            // x* is (x+)? when x can be empty: otherwise the preference among its ways would be lost.
            0 if lengths(body).min_bytes == 0 => self.split(start, after, greedy),
            0 => turn,
            _ => self.copies(body, least - 1, start),
        }
    }

    fn copies(&mut self, body: &Node, count: u32, after: usize) -> usize {
        (0..count).fold(after, |after, _| self.build(body, after))
    }

    fn split(&mut self, body: usize, after: usize, greedy: bool) -> usize {
        self.add(Op::Split(if greedy { vec![body, after] } else { vec![after, body] }))
    }
}

/// What stands before or behind a place, as far as assertions ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Edge,
    Newline,
    Word,
    Other,
}

impl Place {
    pub fn of(code: Option<u32>, scripts: bool) -> Place {
        match code {
            Some(0x0A) => Place::Newline,
            Some(code @ ..0x80) if text::is_ascii_word(code as u8) => Place::Word,
            code if scripts && unicode::tables().word.contains(code) => Place::Word,
            _ => Place::Other,
        }
    }

    pub fn before(cleaned: &[u8], at: usize, scripts: bool) -> Place {
        let last = (0..at).rev().find(|&at| text::is_boundary(cleaned, at));
        last.and_then(|last| text::char_at(cleaned, last)).map_or(Place::Edge, |(code, _)| Place::of(code, scripts))
    }
}

pub(super) fn holds(look: Look, before: Place, behind: Place) -> bool {
    let line_edge = |place| matches!(place, Place::Edge | Place::Newline);
    let boundary = (before == Place::Word) != (behind == Place::Word);
    match look {
        Look::TextStart => before == Place::Edge,
        Look::TextEnd => behind == Place::Edge,
        Look::LineStart => line_edge(before),
        Look::LineEnd => line_edge(behind),
        Look::WordBoundary | Look::UnicodeBoundary => boundary,
        Look::NotWordBoundary | Look::NotUnicodeBoundary => !boundary,
        Look::NoWordBefore | Look::NoUnicodeWordBefore => before != Place::Word,
        Look::NoWordBehind | Look::NoUnicodeWordBehind => behind != Place::Word,
    }
}

/// One search under way.
struct Search<'a> {
    program: &'a Program,
    /// For each instruction, the last place it was reached at: it belongs to the first thread that reaches it.
    seen: Vec<usize>,
    before: Place,
}

impl Search<'_> {
    /// Moves every thread over the character at `at`; a match ends the less preferred ones.
    fn step(
        &mut self,
        threads: Vec<(usize, Slots)>,
        at: usize,
        code: Option<Option<u32>>,
        behind: Place,
    ) -> (Vec<(usize, Slots)>, Option<Slots>) {
        let mut following = Vec::new();
        for thread in threads {
            let mut todo = vec![thread];
            while let Some((index, mut slots)) = todo.pop() {
                if std::mem::replace(&mut self.seen[index], at) == at {
                    continue;
                }
                match &self.program.code[index] {
                    Op::Match => {
                        slots[1] = Some(at);
                        return (following, Some(slots));
                    }
                    Op::Chars(chars, next) if code.is_some_and(|code| chars.contains(code)) => following.push((*next, slots)),
                    Op::Chars(..) => {}
                    Op::Look(look, next) if holds(*look, self.before, behind) => todo.push((*next, slots)),
                    Op::Look(..) => {}
                    Op::Save(slot, next) => {
                        slots[*slot] = Some(at);
                        todo.push((*next, slots));
                    }
                    Op::Split(ways) => todo.extend(ways.iter().rev().map(|&way| (way, slots.clone()))),
                }
            }
        }
        (following, None)
    }
}
