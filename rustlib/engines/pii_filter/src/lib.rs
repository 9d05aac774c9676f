//! The engine `pii_filter`: finds and masks personal data by the rules of `RULES.md`, with the tables of `rules/`.
//!
//! It must never know C or Python, and no message of it may hold scanned text. The Python twin is `pyplugins/pii_filter/fallback.py`, with the
//! same step names. Tests: `tests/`, `../../../tests/vectors/pii_filter.jsonl`.
//!
//! ```
//! use gwplugins_core::guard::{Report, Want};
//! use gwplugins_pii_filter::KIND;
//!
//! let guard = KIND.guard(r#"{"default_mask_strategy": "partial"}"#)?;
//! let mut report = Report::default();
//! let changed = report.scan(&*guard, b"SSN 123-45-6789", Want { output: true, details: false })?;
//! assert!(changed && report.output == b"SSN ***-**-6789");
//! assert_eq!((report.findings[0].start, report.findings[0].end), (4, 15));
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

mod account;
mod card;
mod class;
mod date;
mod email;
mod filter;
mod ids;
mod ip;
mod label;
mod mask;
mod phone;
mod phrases;
mod scan;
mod settings;
mod tables;
mod tax;

pub use filter::{KIND, PiiFilter};
