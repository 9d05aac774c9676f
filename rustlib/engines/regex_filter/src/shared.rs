//! Rules of bounded reach share one pass over the text; where they could meet, they are applied one after the other.
//!
//! All matches in the text are found first. What lies further apart than any rule reaches cannot interact, so matches are put into
//! windows, each with that much unchanged text around; a window is settled like a small text, rule by rule, and the results put
//! together. A window whose changes come too near its edges, and a limit in sight, make the caller fall back to whole texts, so the
//! result is always that of one rule after the other. RULES.md has the argument. Tests: `tests/sequence.rs`.

use std::ops::Range;

use crate::filter::Engine;
use crate::finder::Candidate;
use crate::origins::{Edit, Origins};
use crate::rule::{Bounds, Search};

/// Bytes of text around what a rule reaches: characters beside a match, and those that a window's edge cuts.
const SIDE: usize = 8;
/// More matches than one in so many bytes, and many of them, are not worth windows.
const DENSE: usize = 6;
const FEW: usize = 256;

/// What came of a text.
pub struct Settled {
    /// `None` when nothing changed.
    pub text: Option<(Vec<u8>, Origins)>,
    /// Rule, start and end in the caller's text, derived.
    pub found: Vec<(usize, usize, usize, bool)>,
}

/// One window while it is settled.
struct Window {
    text: Vec<u8>,
    origins: Origins,
    changed: bool,
    /// Edges of the window that are edges of the text.
    first: bool,
    last: bool,
}

/// Sums over all windows.
struct Sums {
    found: Vec<(usize, usize, usize, bool)>,
    written: u64,
    /// Growth of the text by each rule that changed it.
    growth: Vec<(usize, i64)>,
}

/// Applies the rules of `range`, none of which reaches further than `reach` bytes. `None`: apply them one by one.
pub fn settle(engine: &Engine, text: &[u8], origins: &Origins, range: &Range<usize>, possible: &[usize], reach: usize) -> Option<Settled> {
    let candidates = candidates(engine, text, range, possible)?;
    let margin = reach + SIDE;
    let mut sums = Sums { found: Vec::new(), written: 0, growth: Vec::new() };
    let mut made: Option<(Vec<u8>, Origins)> = None;
    // What of the text is settled or passed over.
    let mut done = 0;
    let mut at = 0;
    while let Some(first) = candidates.get(at) {
        let begin = at;
        let mut end = first.end;
        while let Some(next) = candidates.get(at).filter(|next| next.start < end + 4 * margin + SIDE) {
            end = end.max(next.end);
            at += 1;
        }
        let span = window_of(text, first.start, end, 2 * margin);
        let mut window = Window {
            text: text[span.clone()].to_vec(),
            origins: origins.part(span.clone()),
            changed: false,
            first: span.start == 0,
            last: span.end == text.len(),
        };
        window.settle(engine, range, &candidates[begin..at], margin, &mut sums)?;
        if window.changed {
            let (made_text, made_origins) = made.get_or_insert_with(|| (Vec::with_capacity(text.len() + 64), Origins::of(0)));
            if done == 0 {
                *made_origins = origins.part(0..0);
            }
            made_text.extend_from_slice(&text[done..span.start]);
            made_origins.copy(origins, done..span.start);
            made_text.extend_from_slice(&window.text);
            made_origins.copy(&window.origins, 0..window.text.len());
            done = span.end;
        }
    }
    if let Some((made_text, made_origins)) = &mut made {
        made_text.extend_from_slice(&text[done..]);
        made_origins.copy(origins, done..text.len());
    }
    let within = sums.within(text.len(), engine.limits.output_bytes);
    within.then_some(Settled { text: made, found: sums.found })
}

/// Every place where a rule matches the text as it is, in order; `None` when there are too many.
fn candidates(engine: &Engine, text: &[u8], range: &Range<usize>, possible: &[usize]) -> Option<Vec<Candidate>> {
    let most = FEW + text.len() / DENSE;
    let mut found = Vec::new();
    engine.finder.each_literal(text, range, &engine.rules, &mut |candidate| {
        found.push(candidate);
        found.len() <= most
    });
    for &rule in possible.iter().filter(|rule| range.contains(rule)) {
        let Search::Pattern(pattern) = &engine.rules[rule].search else { continue };
        let matches = pattern.matches(text, 0).take((most + 1).saturating_sub(found.len()));
        found.extend(matches.map(|(start, end)| Candidate { start, end, rule }));
    }
    found.sort_unstable();
    (found.len() <= most).then_some(found)
}

/// `start..end` with a margin, cut at characters.
fn window_of(text: &[u8], start: usize, end: usize, margin: usize) -> Range<usize> {
    let inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    let mut from = start.saturating_sub(margin);
    let mut to = (end + margin).min(text.len());
    for _ in 0..3 {
        from -= usize::from(from > 0 && inside(from));
        to += usize::from(inside(to));
    }
    from..to
}

/// The first place from `at` on that is inside no character.
fn behind_character(text: &[u8], at: usize) -> usize {
    at + (0..3).take_while(|step| text.get(at + step).is_some_and(|byte| byte & 0xC0 == 0x80)).count()
}

impl Window {
    /// Applies the rules, the lowest first, until none can match any more. `None` when a change comes too near an edge.
    fn settle(&mut self, engine: &Engine, range: &Range<usize>, candidates: &[Candidate], margin: usize, sums: &mut Sums) -> Option<()> {
        let mut pending: Vec<usize> = candidates.iter().map(|candidate| candidate.rule).collect();
        pending.sort_unstable();
        pending.dedup();
        let mut next = 0;
        while let Some(&rule) = pending.get(next) {
            next += 1;
            let length = self.text.len();
            let bounds = Bounds {
                from: if self.first { 0 } else { behind_character(&self.text, SIDE) },
                until: if self.last { length + 1 } else { length.saturating_sub(margin) },
                findings: engine.limits.findings - (sums.found.len() as u64).min(engine.limits.findings),
                output: engine.limits.output_bytes,
            };
            let pass = engine.rules[rule].pass(&self.text, &bounds);
            sums.written += pass.written.len() as u64;
            if pass.over.is_some() || sums.written > engine.limits.output_bytes {
                return None;
            }
            for &(start, end) in &pass.found {
                let (from, to, derived) = self.origins.locate(start, end);
                sums.found.push((rule, from, to, derived));
            }
            let (Some(first), Some(last)) = (pass.edits.first(), pass.edits.last()) else { continue };
            if !self.first && first.start < margin || !self.last && last.end + margin > length {
                return None;
            }
            sums.grow(rule, &pass.edits);
            self.origins = self.origins.rewritten(&pass.edits);
            self.text = pass.rewrite(&self.text);
            self.changed = true;
            pending = engine.finder.rules_in(&self.text, rule + 1..range.end, &engine.rules);
            next = 0;
        }
        Some(())
    }
}

impl Sums {
    fn grow(&mut self, rule: usize, edits: &[Edit]) {
        let growth = edits.iter().map(|edit| edit.written as i64 - (edit.end - edit.start) as i64).sum();
        self.growth.push((rule, growth));
    }

    /// Whether the text stays within the limit after every rule.
    fn within(&mut self, length: usize, limit: u64) -> bool {
        self.growth.sort_unstable_by_key(|growth| growth.0);
        let mut now = length as i64;
        for (index, (rule, growth)) in self.growth.iter().enumerate() {
            now += growth;
            let finished = self.growth.get(index + 1).is_none_or(|next| next.0 != *rule);
            if finished && now > i64::try_from(limit).unwrap_or(i64::MAX) {
                return false;
            }
        }
        true
    }
}
