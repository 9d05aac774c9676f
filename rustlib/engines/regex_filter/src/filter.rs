//! The guard: rules in sequence, each applied to the result of the one before.
//!
//! It must never give another result than that. Tests: `tests/`, `tests/vectors/regex_filter.jsonl`.

use std::borrow::Cow;
use std::ops::Range;

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{Action, CAP_OUTPUT, FLAG_DERIVED, Finding, Guard, Kind, Report, SCORE_SHIFT, Want};
use gwplugins_core::overlap;

use crate::finder::{Candidate, Finder, insert};
use crate::origins::{Edit, Origin, Origins};
use crate::rule::{Bounds, Over, Rule};
use crate::settings::{self, Limits};
use crate::shared;

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "regex_filter",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT,
    open: |config| Ok(Box::new(RegexFilter::new(config)?)),
};

/// Score of all rules: their author vouches for them.
const SCORE: u32 = 1000;
/// A rule that reaches further shares no pass: its windows would be the whole text.
const MAX_REACH: usize = 256;

/// More edits than this: the whole text is looked at again.
const MANY_EDITS: usize = 64;

/// What a scan needs to know.
pub struct Engine {
    pub rules: Vec<Rule>,
    pub finder: Finder,
    pub limits: Limits,
}

impl Engine {
    /// What a rule found.
    pub fn finding(&self, rule: usize, (start, end, derived): Origin) -> Finding {
        let flags = self.rules[rule].action as u32 | if derived { FLAG_DERIVED } else { 0 } | SCORE << SCORE_SHIFT;
        Finding { start: start as u64, end: end as u64, item: 0, rule: rule as u32, flags, detail: 0 }
    }
}

/// Rules that share a pass, and how far the furthest of them reaches.
struct Stage {
    rules: Range<usize>,
    reach: usize,
}

/// A configured filter.
pub struct RegexFilter {
    engine: Engine,
    /// In order; rules that share no pass belong to none.
    stages: Vec<Stage>,
    /// The last rule that is enabled.
    last: usize,
    /// Bytes of the longest match of any rule that shares passes.
    reach: usize,
    describe: String,
}

/// The text between two rules.
struct Now<'a> {
    text: Cow<'a, [u8]>,
    origins: Origins,
    found: Vec<Finding>,
    /// Where the last rules changed it, in order; empty when that is not known.
    changes: Vec<Range<usize>>,
}

impl RegexFilter {
    /// A filter from a configuration that the schema has accepted.
    pub fn new(config: &Config) -> Result<Self, Fault> {
        let rules = settings::rules(config)?;
        let limits = settings::limits(config);
        let describe = describe(&rules, &limits);
        let last = rules.iter().rposition(|rule| rule.enabled).unwrap_or(0);
        let reach = rules.iter().filter_map(|rule| rule.search.reach()).filter(|&reach| reach <= MAX_REACH).max().unwrap_or(0);
        Ok(Self { stages: stages(&rules), last, reach, engine: Engine { finder: Finder::new(&rules), rules, limits }, describe })
    }

