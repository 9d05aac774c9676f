//! Guards: a configured engine behind a handle, and the two ways to scan.

use std::sync::Arc;

use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_core::offsets::{self, Unit};

use crate::boundary::{boundary, contained};
use crate::bytes::{self, Out, place, view};
use crate::error::gwp_error;
use crate::handle::{self, Opaque};
use crate::kinds;
use crate::result::{Filling, gwp_result};
use crate::status::gwp_status;

/// # Guards
///
/// A configured engine: text in, findings, verdict and rewritten text out. Immutable; any number of threads may use
/// one, each with its own result.
pub struct gwp_guard {
    _opaque: [u8; 0],
}

impl Opaque for gwp_guard {
    type Inner = Arc<dyn Guard>;
    const TAG: u64 = u64::from_le_bytes(*b"gwpGUARD");
}

/// Flag: build the rewritten text. Without it a call only finds.
pub const GWP_OUTPUT: u32 = 1;
/// Flag: build the details of findings, where the engine has any.
pub const GWP_DETAILS: u32 = 2;
/// Unit flag: offsets count UTF-8 bytes. The default.
pub const GWP_UNIT_BYTES: u32 = 0;
/// Unit flag: offsets count Unicode code points, as Python does.
pub const GWP_UNIT_CODE_POINTS: u32 = 16;
/// Unit flag: offsets count UTF-16 units, as Java and JavaScript do.
pub const GWP_UNIT_UTF16: u32 = 32;

/// What the flags of a call ask for.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) want: Want,
    pub(crate) unit: Unit,
}

impl Options {
    pub(crate) fn read(flags: u32) -> Result<Self, Fault> {
        let unit = match flags & !(GWP_OUTPUT | GWP_DETAILS) {
            GWP_UNIT_BYTES => Unit::Bytes,
            GWP_UNIT_CODE_POINTS => Unit::CodePoints,
            GWP_UNIT_UTF16 => Unit::Utf16,
            wrong => return Err(Fault::with("bad_flag", u64::from(wrong), 0)),
        };
        Ok(Self { want: Want { output: flags & GWP_OUTPUT != 0, details: flags & GWP_DETAILS != 0 }, unit })
    }
}

/// Makes a guard of the named kind (`gwp_kind_name`) in `*out`. `config` is one JSON object by the kind's schema
/// (`gwp_kind_schema`); empty means `{}`, all defaults. It is read strictly: the first thing wrong, in document order,
/// is the error, and its path says where.
///
/// Owns: the caller owns `*out` and frees it with `gwp_guard_free`; the two texts are not kept.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_UNKNOWN_KIND`, the codes of configuration (21 to 39), `GWP_E_NO_ENTROPY`.
/// Since: ABI 1.0.
/// Cost: microseconds, and some more for each pattern of your own. Make it once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_guard_new(
    kind: *const u8,
    kind_len: usize,
    config: *const u8,
    config_len: usize,
    out: *mut *mut gwp_guard,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter.
        let out = unsafe { place(out, std::ptr::null_mut(), 5) }?;
        // SAFETY: the caller promises readable bytes.
        let (name, text) = unsafe { (view(kind, kind_len, 1)?, view(config, config_len, 3)?) };
        let (kind, schema) = kinds::named(name)?;
        let config = schema.read(if text.is_empty() { b"{}" } else { text })?;
        let guard: Arc<dyn Guard> = (kind.open)(&config)?.into();
        // SAFETY: `place` has checked it.
        unsafe { out.write(handle::create(guard)) };
        Ok(())
    })
}

/// Frees a guard. NULL is allowed. Streams made from it live on. No call may be using it.
///
/// Owns: takes `guard`; views from `gwp_guard_describe` end. Threads: any, once. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_guard_free(guard: *mut gwp_guard) {
    // SAFETY: the caller promises a live guard, or NULL.
    contained(|| unsafe { handle::free(guard) });
}

/// Sets `*json` and `*len` to a description of the guard: kind, version, limits and "rules", whose indices are
/// `gwp_finding.rule`.
///
/// Owns: nothing; the view is valid until the guard is freed.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_guard_describe(
    guard: *const gwp_guard,
    json: *mut *const u8,
    len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live guard and writable out-parameters.
        unsafe { Out::new(json, len, 2)?.set(handle::shared(guard, 1)?.describe().as_bytes()) };
        Ok(())
    })
}

