//! The engine `sql_sanitizer`: judges SQL statements, and finds values that carry SQL, by the rules of `RULES.md` with the tables of
//! `rules/`.
//!
//! It must never know C or Python, and no message of it may hold scanned text. The Python twin is `pyplugins/sql_sanitizer/fallback.py`,
//! with the same step names. Tests: `tests/`, `../../../tests/vectors/sql_sanitizer.jsonl`.
//!
//! ```
//! use gwplugins_core::guard::{Report, Want};
//! use gwplugins_sql_sanitizer::KIND;
//!
//! let guard = KIND.guard("{}")?;
//! let mut report = Report::default();
//! report.scan(&*guard, b"DELETE FROM users", Want { output: false, details: true })?;
//! assert_eq!(report.items[0].verdict, 3); // it must not pass
//! assert_eq!(report.detail(report.findings[0].detail), Some(&br#"{"issue":"DELETE without WHERE clause"}"#[..]));
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

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
