//! The shared vectors, and what only Rust can ask.

use super::{Config, Schema, Value, read, read_with};
use crate::fault::Fault;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/config.jsonl");

/// Formats of the vectors: everything passes but the pattern `(`, which is refused at byte 0 for reason 1.
fn check(format: &str, text: &str) -> Result<(), Fault> {
    if format == "portable-pattern" && text == "(" { Err(Fault::with("pattern_syntax", 0, 1)) } else { Ok(()) }
}

fn text_of(row: &serde_json::Value) -> Vec<u8> {
    if let Some(text) = row["text"].as_str() {
        return text.as_bytes().to_vec();
    }
    let hex = row["text_hex"].as_str().expect("a row has text or text_hex");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Str(value) => value.as_str().into(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(members) => plain_map(members),
    }
}

fn plain_map(members: &[(String, Value)]) -> serde_json::Value {
    serde_json::Value::Object(members.iter().map(|(key, value)| (key.clone(), plain(value))).collect())
}

fn outcome(result: &Result<Config, Fault>) -> serde_json::Value {
    match result {
        Ok(config) => serde_json::json!({"value": plain_map(config.members())}),
        Err(fault) => serde_json::json!({"error": {"id": fault.id(), "code": fault.code(), "path": fault.path()}}),
    }
}

#[test]
fn vectors() {
    let file = std::fs::read_to_string(VECTORS).expect("the vectors are there");
    let mut rows = 0;
    for line in file.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
        let got = outcome(&read_with(&row["schema"].to_string(), &text_of(&row), &check));
        assert_eq!(got, row["expect"], "row {}", row["id"]);
        rows += 1;
    }
    assert!(rows >= 80, "{rows} rows");
}

#[test]
fn getters() {
    let schema = r#"{"type": "object", "properties": {"b": {"type": "boolean", "default": true}, "i": {"type": "integer", "default": 3},
        "s": {"type": "string"}, "n": {"type": ["string", "null"], "default": null}, "l": {"type": "array"}}}"#;
    let config = read(schema, br#"{"s": "x", "l": [1]}"#).expect("valid");
    assert!(config.bool("b"));
    assert_eq!(config.int("i"), 3);
    assert_eq!((config.str("s"), config.str("n")), (Some("x"), None));
    assert_eq!(config.list("l"), [Value::Int(1)]);
    let keys: Vec<_> = config.members().iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["s", "l", "b", "i", "n"], "document order, then defaults in the schema's");
}

#[test]
fn messages_name_the_key_and_the_bounds() {
    let schema = r#"{"type": "object", "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 9}}}"#;
    let fault = read(schema, br#"{"n": 10}"#).expect_err("out of range");
    assert_eq!(fault.to_string(), "$.n: must be within 1 and 9");
}

#[test]
fn a_schema_is_read_once() {
    let schema = Schema::parse(r#"{"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}"#);
    assert_eq!(schema.read(b"{}"), schema.read(br#"{"n": 1}"#));
}

#[test]
fn patterns_are_judged_in_the_walk() {
    let schema =
        r#"{"type": "object", "additionalProperties": false, "properties": {"p": {"type": "string", "format": "portable-pattern"}}}"#;
    let fault = read(schema, br#"{"p": "a(b", "later": 1}"#).expect_err("refused");
    assert_eq!((fault.id(), fault.path()), ("pattern_syntax", "$.p"));
}
