//! What the engines share: the [`guard::Guard`] interface, findings, the overlap rule, offset units, byte masks, strict
//! configuration, faults, streaming and portable patterns.
//!
//! A Rust program uses it with the engines it wants: [`guard::Kind::guard`] makes a guard, [`guard::Report::scan`] scans a text,
//! [`stream::Stream`] one that arrives in chunks. The page of each engine's crate shows it.
//!
//! It must never know an engine, C or Python. Tests: beside the code, and `tests/vectors/` through the engines.

pub mod config;
pub mod fault;
pub mod guard;
pub mod masks;
pub mod offsets;
pub mod overlap;
pub mod pattern;
pub mod rules;
pub mod stream;
pub mod text;