    /// The same filter with every rule applied alone, which must make no difference; for tests and benchmarks.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.stages.clear();
        self
    }

    fn run<'a>(&self, text: &'a [u8], mut possible: Vec<usize>, seen: &[Candidate]) -> Result<Now<'a>, Fault> {
        let count = self.engine.rules.len();
        let mut now = Now { text: Cow::Borrowed(text), origins: Origins::of(text.len()), found: Vec::new(), changes: Vec::new() };
        let mut seen = (seen.len() < shared::most_places(text)).then_some(seen);
        let mut next = 0;
        // Rules before this one are applied alone, each to find out itself whether it matches.
        let mut alone = 0;
        let mut dirty = false;
        while let Some(&rule) = possible.iter().find(|&&rule| rule >= next) {
            let stage = self.stages.iter().find(|stage| rule >= alone && stage.rules.contains(&rule));
            let (changed, after) = match stage {
                None => (self.apply(rule, &mut now)?, rule + 1),
                Some(stage) => match shared::settle(&self.engine, (&now.text, &now.origins), &stage.rules, &possible, seen, stage.reach) {
                    Some(settled) => (self.take(settled, &mut now)?, stage.rules.end),
                    None => {
                        alone = stage.rules.end;
                        let behind = possible.iter().copied().filter(|&rule| rule >= alone);
                        possible = (rule..alone).filter(|&rule| self.engine.rules[rule].enabled).chain(behind).collect();
                        continue;
                    }
                },
            };
            next = after;
            if changed {
                if dirty {
                    now.changes.clear();
                }
                (dirty, seen) = (true, None);
            }
            if dirty && alone <= next && next < count {
                dirty = false;
                possible = self.possible_now(&now, possible, next);
            }
        }
        Ok(now)
    }

    /// The rules from `next` on that may match the text of now, when those are known that could match before it changed: only what
    /// reaches a change, and rules that reach any distance, can be new.
    fn possible_now(&self, now: &Now, before: Vec<usize>, next: usize) -> Vec<usize> {
        let Engine { rules, finder, .. } = &self.engine;
        let margin = self.reach + 2 * shared::SIDE;
        let around = |change: &Range<usize>| change.start.saturating_sub(margin)..(change.end + margin).min(now.text.len());
        let total: usize = now.changes.iter().map(|change| around(change).len()).sum();
        let all = next..rules.len();
        if now.changes.is_empty() || total * 2 > now.text.len() {
            return finder.rules_in(&now.text, all, rules, 0, &mut Vec::new());
        }
        let mut found: Vec<usize> = before.into_iter().filter(|&rule| rule >= next).collect();
        for rule in all.clone().filter(|&rule| rules[rule].enabled && rules[rule].search.reach().is_none_or(|reach| reach > MAX_REACH)) {
            insert(&mut found, rule);
        }
        for change in &now.changes {
            let there = finder.rules_in(&now.text[around(change)], all.clone(), rules, 0, &mut Vec::new());
            there.into_iter().for_each(|rule| insert(&mut found, rule));
        }
        found
    }

    /// One rule on the whole text; whether the text changed.
    fn apply(&self, rule: usize, now: &mut Now) -> Result<bool, Fault> {
        let limits = &self.engine.limits;
        let findings = limits.findings - (now.found.len() as u64).min(limits.findings);
        let bounds = Bounds { from: 0, until: usize::MAX, findings, output: limits.output_bytes };
        let pass = self.engine.rules[rule].pass(&now.text, &bounds);
        match pass.over {
            Some(Over::Findings) => return Err(self.too_many(now.found.len() + pass.found.len())),
            Some(Over::Work) => return Err(Fault::new("pattern_work")),
            Some(Over::Output) => return Err(Fault::with("output_too_large", 0, limits.output_bytes)),
            None => {}
        }
        let mut near = 0;
        now.found.reserve(pass.found.len());
        for &(start, end) in &pass.found {
            now.found.push(self.engine.finding(rule, now.origins.locate(start, end, &mut near)));
        }
        if pass.edits.is_empty() {
            return Ok(false);
        }
        // Only a later rule asks where the parts of the text come from.
        if rule < self.last {
            now.origins = now.origins.rewritten(&pass.edits);
        }
        now.text = Cow::Owned(pass.rewrite(&now.text));
        now.changes = changes(&pass.edits);
        Ok(true)
    }

    fn take(&self, settled: shared::Settled, now: &mut Now) -> Result<bool, Fault> {
        now.found.extend(settled.found);
        if now.found.len() as u64 > self.engine.limits.findings {
            return Err(self.too_many(now.found.len()));
        }
        let Some((text, origins)) = settled.text else { return Ok(false) };
        now.text = Cow::Owned(text);
        now.origins = origins;
        now.changes = settled.changes;
        Ok(true)
    }

    fn too_many(&self, count: usize) -> Fault {
        Fault::with("too_many_findings", count as u64, self.engine.limits.findings)
    }
}

