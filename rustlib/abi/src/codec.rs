//! Codecs: bytes become fewer bytes and come back, in one call or chunk by chunk.

#[cfg(feature = "compression")]
use gwplugins_compression as engine;
use gwplugins_core::fault::Fault;

use crate::boundary::{boundary, contained};
use crate::bytes::{self, Out, place, view};
use crate::error::gwp_error;
use crate::handle::{self, Opaque};
use crate::result::{Filling, gwp_result};
use crate::status::gwp_status;

/// A build without codecs has the functions and refuses every name.
#[cfg(not(feature = "compression"))]
#[path = "codec/absent.rs"]
mod engine;

/// # Codecs
///
/// A configured codec: "zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy", "identity", or "auto", which
/// decompresses what tells its format by its first bytes (zstd, gzip, zlib, lz4, snappy). Immutable; any number of
/// threads may use one, each with its own result. What decompression may give is bounded by the configuration before
/// it begins.
pub struct gwp_codec {
    _opaque: [u8; 0],
}

impl Opaque for gwp_codec {
    type Inner = engine::Codec;
    const TAG: u64 = u64::from_le_bytes(*b"gwpCODEC");
}

/// # Streams of codecs
///
/// Data that arrives in chunks of any size, cut anywhere.
pub struct gwp_codec_stream {
    _opaque: [u8; 0],
}

impl Opaque for gwp_codec_stream {
    type Inner = engine::Stream;
    const TAG: u64 = u64::from_le_bytes(*b"gwpCODST");
}

/// Flag of `gwp_codec_stream_new`: the stream compresses. The default.
pub const GWP_CODEC_COMPRESS: u32 = 0;
/// Flag of `gwp_codec_stream_new`: the stream decompresses.
pub const GWP_CODEC_DECOMPRESS: u32 = 1;

/// Number of codecs in this library; their indices are 0 to this number less one.
///
/// Owns: nothing. Threads: any. Errors: none. Since: ABI 1.2.
#[unsafe(no_mangle)]
pub extern "C" fn gwp_codec_count() -> usize {
    engine::names().len()
}

/// Sets `*name` and `*len` to the name of a codec: what `gwp_codec_new` takes.
///
/// Owns: nothing; the view lives as long as the library.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_OUT_OF_RANGE`.
/// Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_name(index: usize, name: *mut *const u8, len: *mut usize, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters.
        let out = unsafe { Out::new(name, len, 2) }?;
        let found = engine::names().nth(index);
        out.set(found.ok_or_else(|| Fault::with("out_of_range", index as u64, engine::names().len() as u64))?.as_bytes());
        Ok(())
    })
}

/// Sets `*schema` and `*len` to the JSON Schema of every codec's configuration.
///
/// Owns: nothing; the view lives as long as the library. Threads: any. Errors: `GWP_E_NULL_ARG`. Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_schema(schema: *mut *const u8, len: *mut usize, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters.
        unsafe { Out::new(schema, len, 1) }?.set(engine::SCHEMA.as_bytes());
        Ok(())
    })
}

/// Makes the codec `name` in `*out`, configured by the JSON object `config`; empty text means `{}`.
///
/// Owns: the caller owns `*out` and frees it with `gwp_codec_free`; neither text is kept.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_UNKNOWN_KIND`, those of the configuration (21 to 24).
/// Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_new(
    name: *const u8,
    name_len: usize,
    config: *const u8,
    config_len: usize,
    out: *mut *mut gwp_codec,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises readable bytes and a writable out-parameter.
        let (out, name, config) = unsafe { (place(out, std::ptr::null_mut(), 5)?, view(name, name_len, 1)?, view(config, config_len, 3)?) };
        let codec = engine::Codec::new(name, config)?;
        // SAFETY: `place` has checked it.
        unsafe { out.write(handle::create(codec)) };
        Ok(())
    })
}

/// Frees a codec. NULL is allowed. Streams made from it live on. No call may be using it.
///
/// Owns: takes `codec`; views from `gwp_codec_describe` end. Threads: any, once. Errors: none. Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_free(codec: *mut gwp_codec) {
    // SAFETY: the caller promises a live codec, or NULL.
    contained(|| unsafe { handle::free(codec) });
}

