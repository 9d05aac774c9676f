//! Every row of tests/vectors/pii_filter.jsonl, on every code path, as one text and as a stream cut everywhere.

use gwplugins_core::config::Schema;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{Action, FLAG_ACTION, Guard, Report, SCORE_SHIFT, Want};
use gwplugins_core::masks::Path;
use gwplugins_core::pattern::{Options, Pattern};
use gwplugins_pii_filter::{KIND, PiiFilter};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../../tests/vectors/pii_filter.jsonl");

fn check(format: &str, text: &str) -> Result<(), Fault> {
    assert_eq!(format, "portable-pattern");
    Pattern::parse(text, &Options::default()).map(drop).map_err(Fault::from)
}

fn open(row: &Value, path: Path) -> Result<PiiFilter, Fault> {
    let text = row["config_text"].as_str().map_or_else(|| row["config"].to_string(), str::to_owned);
    let config = Schema::parse(KIND.schema).read_with(text.as_bytes(), &check)?;
    Ok(PiiFilter::new(&config)?.on_path(path))
}

fn input(row: &Value) -> Option<Vec<u8>> {
    if let Some(text) = row["input"].as_str() {
        return Some(text.as_bytes().to_vec());
    }
    let hex = row["input_hex"].as_str()?;
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// A byte offset in the unit of the row.
fn offset(row: &Value, text: &[u8], at: u64) -> usize {
    let continues = |byte: &&u8| **byte & 0xC0 == 0x80;
    let before = &text[..at as usize];
    if row["input"].is_string() { before.len() - before.iter().filter(continues).count() } else { before.len() }
}

fn outcome(row: &Value, path: Path) -> Result<Value, Fault> {
    let guard = open(row, path)?;
    let Some(text) = input(row) else { return Ok(json!({"findings": [], "output": ""})) };
    let description: Value = serde_json::from_str(guard.describe()).expect("describe is JSON");
    let mut report = Report::default();
    let changed = guard.scan(&text, 0, Want { output: true, details: false }, &mut report)?;
    let finding = |found: &gwplugins_core::guard::Finding| {
        let action = match found.flags & FLAG_ACTION {
            action if action == Action::Audit as u32 => "audit",
            action if action == Action::Replace as u32 => "replace",
            _ => "block",
        };
        let group = &description["rules"][found.rule as usize]["group"];
        json!([group, offset(row, &text, found.start), offset(row, &text, found.end), action, found.flags >> SCORE_SHIFT])
    };
    let findings: Vec<_> = report.findings.iter().map(finding).collect();
    let output = if changed { report.output } else { text };
    Ok(match row["input"].as_str() {
        Some(_) => json!({"findings": findings, "output": String::from_utf8_lossy(&output)}),
        None => json!({"findings": findings, "output_hex": output.iter().map(|byte| format!("{byte:02x}")).collect::<String>()}),
    })
}

fn rows() -> impl Iterator<Item = Value> {
    // A lone surrogate cannot be had in Rust's JSON; those rows are for Python.
    VECTORS.lines().filter_map(|line| serde_json::from_str(line).ok())
}

#[test]
fn every_row_on_every_path() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows() {
        count += 1;
        for path in Path::available() {
            let found = match outcome(&row, path) {
                Ok(found) => found,
                Err(fault) => json!({"error": {"code": fault.code(), "path": fault.path()}}),
            };
            let mut expected = row["expect"].clone();
            if let Some(error) = expected["error"].as_object_mut() {
                error.remove("class");
            }
            let same = if expected["error"].is_object() {
                found["error"] == expected["error"]
            } else {
                expected.as_object().is_some_and(|keys| keys.iter().all(|(key, value)| found[key] == *value))
            };
            if !same {
                wrong.push(format!("{} ({path:?}):\n  expected {expected}\n  found    {found}", row["id"]));
            }
        }
    }
    assert!(count > 500, "only {count} rows were read");
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