/// Scans `len` bytes at `text` and puts what it finds into `result`. The bytes may be anything; text is expected to be
/// UTF-8. `flags`: `GWP_OUTPUT`, `GWP_DETAILS`, one `GWP_UNIT_*`.
///
/// Owns: nothing new; findings and output are views in `result`; the text is not kept.
/// Threads: any number may share `guard`, each with its own `result`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_FLAG`, `GWP_E_BUSY`, the limits (40 to 59),
/// `GWP_E_PANIC`; the text has then **not** been checked.
/// Since: ABI 1.0.
/// Cost: no allocation when nothing is found.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_guard_scan(
    guard: *const gwp_guard,
    text: *const u8,
    len: usize,
    flags: u32,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles and readable bytes.
        let (mut filling, guard, text) = unsafe { (Filling::begin(result, 5)?, handle::shared(guard, 1)?, view(text, len, 2)?) };
        scan_item(guard.as_ref(), text, 0, Options::read(flags)?, filling.report())?;
        filling.keep();
        Ok(())
    })
}

/// Scans `count` items that lie in one buffer: item i is `text[offsets[i] .. offsets[i + 1]]`, so there are `count`
/// and one more offsets, ascending, the last not above `len`: Apache Arrow's layout for large strings. Nothing matches
/// across items. One item over a limit fails the whole call.
///
/// Owns: nothing new; findings, verdicts and outputs are views in `result`.
/// Threads: as `gwp_guard_scan`.
/// Errors: those of `gwp_guard_scan`, `GWP_E_BAD_OFFSETS`, `GWP_E_OUT_OF_RANGE` for more than 2^32 - 1 items.
/// Since: ABI 1.0.
/// Cost: 32 bytes for each item, kept in `result`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_guard_scan_batch(
    guard: *const gwp_guard,
    text: *const u8,
    len: usize,
    offsets: *const u64,
    count: usize,
    flags: u32,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles and readable bytes.
        let (mut filling, guard, text) = unsafe { (Filling::begin(result, 7)?, handle::shared(guard, 1)?, view(text, len, 2)?) };
        let options = Options::read(flags)?;
        if u32::try_from(count).is_err() {
            return Err(Fault::with("out_of_range", count as u64, u32::MAX.into()));
        }
        // SAFETY: the caller promises `count + 1` readable offsets when there are items.
        let offsets = unsafe { bytes::offsets(offsets, count, text.len(), 4) }?;
        scan_items(guard.as_ref(), text, offsets, options, filling.report())?;
        filling.keep();
        Ok(())
    })
}

fn scan_items(guard: &dyn Guard, text: &[u8], offsets: &[[u8; 8]], options: Options, report: &mut Report) -> Result<(), Fault> {
    report.items.reserve(offsets.len().saturating_sub(1));
    let mut clean_until = 0;
    for (item, pair) in (0..).zip(offsets.windows(2)) {
        // A host that changes them during the call gets a panic, not a read outside the buffer.
        let range = u64::from_ne_bytes(pair[0]) as usize..u64::from_ne_bytes(pair[1]) as usize;
        if range.end > clean_until {
            clean_until = guard.clean_until(text, range.start);
        }
        // That nothing stands before a place says nothing of what an empty item may hold.
        if range.end <= clean_until && !range.is_empty() {
            report.begin_item();
        } else {
            scan_item(guard, &text[range], item, options, report)?;
        }
    }
    Ok(())
}

#[inline]
fn scan_item(guard: &dyn Guard, text: &[u8], item: u32, options: Options, report: &mut Report) -> Result<(), Fault> {
    let (first, output_start) = (report.findings.len(), report.output.len());
    report.begin_item();
    let changed = guard.scan(text, item, options.want, report)? && options.want.output;
    report.end_item(first, output_start, changed);
    if report.findings.len() > first {
        offsets::convert(text, 0, 0, options.unit, &mut report.findings[first..]);
    }
    Ok(())
}
