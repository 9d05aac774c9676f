//! The guard: configuration, scan, rewriting, description.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{CAP_OUTPUT, CAP_STREAM, Finding, Guard, Kind, Report, SCORE_SHIFT, Want, Windowed};
use gwplugins_core::masks::Path;
use gwplugins_core::overlap::resolve;
use gwplugins_core::stream::Resume;
use gwplugins_core::text::Text;
use serde_json::json;

use crate::mask::Masking;
use crate::scan::Scan;
use crate::settings::Settings;
use crate::tables::{rule, tables};

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "pii_filter",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT | CAP_STREAM,
    open: |config| Ok(Box::new(PiiFilter::new(config)?)),
};

/// Bytes either side of a finding's start that decide about it: an e-mail (64 + 1 + 253), or a date with its label, and their
/// surroundings.
const REACH: usize = 512;

/// Score of custom patterns: their author vouches for them.
const CUSTOM_SCORE: u32 = 1000;

/// A configured filter.
pub struct PiiFilter {
    settings: Settings,
    describe: String,
    path: Path,
    reach: Result<usize, Fault>,
}

impl PiiFilter {
    /// A filter from a configuration that the schema has accepted.
    pub fn new(config: &Config) -> Result<Self, Fault> {
        let settings = Settings::read(config)?;
        let describe = describe(config, &settings);
        let reach = reach(config, &settings);
        Ok(Self { settings, describe, path: Path::detect(), reach })
    }

    /// The same filter on another code path, for tests and benchmarks.
    #[must_use]
    pub fn on_path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    fn collect(&self, bytes: &[u8], resume: &mut Resume, item: u32, found: &mut Vec<Finding>) {
        let first = found.len();
        let (text, from) = (Text::new(bytes), resume.from());
        let settings = &self.settings;
        Scan {
            text,
            tables: tables(),
            enabled: settings.enabled,
            action: settings.action,
            whitelisted: !settings.whitelist.is_empty(),
            item,
            found,
            colons_done: 0,
            last_nanp: usize::MAX,
            last_label: Cell::new((usize::MAX, None)),
        }
        .run(bytes, from, self.path);
        if !settings.custom.is_empty() {
            self.collect_custom(bytes, resume, item, found);
        }
        if from > 0 || !settings.whitelist.is_empty() {
            let listed = |finding: &Finding| settings.whitelist.is_match(&bytes[finding.start as usize..finding.end as usize]);
            found.extract_if(first.., |finding| finding.start < from as u64 || listed(finding)).for_each(drop);
        }
        resolve(found, first);
    }

    /// Each pattern goes on behind its own last match, also behind one that is dropped.
    fn collect_custom(&self, bytes: &[u8], resume: &mut Resume, item: u32, found: &mut Vec<Finding>) {
        let starts: Vec<usize> = (0..self.settings.custom.patterns().len()).map(|index| resume.next(index)).collect();
        let flags = self.settings.action as u32 | CUSTOM_SCORE << SCORE_SHIFT;
        let _: ControlFlow<()> = self.settings.custom.for_each_match(
            bytes,
            |index| starts[index],
            |index, start, end| {
                resume.saw(index, start, end);
                let rule = rule::BUILT_IN + index as u32;
                found.push(Finding { start: start as u64, end: end as u64, item, rule, flags, detail: 0 });
                ControlFlow::Continue(())
            },
        );
    }

    fn masking(&self, rule: u32) -> Masking<'_> {
        let kind = tables().types.get(rule as usize);
        Masking {
            strategy: self.settings.strategies[rule as usize],
            kind: kind.map_or("custom", |kind| &kind.name),
            partial: kind.map_or("ends", |kind| &kind.partial),
            redaction_text: &self.settings.redaction_text,
            keys: &self.settings.keys,
        }
    }
}

