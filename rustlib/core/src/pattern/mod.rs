//! Portable patterns: the grammar of docs/patterns.md, which means the same to Rust and to Python.
//!
//! A pattern is parsed to a tree by this grammar alone; `regex-automata`, "the crate" here, only ever sees what `hir` makes
//! of an accepted tree. It must never quote a pattern or a text, and never split a character. Twin: `pyplugins/core/pattern`.
//! Tests: beside the code, `tests/vectors/patterns.jsonl`.

mod automaton;
mod charset;
mod hir;
mod options;
mod parser;
mod program;
mod reader;
mod reason;
mod set;
mod text;
mod tree;
mod unicode;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use regex_automata::{Input, meta::Regex};

use automaton::{Automaton, Cache, TooLarge};
use program::Program;
use tree::{Look, Node};

pub use options::Options;
pub use reason::{PatternError, Reason};
pub use set::PatternSet;
pub use text::{char_behind, is_word_before, is_word_behind};
pub use tree::Lengths;
pub use unicode::canonical;

/// Half-open, in bytes of the text.
pub type Span = (usize, usize);

/// One parsed and compiled pattern. Immutable and shared by threads.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Compiled when it is first needed: many patterns of a long list never are.
    regex: OnceLock<Regex>,
    group_names: Vec<Option<String>>,
    size: u64,
    lengths: Lengths,
    prefix: String,
    capital_prefix: String,
    needs_clean: bool,
    /// When every match starts with an ASCII character and no literal is known: by byte, whether it can be that one.
    first: Option<Box<[bool; 256]>>,
    /// Decides where the crate cannot: it then only says where to begin.
    by_program: bool,
    /// Made when it is first needed: always where the crate cannot decide, else when matches are dense.
    machine: Arc<Machine>,
}

impl Pattern {
    /// The pattern, accepted or refused by the grammar and nothing else.
    ///
    /// # Errors
    /// The first construct outside the grammar, or the limit that was passed.
    pub fn parse(text: &str, options: &Options) -> Result<Pattern, PatternError> {
        let (node, size) = read(text, options)?;
        let lengths = tree::lengths(&node);
        let mut group_names = vec![None];
        tree::each_group(&node, &mut |name| group_names.push(name.map(str::to_owned)));
        let by_program = options.unicode && tree::any(&node, &is_unicode_look);
        Ok(Pattern {
            by_program,
            machine: Arc::new(Machine {
                groups: group_names.len() - 1,
                scripts: options.unicode,
                made: OnceLock::new(),
                node: node.clone(),
            }),
            regex: OnceLock::new(),
            group_names,
            size,
            lengths,
            first: first_bytes(&node),
            prefix: tree::prefix(&node),
            capital_prefix: tree::capital_prefix(&node),
            needs_clean: by_program || lengths.min_chars == 0 || tree::any(&node, &holds_invalid),
        })
    }

    /// Whether [`Pattern::parse`] would accept it, without compiling anything.
    ///
    /// # Errors
    /// Those of [`Pattern::parse`].
    pub fn check(text: &str, options: &Options) -> Result<(), PatternError> {
        read(text, options).map(drop)
    }

    /// By the formula of docs/patterns.md.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Least and greatest length of a match.
    pub fn lengths(&self) -> Lengths {
        self.lengths
    }

    /// Whether the tree allows an empty match.
    pub fn can_be_empty(&self) -> bool {
        self.lengths.min_chars == 0
    }

    /// Literal text that every match starts with; often empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What every match starts with when its ASCII letters are made capitals; often empty.
    pub fn capital_prefix(&self) -> &str {
        &self.capital_prefix
    }

    /// Capturing groups.
    pub fn group_count(&self) -> usize {
        self.group_names.len() - 1
    }

    /// Names of the groups; index 0 is the match itself and has none.
    pub fn group_names(&self) -> impl Iterator<Item = Option<&str>> {
        self.group_names.iter().map(Option::as_deref)
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.find_at(text, 0).is_some()
    }

    /// The leftmost match at or behind `start`; what stands before `start` counts for `^` and `\b`.
    pub fn find_at(&self, text: &[u8], start: usize) -> Option<Span> {
        self.find_cleaned(&self.cleaned(text), start)
    }

    /// Like [`Pattern::find_at`], with the span of every group: index 0 is the match, `None` a group that took no part.
    pub fn captures_at(&self, text: &[u8], start: usize) -> Option<Vec<Option<Span>>> {
        let cleaned = self.cleaned(text);
        let (found, _) = self.find_cleaned(&cleaned, start)?;
        Some(self.groups(&cleaned, found))
    }

    /// All matches from `start` on: each begins at or behind the end of the one before, an empty one behind it.
    pub fn matches<'a>(&'a self, text: &'a [u8], start: usize) -> Matches<'a> {
        Matches::new(self, self.cleaned(text), start)
    }

    #[cfg(test)]
    fn printed(&self) -> String {
        hir::printed(&self.machine.node)
    }

