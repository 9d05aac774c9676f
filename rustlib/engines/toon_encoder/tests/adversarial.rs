//! Inputs made to be slow. Whatever the text, a byte costs no more than a fixed time, both ways: one that is looked at again and again
//! costs thousands of times more here.

use std::time::{Duration, Instant};

use gwplugins_core::guard::{Report, Want};
use gwplugins_toon_encoder::KIND;

/// Bytes of a text, and many times what it needs with the little optimisation of tests; to look at every byte for every other would
/// take a minute.
const LENGTH: usize = 1 << 18;
const MOST: Duration = Duration::from_millis(500);
/// A busy machine may be slow once.
const TRIES: usize = 5;
const ENCODE: &str = r#"{"min_size_bytes": 0, "only_smaller": false, "max_size_bytes": 10485760}"#;
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

fn assert_fast(config: &str, text: &str) {
    let guard = KIND.guard(config).expect("a configuration");
    let took = (0..TRIES).map(|_| {
        let began = Instant::now();
        guard.scan(text.as_bytes(), 0, Want { output: true, details: true }, &mut Report::default()).expect("within the limits");
        began.elapsed()
    });
    let slow: Vec<_> = took.take_while(|took| *took > MOST).collect();
    assert!(slow.len() < TRIES, "{:?}... of {} bytes took {slow:?}", text.chars().take(40).collect::<String>(), text.len());
}

fn repeated((before, unit, after): &(&str, &str, &str)) -> String {
    [*before, &unit.repeat(LENGTH / unit.len()), *after].concat()
}

#[test]
fn encoding_is_linear() {
    JSON.iter().for_each(|parts| assert_fast(ENCODE, &repeated(parts)));
}

#[test]
fn decoding_is_linear() {
    TOON.iter().for_each(|parts| assert_fast(DECODE, &repeated(parts)));
}

/// A few objects, each with the keys of the first in another order.
#[test]
fn keys_in_any_order_cost_a_sort_only() {
    let keys: Vec<String> = (0..20_000).map(|key| format!("\"key {key}\":1")).collect();
    let forward = keys.join(",");
    let backward = keys.iter().rev().cloned().collect::<Vec<_>>().join(",");
    assert_fast(ENCODE, &format!("[{{{forward}}},{{{backward}}},{{{forward}}}]"));
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
