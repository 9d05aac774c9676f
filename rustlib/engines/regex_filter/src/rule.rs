//! One rule and its pass over a text: matches, those that are excused, and what takes their place.
//!
//! It must never look at the text outside its own matches for anything but their context. Tests: `tests/vectors/regex_filter.jsonl`.

use std::sync::Arc;

use gwplugins_core::guard::Action;
use gwplugins_core::pattern::{Pattern, PatternSet, Span};

use crate::literal::Literal;
use crate::origins::Edit;
use crate::template::Template;

/// What a rule looks for.
pub enum Search {
    Literal(Literal),
    Pattern(Pattern),
}

impl Search {
    /// Bytes of the longest match, when it has one and no match is empty.
    pub fn reach(&self) -> Option<usize> {
        match self {
            Self::Literal(literal) => Some(literal.reach()),
            Self::Pattern(pattern) if pattern.can_be_empty() => None,
            Self::Pattern(pattern) => pattern.lengths().max_bytes.and_then(|most| usize::try_from(most).ok()),
        }
    }

    /// How `describe` calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Literal(_) => "literal",
            Self::Pattern(_) => "pattern",
        }
    }
}

/// One rule.
pub struct Rule {
    pub name: String,
    pub enabled: bool,
    pub action: Action,
    pub search: Search,
    pub template: Template,
    pub preserve_case: bool,
    /// A match in which one of them matches is excused: the rule's own, and those of all rules.
    pub allow: [Arc<PatternSet>; 2],
}

/// What one rule did to one text.
#[derive(Default)]
pub struct Pass {
    /// Matches that are not excused.
    pub found: Vec<Span>,
    /// What changes, in order.
    pub edits: Vec<Edit>,
    /// What is written, one edit after the other.
    pub written: Vec<u8>,
    /// Where the first match begins and the last one ends, excused ones too.
    pub extent: Option<Span>,
    /// A limit was passed, and the pass was not finished.
    pub over: Option<Over>,
}

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Findings,
    Output,
    Work,
}

/// Where matches may begin, and what they may amount to.
pub struct Bounds {
    pub from: usize,
    pub until: usize,
    pub findings: u64,
    pub output: u64,
}

impl Rule {
    /// All matches that begin within the bounds.
    pub fn pass(&self, text: &[u8], bounds: &Bounds) -> Pass {
        let mut pass = Pass::default();
        match &self.search {
            Search::Literal(literal) => literal
                .each(text, |span| span.0 < bounds.from || span.0 < bounds.until && self.take(text, span, Vec::new, bounds, &mut pass)),
            Search::Pattern(pattern) => {
                let mut matches = pattern.matches(text, bounds.from).limited();
                while let Some(span) = matches.next() {
                    if span.0 >= bounds.until || !self.take(text, span, || matches.groups(), bounds, &mut pass) {
                        break;
                    }
                }
                if matches.gave_up() {
                    pass.over = Some(Over::Work);
                    return pass;
                }
            }
        }
        let removed: usize = pass.edits.iter().map(|edit| edit.end - edit.start).sum();
        if !pass.edits.is_empty() && (text.len() - removed + pass.written.len()) as u64 > bounds.output {
            pass.over = Some(Over::Output);
        }
        if pass.found.len() as u64 > bounds.findings {
            pass.over = Some(Over::Findings);
        }
        pass
    }

    /// Adds a match; false when there are too many.
    fn take(&self, text: &[u8], span: Span, groups: impl Fn() -> Vec<Option<Span>>, bounds: &Bounds, pass: &mut Pass) -> bool {
        let (start, end) = span;
        pass.extent = Some((pass.extent.map_or(start, |extent| extent.0), end));
        if self.allow.iter().any(|allow| !allow.is_empty() && allow.is_match(&text[start..end])) {
            return true;
        }
        pass.found.push(span);
        if pass.found.len() as u64 > bounds.findings {
            return false;
        }
        // What is written is over the limit already: only the number of matches can still matter.
        if self.action == Action::Replace && pass.over.is_none() {
            let before = pass.written.len();
            let groups = if self.template.uses_groups() { groups() } else { Vec::new() };
            self.template.expand(text, span, &groups, &mut pass.written);
            if self.preserve_case {
                follow_case(&text[start..end], &mut pass.written[before..]);
            }
            if pass.written[before..] == text[start..end] {
                pass.written.truncate(before);
            } else {
                pass.edits.push(Edit { start, end, written: pass.written.len() - before });
            }
            if pass.written.len() as u64 > bounds.output {
                pass.over = Some(Over::Output);
            }
        }
        true
    }
}

impl Pass {
    /// The text with its edits made.
    pub fn rewrite(&self, text: &[u8]) -> Vec<u8> {
        let mut made = Vec::with_capacity(text.len() + self.written.len());
        let (mut at, mut read) = (0, 0);
        for edit in &self.edits {
            made.extend_from_slice(&text[at..edit.start]);
            made.extend_from_slice(&self.written[read..read + edit.written]);
            at = edit.end;
            read += edit.written;
        }
        made.extend_from_slice(&text[at..]);
        made
    }
}

/// Writes a replacement as the match is written: in capitals when the match has at least two letters and all are capitals; with a
/// capital when its first letter is one. ASCII letters only.
fn follow_case(found: &[u8], written: &mut [u8]) {
    let mut letters = found.iter().filter(|byte| byte.is_ascii_alphabetic()).peekable();
    if !letters.peek().is_some_and(|first| first.is_ascii_uppercase()) {
        return;
    }
    let (count, capitals) = letters.fold((0, 0), |(count, capitals), byte| (count + 1, capitals + i32::from(byte.is_ascii_uppercase())));
    if count > 1 && capitals == count {
        written.make_ascii_uppercase();
    } else if let Some(first) = written.iter_mut().find(|byte| byte.is_ascii_alphabetic()) {
        first.make_ascii_uppercase();
    }
}