/// Sets `*json` and `*len` to a description of the codec: name, version, level, limits.
///
/// Owns: nothing; the view is valid until the codec is freed.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`.
/// Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_describe(
    codec: *const gwp_codec,
    json: *mut *const u8,
    len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live codec and writable out-parameters.
        unsafe { Out::new(json, len, 2)?.set(handle::shared(codec, 1)?.describe().as_bytes()) };
        Ok(())
    })
}

/// Compresses `len` bytes at `data`; `gwp_result_output` gives what came of it.
///
/// Owns: nothing new; the output is a view in `result`; the data is not kept.
/// Threads: any number may share `codec`, each with its own `result`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`, `GWP_E_UNSUPPORTED` for "auto", `GWP_E_NO_MEMORY`,
/// `GWP_E_PANIC`.
/// Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_compress(
    codec: *const gwp_codec,
    data: *const u8,
    len: usize,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles and readable bytes.
        let (filling, codec, data) = unsafe { (Filling::begin(result, 4)?, handle::shared(codec, 1)?, view(data, len, 2)?) };
        fill(filling, |out| codec.compress(data, out))
    })
}

/// Decompresses `len` bytes at `data`; `gwp_result_output` gives what they hold. All of the data must be good: when
/// the call fails, a wrong checksum at the very end included, there is no output.
///
/// Owns: nothing new; the output is a view in `result`; the data is not kept.
/// Threads: any number may share `codec`, each with its own `result`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`, `GWP_E_TOO_LARGE` for a limit, `GWP_E_BAD_DATA`,
/// `GWP_E_TRUNCATED`, `GWP_E_TRAILING`, `GWP_E_CHECKSUM`, `GWP_E_DICTIONARY`, `GWP_E_NO_MEMORY`, `GWP_E_PANIC`.
/// Since: ABI 1.2.
/// Cost: memory for the output, which the limits bound, and for the window.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_decompress(
    codec: *const gwp_codec,
    data: *const u8,
    len: usize,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles and readable bytes.
        let (filling, codec, data) = unsafe { (Filling::begin(result, 4)?, handle::shared(codec, 1)?, view(data, len, 2)?) };
        fill(filling, |out| codec.decompress(data, out))
    })
}

/// Begins a stream in `*out`. `flags`: `GWP_CODEC_COMPRESS` or `GWP_CODEC_DECOMPRESS`.
///
/// Owns: the caller owns `*out` and frees it with `gwp_codec_stream_free`; the codec may be freed before.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_FLAG`, `GWP_E_UNSUPPORTED` for compressing with "auto",
/// `GWP_E_NO_MEMORY`.
/// Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_stream_new(
    codec: *const gwp_codec,
    flags: u32,
    out: *mut *mut gwp_codec_stream,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live codec and a writable out-parameter.
        let (out, codec) = unsafe { (place(out, std::ptr::null_mut(), 3)?, handle::shared(codec, 1)?) };
        let stream = match flags {
            GWP_CODEC_COMPRESS => codec.encoder()?,
            GWP_CODEC_DECOMPRESS => codec.decoder(),
            _ => return Err(Fault::with("bad_flag", u64::from(flags), 0)),
        };
        // SAFETY: `place` has checked it.
        unsafe { out.write(handle::create(stream)) };
        Ok(())
    })
}

/// Adds a chunk; `gwp_result_output` gives what it has led to, which may be nothing.
///
/// Owns: nothing new; the chunk is copied as far as it is held back.
/// Threads: one at a time for each stream and each result.
/// Errors: those of `gwp_codec_decompress`, the limits counted over all chunks, and `GWP_E_FINISHED`. After an error
/// the stream has failed and gives only `GWP_E_FINISHED`.
/// Since: ABI 1.2.
/// Cost: when decompressing, up to `max_ratio` times the chunk: pass small chunks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_stream_push(
    stream: *mut gwp_codec_stream,
    chunk: *const u8,
    len: usize,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles and readable bytes.
        let (filling, mut stream, chunk) = unsafe { (Filling::begin(result, 4)?, handle::exclusive(stream, 1)?, view(chunk, len, 2)?) };
        fill(filling, |out| stream.push(chunk, out))
    })
}

/// Ends the data; `gwp_result_output` gives the rest. When decompressing, only this call's success says that the data
/// was complete.
///
/// Owns: nothing new. Threads: as `gwp_codec_stream_push`. Errors: as `gwp_codec_stream_push`. Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_stream_finish(
    stream: *mut gwp_codec_stream,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles.
        let (filling, mut stream) = unsafe { (Filling::begin(result, 2)?, handle::exclusive(stream, 1)?) };
        fill(filling, |out| stream.finish(out))
    })
}

