//! Faults: what every fallible function of the library returns instead of a value.
//!
//! A fault is an id in `rules/messages.json` plus a JSON path and two numbers. It must never hold scanned text.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use crate::pattern::{Options, PatternError, Reason};
use crate::rules;

/// One row of `rules/messages.json`.
#[derive(Debug)]
pub struct Message {
    /// What code and tests call the fault.
    pub id: String,
    /// Stable number, also the C ABI's `gwp_status`.
    pub code: i32,
    /// Name of the code without its `GWP_E_` prefix.
    pub name: String,
    /// Template; `{path}`, `{a}` and `{b}` are filled in.
    pub text: String,
}

/// All messages, in the file's order.
pub fn messages() -> &'static [Message] {
    static MESSAGES: OnceLock<Vec<Message>> = OnceLock::new();
    MESSAGES.get_or_init(|| read_messages().expect("messages.json is valid"))
}

fn read_messages() -> Option<Vec<Message>> {
    let file = rules::parse(include_str!("../rules/messages.json"));
    let read = |row: &Value| {
        let field = |name: &str| row[name].as_str().map(str::to_owned);
        let (id, name, text) = (field("id")?, field("name")?, field("text")?);
        Some(Message { id, code: row["code"].as_i64()?.try_into().ok()?, name, text })
    };
    file.as_array()?.iter().map(read).collect()
}

/// A failed call: message id, JSON path of the configuration value at fault (or empty), two numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    id: &'static str,
    path: String,
    a: u64,
    b: u64,
}

impl Fault {
    /// A fault without path or numbers.
    pub fn new(id: &'static str) -> Self {
        Self { id, path: String::new(), a: 0, b: 0 }
    }

    /// A fault with its two numbers, in the order the template names them.
    pub fn with(id: &'static str, a: u64, b: u64) -> Self {
        Self { id, path: String::new(), a, b }
    }

    /// The same fault, pointing at a configuration value.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The message id.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// JSON path of the configuration value at fault; empty when the fault is not about configuration.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The stable code, `GWP_E_*` in the C ABI.
    pub fn code(&self) -> i32 {
        self.message().code
    }

    fn message(&self) -> &'static Message {
        let known = messages().iter().find(|message| message.id == self.id);
        known.or_else(|| messages().last()).expect("messages.json is not empty")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.message().text;
        let text = text.replace("{path}", &self.path).replace("{a}", &self.a.to_string());
        out.write_str(&text.replace("{b}", &self.b.to_string()))
    }
}

impl std::error::Error for Fault {}

impl From<PatternError> for Fault {
    fn from(error: PatternError) -> Self {
        match error.reason {
            Reason::TooBig => Fault::with("pattern_size", error.size, Options::default().max_size),
            reason => Fault::with("pattern_syntax", error.offset as u64, reason as u64),
        }
    }
}
