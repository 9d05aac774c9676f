//! Brotli (RFC 7932) by the crate of that name. Large windows, which the RFC does not know, are refused.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, CompressorWriter};
use gwplugins_core::fault::Fault;

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

pub(crate) const FORMAT: Format = Format {
    name: "brotli",
    levels: Some((0, 11, 5)),
    magic: b"",
    concatenated: false,
    whole: |settings| Ok(Box::new(OfKnownSize(settings.clone()))),
    encoder: |settings| Ok(Box::new(Encoder::new(settings, 0))),
    decoder: |settings| Ok(Box::new(Decoder::new(settings))),
};

/// What the crate compresses at a time.
const BUFFER: usize = 64 << 10;
/// 4 MiB, what the brotli tool uses.
const WINDOW_LOG: i32 = 22;

/// `None` once it is finished.
struct Encoder(Option<CompressorWriter<Vec<u8>>>);

impl Encoder {
    /// `size`: of the content; 0 when it is not known.
    fn new(settings: &Settings, size: usize) -> Self {
        let params = BrotliEncoderParams { quality: settings.level, lgwin: WINDOW_LOG, size_hint: size, ..BrotliEncoderParams::default() };
        Self(Some(CompressorWriter::with_params(Vec::new(), BUFFER, &params)))
    }
}

impl Encode for Encoder {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let encoder = self.0.as_mut().ok_or_else(|| Fault::new("finished"))?;
        encoder.write_all(chunk).map_err(|_| Fault::new("panic"))?;
        out.append(encoder.get_mut());
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let encoder = self.0.take().ok_or_else(|| Fault::new("finished"))?;
        out.append(&mut encoder.into_inner());
        Ok(())
    }
}

/// An encoder serves once; a new one is told how much is to come.
struct OfKnownSize(Settings);

impl Whole for OfKnownSize {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut encoder = Encoder::new(&self.0, data.len());
        encoder.push(data, out)?;
        encoder.finish(out)
    }
}

struct Decoder {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    window_log: u32,
    begun: bool,
}

impl Decoder {
    fn new(settings: &Settings) -> Self {
        let state = BrotliState::new_strict(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default());
        Self { state: Box::new(state), window_log: settings.window_log, begun: false }
    }
}

impl Decode for Decoder {
    fn look(&mut self, input: &[u8]) -> Result<(), Fault> {
        if let (false, Some(&first)) = (self.begun, input.first()) {
            self.begun = true;
            if window_log(first).is_none_or(|log| log > self.window_log) {
                return Err(Fault::with("codec_window", 0, u64::from(self.window_log)));
            }
        }
        Ok(())
    }

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Fault> {
        let before = out.len();
        out.resize(before + room, 0);
        let (mut left, mut read, mut free, mut written, mut total) = (input.len(), 0, room, 0, 0);
        let result =
            BrotliDecompressStream(&mut left, &mut read, input, &mut free, &mut written, &mut out[before..], &mut total, &mut self.state);
        out.truncate(before + written);
        match result {
            BrotliResult::ResultFailure => Err(Fault::new("codec_data")),
            result => Ok(Step { read, ended: matches!(result, BrotliResult::ResultSuccess) }),
        }
    }
}

/// RFC 7932, 9.1: the window from the first byte of a stream; `None` for the large windows of later encoders.
fn window_log(first: u8) -> Option<u32> {
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, _, _) => Some(16),
        (_, 0, 0) => Some(17),
        (_, 0, 1) => None,
        (_, 0, high) => Some(u32::from(high) + 8),
        (_, low, _) => Some(u32::from(low) + 17),
    }
}
