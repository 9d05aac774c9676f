//! Inputs made to be slow: twice the text must not cost much more than twice the time, and no text takes long.

use std::time::{Duration, Instant};

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_regex_filter::{KIND, RegexFilter};

fn filter(config: &str) -> RegexFilter {
    RegexFilter::new(&config::read(KIND.schema, config.as_bytes()).expect("valid")).expect("valid")
}

fn time(filter: &RegexFilter, text: &[u8]) -> Duration {
    let mut report = Report::default();
    let run = |report: &mut Report| {
        let begun = Instant::now();
        report.clear();
        report.begin_item();
        // A limit that is passed is an answer, too.
        let _ = filter.scan(text, 0, Want { output: true, details: false }, report);
        begun.elapsed()
    };
    (0..3).map(|_| run(&mut report)).min().unwrap_or_default()
}

fn literals(words: impl Iterator<Item = (String, String)>) -> String {
    let rules: Vec<_> =
        words.map(|(search, replace)| format!(r#"{{"search": "{search}", "replace": "{replace}", "literal": true}}"#)).collect();
    format!(r#"{{"rules": [{}]}}"#, rules.join(","))
}

/// Configuration, and a text of about that many bytes.
type Case = (&'static str, String, Box<dyn Fn(usize) -> String>);

fn cases() -> Vec<Case> {
    let word = |pattern: &str, unicode: bool| format!(r#"{{"rules": [{{"search": "{pattern}", "replace": "x", "unicode": {unicode}}}]}}"#);
    let of = |unit: &'static str| Box::new(move |length: usize| unit.repeat(length / unit.len())) as Box<dyn Fn(usize) -> String>;
    vec![
        ("nested loop", word("(a+)+$", false), Box::new(|length| "a".repeat(length) + "b")),
        ("nested loop, all scripts", word(r"\\b(а+)+$", true), Box::new(|length| "а".repeat(length / 2) + "b")),
        ("words of three", word(r"\\b\\w{3}\\b", true), of("слово ")),
        ("one long word", word(r"\\b\\w{3}\\b", true), of("ж")),
        ("any word", word(r"\\b\\w+\\b", true), of("ж я ")),
        ("a way back", word(r"\\b[а-я]+ [а-я]+ [0-9]", true), of("да нет ")),
        ("many states", word(r"\\b.*я.{12}\\b", true), of("ямы яя мя ")),
        ("literals in each other", literals((1..60).map(|count| ("a".repeat(count), "b".into()))), of("a")),
        ("long common starts", literals((0..400).map(|last| (format!("{}{last:03}", "ab".repeat(60)), "x".into()))), of("ab")),
        (
            "a chain of rules",
            literals((0..26u8).map(|n| (char::from(b'a' + n).into(), char::from(b'a' + (n + 1) % 26).into()))),
            of("abcxyz "),
        ),
        (
            "joined by deletion",
            literals([("x", ""), ("ab", "x"), ("ba", "")].map(|(a, b)| (a.to_string(), b.to_string())).into_iter()),
            of("axbab"),
        ),
        (
            "windows that grow",
            literals([("x", "ab"), ("ba", "x"), ("bx", "a")].map(|(a, b)| (a.to_string(), b.to_string())).into_iter()),
            of("xaxa"),
        ),
        ("leads without matches", word("leading\\\\d{40}", false), of("leading")),
        (
            "doubling",
            r#"{"words": [{"search": ".", "replace": "\\g<0>\\g<0>"}, {"search": ".", "replace": "\\g<0>\\g<0>"}]}"#.into(),
            of("a"),
        ),
        ("looks far behind each match", word(".*b|a", false), of("a")),
        ("looks far, matches apart", word("[^b]*b|a", false), of("a                                                              ")),
        ("looks far, all scripts", word(r"\\b.*ж|а", true), of("а ")),
        ("excuses", r#"{"rules": [{"search": "a+", "allow": ["a$"]}]}"#.into(), of("aab")),
        (
            "folded",
            r#"{"rules": [{"search": "straße", "literal": true, "ignore_case": true, "unicode": true}]}"#.into(),
            of("STRASSE\u{212A}"),
        ),
    ]
}

#[test]
fn twice_the_text_is_about_twice_the_time() {
    for (name, config, text) in cases() {
        let filter = filter(&config);
        let (short, long) = (text(40_000), text(160_000));
        // Four times the text; a quadratic step takes sixteen times as long. A machine under load gets further tries.
        let measured: Vec<_> = (0..5)
            .map(|_| (time(&filter, short.as_bytes()).max(Duration::from_millis(4)), time(&filter, long.as_bytes())))
            .take_while(|(first, second)| *second >= 8 * *first)
            .collect();
        println!("{name}: {measured:?}");
        assert!(measured.len() < 5, "{name}: {measured:?}");
    }
}

#[test]
fn the_known_bomb_ends_in_milliseconds() {
    let filter = filter(r#"{"words": [{"search": "(a+)+$", "replace": "x"}]}"#);
    let text = "a".repeat(50_000) + "b";
    assert!(time(&filter, text.as_bytes()) < Duration::from_millis(100));
}