impl Guard for RegexFilter {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        let limit = self.engine.limits.text_bytes;
        if text.len() as u64 > limit {
            return Err(Fault::with("too_large", text.len() as u64, limit));
        }
        let mut seen = Vec::new();
        let most = shared::most_places(text);
        let possible = self.engine.finder.rules_in(text, 0..self.engine.rules.len(), &self.engine.rules, most, &mut seen);
        if possible.is_empty() {
            return Ok(false);
        }
        let mut now = self.run(text, possible, &seen)?;
        let order = |one: &Finding| (one.start, one.end, one.rule, 0);
        if !now.found.is_sorted_by_key(order) {
            overlap::sort(&mut now.found, order);
        }
        now.found.iter_mut().for_each(|finding| finding.item = item);
        report.findings.append(&mut now.found);
        let changed = want.output && matches!(&now.text, Cow::Owned(made) if made != text);
        if changed {
            report.output.extend_from_slice(&now.text);
        }
        Ok(changed)
    }
}

/// Where a text is not the old one behind these edits; empty when there are many.
fn changes(edits: &[Edit]) -> Vec<Range<usize>> {
    if edits.len() > MANY_EDITS {
        return Vec::new();
    }
    let (mut written, mut removed) = (0, 0);
    let place = |edit: &Edit| {
        let start = edit.start + written - removed;
        written += edit.written;
        removed += edit.end - edit.start;
        start..start + edit.written
    };
    edits.iter().map(place).collect()
}

/// Rules that follow each other and reach a bounded way share a pass, when there are at least two.
fn stages(rules: &[Rule]) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut open = false;
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        let reach = rule.search.reach().filter(|&reach| reach <= MAX_REACH);
        match (reach, stages.last_mut().filter(|_| open)) {
            (Some(reach), Some(stage)) => {
                stage.rules.end = index + 1;
                stage.reach = stage.reach.max(reach);
            }
            (Some(reach), None) => stages.push(Stage { rules: index..index + 1, reach }),
            (None, _) => {}
        }
        open = reach.is_some();
    }
    stages.retain(|stage| stage.rules.len() > 1);
    stages
}

/// The JSON of `gwp_guard_describe`. It never holds what a rule searches or writes.
fn describe(rules: &[Rule], limits: &Limits) -> String {
    let action = |action| match action {
        Action::Audit => "audit",
        Action::Replace => "replace",
        Action::Block => "block",
    };
    // By hand: the macro that makes JSON values is larger than all of this.
    let mut out = format!(r#"{{"kind":"{}","version":"{}","rules":["#, KIND.name, env!("CARGO_PKG_VERSION"));
    for (index, rule) in rules.iter().enumerate() {
        // A &str is always valid JSON text.
        let name = serde_json::to_string(&rule.name).unwrap_or_default();
        let parts = [
            if index > 0 { "," } else { "" },
            r#"{"name":"#,
            &name,
            r#","group":"#,
            &name,
            r#","enabled":"#,
            if rule.enabled { "true" } else { "false" },
            r#","attributes":{"action":""#,
            action(rule.action),
            r#""},"syntax":"portable","runs":""#,
            rule.search.name(),
            "\"}",
        ];
        parts.iter().for_each(|part| out.push_str(part));
    }
    out.push_str(r#"],"limits":{"#);
    let numbers = [
        ("max_text_bytes", limits.text_bytes),
        ("max_output_bytes", limits.output_bytes),
        ("max_nested_depth", limits.nested_depth),
        ("max_collection_items", limits.collection_items),
        ("max_findings", limits.findings),
    ];
    for (index, (name, number)) in numbers.iter().enumerate() {
        let parts = [if index > 0 { ",\"" } else { "\"" }, name, "\":", &number.to_string()];
        parts.iter().for_each(|part| out.push_str(part));
    }
    out.push_str("}}");
    out
}
