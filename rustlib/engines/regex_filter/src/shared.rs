//! Rules of bounded reach share one pass over the text; where they could meet, they are applied one after the other.
//!
//! All matches in the text are found first. What lies further apart than any rule reaches cannot interact, so matches are put into
//! windows, each with that much text around that nothing matches; a window is settled like a small text, rule by rule, and the results
//! put together. When a match appears outside of where the first ones were, the window is made larger; when that does not help, or a
//! limit is in sight, the caller goes over the whole text, so the result is always that of one rule after the other. RULES.md has the
//! argument. Tests: `tests/sequence.rs`.

use std::ops::Range;

use gwplugins_core::guard::Finding;

use crate::filter::Engine;
use crate::finder::{Candidate, Finder, insert};
use crate::origins::{Edit, Origins};
use crate::rule::{Bounds, Search};

/// Bytes of text around what a rule reaches: characters beside a match, and those that a window's edge cuts.
pub const SIDE: usize = 8;
/// More matches than one in so many bytes, and many of them, are not worth windows.
const DENSE: usize = 8;
const FEW: usize = 256;
/// The same for fewer rules than this.
const MANY_RULES: usize = 32;
const FEW_RULES_DENSE: usize = 48;
const FEW_RULES_FEW: usize = 8;
/// How often a window that is too small is made larger.
const MOST_TRIES: usize = 3;

/// What came of a text.
pub struct Settled {
    /// `None` when nothing changed.
    pub text: Option<(Vec<u8>, Origins)>,
    /// Where the new text is not the old one, in order.
    pub changes: Vec<Range<usize>>,
    pub found: Vec<Finding>,
}

/// Why a window is not settled.
enum Unsettled {
    /// A change came too near an edge: another match may reach into it.
    TooSmall,
    /// A limit is in sight.
    Limit,
}

/// One window while it is settled.
struct Window {
    text: Vec<u8>,
    origins: Origins,
    changed: bool,
    /// Bytes of text before and behind the matches, which nothing here may touch.
    left: usize,
    right: usize,
    /// Edges of the window that are edges of the text.
    first: bool,
    last: bool,
}

/// Sums over all windows.
#[derive(Default)]
struct Sums {
    found: Vec<Finding>,
    written: u64,
    /// Growth of the text by each rule that changed it.
    growth: Vec<(usize, i64)>,
}

/// Applies the rules of `range`, none of which reaches further than `reach` bytes. `None`: apply them one by one.
///
/// `seen` holds the finder's places of this very text, or of none when it was not asked.
pub fn settle(
    engine: &Engine,
    now: (&[u8], &Origins),
    range: &Range<usize>,
    possible: &[usize],
    seen: Option<&[Candidate]>,
    reach: usize,
) -> Option<Settled> {
    let (text, origins) = now;
    let candidates = candidates(engine, text, range, possible, seen)?;
    let margin = reach + 2 * SIDE;
    let mut sums = Sums::default();
    let mut made: Option<(Vec<u8>, Origins)> = None;
    let mut changes = Vec::new();
    // What of the text is put together, and where the last window's matches end.
    let (mut done, mut settled) = (0, None);
    let mut rest = &candidates[..];
    while let Some(first) = rest.first() {
        let least = settled.map_or(0, |end: usize| end + margin).min(first.start);
        let mut hull = first.start..first.end;
        let mut window = None;
        for _ in 0..MOST_TRIES {
            let mut count = 0;
            while let Some(next) = rest.get(count).filter(|next| next.start < hull.end + margin) {
                hull.end = hull.end.max(next.end);
                count += 1;
            }
            let mut tried = Window::around(text, origins, hull.clone(), margin);
            let before = sums.mark();
            match tried.settle(engine, range, &rest[..count], &mut sums) {
                Ok(()) => {
                    window = Some(tried);
                    rest = &rest[count..];
                    break;
                }
                Err(Unsettled::Limit) => return None,
                Err(Unsettled::TooSmall) => {
                    sums.back_to(before);
                    hull = hull.start.saturating_sub(4 * margin).max(least)..(hull.end + 4 * margin).min(text.len());
                }
            }
        }
        let window = window?;
        settled = Some(hull.end);
        if window.changed {
            let (made_text, made_origins) = made.get_or_insert_with(|| (Vec::with_capacity(text.len() + 64), origins.part(0..0)));
            let inside = window.left..window.text.len() - window.right;
            made_text.extend_from_slice(&text[done..hull.start]);
            let begin = made_text.len();
            made_text.extend_from_slice(&window.text[inside.clone()]);
            changes.push(begin..made_text.len());
            made_origins.copy(origins, done..hull.start);
            made_origins.copy(&window.origins, inside);
            done = hull.end;
        }
    }
    if let Some((made_text, made_origins)) = &mut made {
        made_text.extend_from_slice(&text[done..]);
        made_origins.copy(origins, done..text.len());
    }
    let within = sums.within(text.len(), engine.limits.output_bytes);
    within.then_some(Settled { text: made, changes, found: sums.found })
}

/// How many places are worth windows.
pub fn most_places(text: &[u8]) -> usize {
    FEW + text.len() / DENSE
}

