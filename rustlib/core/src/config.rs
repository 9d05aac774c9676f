//! Strict configuration: UTF-8 JSON, read once, checked against the engine's schema in document order.
//!
//! The Python twin is `pyplugins/core/config.py`. Tests: below and `tests/vectors/config.jsonl`.

/// A JSON value; object members keep the document's order.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number written without fraction or exponent, within i64.
    Int(i64),
    /// Any other finite number.
    Float(f64),
    /// A string.
    Str(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Map(Vec<(String, Value)>),
}

/// A configuration that the schema has accepted, with defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    members: Vec<(String, Value)>,
}
