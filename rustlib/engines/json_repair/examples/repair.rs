//! Repairs the lines of standard input, each a JSON string holding a text; prints the repaired texts as JSON strings.
use std::io::{BufRead, Write};

use gwplugins_core::config::Schema;
use gwplugins_json_repair::{JsonRepair, KIND, apply};

fn main() {
    let config = std::env::args().nth(1).unwrap_or_else(|| "{}".to_owned());
    let repair = JsonRepair::new(&Schema::parse(KIND.schema).read(config.as_bytes()).expect("a configuration"));
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line.expect("a line")).expect("a JSON string");
        let answer = repair.edits(text.as_bytes()).map(|edits| {
            let mut output = Vec::new();
            apply(text.as_bytes(), &edits, &mut output);
            String::from_utf8_lossy(&output).into_owned()
        });
        let answer = answer.unwrap_or_else(|fault| format!("!{fault}"));
        writeln!(out, "{}", serde_json::to_string(&answer).expect("JSON")).expect("output");
    }
}
