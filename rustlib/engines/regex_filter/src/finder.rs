//! Which rules can match in a text, and where the literals are: one pass for all of them.
//!
//! It may name a rule that matches nowhere, never leave one out. Nothing is allocated when nothing is found (but for literals that
//! fold all scripts, on text that is not ASCII). Tests: those of the filter.

use std::ops::Range;

use gwplugins_core::pattern::PatternSet;

use crate::automaton::Automaton;
use crate::literal::{Case, View};
use crate::rule::{Rule, Search};

/// Patterns that share a prefilter: more would make its automaton outgrow its memory.
const CHUNK_PATTERNS: usize = 12;
const CHUNK_SIZE: u64 = 3_000;

/// A rule that may match at `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub start: usize,
    pub end: usize,
    pub rule: usize,
}

/// Looks for all rules at once.
pub struct Finder {
    literals: Vec<(Case, Automaton)>,
    patterns: Vec<(Vec<usize>, PatternSet)>,
}

impl Finder {
    /// A finder of the rules that are enabled.
    pub fn new(rules: &[Rule]) -> Self {
        let enabled = || rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
        let of_case = |case: Case| {
            let needles: Vec<_> = enabled()
                .filter_map(|(index, rule)| match &rule.search {
                    Search::Literal(literal) if literal.case == case => Some((literal.needle(), index as u32)),
                    _ => None,
                })
                .collect();
            (!needles.is_empty()).then(|| (case, Automaton::new(&needles, case)))
        };
        let mut chunks: Vec<(Vec<usize>, Vec<_>, u64)> = Vec::new();
        for (index, rule) in enabled() {
            let Search::Pattern(pattern) = &rule.search else { continue };
            match chunks.last_mut() {
                Some((rules, patterns, size)) if rules.len() < CHUNK_PATTERNS && *size + pattern.size() <= CHUNK_SIZE => {
                    rules.push(index);
                    patterns.push(pattern.clone());
                    *size += pattern.size();
                }
                _ => chunks.push((vec![index], vec![pattern.clone()], pattern.size())),
            }
        }
        Self {
            literals: [Case::Exact, Case::Ascii, Case::Unicode].into_iter().filter_map(of_case).collect(),
            patterns: chunks.into_iter().map(|(rules, patterns, _)| (rules, PatternSet::new(patterns))).collect(),
        }
    }

    /// The rules in `range` that may match, ascending.
    pub fn rules_in(&self, text: &[u8], range: Range<usize>, rules: &[Rule]) -> Vec<usize> {
        let mut found = Vec::new();
        self.each_literal(text, &range, rules, &mut |candidate| {
            found.push(candidate.rule);
            true
        });
        for (members, set) in &self.patterns {
            if members.iter().any(|rule| range.contains(rule)) {
                found.extend(set.possible(text).into_iter().map(|index| members[index]).filter(|rule| range.contains(rule)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Calls `found` with every place where a literal of `range` stands, overlapping ones too, until it says false.
    pub fn each_literal(&self, text: &[u8], range: &Range<usize>, rules: &[Rule], found: &mut dyn FnMut(Candidate) -> bool) {
        for (case, automaton) in &self.literals {
            // The automaton folds ASCII letters itself.
            let case = if text.is_ascii() || *case != Case::Unicode { Case::Exact } else { *case };
            let view = View::of(text, case);
            automaton.each(&view.bytes, &mut |id, from, to| {
                let rule = id as usize;
                let (start, end) = (view.place(from), view.place(to));
                let fits = range.contains(&rule) && matches!(&rules[rule].search, Search::Literal(one) if one.fits(text, start, end));
                !fits || found(Candidate { start, end, rule })
            });
        }
    }
}
