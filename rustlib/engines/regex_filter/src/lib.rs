//! The engine `regex_filter`: searches, replaces, reports and blocks by rules, as `RULES.md` says.
//!
//! It must never know C or Python, and no message of it may hold a rule's text or scanned text. The Python twin is
//! `pyplugins/regex_filter/fallback.py`. Tests: beside the code, `tests/`, `../../../tests/vectors/regex_filter.jsonl`.
//!
//! ```
//! use gwplugins_core::guard::{Report, Want};
//! use gwplugins_regex_filter::KIND;
//!
//! let guard = KIND.guard(r#"{"words": [{"search": "colou?r", "replace": "hue"}]}"#)?;
//! let mut report = Report::default();
//! assert!(report.scan(&*guard, b"what color", Want { output: true, details: false })?);
//! assert_eq!(report.output, b"what hue");
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

mod automaton;
mod filter;
mod finder;
mod literal;
mod origins;
mod rule;
mod settings;
mod shared;
mod template;

pub use filter::{KIND, RegexFilter};
