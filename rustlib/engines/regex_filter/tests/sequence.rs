//! Shared passes give what one rule after the other gives: generated rules and texts, made so that rules meet.

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_regex_filter::{KIND, RegexFilter};

/// Numbers that are random enough, and the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const WORDS: &[&str] = &["a", "b", "ab", "ba", "aa", "aab", "c", "bc", "abc", "é", "éa", "k", "K", "aé", "bb", "cab"];
const PATTERNS: &[&str] = &[
    r"a{1,3}b",
    r"\\d\\d",
    r"[ab]c",
    r"\\bab\\b",
    r"(a)(b)?",
    r"\\w{2}",
    r"a.b",
    r"[^ =~]a",
    r"c$",
    r"^a",
    r"\\Bb",
    r"\\W[abc]",
    r"\\w+",
    r"a*",
    r"(?m)^b",
];
const TEMPLATES: &[&str] = &["", "a", "b", "ab", "ba", "x", r"\\g<0>\\g<0>", r"[\\g<0>]", " ", "1", "12", "é", "c"];
const GAPS: &[&str] =
    &[" ", "", "", "==", " 12 ", "345", "\\n", "é", "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"];

fn rule(dice: &mut Dice) -> String {
    let literal = dice.roll(3) > 0;
    let search = if literal { dice.pick(WORDS) } else { dice.pick(PATTERNS) };
    let replace = if literal { dice.pick(WORDS) } else { dice.pick(TEMPLATES) };
    let replace = if literal && dice.roll(4) == 0 { "" } else { replace };
    let action = ["replace", "replace", "replace", "replace", "audit", "block"][dice.roll(6)];
    let (whole, case, unicode) = (dice.roll(4) == 0, dice.roll(4) == 0, dice.roll(4) == 0);
    format!(
        r#"{{"search": "{search}", "replace": "{replace}", "literal": {literal}, "action": "{action}", "whole_word": {whole}, "ignore_case": {case}, "unicode": {unicode}}}"#
    )
}

fn text(dice: &mut Dice) -> Vec<u8> {
    let mut made = Vec::new();
    for _ in 0..dice.roll(16) {
        for _ in 0..dice.roll(4) {
            made.extend_from_slice(dice.pick(WORDS).as_bytes());
        }
        made.extend_from_slice(dice.pick(GAPS).as_bytes());
        if dice.roll(12) == 0 {
            made.extend_from_slice([&b"\xFF"[..], b"\xED\xA0\x80", b"\xC3", b"\x80\x80\x80\x80"][dice.roll(4)]);
        }
    }
    made
}

fn outcome(filter: &RegexFilter, text: &[u8]) -> Result<(Report, bool), String> {
    let mut report = Report::default();
    report.begin_item();
    let changed = filter.scan(text, 0, Want { output: true, details: false }, &mut report).map_err(|fault| fault.to_string())?;
    Ok((report, changed))
}

#[test]
fn shared_passes_give_the_result_of_the_sequence() {
    let mut dice = Dice(1);
    let mut changes = 0;
    for _ in 0..3_000 {
        let rules: Vec<String> = (0..2 + dice.roll(5)).map(|_| rule(&mut dice)).collect();
        let (most, largest) = ([1_000_000, 5][usize::from(dice.roll(9) == 0)], [1_000_000, 90][usize::from(dice.roll(9) == 0)]);
        let config = format!(r#"{{"rules": [{}], "max_findings": {most}, "max_output_bytes": {largest}}}"#, rules.join(", "));
        let made = || RegexFilter::new(&config::read(KIND.schema, config.as_bytes()).expect("valid")).expect("valid");
        let (shared, alone) = (made(), made().one_by_one());
        for _ in 0..40 {
            let text = text(&mut dice);
            match (outcome(&shared, &text), outcome(&alone, &text)) {
                (Ok((found, changed)), Ok((expected, expected_changed))) => {
                    let shown = String::from_utf8_lossy(&text);
                    assert_eq!(found.findings, expected.findings, "{shown:?} under {config}");
                    assert_eq!((found.output, changed), (expected.output, expected_changed), "{shown:?} under {config}");
                    changes += usize::from(changed);
                }
                (found, expected) => assert_eq!(found.err(), expected.err(), "{config}"),
            }
        }
    }
    assert!(changes > 10_000, "only {changes} texts changed");
}
