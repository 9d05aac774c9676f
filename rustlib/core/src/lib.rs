//! What the engines share: the [`guard::Guard`] interface, findings, the overlap rule, offset units, byte masks, strict
//! configuration, faults, streaming and portable patterns.
//!
//! It must never know an engine, C or Python. Tests: beside the code, and `tests/vectors/` through the engines.

pub mod config;
pub mod fault;
pub mod guard;
pub mod masks;
pub mod offsets;
pub mod overlap;
pub mod pattern;
pub mod stream;
pub mod text;
