//! Answers JSON lines of `{"pattern", "options", "text"|"hex", "start"}` on stdin with what the pattern does to the text,
//! one line each, for comparison with the Python implementation. Offsets are bytes. Used by
//! tests/parity/test_patterns_parity.py.

use std::io::{self, BufRead, Write};

use gwplugins_core::pattern::{Options, Pattern};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        // Standard output writes each line as it ends, so a test can ask one case at a time.
        writeln!(out, "{}", answer(&case))?;
    }
    Ok(())
}

fn answer(case: &Value) -> Value {
    let pattern = match Pattern::parse(case["pattern"].as_str().unwrap_or_default(), &options(&case["options"])) {
        Ok(pattern) => pattern,
        Err(error) => return json!({"reason": error.reason.id(), "offset": error.offset, "size": error.size}),
    };
    let text = match case["hex"].as_str() {
        Some(hex) => bytes(hex),
        None => case["text"].as_str().unwrap_or_default().as_bytes().to_vec(),
    };
    let start = case["start"].as_u64().unwrap_or(0) as usize;
    let mut groups = Vec::new();
    let mut matches = pattern.matches(&text, start);
    while matches.next().is_some() {
        groups.push(matches.groups());
    }
    let lengths = pattern.lengths();
    json!({
        "groups": groups,
        "size": pattern.size(),
        "lengths": [lengths.min_chars, lengths.max_chars, lengths.min_bytes, lengths.max_bytes],
        "prefix": pattern.prefix(),
        "names": pattern.group_names().collect::<Vec<_>>(),
    })
}

fn options(given: &Value) -> Options {
    let mut options = Options::default();
    let number = |key: &str| given[key].as_u64();
    options.max_bytes = number("max_bytes").map_or(options.max_bytes, |value| value as usize);
    options.max_alternatives = number("max_alternatives").map_or(options.max_alternatives, |value| value as usize);
    options.max_quantifiers = number("max_quantifiers").map_or(options.max_quantifiers, |value| value as usize);
    options.max_size = number("max_size").unwrap_or(options.max_size);
    options.unicode = given["unicode"].as_bool().unwrap_or(false);
    options.ignore_case = given["ignore_case"].as_bool().unwrap_or(false);
    options.multi_line = given["multi_line"].as_bool().unwrap_or(false);
    options.dot_all = given["dot_all"].as_bool().unwrap_or(false);
    options.whole_word = given["whole_word"].as_bool().unwrap_or(false);
    options
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}
