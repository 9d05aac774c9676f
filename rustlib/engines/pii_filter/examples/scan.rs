//! Prints what the engine finds in each line of standard input: `cargo run --example scan -- '{"detect_email": false}'`.

use std::io::BufRead;

use gwplugins_core::config;
use gwplugins_core::guard::{Report, Want};
use gwplugins_pii_filter::KIND;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::env::args().nth(1).unwrap_or_else(|| "{}".to_owned());
    let guard = (KIND.open)(&config::read(KIND.schema, text.as_bytes())?)?;
    let description: serde_json::Value = serde_json::from_str(guard.describe())?;
    let mut report = Report::default();
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line?;
        report.clear();
        guard.scan(&line, 0, Want { output: true, details: false }, &mut report)?;
        for finding in &report.findings {
            let value = &line[finding.start as usize..finding.end as usize];
            println!(
                "{:>4}..{:<4} {} {}",
                finding.start,
                finding.end,
                description["rules"][finding.rule as usize]["name"],
                value.escape_ascii()
            );
        }
        println!("     {}", report.output.escape_ascii());
    }
    Ok(())
}
