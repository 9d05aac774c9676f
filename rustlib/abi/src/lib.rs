//! `libgwplugins`: the C ABI. The only crate with `extern "C"`; the rules are in `docs/abi.md`.
//!
//! Every function checks its arguments, lets no panic out, and keeps no text after it returns. It must never print, log, start a
//! thread, read the environment or hold state that one call leaves for the next. Tests: `tests.rs`, `../tests/`, `tests/abi/`.

#![allow(non_camel_case_types)]

mod boundary;
mod bytes;
pub mod codec;
pub mod error;
pub mod guard;
mod handle;
pub mod kinds;
pub mod limiter;
pub mod limiter_redis;
pub mod result;
pub mod status;
pub mod stream;
pub mod version;

#[cfg(test)]
mod tests;
