//! The catalogue: which kinds of guard this library holds.

use std::sync::OnceLock;

use gwplugins_core::config::Schema;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{self, Kind};

use crate::boundary::boundary;
use crate::bytes::{Out, place};
use crate::error::gwp_error;
use crate::status::gwp_status;

/// One line for each engine, under its cargo feature.
const KINDS: &[&Kind] = &[
    #[cfg(feature = "json_repair")]
    &gwplugins_json_repair::KIND,
    #[cfg(feature = "pii_filter")]
    &gwplugins_pii_filter::KIND,
    #[cfg(feature = "regex_filter")]
    &gwplugins_regex_filter::KIND,
    #[cfg(feature = "sql_sanitizer")]
    &gwplugins_sql_sanitizer::KIND,
    #[cfg(feature = "toon_encoder")]
    &gwplugins_toon_encoder::KIND,
    #[cfg(any(test, feature = "probe"))]
    &gwplugins_probe::KIND,
];

/// Capability: this kind rewrites text (`GWP_OUTPUT`).
pub const GWP_CAP_OUTPUT: u32 = 1;
/// Capability: this kind can stream, although a configuration may exclude it.
pub const GWP_CAP_STREAM: u32 = 2;
/// Capability: this kind writes details (`GWP_DETAILS`).
pub const GWP_CAP_DETAILS: u32 = 4;

const _: () = assert!(GWP_CAP_OUTPUT == guard::CAP_OUTPUT && GWP_CAP_STREAM == guard::CAP_STREAM && GWP_CAP_DETAILS == guard::CAP_DETAILS);

/// The kind with this name and its schema, which is parsed once.
pub(crate) fn named(name: &[u8]) -> Result<(&'static Kind, &'static Schema), Fault> {
    static SCHEMAS: [OnceLock<Schema>; KINDS.len()] = [const { OnceLock::new() }; KINDS.len()];
    let index = KINDS.iter().position(|kind| kind.name.as_bytes() == name).ok_or_else(|| Fault::new("unknown_kind"))?;
    Ok((KINDS[index], SCHEMAS[index].get_or_init(|| Schema::parse(KINDS[index].schema))))
}

fn at(index: usize) -> Result<&'static Kind, Fault> {
    KINDS.get(index).copied().ok_or_else(|| Fault::with("out_of_range", index as u64, KINDS.len() as u64))
}

/// Number of kinds in this library; their indices are 0 to this number less one.
///
/// Owns: nothing. Threads: any. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub extern "C" fn gwp_kind_count() -> usize {
    KINDS.len()
}

/// Sets `*name` and `*len` to the name of a kind, such as "pii_filter": what `gwp_guard_new` takes.
///
/// Owns: nothing; the view lives as long as the library.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_OUT_OF_RANGE`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_kind_name(index: usize, name: *mut *const u8, len: *mut usize, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters.
        let out = unsafe { Out::new(name, len, 2) }?;
        out.set(at(index)?.name.as_bytes());
        Ok(())
    })
}

/// Sets `*schema` and `*len` to the JSON Schema of a kind's configuration.
///
/// Owns: nothing; the view lives as long as the library.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_OUT_OF_RANGE`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_kind_schema(index: usize, schema: *mut *const u8, len: *mut usize, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters.
        let out = unsafe { Out::new(schema, len, 2) }?;
        out.set(at(index)?.schema.as_bytes());
        Ok(())
    })
}

/// Sets `*caps` to what a kind can do: bits `GWP_CAP_*`. Bits this header does not name may be set by a later library.
///
/// Owns: nothing. Threads: any. Errors: `GWP_E_NULL_ARG`, `GWP_E_OUT_OF_RANGE`. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_kind_caps(index: usize, caps: *mut u32, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter.
        let out = unsafe { place(caps, 0, 2) }?;
        let found = at(index)?.caps;
        // SAFETY: `place` has checked it.
        unsafe { out.write(found) };
        Ok(())
    })
}
