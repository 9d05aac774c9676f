//! The engine `pii_filter`: finds and masks personal data by the rules of `RULES.md`, with the tables of `rules/`.
//!
//! It must never know C or Python, and no message of it may hold scanned text. The Python twin is `pyplugins/pii_filter/fallback.py`, with the
//! same step names. Tests: `tests/`, `../../../tests/vectors/pii_filter.jsonl`.

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
mod rules;
mod scan;
mod settings;
mod tables;
mod tax;

pub use filter::{KIND, PiiFilter};
