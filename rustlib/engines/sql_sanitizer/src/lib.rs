//! The engine `sql_sanitizer`: judges SQL statements, and finds values that carry SQL, by the rules of `RULES.md` with the tables of
//! `rules/`.
//!
//! It must never know C or Python, and no message of it may hold scanned text. The Python twin is `pyplugins/sql_sanitizer/fallback.py`,
//! with the same step names. Tests: `tests/`, `../../../tests/vectors/sql_sanitizer.jsonl`.

mod data;
mod inject;
mod lex;
mod mask;
mod rules;
mod sanitizer;
mod settings;
mod shape;
mod statement;
#[cfg(test)]
mod tests;

pub use sanitizer::{KIND, SqlSanitizer};
