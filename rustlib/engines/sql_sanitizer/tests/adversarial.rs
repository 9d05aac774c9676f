//! Inputs made to be slow: time grows with the text, whatever is repeated, and nothing crashes or overflows.

use std::time::Instant;

use gwplugins_core::config::Schema;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_sql_sanitizer::KIND;

/// What begins something and does not end it, what looks like a verb, what is an entry of an injection.
const UNITS: &[&str] = &[
    "'",
    "\"",
    "`",
    "[",
    "(",
    ")",
    "{",
    "''",
    "'\"",
    "\\'",
    "\\\\'",
    "'+",
    "'+/*",
    "'/*",
    "/*",
    "/**/",
    "/*!",
    "*/",
    "/*/*",
    "--",
    "'--",
    "-- ",
    "#",
    "'#",
    "$$",
    "$a$",
    "$a",
    "$1$",
    "q'[",
    "E'\\",
    "'''",
    "``",
    "```",
    "[a",
    "[a]",
    "@",
    "@@a",
    ":a",
    "::",
    "%27",
    "%2527",
    "%",
    "%25",
    "&#39;",
    "&#",
    "\\u0027",
    "+",
    "a+",
    "?a=",
    "&a=",
    "{\"a\":\"",
    "[\"",
    ":\"",
    ",\"",
    "select ",
    "(select ",
    "select(",
    "select a,",
    "union select ",
    "' union select 1 ",
    "1 or 1=1 ",
    "' or 'a'='a",
    "drop ",
    "drop table ",
    "drop table a b ",
    "delete from t ",
    "delete a,",
    "delete (",
    "update t set a ",
    "update a ",
    "grant a, ",
    "grant select, ",
    "truncate ",
    "insert a.",
    "exec a.",
    "with a as (",
    "with a (",
    "explain ",
    "begin ",
    "case when ",
    "a.",
    "1.",
    "1e",
    "0x",
    "é",
    "\u{a0}",
    "\u{2019}",
    "ｏ",
    "' é",
    ";",
    "; drop ",
    "a like ",
    "between 1 and ",
    "not ",
    "is not ",
    "-",
    "~",
    "!",
    "=",
    "'='",
    "'-'",
    "merge into a using b when matched then ",
    "do $$ ",
    "exec('",
    "copy a to ",
    "\0",
    "\u{0}'",
];
const CONFIGS: &[&str] = &[
    r#"{"detect_injection": true, "injection_threshold": 1000, "require_parameterization": true}"#,
    r#"{"detect_injection": true, "strip_comments": false, "blocked_statements": ["\\bDROP\\b", "x{3}y"]}"#,
    r#"{"detect_injection": true, "dialect": "mysql"}"#,
    r#"{"detect_injection": true, "dialect": "mssql"}"#,
    r#"{"dialect": "postgres"}"#,
    r#"{"dialect": "bigquery"}"#,
    r#"{"dialect": "oracle"}"#,
];

fn open(config: &str) -> Box<dyn Guard> {
    (KIND.open)(&Schema::parse(KIND.schema).read(config.as_bytes()).expect("a configuration")).expect("a guard")
}

/// Seconds of the fastest of a few scans.
fn cost(guard: &dyn Guard, text: &[u8]) -> f64 {
    let mut report = Report::default();
    let scan = |_| {
        report.clear();
        report.begin_item();
        let start = Instant::now();
        guard.scan(text, 0, Want { output: true, details: false }, &mut report).expect("within the limits");
        start.elapsed().as_secs_f64()
    };
    (0..2).map(scan).fold(f64::MAX, f64::min)
}

#[test]
fn time_grows_with_the_text() {
    const LENGTH: usize = 1 << 18;
    for config in CONFIGS {
        let guard = open(config);
        for unit in UNITS {
            let text = unit.as_bytes().repeat(LENGTH / unit.len());
            // A linear scan takes some milliseconds. A quadratic one takes a second if all it does is look for a byte, else a minute. Once is
            // enough: the machine may be busy.
            assert!((0..4).any(|_| cost(guard.as_ref(), &text) < 0.4), "{unit:?} under {config}");
        }
    }
}

#[test]
fn pairs_of_units() {
    let guard = open(CONFIGS[0]);
    for first in UNITS {
        for second in UNITS {
            let pair = [first.as_bytes(), second.as_bytes()].concat();
            let seconds = cost(guard.as_ref(), &pair.repeat((1 << 14) / pair.len()));
            assert!(seconds < 0.5, "{first:?} {second:?}: {seconds} s for 16 KiB");
        }
    }
}

#[test]
fn every_beginning_of_a_text() {
    let text = "WITH x AS (SELECT q'[a]', E'\\'', $t$ b $t$) /*! UPDATE */ t SET a = '%s' || {x} -- ＇ %27 or 1=1 é\u{a0}";
    for config in CONFIGS {
        let guard = open(config);
        for end in 0..=text.len() {
            let mut report = Report::default();
            report.begin_item();
            let bytes = text.as_bytes().get(..end).unwrap_or_default();
            guard.scan(bytes, 0, Want { output: true, details: true }, &mut report).expect("a scan");
            assert!(report.findings.iter().all(|found| found.start <= found.end && found.end <= end as u64));
        }
    }
}
