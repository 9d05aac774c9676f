//! Status codes: `rules/messages.json` is their source, and a test compares.

use std::ffi::{CStr, c_char};

/// What a fallible function returns: `GWP_OK` or a `GWP_E_*` code. Ranges say who must act: 1-19 the caller's code,
/// 20-39 the author of the configuration, 40-59 the sender of the content, 60-79 the machine, 80-99 gwplugins. A
/// number is never reused.
pub type gwp_status = i32;

/// Success.
pub const GWP_OK: gwp_status = 0;
/// A pointer argument is NULL that must not be.
pub const GWP_E_NULL_ARG: gwp_status = 1;
/// A handle is not live or not of the expected type.
pub const GWP_E_BAD_HANDLE: gwp_status = 2;
/// Unknown or contradictory flag bits.
pub const GWP_E_BAD_FLAG: gwp_status = 3;
/// Batch offsets do not ascend or pass the end of the buffer.
pub const GWP_E_BAD_OFFSETS: gwp_status = 4;
/// The result or stream is in use by another call.
pub const GWP_E_BUSY: gwp_status = 5;
/// This kind of guard does not offer the call.
pub const GWP_E_UNSUPPORTED: gwp_status = 6;
/// The stream has been finished or has failed.
pub const GWP_E_FINISHED: gwp_status = 7;
/// An index or count is out of range.
pub const GWP_E_OUT_OF_RANGE: gwp_status = 8;
/// A value of the wrong type (language bindings only).
pub const GWP_E_BAD_TYPE: gwp_status = 9;
/// A detection does not fit the text (language bindings only).
pub const GWP_E_BAD_DETECTION: gwp_status = 10;
/// The state of a limiter is damaged, or of another configuration.
pub const GWP_E_BAD_STATE: gwp_status = 11;
/// No such kind of guard in this library.
pub const GWP_E_UNKNOWN_KIND: gwp_status = 20;
/// The configuration is not strict JSON, or nested too deep.
pub const GWP_E_CONFIG_SYNTAX: gwp_status = 21;
/// A configuration key is unknown, double or missing.
pub const GWP_E_CONFIG_KEY: gwp_status = 22;
/// A configuration value has the wrong type.
pub const GWP_E_CONFIG_TYPE: gwp_status = 23;
/// A configuration value is not allowed.
pub const GWP_E_CONFIG_VALUE: gwp_status = 24;
/// A pattern is outside the portable grammar.
pub const GWP_E_PATTERN: gwp_status = 25;
/// A pattern is too large.
pub const GWP_E_PATTERN_SIZE: gwp_status = 26;
/// A pattern that must not match the empty string does.
pub const GWP_E_PATTERN_EMPTY: gwp_status = 27;
/// The text is larger than the configured limit.
pub const GWP_E_TOO_LARGE: gwp_status = 40;
/// Nested data is too deep: a value of a binding, or a text of `json_repair` or `toon_encoder` beyond their `max_depth`.
pub const GWP_E_TOO_DEEP: gwp_status = 41;
/// Nested data has too many items (language bindings only).
pub const GWP_E_TOO_MANY_ITEMS: gwp_status = 42;
/// More findings than the configured limit.
pub const GWP_E_TOO_MANY_FINDINGS: gwp_status = 43;
/// Nested data contains itself (language bindings only).
pub const GWP_E_CYCLE: gwp_status = 44;
/// Compressed data is damaged or of another format.
pub const GWP_E_BAD_DATA: gwp_status = 45;
/// Compressed data ends too early.
pub const GWP_E_TRUNCATED: gwp_status = 46;
/// Something follows the end of compressed data.
pub const GWP_E_TRAILING: gwp_status = 47;
/// A checksum in compressed data does not match.
pub const GWP_E_CHECKSUM: gwp_status = 48;
/// Compressed data needs another dictionary.
pub const GWP_E_DICTIONARY: gwp_status = 49;
/// None of the codecs is accepted by the other side.
pub const GWP_E_NOT_ACCEPTABLE: gwp_status = 50;
/// Out of memory.
pub const GWP_E_NO_MEMORY: gwp_status = 60;
/// The operating system gave no random bytes.
pub const GWP_E_NO_ENTROPY: gwp_status = 61;
/// The server that holds the counts cannot be asked (language bindings only).
pub const GWP_E_UNAVAILABLE: gwp_status = 62;
/// A defect in gwplugins; the message names file and line.
pub const GWP_E_PANIC: gwp_status = 80;

