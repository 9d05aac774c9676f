//! Runs the rows of `tests/vectors/<engine>.jsonl` against an engine; for the tests of engines, never in a library.
//!
//! A row is `{"id", "config" or "config_text", "input" or "input_hex", "expect"}`. `expect` holds `findings` (rule, start, end, action,
//! score, then `guess` and `derived` where they are set), `output` or `output_hex`, `details`, `score` — what is left out is not
//! compared — or `error` (class, code, path). Offsets count code points of `input`, bytes of `input_hex`. The Python twin is
//! `tests/support/gw_vectors.py`.

use gwplugins_core::config::{Config, Schema};
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{FLAG_ACTION, FLAG_DERIVED, FLAG_GUESS, Finding, Guard, Kind, Report, SCORE_SHIFT, Want};
use gwplugins_core::offsets::{self, Unit};
use serde_json::{Value, json};

/// Makes the guard that a row is run against.
pub type Open<'a> = dyn Fn(&Config) -> Result<Box<dyn Guard>, Fault> + 'a;

/// Runs every row that Rust can read (a lone surrogate is for Python) against the kind as the catalogue makes it.
///
/// # Panics
/// When rows differ, or there are fewer than `least`.
pub fn run(vectors: &str, kind: &Kind, least: usize) {
    run_with(vectors, kind.schema, &kind.open, least);
}

/// [`run`] with a way of its own to make the guard.
///
/// # Panics
/// When rows differ, or there are fewer than `least`.
pub fn run_with(vectors: &str, schema: &str, open: &Open, least: usize) {
    let schema = Schema::parse(schema);
    let rows: Vec<Value> = vectors.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let wrong: Vec<_> = rows.iter().filter_map(|row| difference(row, &schema, open)).collect();
    assert!(rows.len() >= least, "only {} rows were read", rows.len());
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn difference(row: &Value, schema: &Schema, open: &Open) -> Option<String> {
    let found = outcome(row, schema, open).unwrap_or_else(|fault| json!({"error": {"code": fault.code(), "path": fault.path()}}));
    let mut expected = row["expect"].clone();
    if let Some(error) = expected["error"].as_object_mut() {
        error.remove("class");
    }
    let keys = expected.as_object().into_iter().flatten();
    let same = keys.clone().all(|(key, value)| found[key] == *value) && expected["error"].is_null() == found["error"].is_null();
    (!same).then(|| format!("{}:\n  expected {expected}\n  found    {found}", row["id"]))
}

fn outcome(row: &Value, schema: &Schema, open: &Open) -> Result<Value, Fault> {
    let config = row["config_text"].as_str().map_or_else(|| row["config"].to_string(), str::to_owned);
    let guard = open(&schema.read(config.as_bytes())?)?;
    let (text, unit) = input(row);
    let mut report = Report::default();
    report.begin_item();
    let changed = guard.scan(&text, 0, Want { output: true, details: true }, &mut report)?;
    report.end_item(0, 0, changed);
    offsets::convert(&text, 0, 0, unit, &mut report.findings);
    let description: Value = serde_json::from_str(guard.describe()).expect("describe is JSON");
    let findings: Vec<_> = report.findings.iter().map(|found| plain(&description, found)).collect();
    let details: Vec<_> = report.findings.iter().map(|found| detail(&report, found)).collect();
    let output = if changed { &report.output } else { &text };
    let mut all = json!({"findings": findings, "details": details, "score": report.items[0].score});
    match unit {
        Unit::Bytes => all["output_hex"] = output.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
        _ => all["output"] = String::from_utf8_lossy(output).into(),
    }
    Ok(all)
}

fn input(row: &Value) -> (Vec<u8>, Unit) {
    let Some(hex) = row["input_hex"].as_str() else {
        return (row["input"].as_str().unwrap_or_default().as_bytes().to_vec(), Unit::CodePoints);
    };
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    ((0..hex.len()).step_by(2).map(byte).collect(), Unit::Bytes)
}

fn plain(description: &Value, found: &Finding) -> Value {
    let action = ["audit", "replace", "block"][(found.flags & FLAG_ACTION) as usize];
    let name = &description["rules"][found.rule as usize]["name"];
    let mut parts = vec![name.clone(), found.start.into(), found.end.into(), action.into(), (found.flags >> SCORE_SHIFT).into()];
    let marks = [(FLAG_GUESS, "guess"), (FLAG_DERIVED, "derived")];
    parts.extend(marks.iter().filter(|(flag, _)| found.flags & flag != 0).map(|&(_, name)| name.into()));
    parts.into()
}

fn detail(report: &Report, found: &Finding) -> Value {
    report.detail(found.detail).map_or(Value::Null, |json| serde_json::from_slice(json).expect("a detail is JSON"))
}
