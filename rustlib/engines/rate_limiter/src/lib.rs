//! The engine `rate_limiter`: who may do how much, by the rules of `RULES.md`, in whole microseconds.
//!
//! It must never know C or Python, start a thread or open a socket, and no message of it may hold a value. The Python twin is
//! `pyplugins/rate_limiter/fallback.py`, with the same step names. Tests: `tests/`, `../../../tests/vectors/limiter/`.
//!
//! ```
//! use gwplugins_rate_limiter::{Limiter, Options, Values};
//!
//! let limiter = Limiter::new(br#"{"by_user": "2/s"}"#)?;
//! let mut check = |now_us| limiter.check(Values::List(&[b"alice"]), 1, now_us, Options::default(), None);
//! assert!(check(1_000_000)?.allowed && check(1_000_000)?.allowed);
//! let refused = check(1_000_000)?;
//! assert!(!refused.allowed && refused.retry_us == 500_000);
//! assert!(check(1_500_000)?.allowed);
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

mod ahead;
mod decision;
mod hash;
mod limiter;
mod log;
mod pattern;
mod rates;
mod redis;
mod saved;
mod settings;
mod sha1;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod window;

pub use decision::{Decision, NONE};
pub use limiter::{Limiter, MAX_COST, MAX_NOW_NS, SCHEMA};
pub use redis::{Command, Request};
pub use values::{Options, Values};
pub use window::{NEVER, UNLIMITED};
