//! The vectors of `tests/vectors/patterns.jsonl`, and what only this side can be asked.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

const VECTORS: &str = include_str!("../../../../tests/vectors/patterns.jsonl");

fn parse(text: &str) -> Pattern {
    Pattern::parse(text, &Options::default()).expect("within the grammar")
}

fn options(given: &Value) -> Options {
    let default = Options::default();
    let number = |key: &str, or: usize| given[key].as_u64().map_or(or, |value| value as usize);
    Options {
        max_bytes: number("max_bytes", default.max_bytes),
        max_alternatives: number("max_alternatives", default.max_alternatives),
        max_quantifiers: number("max_quantifiers", default.max_quantifiers),
        max_size: given["max_size"].as_u64().unwrap_or(default.max_size),
        unicode: given["unicode"].as_bool().unwrap_or(default.unicode),
        ignore_case: given["ignore_case"].as_bool().unwrap_or(default.ignore_case),
        multi_line: given["multi_line"].as_bool().unwrap_or(default.multi_line),
        dot_all: given["dot_all"].as_bool().unwrap_or(default.dot_all),
        whole_word: given["whole_word"].as_bool().unwrap_or(default.whole_word),
    }
}

/// The vector's text, and for each byte offset in it the offset the vector would write: code points unless it is hex.
fn input(vector: &Value) -> (Vec<u8>, Vec<usize>) {
    if let Some(hex) = vector["input_hex"].as_str() {
        let pairs = (0..hex.len()).step_by(2);
        let bytes: Vec<u8> = pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect();
        let offsets = (0..=bytes.len()).collect();
        return (bytes, offsets);
    }
    let text = vector["input"].as_str().expect("input or input_hex");
    let mut offsets = Vec::new();
    for (index, found) in text.chars().enumerate() {
        offsets.resize(offsets.len() + found.len_utf8(), index);
    }
    offsets.push(text.chars().count());
    (text.as_bytes().to_vec(), offsets)
}

fn outcome(vector: &Value) -> Value {
    let (text, options) = (vector["config"]["pattern"].as_str().expect("pattern"), options(&vector["config"]["options"]));
    let parsed = Pattern::parse(text, &options);
    assert_eq!(Pattern::check(text, &options), parsed.as_ref().map(|_| ()).map_err(|error| *error));
    let pattern = match parsed {
        Ok(pattern) => pattern,
        Err(error) if error.reason == Reason::TooBig => {
            return json!({"reason": error.reason.id(), "offset": error.offset, "size": error.size});
        }
        Err(error) => return json!({"reason": error.reason.id(), "offset": error.offset}),
    };
    let (text, offsets) = input(vector);
    let shown = |span: Span| json!([offsets[span.0], offsets[span.1]]);
    let start = vector["start"].as_u64().unwrap_or(0) as usize;
    let start = offsets.iter().position(|&offset| offset == start).expect("start within the text");
    let (mut spans, mut groups) = (Vec::new(), Vec::new());
    let mut matches = pattern.matches(&text, start);
    while let Some(span) = matches.next() {
        assert_eq!(pattern.captures_at(&text, span.0), Some(matches.groups()));
        spans.push(shown(span));
        groups.push(matches.groups().into_iter().skip(1).map(|group| group.map(shown)).collect::<Vec<_>>());
    }
    let lengths = pattern.lengths();
    let mut found = json!({
        "spans": spans,
        "size": pattern.size(),
        "lengths": [lengths.min_chars, lengths.max_chars, lengths.min_bytes, lengths.max_bytes],
        "prefix": pattern.prefix(),
    });
    if pattern.group_count() > 0 {
        found["groups"] = json!(groups);
    }
    let names: Vec<_> = pattern.group_names().skip(1).collect();
    if names.iter().any(Option::is_some) {
        found["names"] = json!(names);
    }
    found
}

#[test]
fn vectors() {
    let mut count = 0;
    for line in VECTORS.lines() {
        let vector: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(outcome(&vector), vector["expect"], "{}", vector["id"]);
        count += 1;
    }
    assert!(count > 500);
}

/// The `regex` crate, which is not in the library, reads the printed tree; it must find what we find.
#[test]
fn the_regex_crate_reads_the_trees_alike() {
    let mut count = 0;
    for line in VECTORS.lines() {
        let vector: Value = serde_json::from_str(line).expect("JSON");
        let options = options(&vector["config"]["options"]);
        let Ok(pattern) = Pattern::parse(vector["config"]["pattern"].as_str().expect("pattern"), &options) else { continue };
        let (text, _) = input(&vector);
        if options.unicode || std::str::from_utf8(&text).is_err() || pattern.can_be_empty() {
            continue;
        }
        let theirs = regex::bytes::Regex::new(&pattern.printed()).expect("the printer writes what the parser reads");
        let theirs: Vec<_> = theirs.find_iter(&text).map(|found| (found.start(), found.end())).collect();
        assert_eq!(pattern.matches(&text, 0).collect::<Vec<_>>(), theirs, "{}", vector["id"]);
        count += 1;
    }
    assert!(count > 150, "only {count} were compared");
}

