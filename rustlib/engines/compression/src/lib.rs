//! The engine `compression`: bytes become fewer bytes and come back, and hostile compressed bytes do no harm.
//!
//! What decompression may give is bounded before it begins: bytes, times the input, window. Well-kept crates do the coding, but for
//! deflate at speed (`quick`); what else is here is the bounds, where a stream ends, and what an error is called. It must never know C or
//! Python, and no message of it may hold data.
//! The Python twin is `pyplugins/compression/fallback.py`. Tests: `tests/`, `../../../tests/vectors/codec/compression.jsonl`.
//!
//! ```
//! use gwplugins_compression::Codec;
//!
//! let codec = Codec::new(b"gzip", b"{}")?;
//! let (mut small, mut back) = (Vec::new(), Vec::new());
//! codec.compress(&[b'a'; 1000], &mut small)?;
//! codec.decompress(&small, &mut back)?;
//! assert!(small.len() < 50 && back == [b'a'; 1000]);
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

#[cfg(feature = "brotli")]
mod brotli;
pub mod choose;
mod codec;
mod decoder;
#[cfg(any(feature = "gzip", feature = "zlib", feature = "deflate"))]
mod flate;
#[cfg(any(feature = "gzip", feature = "zlib", feature = "deflate", feature = "lz4"))]
mod foreign;
mod formats;
mod identity;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(any(feature = "gzip", feature = "zlib", feature = "deflate"))]
mod quick;
mod settings;
#[cfg(feature = "snappy")]
mod snappy;
pub mod train;
#[cfg(feature = "zstd")]
mod zstd;

pub use codec::{Codec, Stream};
pub use formats::names;

/// JSON Schema of a codec's configuration.
pub const SCHEMA: &str = include_str!("../rules/codec.json");
