//! Masks standard input to standard output: `mask [KIND [CONFIG]]`. Content that must not pass is not written.
//! Tests: tests/hosts/test_rust.py.

use std::io::{Read, Write, stdin, stdout};
use std::process::ExitCode;

use gwplugins_core::guard::{Kind, Report, Want};

static KINDS: [&Kind; 2] = [&gwplugins_pii_filter::KIND, &gwplugins_json_repair::KIND];

fn mask(kind: &str, config: &str) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let guard = KINDS.iter().find(|one| one.name == kind).ok_or("no such kind in this program")?.guard(config)?;
    let mut text = Vec::new();
    stdin().read_to_end(&mut text)?;
    let mut report = Report::default();
    let changed = report.scan(&*guard, &text, Want { output: true, details: false })?;
    if report.items[0].verdict == 3 {
        return Ok(ExitCode::from(1));
    }
    stdout().write_all(if changed { &report.output } else { &text })?;
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (kind, config) = (words.next(), words.next());
    mask(kind.as_deref().unwrap_or("pii_filter"), config.as_deref().unwrap_or("{}")).unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}
