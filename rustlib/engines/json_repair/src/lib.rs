//! The engine `json_repair`: what models write in place of JSON becomes JSON, by the steps of `RULES.md`.
//!
//! Valid JSON is never touched. Everything else is changed by edits, each a finding, which applied to the input give the output. It must
//! never know C or Python, never recurse, and no message of it may hold scanned text. The Python twin is
//! `pyplugins/json_repair/fallback.py`, with the same step names. Tests: `tests/`, `../../../tests/vectors/json_repair.jsonl`.
//!
//! ```
//! use gwplugins_core::guard::{Report, Want};
//! use gwplugins_json_repair::KIND;
//!
//! let guard = KIND.guard("{}")?;
//! let mut report = Report::default();
//! assert!(report.scan(&*guard, b"{a: 'b',}", Want { output: true, details: false })?);
//! assert_eq!(report.output, br#"{"a": "b"}"#);
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

mod bare;
mod brackets;
mod chars;
mod edit;
mod escapes;
mod machine;
mod passes;
mod root;
mod run;
mod states;
mod string;
mod valid;

pub use edit::{Edit, Kind as EditKind, apply};
pub use valid::is_valid;

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{Action, CAP_DETAILS, CAP_OUTPUT, FLAG_GUESS, Finding, Guard, Kind, Report, Want};
use gwplugins_core::masks::Path;
use gwplugins_core::rules;
use serde_json::{Value, json};

use machine::Machine;

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "json_repair",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT | CAP_DETAILS,
    open: |config| Ok(Box::new(JsonRepair::new(config))),
};

const KINDS: &str = include_str!("../rules/kinds.json");

/// A configured repair.
pub struct JsonRepair {
    python: bool,
    strict: bool,
    ensure_ascii: bool,
    max_depth: u64,
    max_text_bytes: u64,
    max_output_bytes: u64,
    max_findings: u64,
    names: Vec<String>,
    describe: String,
    path: Path,
}

impl JsonRepair {
    /// A repair from a configuration that the schema has accepted.
    pub fn new(config: &Config) -> Self {
        let number = |key| u64::try_from(config.int(key)).unwrap_or(0);
        let names = names();
        let rules: Vec<_> = names.iter().map(|name| json!({"name": name, "group": name, "attributes": {}, "runs": "machine"})).collect();
        let limits = ["max_depth", "max_text_bytes", "max_output_bytes", "max_findings"];
        let limits: serde_json::Map<String, Value> = limits.iter().map(|&key| (key.to_owned(), number(key).into())).collect();
        let dialect = config.str("dialect").unwrap_or("python");
        let describe =
            json!({"kind": KIND.name, "version": env!("CARGO_PKG_VERSION"), "dialect": dialect, "rules": rules, "limits": limits});
        Self {
            python: dialect == "python",
            strict: config.bool("strict"),
            ensure_ascii: config.bool("ensure_ascii"),
            max_depth: number("max_depth"),
            max_text_bytes: number("max_text_bytes"),
            max_output_bytes: number("max_output_bytes"),
            max_findings: number("max_findings"),
            names,
            describe: describe.to_string(),
            path: Path::detect(),
        }
    }

    /// The same repair on another code path, for tests and benchmarks.
    #[must_use]
    pub fn on_path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// The edits that repair `text`; none if it is JSON.
    pub fn edits(&self, text: &[u8]) -> Result<Vec<Edit>, Fault> {
        if text.len() as u64 > self.max_text_bytes {
            return Err(Fault::with("too_large", text.len() as u64, self.max_text_bytes));
        }
        let depth = usize::try_from(self.max_depth).unwrap_or(usize::MAX);
        let valid = is_valid(text, depth, self.path);
        if valid && !self.ensure_ascii {
            return Ok(Vec::new());
        }
        let mut edits = if valid { Vec::new() } else { self.repair(text, depth)? };
        if let Some(first) = edits.first().filter(|_| self.strict) {
            return Err(Fault::with("strict_json", first.start as u64, 0));
        }
        if self.ensure_ascii {
            passes::make_ascii(text, &mut edits);
            passes::escape_puts(&mut edits);
        }
        if edits.len() as u64 > self.max_findings {
            return Err(Fault::with("too_many_findings", edits.len() as u64, self.max_findings));
        }
        let length = edit::output_len(text, &edits);
        if !edits.is_empty() && length > self.max_output_bytes {
            return Err(Fault::with("output_too_large", length, self.max_output_bytes));
        }
        Ok(edits)
    }

    fn repair(&self, text: &[u8], depth: usize) -> Result<Vec<Edit>, Fault> {
        let mut machine = Machine::new(text, self.python, depth);
        machine.run().map_err(|_| Fault::with("too_deep", 0, self.max_depth))?;
        let mut edits = machine.edits;
        passes::make_utf8(text, &mut edits);
        debug_assert!(edits.is_sorted_by_key(|edit| (edit.start, edit.end)), "edits are in order");
        debug_assert!(edits.windows(2).all(|pair| pair[0].end <= pair[1].start), "edits do not overlap");
        Ok(edits)
    }

    fn detail(&self, text: &[u8], edit: &Edit) -> String {
        let removed = String::from_utf8_lossy(text.get(edit.start..edit.end).unwrap_or_default());
        let kind = self.names.get(edit.kind as usize);
        json!({"offset": edit.start, "kind": kind, "inserted": edit.put, "removed": removed}).to_string()
    }
}

/// Names of the kinds of edits.
fn names() -> Vec<String> {
    rules::list(&rules::parse(KINDS)).iter().map(|row| rules::text(&row["name"]).to_owned()).collect()
}

impl Guard for JsonRepair {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        let edits = self.edits(text)?;
        if edits.is_empty() {
            return Ok(false);
        }
        report.findings.reserve(edits.len());
        for edit in &edits {
            let detail = if want.details { report.add_detail(&self.detail(text, edit)) } else { 0 };
            let flags = Action::Replace as u32 | if edit.guess { FLAG_GUESS } else { 0 };
            report.findings.push(Finding { start: edit.start as u64, end: edit.end as u64, item, rule: edit.kind as u32, flags, detail });
        }
        if want.output {
            report.output.reserve(edit::output_len(text, &edits) as usize);
            apply(text, &edits, &mut report.output);
        }
        Ok(want.output)
    }

    fn windowed(&self) -> Result<&dyn gwplugins_core::guard::Windowed, Fault> {
        Err(Fault::new("unsupported"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_in_order() {
        let spelt: Vec<String> = names();
        assert_eq!(spelt.len(), EditKind::NonAscii as usize + 1);
        let snake = |kind: EditKind| {
            let camel = format!("{kind:?}");
            let parts = camel.chars().flat_map(|letter| letter.is_uppercase().then_some('_').into_iter().chain(letter.to_lowercase()));
            parts.collect::<String>().trim_start_matches('_').to_owned()
        };
        for (kind, name) in [(EditKind::NoJson, 0), (EditKind::MissingComma, 10), (EditKind::QuoteStyle, 19), (EditKind::Unexpected, 32)] {
            assert_eq!(kind as usize, name);
            assert_eq!(snake(kind), spelt[name]);
        }
        assert_eq!(spelt[EditKind::InvalidUtf8 as usize], "invalid_utf8");
        assert_eq!(snake(EditKind::NonAscii), spelt[EditKind::NonAscii as usize]);
    }
}
