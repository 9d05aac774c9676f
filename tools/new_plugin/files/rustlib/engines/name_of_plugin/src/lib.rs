//! FILL IN: what it finds, in one sentence. The rules are in `RULES.md`; the Python twin is `pyplugins/name_of_plugin/fallback.py`.
//!
//! It must never FILL IN. Tests: `tests/`, `tests/vectors/name_of_plugin.jsonl`.
//!
//! ```
//! use gwplugins_core::guard::{Report, Want};
//! use gwplugins_name_of_plugin::KIND;
//!
//! let guard = KIND.guard("{}")?;
//! let mut report = Report::default();
//! assert!(!report.scan(&*guard, b"FILL IN", Want { output: true, details: false })?);
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{CAP_OUTPUT, FLAG_ACTION, Finding, Guard, Kind, Report, Want};
use gwplugins_core::overlap;
use serde_json::json;

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "name_of_plugin",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT,
    open: |config| Ok(Box::new(NameOfPlugin::new(config))),
};

/// The rules, by the number that findings carry.
const RULES: [&str; 1] = ["example"];

/// A configured engine.
pub struct NameOfPlugin {
    max_text_bytes: u64,
    max_findings: u64,
    describe: String,
}

impl NameOfPlugin {
    /// Reads what the schema has accepted.
    pub fn new(config: &Config) -> Self {
        let limit = |key: &str| config.int(key).unsigned_abs();
        let (max_text_bytes, max_findings) = (limit("max_text_bytes"), limit("max_findings"));
        let rules: Vec<_> = RULES.iter().map(|name| json!({"name": name})).collect();
        let limits = json!({"max_text_bytes": max_text_bytes, "max_findings": max_findings});
        let describe = json!({"kind": KIND.name, "version": env!("CARGO_PKG_VERSION"), "rules": rules, "limits": limits});
        Self { max_text_bytes, max_findings, describe: describe.to_string() }
    }

    /// Adds what is found in `text`; overlaps are resolved later.
    fn find(&self, _text: &[u8], _item: u32, _found: &mut Vec<Finding>) {
        // FILL IN: the steps of RULES.md.
    }

    /// What takes the place of a finding.
    fn replacement(&self, _value: &[u8]) -> &[u8] {
        // FILL IN.
        b""
    }

    fn rewrite(&self, text: &[u8], findings: &[Finding], output: &mut Vec<u8>) -> bool {
        let mut at = 0;
        for finding in findings.iter().filter(|finding| finding.flags & FLAG_ACTION == 1) {
            let (start, end) = (finding.start as usize, finding.end as usize);
            output.extend_from_slice(&text[at..start]);
            output.extend_from_slice(self.replacement(&text[start..end]));
            at = end;
        }
        output.extend_from_slice(&text[at..]);
        true
    }
}

impl Guard for NameOfPlugin {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        if text.len() as u64 > self.max_text_bytes {
            return Err(Fault::with("too_large", text.len() as u64, self.max_text_bytes));
        }
        let first = report.findings.len();
        self.find(text, item, &mut report.findings);
        overlap::resolve(&mut report.findings, first);
        let found = &report.findings[first..];
        if found.len() as u64 > self.max_findings {
            return Err(Fault::with("too_many_findings", found.len() as u64, self.max_findings));
        }
        Ok(want.output && !found.is_empty() && self.rewrite(text, found, &mut report.output))
    }
}