/// Every place where a rule can match the text as it is, in order; `None` when there are too many.
fn candidates(
    engine: &Engine,
    text: &[u8],
    range: &Range<usize>,
    possible: &[usize],
    seen: Option<&[Candidate]>,
) -> Option<Vec<Candidate>> {
    let most = most_places(text);
    let mut found = Vec::new();
    match seen {
        Some(seen) => found.extend(seen.iter().filter(|candidate| range.contains(&candidate.rule))),
        None => engine.finder.each_place(text, range, &engine.rules, &mut |candidate| {
            found.push(candidate);
            found.len() <= most
        }),
    }
    for &rule in possible.iter().filter(|rule| range.contains(rule)) {
        let Search::Pattern(pattern) = &engine.rules[rule].search else { continue };
        if Finder::knows_places(pattern) {
            continue;
        }
        let mut matches = pattern.matches(text, 0).limited();
        let matched = matches.by_ref().take((most + 1).saturating_sub(found.len()));
        found.extend(matched.map(|(start, end)| Candidate { start, end, rule }));
        if matches.gave_up() {
            return None;
        }
    }
    // Few rules that match everywhere are faster one by one.
    let rules = range.clone().filter(|&rule| engine.rules[rule].enabled).take(MANY_RULES).count();
    let most = if rules < MANY_RULES { most.min(FEW_RULES_FEW + text.len() / FEW_RULES_DENSE) } else { most };
    if found.len() > most || u32::try_from(text.len()).is_err() {
        return None;
    }
    let mut order: Vec<(u32, u32)> = found.iter().enumerate().map(|(index, one)| (one.start as u32, index as u32)).collect();
    order.sort_unstable();
    Some(order.into_iter().map(|(_, index)| found[index as usize]).collect())
}

/// The first place from `at` on that is inside no character.
fn behind_character(text: &[u8], at: usize) -> usize {
    at + (0..3).take_while(|step| text.get(at + step).is_some_and(|byte| byte & 0xC0 == 0x80)).count()
}

impl Window {
    /// The matches in `hull`, which begins and ends at characters, with a margin of text.
    fn around(text: &[u8], origins: &Origins, hull: Range<usize>, margin: usize) -> Self {
        let inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        let mut from = hull.start.saturating_sub(margin);
        let mut to = (hull.end + margin).min(text.len());
        for _ in 0..3 {
            from -= usize::from(from > 0 && inside(from));
            to += usize::from(inside(to));
        }
        Self {
            text: text[from..to].to_vec(),
            origins: origins.part(from..to),
            changed: false,
            left: hull.start - from,
            right: to - hull.end,
            first: from == 0,
            last: to == text.len(),
        }
    }

    /// Applies the rules, the lowest first, until none can match any more.
    fn settle(&mut self, engine: &Engine, range: &Range<usize>, candidates: &[Candidate], sums: &mut Sums) -> Result<(), Unsettled> {
        let mut pending = Vec::new();
        candidates.iter().for_each(|candidate| insert(&mut pending, candidate.rule));
        let mut next = 0;
        while let Some(&rule) = pending.get(next) {
            next += 1;
            let length = self.text.len();
            let end = length - self.right;
            let bounds = Bounds {
                from: if self.first { 0 } else { behind_character(&self.text, SIDE) },
                // What begins right behind the matches has one of them before it.
                until: if self.last { length + 1 } else { end + 1 },
                findings: engine.limits.findings - (sums.found.len() as u64).min(engine.limits.findings),
                output: engine.limits.output_bytes,
            };
            let pass = engine.rules[rule].pass(&self.text, &bounds);
            sums.written += pass.written.len() as u64;
            if pass.over.is_some() || sums.written > engine.limits.output_bytes {
                return Err(Unsettled::Limit);
            }
            if pass.extent.is_some_and(|(first, last)| first < self.left || last > end) {
                return Err(Unsettled::TooSmall);
            }
            let mut near = 0;
            for &(start, end) in &pass.found {
                sums.found.push(engine.finding(rule, self.origins.locate(start, end, &mut near)));
            }
            if pass.edits.is_empty() {
                continue;
            }
            sums.grow(rule, &pass.edits);
            self.origins = self.origins.rewritten(&pass.edits);
            self.text = pass.rewrite(&self.text);
            self.changed = true;
            if rule + 1 == range.end {
                break;
            }
            pending = engine.finder.rules_in(&self.text, rule + 1..range.end, &engine.rules, 0, &mut Vec::new());
            next = 0;
        }
        Ok(())
    }
}

impl Sums {
    fn grow(&mut self, rule: usize, edits: &[Edit]) {
        let growth = edits.iter().map(|edit| edit.written as i64 - (edit.end - edit.start) as i64).sum();
        self.growth.push((rule, growth));
    }

    fn mark(&self) -> (usize, usize, u64) {
        (self.found.len(), self.growth.len(), self.written)
    }

    fn back_to(&mut self, (found, growth, written): (usize, usize, u64)) {
        self.found.truncate(found);
        self.growth.truncate(growth);
        self.written = written;
    }

    /// Whether the text stays within the limit after every rule.
    fn within(&self, length: usize, limit: u64) -> bool {
        let mut order: Vec<(u32, u32)> = self.growth.iter().enumerate().map(|(index, growth)| (growth.0 as u32, index as u32)).collect();
        order.sort_unstable();
        let mut now = length as i64;
        for (place, &(rule, index)) in order.iter().enumerate() {
            now += self.growth[index as usize].1;
            let finished = order.get(place + 1).is_none_or(|next| next.0 != rule);
            if finished && now > i64::try_from(limit).unwrap_or(i64::MAX) {
                return false;
            }
        }
        true
    }
}
