//! Throughput on long texts, without and with the search for injections: `cargo bench -p gwplugins-sql-sanitizer`. The report's figures
//! come from `bench/`.

use std::time::Instant;

use gwplugins_core::config::Schema;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_sql_sanitizer::KIND;

const SIZE: usize = 1 << 20;
const REPEATS: usize = 20;
const CALLS: usize = 10_000;
const SMALL: [&str; 4] = [
    "SELECT id, name FROM customers WHERE id = 42 AND state = 'open' ORDER BY name LIMIT 10",
    "SELECT id, name FROM customers /* all of them */ WHERE id > 7 -- and more",
    "the report for monday, please with all regions",
    "O'Brien",
];

fn main() {
    for config in ["{}", r#"{"detect_injection": true}"#] {
        println!("{config}");
        measure(config);
    }
}

/// Nanoseconds of a short text.
fn small(guard: &dyn Guard, text: &str) -> f64 {
    let mut report = Report::default();
    let mut best = f64::MAX;
    for _ in 0..REPEATS {
        let start = Instant::now();
        for _ in 0..CALLS {
            report.clear();
            report.begin_item();
            let _ = guard.scan(text.as_bytes(), 0, Want { output: true, details: true }, &mut report);
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    best / CALLS as f64 * 1e9
}

fn measure(config: &str) {
    let config = Schema::parse(KIND.schema).read(config.as_bytes()).expect("a configuration");
    let guard = (KIND.open)(&config).expect("a guard");
    for text in SMALL {
        println!("{:8.0} ns for {text:?}", small(guard.as_ref(), text));
    }
    let texts = [
        (
            "prose",
            "Many people went to the market to find apples; they didn't drop the idea of a union - or select others (as planned). \n",
        ),
        (
            "statements",
            "SELECT a.id, b.name, count(*) FROM orders a LEFT JOIN users b ON a.uid = b.id WHERE a.total > 100 GROUP BY 1 ORDER BY 3;\n",
        ),
        (
            "changes",
            "UPDATE t SET a = 1 WHERE b = 'some text'; DELETE FROM t WHERE x = 5; /* a comment */ INSERT INTO t VALUES (1, 'a', NULL);\n",
        ),
        ("values", "(17, 'some name', NULL, 3.14, 'another text that is a bit longer'), "),
        ("quotes", "it's "),
        ("operators", "'+"),
        ("comments", "'/*"),
        ("escapes", "\\'"),
        ("parentheses", "("),
        ("encoded", "%27"),
        ("selects", "(select "),
        ("dollars", "$a$"),
        ("drops", "drop it table "),
    ];
    // A name as argument measures that one alone.
    let wanted = |name: &str| std::env::args().skip(1).filter(|one| !one.starts_with('-')).all(|one| one == name);
    for (name, piece) in texts.into_iter().filter(|(name, _)| wanted(name)) {
        let text = piece.repeat(SIZE / piece.len());
        let mut report = Report::default();
        let mut best = f64::MAX;
        for _ in 0..REPEATS {
            report.clear();
            report.begin_item();
            let start = Instant::now();
            let _ = guard.scan(text.as_bytes(), 0, Want { output: true, details: true }, &mut report);
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{name:12} {:8.0} MB/s, {} findings", text.len() as f64 / best / 1e6, report.findings.len());
    }
}