pub(crate) const NAMES: &[(gwp_status, &CStr)] = &[
    (GWP_OK, c"GWP_OK"),
    (GWP_E_NULL_ARG, c"GWP_E_NULL_ARG"),
    (GWP_E_BAD_HANDLE, c"GWP_E_BAD_HANDLE"),
    (GWP_E_BAD_FLAG, c"GWP_E_BAD_FLAG"),
    (GWP_E_BAD_OFFSETS, c"GWP_E_BAD_OFFSETS"),
    (GWP_E_BUSY, c"GWP_E_BUSY"),
    (GWP_E_UNSUPPORTED, c"GWP_E_UNSUPPORTED"),
    (GWP_E_FINISHED, c"GWP_E_FINISHED"),
    (GWP_E_OUT_OF_RANGE, c"GWP_E_OUT_OF_RANGE"),
    (GWP_E_BAD_TYPE, c"GWP_E_BAD_TYPE"),
    (GWP_E_BAD_DETECTION, c"GWP_E_BAD_DETECTION"),
    (GWP_E_BAD_STATE, c"GWP_E_BAD_STATE"),
    (GWP_E_UNKNOWN_KIND, c"GWP_E_UNKNOWN_KIND"),
    (GWP_E_CONFIG_SYNTAX, c"GWP_E_CONFIG_SYNTAX"),
    (GWP_E_CONFIG_KEY, c"GWP_E_CONFIG_KEY"),
    (GWP_E_CONFIG_TYPE, c"GWP_E_CONFIG_TYPE"),
    (GWP_E_CONFIG_VALUE, c"GWP_E_CONFIG_VALUE"),
    (GWP_E_PATTERN, c"GWP_E_PATTERN"),
    (GWP_E_PATTERN_SIZE, c"GWP_E_PATTERN_SIZE"),
    (GWP_E_PATTERN_EMPTY, c"GWP_E_PATTERN_EMPTY"),
    (GWP_E_TOO_LARGE, c"GWP_E_TOO_LARGE"),
    (GWP_E_TOO_DEEP, c"GWP_E_TOO_DEEP"),
    (GWP_E_TOO_MANY_ITEMS, c"GWP_E_TOO_MANY_ITEMS"),
    (GWP_E_TOO_MANY_FINDINGS, c"GWP_E_TOO_MANY_FINDINGS"),
    (GWP_E_CYCLE, c"GWP_E_CYCLE"),
    (GWP_E_BAD_DATA, c"GWP_E_BAD_DATA"),
    (GWP_E_TRUNCATED, c"GWP_E_TRUNCATED"),
    (GWP_E_TRAILING, c"GWP_E_TRAILING"),
    (GWP_E_CHECKSUM, c"GWP_E_CHECKSUM"),
    (GWP_E_DICTIONARY, c"GWP_E_DICTIONARY"),
    (GWP_E_NOT_ACCEPTABLE, c"GWP_E_NOT_ACCEPTABLE"),
    (GWP_E_NO_MEMORY, c"GWP_E_NO_MEMORY"),
    (GWP_E_NO_ENTROPY, c"GWP_E_NO_ENTROPY"),
    (GWP_E_UNAVAILABLE, c"GWP_E_UNAVAILABLE"),
    (GWP_E_PANIC, c"GWP_E_PANIC"),
];

/// The name of a status, such as "GWP_E_BUSY", ending in NUL; "GWP_E_UNKNOWN" for a number this library does not know.
///
/// Owns: nothing; the text lives as long as the library. Threads: any. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub extern "C" fn gwp_status_name(status: gwp_status) -> *const c_char {
    NAMES.iter().find(|(code, _)| *code == status).map_or(c"GWP_E_UNKNOWN", |(_, name)| name).as_ptr()
}
