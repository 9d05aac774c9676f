//! The meaning half: a parsed JSON Schema and the walk that checks a configuration against it.
//!
//! Order of checks at one value: type, enum, range or length, format, then its members or items in document order (for each member:
//! duplicate, unknown, its value), then missing keys. The keywords are listed in `docs/architecture.md`.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Check, Config, Value, json};
use crate::fault::Fault;

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const INTEGER: u8 = 4;
const NUMBER: u8 = 8;
const STRING: u8 = 16;
const ARRAY: u8 = 32;
const OBJECT: u8 = 64;

/// A schema, parsed once and kept; reading a configuration by it costs microseconds.
#[derive(Debug)]
pub struct Schema {
    types: u8,
    choices: Vec<Value>,
    minimum: i64,
    maximum: i64,
    min_length: i64,
    max_length: i64,
    max_items: i64,
    format: Option<String>,
    items: Option<Box<Schema>>,
    properties: Vec<(String, Schema)>,
    required: Vec<String>,
    closed: bool,
    default: Option<Value>,
}

impl Schema {
    /// Parses a schema.
    ///
    /// # Panics
    /// When it is not strict JSON or a keyword has the wrong type: a schema is part of the program.
    pub fn parse(text: &str) -> Self {
        Self::from_value(&json::parse(text.as_bytes()).expect("a schema is strict JSON"))
    }

    /// Reads a configuration; strings with a `format` are judged by [`super::check_format`].
    pub fn read(&self, text: &[u8]) -> Result<Config, Fault> {
        self.read_with(text, &super::check_format)
    }

    /// Reads a configuration; strings with a `format` are judged by `check`.
    pub fn read_with(&self, text: &[u8], check: &Check) -> Result<Config, Fault> {
        let mut root = json::parse(text)?;
        let mut path = String::from("$");
        self.judge(&root, &mut path, check)?;
        self.fill(&mut root);
        match root {
            Value::Map(members) => Ok(Config { members }),
            _ => Err(Fault::new("config_type").at(path)),
        }
    }

    fn from_value(value: &Value) -> Self {
        let int = |key: &str, otherwise: i64| value.get(key).map_or(otherwise, |v| v.as_int().expect("an integer keyword"));
        let list = |key: &str| value.get(key).map_or(&[][..], Value::as_list);
        let properties = match value.get("properties") {
            Some(Value::Map(members)) => members.iter().map(|(key, inner)| (key.clone(), Self::from_value(inner))).collect(),
            _ => Vec::new(),
        };
        Self {
            types: types(value.get("type")),
            choices: list("enum").to_vec(),
            minimum: int("minimum", i64::MIN),
            maximum: int("maximum", i64::MAX),
            min_length: int("minLength", 0),
            max_length: int("maxLength", i64::MAX),
            max_items: int("maxItems", i64::MAX),
            format: value.get("format").and_then(Value::as_str).map(str::to_owned),
            items: value.get("items").map(|inner| Box::new(Self::from_value(inner))),
            properties,
            required: list("required").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            closed: value.get("additionalProperties") == Some(&Value::Bool(false)),
            default: value.get("default").cloned(),
        }
    }

    /// `path` is the value's own; after a fault it is left as it was there.
    fn judge(&self, value: &Value, path: &mut String, check: &Check) -> Result<(), Fault> {
        self.judge_alone(value, check).map_err(|fault| fault.at(path.as_str()))?;
        match value {
            Value::List(items) => self.judge_items(items, path, check),
            Value::Map(members) => self.judge_members(members, path, check),
            _ => Ok(()),
        }
    }

    /// What can be said of a value without looking into it.
    fn judge_alone(&self, value: &Value, check: &Check) -> Result<(), Fault> {
        if self.types & type_of(value) == 0 {
            return Err(Fault::new("config_type"));
        }
        if !self.choices.is_empty() && !self.choices.contains(value) {
            return Err(Fault::new("config_enum"));
        }
        match value {
            Value::Int(number) => within("config_range", *number, (self.minimum, self.maximum)),
            // No schema of ours has bounds that f64 cannot hold, and a float is below 2^63.
            Value::Float(number) if *number < self.minimum as f64 => within("config_range", i64::MIN, (self.minimum, self.maximum)),
            Value::Float(number) if *number > self.maximum as f64 => within("config_range", i64::MAX, (self.minimum, self.maximum)),
            Value::List(items) => within("config_length", size(items.len()), (0, self.max_items)),
            Value::Str(text) => {
                within("config_length", size(text.len()), (self.min_length, self.max_length))?;
                self.format.as_deref().map_or(Ok(()), |format| check(format, text))
            }
            _ => Ok(()),
        }
    }

