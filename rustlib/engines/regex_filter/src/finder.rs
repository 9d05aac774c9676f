//! Which rules can match in a text, and where the literals are: one pass for all of them.
//!
//! It may name a rule that matches nowhere, never leave one out. Nothing is allocated when nothing is found (but for literals that
//! fold all scripts, on text that is not ASCII). Tests: those of the filter.

use std::ops::Range;

use gwplugins_core::pattern::{Pattern, PatternSet};

use crate::automaton::Automaton;
use crate::literal::{Case, View};
use crate::rule::{Rule, Search};

/// Patterns that share a prefilter: more would make its automaton outgrow its memory.
const CHUNK_PATTERNS: usize = 12;
const CHUNK_SIZE: u64 = 3_000;
/// Shorter text at the start of a pattern stands in too many places.
const MIN_LEAD_BYTES: usize = 4;

/// All matches of a rule that begin at `start..end` end there too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub start: usize,
    pub end: usize,
    pub rule: usize,
}

/// Looks for all rules at once.
pub struct Finder {
    /// Literals, and the text that patterns start with: how letters compare, and which rules are in it.
    literals: Vec<(Case, Range<usize>, Automaton)>,
    /// Patterns that start with no such text.
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
                    Search::Pattern(pattern) => lead(pattern).filter(|lead| lead.0 == case).map(|lead| (lead.1, index as u32)),
                    Search::Literal(_) => None,
                })
                .collect();
            let (first, last) = (needles.first()?.1 as usize, needles.last()?.1 as usize);
            Some((case, first..last + 1, Automaton::new(&needles, case)))
        };
        let mut chunks: Vec<(Vec<usize>, Vec<_>, u64)> = Vec::new();
        for (index, rule) in enabled() {
            let Search::Pattern(pattern) = &rule.search else { continue };
            if lead(pattern).is_some() {
                continue;
            }
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

    /// The rules in `range` that may match, ascending. Up to `most` places are put into `places`.
    pub fn rules_in(&self, text: &[u8], range: Range<usize>, rules: &[Rule], most: usize, places: &mut Vec<Candidate>) -> Vec<usize> {
        let mut found = Vec::new();
        self.each_place(text, &range, rules, &mut |candidate| {
            insert(&mut found, candidate.rule);
            if places.len() < most {
                places.push(candidate);
            }
            true
        });
        for (members, set) in &self.patterns {
            if members.iter().any(|rule| range.contains(rule)) {
                let possible = set.possible(text);
                possible.iter().map(|&index| members[index]).filter(|rule| range.contains(rule)).for_each(|rule| insert(&mut found, rule));
            }
        }
        found
    }

    /// Whether a pattern's matches are all where [`Finder::each_place`] says.
    pub fn knows_places(pattern: &Pattern) -> bool {
        lead(pattern).is_some()
    }

    /// Calls `found` with every place where a literal of `range` stands, overlapping ones too, or where a pattern can match that starts
    /// with a literal, until it says false. What a pattern without longest match begins is as long as its literal.
    pub fn each_place(&self, text: &[u8], range: &Range<usize>, rules: &[Rule], found: &mut dyn FnMut(Candidate) -> bool) {
        for (case, members, automaton) in &self.literals {
            if members.start >= range.end || range.start >= members.end {
                continue;
            }
            // The automaton folds ASCII letters itself.
            let case = if *case != Case::Unicode || text.is_ascii() { Case::Exact } else { *case };
            let view = View::of(text, case);
            automaton.each(&view.bytes, &mut |id, from, to| {
                let rule = id as usize;
                if !range.contains(&rule) {
                    return true;
                }
                let (start, end) = (view.place(from), view.place(to));
                match &rules[rule].search {
                    Search::Literal(literal) => !literal.fits(text, start, end) || found(Candidate { start, end, rule }),
                    Search::Pattern(_) => {
                        let longest = rules[rule].search.reach().map_or(end, |reach| (start + reach).min(text.len()));
                        found(Candidate { start, end: longest.max(end), rule })
                    }
                }
            });
        }
    }
}

/// Adds a rule to others that are in order, if it is none of them.
pub fn insert(rules: &mut Vec<usize>, rule: usize) {
    if let Err(place) = rules.binary_search(&rule) {
        rules.insert(place, rule);
    }
}

/// What every match of a pattern starts with, if that is worth looking for, and how its letters compare.
fn lead(pattern: &Pattern) -> Option<(Case, &[u8])> {
    let (exact, capital) = (pattern.prefix().as_bytes(), pattern.capital_prefix().as_bytes());
    if exact.len() >= MIN_LEAD_BYTES {
        Some((Case::Exact, exact))
    } else if capital.len() >= MIN_LEAD_BYTES {
        Some((Case::Ascii, capital))
    } else {
        None
    }
}
