//! Several patterns over the same text, behind one shared prefilter.
//!
//! It must never let one pattern's matches hide another's. Tests: `super::tests`.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use regex_automata::{Input, meta::Regex};

use super::{Matches, Pattern, hir, once};

/// Patterns that are matched together, each on its own: matches of different patterns may overlap.
#[derive(Clone, Debug)]
pub struct PatternSet {
    patterns: Vec<Pattern>,
    /// Compiled when it is first needed.
    prefilter: OnceLock<Regex>,
    needs_clean: bool,
}

impl PatternSet {
    /// A set; the index of a pattern is its place in the vector.
    pub fn new(patterns: Vec<Pattern>) -> PatternSet {
        let needs_clean = patterns.iter().any(|pattern| pattern.needs_clean);
        PatternSet { patterns, prefilter: OnceLock::new(), needs_clean }
    }

    /// One pattern is its own prefilter.
    fn prefilter(&self) -> Option<&Regex> {
        let make = || hir::many(self.patterns.iter().map(|pattern| &pattern.machine.node));
        (self.patterns.len() > 1).then(|| once(&self.prefilter, make))
    }

    /// The patterns in order.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Calls `found(pattern index, start, end)` with every match from `start(pattern index)` on: all of the first pattern, then
    /// all of the second, and so on; stops when it breaks.
    pub fn for_each_match<B>(
        &self,
        text: &[u8],
        start: impl Fn(usize) -> usize,
        mut found: impl FnMut(usize, usize, usize) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let cleaned = self.cleaned(text);
        for index in self.candidates(&cleaned) {
            let pattern = &self.patterns[index];
            let matches = Matches::new(pattern, Cow::Borrowed(&*cleaned), start(index));
            for (from, to) in matches {
                found(index, from, to)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The patterns that may match somewhere, ascending; those that match are among them. Nothing is allocated for none.
    pub fn possible(&self, text: &[u8]) -> Vec<usize> {
        let cleaned = self.cleaned(text);
        match self.prefilter() {
            Some(prefilter) if !prefilter.is_match(&*cleaned) => Vec::new(),
            Some(_) => self.candidates(&cleaned),
            None => (0..self.patterns.len()).filter(|&index| self.patterns[index].find_by_crate(&cleaned, 0).is_some()).collect(),
        }
    }

    /// Whether any pattern matches anywhere.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let cleaned = self.cleaned(text);
        self.candidates(&cleaned).into_iter().any(|index| self.patterns[index].find_cleaned(&cleaned, 0).is_some())
    }

    fn cleaned<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.needs_clean { super::text::clean(text) } else { text.into() }
    }

    /// The patterns that can match.
    fn candidates(&self, cleaned: &[u8]) -> Vec<usize> {
        match self.prefilter() {
            Some(prefilter) => {
                let mut matched = regex_automata::PatternSet::new(self.patterns.len());
                prefilter.which_overlapping_matches(&Input::new(cleaned), &mut matched);
                matched.iter().map(|pattern| pattern.as_usize()).collect()
            }
            None => (0..self.patterns.len()).collect(),
        }
    }
}