    fn judge_items(&self, items: &[Value], path: &mut String, check: &Check) -> Result<(), Fault> {
        let schema = self.items.as_deref().unwrap_or(anything());
        let length = path.len();
        for (index, item) in items.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(path, "[{index}]");
            schema.judge(item, path, check)?;
            path.truncate(length);
        }
        Ok(())
    }

    fn judge_members(&self, members: &[(String, Value)], path: &mut String, check: &Check) -> Result<(), Fault> {
        let length = path.len();
        let mut seen = HashSet::with_capacity(members.len());
        for (key, value) in members {
            push_key(path, key);
            if !seen.insert(key.as_str()) {
                return Err(Fault::new("config_duplicate_key").at(path.as_str()));
            }
            let schema = match self.property(key) {
                Some(schema) => schema,
                None if self.closed => return Err(Fault::new("config_unknown_key").at(path.as_str())),
                None => anything(),
            };
            schema.judge(value, path, check)?;
            path.truncate(length);
        }
        if let Some(key) = self.required.iter().find(|key| !seen.contains(key.as_str())) {
            push_key(path, key);
            return Err(Fault::new("config_missing_key").at(path.as_str()));
        }
        Ok(())
    }

    fn property(&self, key: &str) -> Option<&Schema> {
        self.properties.iter().find(|(name, _)| name == key).map(|(_, schema)| schema)
    }

    /// Adds the defaults of absent members, at every depth; the schema's order, behind the document's members.
    fn fill(&self, value: &mut Value) {
        match value {
            Value::List(items) => {
                if let Some(schema) = &self.items {
                    items.iter_mut().for_each(|item| schema.fill(item));
                }
            }
            Value::Map(members) => self.fill_members(members),
            _ => {}
        }
    }

    fn fill_members(&self, members: &mut Vec<(String, Value)>) {
        for (key, schema) in &self.properties {
            if let Some((_, present)) = members.iter_mut().find(|(name, _)| name == key) {
                schema.fill(present);
            } else if let Some(default) = &schema.default {
                let mut value = default.clone();
                schema.fill(&mut value);
                members.push((key.clone(), value));
            }
        }
    }
}

/// The schema of values nothing is said about.
fn anything() -> &'static Schema {
    static ANYTHING: std::sync::OnceLock<Schema> = std::sync::OnceLock::new();
    ANYTHING.get_or_init(|| Schema::parse("{}"))
}

fn types(keyword: Option<&Value>) -> u8 {
    let one = |name: &Value| match name.as_str() {
        Some("null") => NULL,
        Some("boolean") => BOOLEAN,
        Some("integer") => INTEGER,
        Some("number") => INTEGER | NUMBER,
        Some("string") => STRING,
        Some("array") => ARRAY,
        Some("object") => OBJECT,
        _ => panic!("a schema names an unknown type"),
    };
    match keyword {
        None => u8::MAX,
        Some(Value::List(names)) => names.iter().fold(0, |all, name| all | one(name)),
        Some(name) => one(name),
    }
}

fn type_of(value: &Value) -> u8 {
    match value {
        Value::Null => NULL,
        Value::Bool(_) => BOOLEAN,
        Value::Int(_) => INTEGER,
        Value::Float(_) => NUMBER,
        Value::Str(_) => STRING,
        Value::List(_) => ARRAY,
        Value::Map(_) => OBJECT,
    }
}

fn size(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The bounds go into the message, which knows no sign; no schema of ours has a negative one.
fn within(id: &'static str, value: i64, (least, most): (i64, i64)) -> Result<(), Fault> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Fault::with(id, u64::try_from(least).unwrap_or(0), u64::try_from(most).unwrap_or(0)))
}

/// `.key` for a plain name, else `["key"]` with the key as JSON writes it.
/// The path of an object's member: `.key` for a plain name, else `["key"]` with the key as JSON writes it.
pub fn member_path(path: &str, key: &str) -> String {
    let mut path = path.to_owned();
    push_key(&mut path, key);
    path
}

fn push_key(path: &mut String, key: &str) {
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !key.starts_with(|c: char| c.is_ascii_digit());
    if plain && !key.is_empty() {
        path.push('.');
        path.push_str(key);
    } else {
        // A &str is always valid JSON text.
        let quoted = serde_json::to_string(key).unwrap_or_default();
        let _ = write!(path, "[{quoted}]");
    }
}
