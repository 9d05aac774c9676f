//! Speed of the engine: `cargo bench -p gwplugins-regex-filter`, or `make rust-bench`.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_regex_filter::{KIND, RegexFilter};

const WORDS: &str = "The report about the winter season was sent to everyone in the office before lunch, and nobody replied. ";
const RUSSIAN: &str = "Это длинный русский текст про погоду и номера домов, он идёт без конца. ";

fn filter(config: &str) -> RegexFilter {
    RegexFilter::new(&config::read(KIND.schema, config.as_bytes()).expect("valid")).expect("valid")
}

fn thousand() -> String {
    let rules: Vec<_> = (0..1000).map(|n| format!(r#"{{"search": "q{n:04}z", "replace": "x", "literal": true}}"#)).collect();
    format!(r#"{{"rules": [{}]}}"#, rules.join(","))
}

fn scan(criterion: &mut Criterion) {
    let ten = r#"{"words": [{"search": "\\bcrap\\b", "replace": "crud"}, {"search": "(?i)secret\\w*", "replace": "x"},
        {"search": "\\b\\d{3}-\\d{2}-\\d{4}\\b", "replace": "x"}, {"search": "winter", "replace": "summer"}]}"#;
    let plate = r#"{"rules": [{"search": "\\b[A-Z]{2}\\d{6}\\b", "unicode": true}]}"#;
    let any_word = r#"{"rules": [{"search": "\\b\\w+\\b", "unicode": true, "action": "audit"}]}"#;
    let thousand = thousand();
    let cases: &[(&str, &str, String)] = &[
        ("four rules, prose", ten, WORDS.repeat(600)),
        ("four rules, nothing to find", ten, WORDS.replace("winter", "longer").repeat(600)),
        ("thousand literals", &thousand, WORDS.repeat(600)),
        ("boundaries of all scripts, Russian", plate, RUSSIAN.repeat(500)),
        ("every word, Russian", any_word, RUSSIAN.repeat(500)),
    ];
    let mut group = criterion.benchmark_group("scan");
    for (name, config, text) in cases {
        let filter = filter(config);
        let mut report = Report::default();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), text.as_bytes(), |bencher, text| {
            bencher.iter(|| {
                report.clear();
                report.begin_item();
                filter.scan(black_box(text), 0, Want { output: true, details: false }, &mut report)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
