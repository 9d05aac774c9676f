//! Strict configuration: UTF-8 JSON, read once, checked against the engine's schema in document order.
//!
//! It must never repair, guess or ignore anything. The Python twin is `pyplugins/core/config.py`.
//! Tests: below and `tests/vectors/config.jsonl`.

mod json;
mod schema;

pub use schema::{Schema, member_path};

use crate::fault::Fault;
use crate::pattern::{Options, Pattern};

/// Deepest nesting of objects and arrays in a configuration.
pub const MAX_DEPTH: u64 = 64;

/// Decides about a string whose schema has a `format`: gets the format and the string.
pub type Check<'a> = dyn Fn(&str, &str) -> Result<(), Fault> + 'a;

/// A JSON value; object members keep the document's order.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number written without fraction or exponent, within i64.
    Int(i64),
    /// Any other finite number (`-0`, too).
    Float(f64),
    /// A string.
    Str(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The member of an object with this key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(members) => find(members, key),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(value) => Some(value),
            _ => None,
        }
    }

    /// The items of an array; empty for every other value.
    pub fn as_list(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

fn find<'a>(members: &'a [(String, Value)], key: &str) -> Option<&'a Value> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// A configuration that the schema has accepted, with defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    members: Vec<(String, Value)>,
}

impl Config {
    /// The value of `key`; `None` when it is absent and has no default.
    pub fn get(&self, key: &str) -> Option<&Value> {
        find(&self.members, key)
    }

    /// The boolean `key`.
    ///
    /// # Panics
    /// When the schema does not promise a boolean there: a defect of the engine, found by its first test.
    pub fn bool(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_else(|| panic!("the schema promises no boolean {key}"))
    }

    /// The integer `key`.
    ///
    /// # Panics
    /// When the schema does not promise an integer there.
    pub fn int(&self, key: &str) -> i64 {
        self.get(key).and_then(Value::as_int).unwrap_or_else(|| panic!("the schema promises no integer {key}"))
    }

    /// The string `key`; `None` when it is `null`, or absent and without default.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// The items of the array `key`; empty when it is `null` or absent.
    pub fn list(&self, key: &str) -> &[Value] {
        self.get(key).map_or(&[], Value::as_list)
    }

    /// The members in document order, defaults last.
    pub fn members(&self) -> &[(String, Value)] {
        &self.members
    }
}

/// The formats that schemas use: `portable-pattern` is accepted or refused by its grammar.
pub fn check_format(format: &str, text: &str) -> Result<(), Fault> {
    match format {
        "portable-pattern" => Ok(Pattern::check(text, &Options::default())?),
        _ => Ok(()),
    }
}

/// Reads `text` by a schema given as text. Who reads more than once keeps a [`Schema`].
pub fn read(schema: &str, text: &[u8]) -> Result<Config, Fault> {
    Schema::parse(schema).read(text)
}

/// [`read`] with `check` instead of [`check_format`].
pub fn read_with(schema: &str, text: &[u8], check: &Check) -> Result<Config, Fault> {
    Schema::parse(schema).read_with(text, check)
}

#[cfg(test)]
mod tests;
