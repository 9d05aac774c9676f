//! gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951): whole texts by libdeflate, streams by zlib-rs.

use gwplugins_core::fault::Fault;
use libdeflater::{CompressionLvl, Compressor};
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateError, InflateFlush, Status};

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

/// Output of one step of compression.
const STEP: usize = 64 << 10;
/// zlib's names for a wrapping: gzip around a window of 32 KiB, the plain window.
const GZIP_BITS: u8 = 31;
const BITS: u8 = 15;

#[cfg(feature = "gzip")]
pub(crate) const GZIP: Format = Format {
    name: "gzip",
    levels: Some((0, 9, 6)),
    magic: b"\x1f\x8b",
    concatenated: true,
    whole: |settings| whole(settings, Compressor::gzip_compress_bound, Compressor::gzip_compress),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, true, GZIP_BITS)))),
    decoder: |_| Ok(Box::new(Decoder { inflate: Inflate::new(true, GZIP_BITS), again: None })),
};

#[cfg(feature = "zlib")]
pub(crate) const ZLIB: Format = Format {
    name: "zlib",
    levels: Some((0, 9, 6)),
    magic: b"",
    concatenated: false,
    whole: |settings| whole(settings, Compressor::zlib_compress_bound, Compressor::zlib_compress),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, true, BITS)))),
    decoder: |_| Ok(Box::new(Decoder { inflate: Inflate::new(true, BITS), again: Some(true) })),
};

#[cfg(feature = "deflate")]
pub(crate) const DEFLATE: Format = Format {
    name: "deflate",
    levels: Some((0, 9, 6)),
    magic: b"",
    concatenated: false,
    whole: |settings| whole(settings, Compressor::deflate_compress_bound, Compressor::deflate_compress),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, false, BITS)))),
    decoder: |_| Ok(Box::new(Decoder { inflate: Inflate::new(false, BITS), again: Some(false) })),
};

type Bound = fn(&mut Compressor, usize) -> usize;
type Compress = fn(&mut Compressor, &[u8], &mut [u8]) -> Result<usize, libdeflater::CompressionError>;

fn whole(settings: &Settings, bound: Bound, compress: Compress) -> Result<Box<dyn Whole>, Fault> {
    let level = CompressionLvl::new(settings.level).map_err(|_| Fault::new("panic"))?;
    Ok(Box::new(Texts { compressor: Compressor::new(level), bound, compress }))
}

/// libdeflate's compressor with the two functions of a wrapping.
struct Texts {
    compressor: Compressor,
    bound: Bound,
    compress: Compress,
}

impl Whole for Texts {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let (before, room) = (out.len(), (self.bound)(&mut self.compressor, data.len()));
        out.try_reserve(room).map_err(|_| Fault::new("no_memory"))?;
        out.resize(before + room, 0);
        let written = (self.compress)(&mut self.compressor, data, &mut out[before..]).map_err(|_| Fault::new("panic"))?;
        out.truncate(before + written);
        Ok(())
    }
}

struct Encoder(Deflate);

impl Encoder {
    fn run(&mut self, mut chunk: &[u8], out: &mut Vec<u8>, flush: DeflateFlush) -> Result<(), Fault> {
        loop {
            let (before, read, written) = (out.len(), self.0.total_in(), self.0.total_out());
            out.try_reserve(STEP).map_err(|_| Fault::new("no_memory"))?;
            out.resize(before + STEP, 0);
            let status = self.0.compress(chunk, &mut out[before..], flush);
            let (taken, made) = ((self.0.total_in() - read) as usize, (self.0.total_out() - written) as usize);
            out.truncate(before + made);
            chunk = &chunk[taken..];
            match status.map_err(|_| Fault::new("panic"))? {
                Status::StreamEnd => return Ok(()),
                _ if flush == DeflateFlush::NoFlush && chunk.is_empty() && made < STEP => return Ok(()),
                _ => {}
            }
        }
    }
}

impl Encode for Encoder {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        if chunk.is_empty() { Ok(()) } else { self.run(chunk, out, DeflateFlush::NoFlush) }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.run(&[], out, DeflateFlush::Finish)
    }
}

struct Decoder {
    inflate: Inflate,
    /// What zlib-rs is told to begin again with: zlib's header or none. It cannot begin gzip again.
    again: Option<bool>,
}

impl Decode for Decoder {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Fault> {
        let (before, read, written) = (out.len(), self.inflate.total_in(), self.inflate.total_out());
        out.resize(before + room, 0);
        let status = self.inflate.decompress(input, &mut out[before..], InflateFlush::NoFlush);
        out.truncate(before + (self.inflate.total_out() - written) as usize);
        let ended = status.map_err(|error| fault(error, self.inflate.error_message()))? == Status::StreamEnd;
        Ok(Step { read: (self.inflate.total_in() - read) as usize, ended })
    }

    fn reset(&mut self) -> bool {
        self.again.map(|header| self.inflate.reset(header)).is_some()
    }
}

/// zlib has one code for everything wrong in the data, and words that tell.
fn fault(error: InflateError, words: Option<&str>) -> Fault {
    Fault::new(match (error, words) {
        (InflateError::NeedDict { .. }, _) => "codec_dictionary",
        (InflateError::MemError, _) => "no_memory",
        (_, Some("incorrect data check" | "incorrect length check" | "header crc mismatch")) => "codec_checksum",
        _ => "codec_data",
    })
}
