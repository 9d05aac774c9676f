//! `tests/vectors/probe.jsonl`, scanned whole and streamed in every size of chunk.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use gwplugins_core::config::Schema;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{FLAG_ACTION, FLAG_DERIVED, FLAG_GUESS, Finding, Guard, Report, SCORE_SHIFT, Want};
use gwplugins_core::offsets::{self, Unit};
use gwplugins_core::stream::Stream;
use gwplugins_probe::KIND;
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../../tests/vectors/probe.jsonl");
const WANT: Want = Want { output: true, details: true };

struct Row {
    id: String,
    config: String,
    text: Vec<u8>,
    /// Code points for text, bytes for `input_hex`.
    unit: Unit,
    expect: Value,
}

fn rows() -> impl Iterator<Item = Row> {
    VECTORS.lines().map(|line| {
        let row: Value = serde_json::from_str(line).expect("a row is JSON");
        let hex = row["input_hex"].as_str().map(unhex);
        Row {
            id: row["id"].to_string(),
            config: row["config"].to_string(),
            unit: if hex.is_some() { Unit::Bytes } else { Unit::CodePoints },
            text: hex.unwrap_or_else(|| row["input"].as_str().expect("a row has an input").as_bytes().to_vec()),
            expect: row["expect"].clone(),
        }
    })
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

fn open(config: &str) -> Result<Arc<dyn Guard>, Fault> {
    Ok((KIND.open)(&Schema::parse(KIND.schema).read(config.as_bytes())?)?.into())
}

fn scan(guard: &dyn Guard, text: &[u8], unit: Unit) -> Result<Report, Fault> {
    let mut report = Report::default();
    report.begin_item();
    let changed = guard.scan(text, 0, WANT, &mut report)?;
    report.end_item(0, 0, changed);
    offsets::convert(text, 0, 0, unit, &mut report.findings);
    Ok(report)
}

/// What a vector can say of a finding.
fn plain(guard: &dyn Guard, finding: &Finding) -> Value {
    let describe: Value = serde_json::from_str(guard.describe()).expect("a description is JSON");
    let action = ["audit", "replace", "block"][(finding.flags & FLAG_ACTION) as usize];
    let score = finding.flags >> SCORE_SHIFT;
    let mut parts = json!([describe["rules"][finding.rule as usize]["name"], finding.start, finding.end, action, score]);
    let marks = [(FLAG_GUESS, "guess"), (FLAG_DERIVED, "derived")];
    let marks = marks.iter().filter(|(flag, _)| finding.flags & flag != 0).map(|&(_, name)| name.into());
    parts.as_array_mut().expect("an array").extend(marks);
    parts
}

fn outcome(guard: &dyn Guard, report: &Report) -> Value {
    let item = report.items[0];
    let findings: Vec<_> = report.findings.iter().map(|finding| plain(guard, finding)).collect();
    let mut all = json!({"verdict": item.verdict, "score": item.score, "changed": item.changed, "findings": findings});
    if item.changed == 1 {
        all["output"] = String::from_utf8_lossy(&report.output).into();
    }
    if !report.findings.is_empty() {
        let details = report.findings.iter().map(|finding| report.detail(finding.detail).expect("a detail"));
        all["details"] = details.map(String::from_utf8_lossy).collect::<Vec<_>>().into();
    }
    all
}

fn refused(fault: &Fault) -> Value {
    let class = if fault.code() < 40 { "ConfigError" } else { "InputTooLarge" };
    json!({"error": {"class": class, "code": fault.code(), "path": fault.path()}})
}

#[test]
fn whole_texts() {
    for row in rows() {
        let scanned =
            || open(&row.config).and_then(|guard| scan(guard.as_ref(), &row.text, row.unit).map(|report| outcome(guard.as_ref(), &report)));
        let got = match panic::catch_unwind(AssertUnwindSafe(scanned)) {
            Ok(result) => result.unwrap_or_else(|fault| refused(&fault)),
            Err(_) => json!({"error": {"class": "InternalError", "code": 80, "path": ""}}),
        };
        assert_eq!(got, row.expect, "{}", row.id);
    }
}

type Streamed = (Vec<Value>, Vec<Vec<u8>>, Vec<u8>);

fn stream(guard: &Arc<dyn Guard>, text: &[u8], sizes: &[usize], unit: Unit) -> Result<Streamed, Fault> {
    let mut stream = Stream::new(Arc::clone(guard), WANT, unit)?;
    let (mut findings, mut details, mut output) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = text;
    let mut next = sizes.iter().cycle();
    loop {
        let mut report = Report::default();
        let last = rest.is_empty();
        let (chunk, behind) = rest.split_at(rest.len().min(*next.next().expect("a cycle")));
        if last {
            stream.finish(&mut report)?
        } else {
            stream.push(chunk, &mut report)?
        }
        rest = behind;
        findings.extend(report.findings.iter().map(|finding| plain(guard.as_ref(), finding)));
        details.extend(report.findings.iter().map(|finding| report.detail(finding.detail).expect("a detail").to_vec()));
        output.append(&mut report.output);
        if last {
            return Ok((findings, details, output));
        }
    }
}

fn check_streams(guard: &Arc<dyn Guard>, text: &[u8], sizes: &[usize], name: &str) {
    for unit in [Unit::Bytes, Unit::CodePoints, Unit::Utf16] {
        let whole = scan(guard.as_ref(), text, unit).map(|report| {
            let findings: Vec<_> = report.findings.iter().map(|finding| plain(guard.as_ref(), finding)).collect();
            let details = report.findings.iter().map(|finding| report.detail(finding.detail).expect("a detail").to_vec()).collect();
            let output = if report.items[0].changed == 1 { report.output } else { text.to_vec() };
            (findings, details, output)
        });
        let parts = stream(guard, text, sizes, unit);
        assert_eq!(parts.map_err(|fault| fault.code()), whole.map_err(|fault| fault.code()), "{name}, {sizes:?}, {unit:?}");
    }
}

#[test]
fn streamed_texts() {
    let streamable = |row: &Row| !row.config.contains("panic") && !row.config.contains("stream");
    for row in rows().filter(streamable) {
        let Ok(guard) = open(&row.config) else { continue };
        for size in (1..=40).chain([row.text.len().max(1)]) {
            check_streams(&guard, &row.text, &[size], &row.id);
        }
    }
}

/// Texts made of the pieces that matter, in chunks of mixed sizes; a fixed generator, so that a failure comes again.
#[test]
fn streamed_mixtures() {
    const PIECES: [&str; 16] =
        ["<r>", "<a>", "<o>", "<ooo>", "<e>", "<b>", "<rrrrrrrrrrrrrr>", "!", "<", ">", "ä", "€", "😀", "xxxxxxxx", " ", "<d>"];
    let guard = open(r#"{"max_findings": 100000}"#).expect("valid");
    let mut state = 88_172_645_463_325_252u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for round in 0..400 {
        let mut text: Vec<u8> = (0..random(60)).flat_map(|_| PIECES[random(PIECES.len())].bytes()).collect();
        if round % 4 == 0 && !text.is_empty() {
            let at = random(text.len());
            text[at] = [0x80, 0xFF, 0xC3, 0xF0][random(4)];
        }
        let sizes: Vec<usize> = (0..5).map(|_| 1 + random(30)).collect();
        check_streams(&guard, &text, &sizes, &String::from_utf8_lossy(&text));
    }
}

#[test]
fn large_chunks_are_taken_in_pieces() {
    let guard = open(r#"{"max_findings": 100000}"#).expect("valid");
    let text = "x<r>ä<o>!<e>".repeat(20_000);
    check_streams(&guard, text.as_bytes(), &[text.len()], "one chunk");
    check_streams(&guard, text.as_bytes(), &[65_535, 1, 70_001], "mixed chunks");
}