/// Frees a stream, finished or not. NULL is allowed. A stream that another thread's call is using at this moment is
/// given up, not freed.
///
/// Owns: takes `stream`. Threads: any, once. Errors: none. Since: ABI 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_stream_free(stream: *mut gwp_codec_stream) {
    // SAFETY: the caller promises a live stream, or NULL.
    contained(|| unsafe { handle::free(stream) });
}

/// Sets `*name` and `*name_len` to the codec that suits `data` best. `media_type` is the data's, such as
/// "application/json", or empty. `accept` is the value of an Accept-Encoding field, or "*" when there was none: empty,
/// as RFC 9110 has it, accepts "identity" alone. Only codecs that HTTP names are chosen; its "br" is "brotli", its
/// "deflate" is "zlib".
///
/// "identity" means: leave the data as it is. It is chosen for what is short, of a compressed media type, or noise.
///
/// Owns: nothing; the view lives as long as the library.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_NOT_ACCEPTABLE` when `accept` refuses everything.
/// Since: ABI 1.2.
/// Cost: looks at 4096 bytes of the data at most.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_choose(
    data: *const u8,
    len: usize,
    media_type: *const u8,
    media_type_len: usize,
    accept: *const u8,
    accept_len: usize,
    name: *mut *const u8,
    name_len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises readable bytes and writable out-parameters.
        let (out, data) = unsafe { (Out::new(name, name_len, 7)?, view(data, len, 1)?) };
        // SAFETY: as above.
        let (media_type, accept) = unsafe { (view(media_type, media_type_len, 3)?, view(accept, accept_len, 5)?) };
        out.set(engine::choose::choose(data, media_type, accept)?.as_bytes());
        Ok(())
    })
}

/// Trains a zstd dictionary of at most `max_bytes` bytes on `count` samples that lie in one buffer: sample i is
/// `samples[offsets[i] .. offsets[i + 1]]`, as in `gwp_guard_scan_batch`, the first offset 0 and the last `len`.
/// `gwp_result_output` gives it; in base64 it is the key "dictionary" of a configuration.
///
/// Owns: nothing new; the output is a view in `result`; the samples are not kept.
/// Threads: any, one at a time for each result.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`, `GWP_E_BAD_OFFSETS`, `GWP_E_OUT_OF_RANGE` when the
/// samples are too few or too small, `GWP_E_UNSUPPORTED` without zstd, `GWP_E_NO_MEMORY`.
/// Since: ABI 1.2.
/// Cost: seconds for many megabytes of samples.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_codec_train(
    samples: *const u8,
    len: usize,
    offsets: *const u64,
    count: usize,
    max_bytes: usize,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live result, readable bytes, and `count + 1` readable offsets when there are samples.
        let (filling, samples) = unsafe { (Filling::begin(result, 6)?, view(samples, len, 1)?) };
        // SAFETY: as above.
        let sizes = sizes(unsafe { bytes::offsets(offsets, count, samples.len(), 3) }?, samples.len())?;
        fill(filling, |out| {
            *out = engine::train::train(samples, &sizes, max_bytes)?;
            Ok(())
        })
    })
}

/// Has `work` write the output of a result, whose one item then says where it lies.
fn fill(mut filling: Filling, work: impl FnOnce(&mut Vec<u8>) -> Result<(), Fault>) -> Result<(), Fault> {
    let report = filling.report();
    report.begin_item();
    work(&mut report.output)?;
    report.end_item(0, 0, true);
    filling.keep();
    Ok(())
}

/// The sizes of items that fill a buffer of `len` bytes.
fn sizes(offsets: &[[u8; 8]], len: usize) -> Result<Vec<usize>, Fault> {
    let places: Vec<_> = offsets.iter().map(|&offset| u64::from_ne_bytes(offset) as usize).collect();
    if places.first().is_some_and(|&first| first != 0) || places.last().copied().unwrap_or(0) != len {
        return Err(Fault::with("bad_offsets", places.len().saturating_sub(1) as u64, len as u64));
    }
    Ok(places.windows(2).map(|pair| pair[1] - pair[0]).collect())
}