impl Guard for PiiFilter {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        let limit = self.settings.max_text_bytes;
        if text.len() as u64 > limit {
            return Err(Fault::with("too_large", text.len() as u64, limit));
        }
        let first = report.findings.len();
        self.find(text, 0, item, want, report)?;
        if report.findings.len() == first || !want.output {
            return Ok(false);
        }
        let written = report.output.len();
        let changed = self.rewrite(text, 0..text.len(), &report.findings[first..], &mut report.output);
        if !changed {
            report.output.truncate(written);
        }
        Ok(changed)
    }

    /// Without an anchor nothing is found.
    fn clean_until(&self, batch: &[u8], from: usize) -> usize {
        let within_limits = batch.len() as u64 <= self.settings.max_text_bytes;
        if within_limits && self.settings.custom.is_empty() { self.path.skip_plain(batch, from) } else { from }
    }

    fn windowed(&self) -> Result<&dyn Windowed, Fault> {
        self.reach.clone().map(|_| self as &dyn Windowed)
    }
}

impl Windowed for PiiFilter {
    fn reach(&self) -> usize {
        self.reach.clone().unwrap_or(REACH)
    }

    fn max_text_bytes(&self) -> u64 {
        self.settings.max_text_bytes
    }

    fn max_findings(&self) -> u64 {
        self.settings.max_findings
    }

    fn find(&self, text: &[u8], from: usize, item: u32, want: Want, report: &mut Report) -> Result<(), Fault> {
        self.find_next(text, &mut Resume::at(from), item, want, report)
    }

    fn find_next(&self, text: &[u8], resume: &mut Resume, item: u32, _want: Want, report: &mut Report) -> Result<(), Fault> {
        let first = report.findings.len();
        self.collect(text, resume, item, &mut report.findings);
        let limit = self.settings.max_findings;
        let count = (report.findings.len() - first) as u64;
        if count > limit {
            return Err(Fault::with("too_many_findings", count, limit));
        }
        Ok(())
    }

    fn rewrite(&self, text: &[u8], range: Range<usize>, findings: &[Finding], output: &mut Vec<u8>) -> bool {
        let written = output.len();
        let mut at = range.start;
        for finding in findings {
            let (start, end) = (finding.start as usize, finding.end as usize);
            output.extend_from_slice(&text[at..start]);
            self.masking(finding.rule).push(&text[start..end], output);
            at = end;
        }
        output.extend_from_slice(&text[at..range.end]);
        // A replacement may be the very value it replaces.
        !findings.is_empty() && output[written..] != text[range]
    }
}

/// What a stream needs to see around a place; an error when a custom pattern has no longest match.
fn reach(config: &Config, settings: &Settings) -> Result<usize, Fault> {
    let enabled =
        config.list("custom_patterns").iter().enumerate().filter(|(_, row)| row.get("enabled").and_then(|v| v.as_bool()) != Some(false));
    let mut reach = REACH;
    for ((index, _), pattern) in enabled.zip(settings.custom.patterns()) {
        let Some(longest) = pattern.lengths().max_bytes else {
            return Err(Fault::new("unbounded_pattern").at(format!("$.custom_patterns[{index}].pattern")));
        };
        // One more character for a word boundary behind the match.
        reach = reach.max(usize::try_from(longest).unwrap_or(usize::MAX / 4) + 8);
    }
    Ok(reach)
}

/// The JSON of `gwp_guard_describe`: rules in the order of their numbers, and limits. It never holds a key.
fn describe(config: &Config, settings: &Settings) -> String {
    let row = |name: &str, index: usize, enabled: bool| {
        let strategy = settings.strategies[index].name();
        json!({"name": name, "group": name, "enabled": enabled, "attributes": {"mask_strategy": strategy}})
    };
    let mut rules: Vec<_> = tables().types.iter().enumerate().map(|(index, kind)| row(&kind.name, index, config.bool(&kind.key))).collect();
    rules.extend((rules.len()..settings.strategies.len()).map(|index| row("custom", index, true)));
    let limits = json!({
        "max_text_bytes": settings.max_text_bytes,
        "max_nested_depth": settings.max_nested_depth,
        "max_collection_items": settings.max_collection_items,
        "max_findings": settings.max_findings,
    });
    json!({"kind": KIND.name, "version": env!("CARGO_PKG_VERSION"), "rules": rules, "limits": limits}).to_string()
}