    fn regex(&self) -> &Regex {
        once(&self.regex, || hir::one(&self.machine.node))
    }

    fn cleaned<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.needs_clean { text::clean(text) } else { text.into() }
    }

    fn find_cleaned(&self, cleaned: &[u8], start: usize) -> Option<Span> {
        let span = self.find_by_crate(cleaned, start)?;
        if !self.by_program {
            return Some(span);
        }
        let program = self.machine.get();
        let mut cache = program.1.take();
        let (found, _) = decide(program, &mut cache, cleaned, span.0);
        program.1.give(cache);
        found
    }

    fn find_by_crate(&self, cleaned: &[u8], start: usize) -> Option<Span> {
        let mut at = start;
        if let Some(first) = &self.first {
            at += skipped(cleaned.get(start..)?, first)?;
        }
        while at <= cleaned.len() {
            let found = self.regex().search(&Input::new(cleaned).range(at..))?;
            // Only an empty match can stand inside a character.
            if !found.is_empty() || text::is_boundary(cleaned, found.start()) {
                return Some((found.start(), found.end()));
            }
            at = found.start() + 1;
        }
        None
    }

    /// The groups of the match that starts there.
    fn groups(&self, cleaned: &[u8], start: usize) -> Vec<Option<Span>> {
        if self.by_program {
            let slots = self.machine.get().0.search(cleaned, start).unwrap_or_default();
            return slots.chunks_exact(2).map(|pair| pair[0].zip(pair[1])).collect();
        }
        let mut captures = self.regex().create_captures();
        self.regex().search_captures(&Input::new(cleaned).range(start..), &mut captures);
        captures.iter().map(|group| group.map(|group| (group.start, group.end))).collect()
    }
}

/// What is made once. Two threads may make it both, one for nothing; nobody waits, because the thread that is waited for may not
/// exist any more in a process that was forked.
fn once<T>(place: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if place.get().is_none() {
        let _ = place.set(make());
    }
    place.get().expect("it was just set")
}

/// The tree and its size.
fn read(text: &str, options: &Options) -> Result<(Node, u64), PatternError> {
    let node = parser::Parser::parse(text, options)?;
    let size = tree::size(&node);
    if size > options.max_size {
        return Err(PatternError { reason: Reason::TooBig, offset: 0, size });
    }
    Ok((node, size))
}

/// Which bytes a match can start with, when none of them is part of a longer character; not where the crate has a literal to look for.
fn first_bytes(node: &Node) -> Option<Box<[bool; 256]>> {
    let (chars, empty) = tree::first_chars(node);
    let narrow = !empty && !chars.invalid && chars.ranges.last().is_some_and(|range| range.1 < 0x80);
    (narrow && tree::prefix(node).is_empty()).then(|| Box::new(std::array::from_fn(|byte| chars.contains(Some(byte as u32)))))
}

/// Bytes before the first one that is wanted; nothing when there is none.
fn skipped(text: &[u8], wanted: &[bool; 256]) -> Option<usize> {
    let is = |byte: &u8| wanted[usize::from(*byte)];
    // Eight at a time, without a jump for each.
    let block = text.chunks_exact(8).position(|eight| eight.iter().fold(false, |found, byte| found | is(byte)));
    let from = block.unwrap_or(text.len() / 8) * 8;
    text[from..].iter().position(is).map(|offset| from + offset)
}

/// A tree, and what runs it, made at the first use.
#[derive(Debug)]
struct Machine {
    node: Node,
    groups: usize,
    scripts: bool,
    made: OnceLock<(Program, Automaton)>,
}

impl Machine {
    fn get(&self) -> &(Program, Automaton) {
        once(&self.made, || (Program::new(&self.node, self.groups, self.scripts), Automaton::default()))
    }
}

/// The leftmost match by the program, at or behind `start`, and how far the text was read.
fn decide((program, automaton): &(Program, Automaton), cache: &mut Cache, cleaned: &[u8], start: usize) -> (Option<Span>, usize) {
    match automaton.search(program, cache, cleaned, start) {
        Ok(found) => (found, cache.read),
        Err(TooLarge) => {
            let (slots, read) = program.search_far(cleaned, start);
            (slots.and_then(|slots| slots[0].zip(slots[1])), read)
        }
    }
}

fn is_unicode_look(node: &Node) -> bool {
    matches!(
        node,
        Node::Assertion(Look::UnicodeBoundary | Look::NotUnicodeBoundary | Look::NoUnicodeWordBefore | Look::NoUnicodeWordBehind)
    )
}

/// Whether an invalid character can be part of a match.
fn holds_invalid(node: &Node) -> bool {
    matches!(node, Node::Chars(chars) if chars.invalid)
}