#[test]
fn a_set_finds_what_its_patterns_find_alone() {
    let lines: Vec<Value> = VECTORS.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let accepted: Vec<Pattern> = lines
        .iter()
        .filter_map(|one| Pattern::parse(one["config"]["pattern"].as_str()?, &options(&one["config"]["options"])).ok())
        .collect();
    for (index, vector) in lines.iter().enumerate().step_by(7) {
        let (text, _) = input(vector);
        let chosen: Vec<Pattern> = accepted.iter().skip(index % 5).step_by(9).cloned().collect();
        let set = PatternSet::new(chosen.clone());
        let mut together = Vec::new();
        let end = set.for_each_match(
            &text,
            |_| 0,
            |pattern, start, end| {
                together.push((pattern, start, end));
                ControlFlow::<()>::Continue(())
            },
        );
        assert_eq!(end, ControlFlow::Continue(()));
        let alone = chosen.iter().enumerate();
        let alone: Vec<_> = alone.flat_map(|(at, one)| one.matches(&text, 0).map(move |(s, e)| (at, s, e))).collect();
        assert_eq!(together, alone, "{}", vector["id"]);
        assert_eq!(set.is_match(&text), !alone.is_empty());
    }
}

#[test]
fn a_set_stops_when_told() {
    let set = PatternSet::new(vec![parse("a"), parse("b")]);
    let mut calls = 0;
    let end = set.for_each_match(
        b"aabb",
        |_| 0,
        |index, _, _| {
            calls += 1;
            if index == 1 { ControlFlow::Break(calls) } else { ControlFlow::Continue(()) }
        },
    );
    assert_eq!((end, calls), (ControlFlow::Break(3), 3));
    assert!(!PatternSet::new(Vec::new()).is_match(b"a"));
}

#[test]
fn hostile_patterns_and_texts_take_little_time() {
    let text = [b"a".repeat(50_000), b"b".to_vec()].concat();
    let start = Instant::now();
    assert_eq!(parse("(a+)+$").find_at(&text, 0), None);
    for opened in ["(", "(?:", "[", "(?i:", "((a)*"] {
        let options = Options { max_bytes: 1 << 20, max_quantifiers: 1 << 20, ..Options::default() };
        assert!(Pattern::parse(&opened.repeat(100_000), &options).is_err());
    }
    assert!(start.elapsed() < Duration::from_millis(500));
}

#[test]
fn the_crate_accepts_the_largest_trees() {
    let widest = Options { max_bytes: 1 << 16, max_size: 100_000, max_quantifiers: 1000, ..Options::default() };
    let deep = format!("{}a{}", "((?i:".repeat(16), ")|b*)?".repeat(16));
    for pattern in ["(?:.{1000}){12}", "(?:\\W{100}){100}", &deep] {
        let pattern = Pattern::parse(pattern, &Options { max_alternatives: 100, ..widest });
        assert!(pattern.is_ok_and(|pattern| pattern.size() > 100));
    }
}

/// Where matches are dense, the crate is not asked for a place to begin.
#[test]
fn dense_matches_are_those_found_one_by_one() {
    let texts = ["слово и дело, ".repeat(40), "日本 a1 ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ é".repeat(20)];
    let sources = [r"\b\w+\b", r"\b", r"\B", r"\w??\b", r"\b.", r"(?:о|в)?\b|и", "", r"\w+|~", "[^о]", "[ои]|a1|本", "(?m)^|.", "~~|."];
    for (source, unicode) in sources.iter().flat_map(|source| [(source, true), (source, false)]) {
        let pattern = Pattern::parse(source, &Options { unicode, ..Options::default() }).expect("within the grammar");
        for text in &texts {
            let (mut expected, mut at): (Vec<Span>, usize) = (Vec::new(), 0);
            while let Some(mut span) = pattern.find_at(text.as_bytes(), at) {
                if span.0 == span.1 && expected.last().is_some_and(|last| last.1 == span.0) {
                    match pattern.find_at(text.as_bytes(), at + 1) {
                        Some(next) => span = next,
                        None => break,
                    }
                }
                expected.push(span);
                at = span.1;
            }
            assert!(expected.len() > 30 || !unicode, "{source}: {}", expected.len());
            assert_eq!(pattern.matches(text.as_bytes(), 0).collect::<Vec<_>>(), expected, "{source}");
        }
    }
}
