//! Inputs made to be slow: twice the text must not cost much more than twice the time, both ways.

use std::time::{Duration, Instant};

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_toon_encoder::KIND;

const LENGTH: usize = 1 << 18;
const ENCODE: &str = r#"{"min_size_bytes": 0, "only_smaller": false, "max_text_bytes": 1048576}"#;
const DECODE: &str = r#"{"direction": "decode"}"#;

/// What could make the encoder look at the same bytes again: before, again and again, after.
const JSON: [(&str, &str, &str); 9] = [
    // A table that turns out to be none at its last row.
    ("[", r#"{"a":1},"#, r#"{"b":1}]"#),
    ("[", r#"{"a":1,"b":2},{"b":1,"a":2},"#, r#"{"a":1,"b":2}]"#),
    // One object with as many keys as there is room for, twice.
    ("[{", r#""\u0061":1,"#, r#""b":1}]"#),
    (r#"{"a":[1,[2,["#, r#"[[{"k":[]},{}]],"#, "0]]]}"),
    (r#"[""#, r"\ud83d", r#""]"#),
    (r#"[""#, r"\\", r#""]"#),
    ("[", "\u{a0}\",", "1]"),
    ("", "[", ""),
    ("", "  ", "1"),
];

/// And the decoder.
const TOON: [(&str, &str, &str); 8] = [
    ("", "a: 1\n", ""),
    ("a: \"", "\\\\", ""),
    ("a: \"", "\\ud83d", "\""),
    ("[9]: ", "\"", ""),
    ("[9]: ", "\"a\",", ""),
    ("[1]{", "a,", "b}:"),
    ("", "\n", "a: 1"),
    ("a:", " ", "\n"),
];

fn fastest(guard: &dyn Guard, text: &[u8]) -> Duration {
    let time = |_| {
        let began = Instant::now();
        guard.scan(text, 0, Want { output: true, details: true }, &mut Report::default()).expect("within the limits");
        began.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

fn assert_linear(config: &str, before: &str, unit: &str, after: &str) {
    let config = config::read(KIND.schema, config.as_bytes()).expect("a configuration");
    let guard = (KIND.open)(&config).expect("a configuration");
    let count = LENGTH / unit.len();
    let text = |count: usize| [before, &unit.repeat(count), after].concat().into_bytes();
    let (half, whole) = (fastest(&*guard, &text(count / 2)), fastest(&*guard, &text(count)));
    assert!(whole < half * 4 + Duration::from_millis(10), "{unit:?}: {half:?}, then {whole:?}");
}

#[test]
fn encoding_is_linear() {
    JSON.iter().for_each(|(before, unit, after)| assert_linear(ENCODE, before, unit, after));
}

#[test]
fn decoding_is_linear() {
    TOON.iter().for_each(|(before, unit, after)| assert_linear(DECODE, before, unit, after));
}

/// Many objects, each with the keys of the first in another order.
#[test]
fn keys_in_any_order_cost_a_sort_only() {
    let keys: Vec<String> = (0..4000).map(|key| format!("\"key number {key}\":1")).collect();
    let forward = keys.join(",");
    let backward = keys.iter().rev().cloned().collect::<Vec<_>>().join(",");
    assert_linear(ENCODE, "[", &format!("{{{forward}}},{{{backward}}},"), &format!("{{{forward}}}]"));
}

/// A table repeats its names for each row: a small text that would be a giant one is refused while it is written.
#[test]
fn a_table_that_explodes_is_refused() {
    let name = "n".repeat(1 << 16);
    let text = format!("[65536]{{{name}}}:{}", "\n  1".repeat(1 << 16));
    let config = r#"{"direction": "decode", "max_output_bytes": 1048576}"#;
    let guard = KIND.guard(config).expect("a configuration");
    let began = Instant::now();
    let fault = Report::default().scan(&*guard, text.as_bytes(), Want { output: true, details: false }).expect_err("4 GiB");
    assert_eq!(fault.id(), "output_too_large");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

/// As deep as the configuration allows, on a small stack.
#[test]
fn the_deepest_nesting_needs_little_stack() {
    let text = format!("{}{}", r#"[{"a":"#.repeat(128), "}]".repeat(128)).replace(":}", ":1}");
    let run = move || {
        let encode = KIND.guard(r#"{"min_size_bytes": 0, "only_smaller": false, "strict": true, "max_depth": 256}"#).expect("valid");
        let decode = KIND.guard(r#"{"direction": "decode", "strict": true, "max_depth": 256}"#).expect("valid");
        let want = Want { output: true, details: false };
        let (mut toon, mut json) = (Report::default(), Report::default());
        assert!(toon.scan(&*encode, text.as_bytes(), want).expect("deep enough"));
        assert!(json.scan(&*decode, &toon.output, want).expect("deep enough"));
        assert_eq!(json.output, text.as_bytes());
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(run).expect("a thread").join().expect("no overflow");
}