/// Iterates over the matches of one pattern.
#[derive(Clone, Debug)]
pub struct Matches<'a> {
    pattern: &'a Pattern,
    cleaned: Cow<'a, [u8]>,
    at: usize,
    last: Option<Span>,
    /// What the automaton remembers, while this iterates.
    cache: Option<Box<Cache>>,
    /// How often the crate has found a place to begin that was near; it is not asked while that is worth nothing.
    near: u8,
    /// The text was not cleaned.
    raw: bool,
    /// Bytes that searches may read behind their matches, while that is limited.
    allowance: Option<u64>,
    /// Searches read far behind their matches: the automaton makes them, because it knows how far.
    far: bool,
    /// Matches until the next one whose search is looked at.
    unseen: u8,
    gave_up: bool,
}

/// A place to begin is near when the automaton is there as fast as the crate.
const NEAR_BYTES: usize = 32;
/// After so many near ones the crate is left out, until as many searches were made without it.
const NEAR_TIMES: u8 = 8;
const WITHOUT_CRATE: u8 = 64;
/// One search in so many of a limited iteration is made by the automaton, to see how far it reads.
const SAMPLE: u8 = 64;
/// This far behind the match is far.
const FAR_BYTES: usize = 4_096;
/// What searches may read behind their matches, for each byte of the text and on top of that.
const ALLOWANCE: (u64, u64) = (8, 100_000);

impl<'a> Matches<'a> {
    fn new(pattern: &'a Pattern, cleaned: Cow<'a, [u8]>, start: usize) -> Matches<'a> {
        Matches {
            pattern,
            cleaned,
            at: start,
            last: None,
            cache: None,
            near: 0,
            raw: !pattern.needs_clean,
            allowance: None,
            far: false,
            unseen: 0,
            gave_up: false,
        }
    }

    /// The same matches, but for a text that would take more than linear time: `.*b|a` reads the rest of a text without `b` behind
    /// every `a`. Then it stops, and [`Matches::gave_up`].
    #[must_use]
    pub fn limited(mut self) -> Self {
        self.allowance = Some(ALLOWANCE.0 * self.cleaned.len() as u64 + ALLOWANCE.1);
        self
    }

    /// Whether it stopped because of the limit; what it found is not all then.
    pub fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Makes the text one that the automaton can read.
    fn clean(&mut self) {
        if std::mem::take(&mut self.raw)
            && let Cow::Borrowed(raw) = self.cleaned
        {
            self.cleaned = text::clean(raw);
        }
    }

    /// Counts what the search for this match read behind it.
    fn count(&mut self, found: Option<Span>, read: usize) -> Option<Span> {
        let beyond = found.map_or(0, |span| read.saturating_sub(span.1));
        self.far |= beyond > FAR_BYTES;
        if let Some(allowance) = &mut self.allowance {
            match allowance.checked_sub(beyond as u64) {
                Some(rest) => *allowance = rest,
                None => {
                    self.gave_up = true;
                    return None;
                }
            }
        }
        found
    }

    fn find(&mut self, start: usize) -> Option<Span> {
        if self.gave_up {
            return None;
        }
        let mut at = start;
        if self.allowance.is_some() {
            self.unseen = if self.unseen == 0 { SAMPLE } else { self.unseen - 1 };
        }
        if self.far || self.allowance.is_some() && self.unseen == 0 {
            self.clean();
            while !text::is_boundary(&self.cleaned, at) {
                at += 1;
            }
        } else if self.near < NEAR_TIMES {
            let span = self.pattern.find_by_crate(&self.cleaned, start)?;
            at = span.0;
            self.near = if at - start < NEAR_BYTES { self.near + 1 } else { 0 };
            if self.near == NEAR_TIMES {
                self.clean();
            }
            if !self.pattern.by_program {
                return Some(span);
            }
        } else {
            self.near = if self.near >= NEAR_TIMES + WITHOUT_CRATE { 0 } else { self.near + 1 };
            while !text::is_boundary(&self.cleaned, at) {
                at += 1;
            }
        }
        if at > self.cleaned.len() {
            return None;
        }
        let program = self.pattern.machine.get();
        let cache = self.cache.get_or_insert_with(|| program.1.take());
        let (found, read) = decide(program, cache, &self.cleaned, at);
        self.count(found, read)
    }
}

impl Drop for Matches<'_> {
    fn drop(&mut self) {
        if let Some(cache) = self.cache.take() {
            self.pattern.machine.get().1.give(cache);
        }
    }
}

impl Matches<'_> {
    /// The groups of the match that was returned last, as [`Pattern::captures_at`] gives them; none before the first.
    pub fn groups(&self) -> Vec<Option<Span>> {
        self.last.map_or_else(Vec::new, |(start, _)| self.pattern.groups(&self.cleaned, start))
    }
}

impl Iterator for Matches<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let mut span = self.find(self.at)?;
        if span.0 == span.1 && self.last.is_some_and(|last| last.1 == span.0) {
            span = self.find(self.at + 1)?;
        }
        self.at = span.1;
        self.last = Some(span);
        self.last
    }
}
