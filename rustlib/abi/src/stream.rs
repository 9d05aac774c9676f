//! Streams: one text in chunks.

use std::sync::Arc;

use gwplugins_core::stream::Stream;

use crate::boundary::{boundary, contained};
use crate::bytes::{place, view};
use crate::error::gwp_error;
use crate::guard::{Options, gwp_guard};
use crate::handle::{self, Opaque};
use crate::result::{Filling, gwp_result};
use crate::status::gwp_status;

/// # Streams
///
/// One text that arrives in chunks of any size, cut anywhere. Findings and output of all parts, put one after the
/// other, are those of the whole text. Offsets count from the beginning of the text. What may still be part of a
/// finding is held back, by a bounded number of bytes.
pub struct gwp_stream {
    _opaque: [u8; 0],
}

impl Opaque for gwp_stream {
    type Inner = Stream;
    const TAG: u64 = u64::from_le_bytes(*b"gwpSTREA");
}

/// Begins a text in `*out`. `flags` as for `gwp_guard_scan`.
///
/// Owns: the caller owns `*out` and frees it with `gwp_stream_free`; the guard may be freed before.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_FLAG`, `GWP_E_UNSUPPORTED` when this guard must see the
/// whole text.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_stream_new(
    guard: *const gwp_guard,
    flags: u32,
    out: *mut *mut gwp_stream,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live guard and a writable out-parameter.
        let (out, guard) = unsafe { (place(out, std::ptr::null_mut(), 3)?, handle::shared(guard, 1)?) };
        let options = Options::read(flags)?;
        let stream = Stream::new(Arc::clone(guard), options.want, options.unit)?;
        // SAFETY: `place` has checked it.
        unsafe { out.write(handle::create(stream)) };
        Ok(())
    })
}

/// Adds a chunk. `result` gets the findings that have become certain and, with `GWP_OUTPUT`, the bytes that are safe
/// to emit.
///
/// Owns: nothing new; the chunk is copied as far as it is held back.
/// Threads: one at a time for each stream and each result.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`, `GWP_E_FINISHED`, the limits (40 to 59, counted over
/// all chunks), `GWP_E_PANIC`. After a limit or a panic the stream has failed: it gives only `GWP_E_FINISHED`, and
/// what it held back has **not** been checked.
/// Since: ABI 1.0.
/// Cost: linear in the text, whatever the chunks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_stream_push(
    stream: *mut gwp_stream,
    chunk: *const u8,
    len: usize,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles and readable bytes.
        let (mut filling, mut stream, chunk) = unsafe { (Filling::begin(result, 4)?, handle::exclusive(stream, 1)?, view(chunk, len, 2)?) };
        stream.push(chunk, filling.report())?;
        filling.keep();
        Ok(())
    })
}

/// Ends the text. `result` gets the rest of findings and output.
///
/// Owns: nothing new. Threads: as `gwp_stream_push`. Errors: as `gwp_stream_push`. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_stream_finish(stream: *mut gwp_stream, result: *mut gwp_result, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles.
        let (mut filling, mut stream) = unsafe { (Filling::begin(result, 2)?, handle::exclusive(stream, 1)?) };
        stream.finish(filling.report())?;
        filling.keep();
        Ok(())
    })
}

/// Frees a stream, finished or not. NULL is allowed. A stream that another thread's call is using at this moment is
/// given up, not freed.
///
/// Owns: takes `stream`. Threads: any, once. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_stream_free(stream: *mut gwp_stream) {
    // SAFETY: the caller promises a live stream, or NULL.
    contained(|| unsafe { handle::free(stream) });
}
