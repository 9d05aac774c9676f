//! Any three rules are accepted or refused; under those that are accepted every text is answered or passes a limit, and text stays text.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

const ACTIONS: [&str; 4] = ["replace", "replace", "audit", "block"];

// Kinds of the rules; lengths of their six strings; these; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[flags, kinds, sizes @ ..], rest)) = data.split_first_chunk::<8>() else { return };
    let mut rest = rest;
    let mut taken = Vec::new();
    for size in sizes {
        let (part, behind) = rest.split_at(rest.len().min(usize::from(size % 32)));
        taken.push(String::from_utf8_lossy(part).into_owned());
        rest = behind;
    }
    let rules: Vec<_> = taken
        .chunks_exact(2)
        .enumerate()
        .map(|(index, pair)| {
            let bits = kinds >> (2 * index);
            serde_json::json!({
                "search": pair[0], "replace": pair[1], "literal": bits & 1 != 0, "ignore_case": flags & 1 != 0, "unicode": flags & 2 != 0,
                "whole_word": flags & 4 != 0, "preserve_case": flags & 8 != 0, "action": ACTIONS[usize::from(bits & 3)],
            })
        })
        .collect();
    let config = serde_json::json!({"rules": rules, "max_output_bytes": 100_000}).to_string();
    let guard = match Guard::open(b"regex_filter", config.as_bytes()) {
        Ok(guard) => guard,
        Err((status, path, _)) => {
            assert!((20..40).contains(&status) && path.starts_with('$'), "{status} {path}");
            return;
        }
    };
    edge::check_scan(&guard, [flags >> 4, kinds >> 6, sizes[0], sizes[1], sizes[2]], rest, &Found::new());
    if let (Ok(_), Some(output)) = (std::str::from_utf8(rest), edge::rewritten(&guard, rest)) {
        assert!(std::str::from_utf8(&output).is_ok());
    }
});
