//! gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951): whole texts are compressed by libdeflate; streams, and all decompression,
//! by zlib-rs. libdeflate would decompress faster, but takes deflated data that zlib refuses: reserved symbols, codes that are not complete.

use gwplugins_core::fault::Fault;
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateError, Status};

use crate::decoder::{Decode, Step};
use crate::foreign::flate::{deflate, inflate};
use crate::foreign::libdeflate::{self, Packer, Wrapping};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

/// zlib's levels and its default.
const LEVELS: (i32, i32, i32) = (0, 9, 6);
/// Output of one step of compression.
const STEP: usize = 64 << 10;
/// zlib's names for a wrapping: gzip around a window of 32 KiB, the plain window.
const GZIP_BITS: u8 = 31;
const BITS: u8 = 15;

#[cfg(feature = "gzip")]
pub(crate) const GZIP: Format = Format {
    name: "gzip",
    levels: Some(LEVELS),
    magic: b"\x1f\x8b",
    concatenated: true,
    whole: |settings| texts(settings, &libdeflate::GZIP),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, true, GZIP_BITS)))),
    decoder: |_| Ok(Box::new(Decoder { inflate: Inflate::new(true, GZIP_BITS), again: None })),
};

#[cfg(feature = "zlib")]
pub(crate) const ZLIB: Format = Format {
    name: "zlib",
    levels: Some(LEVELS),
    magic: b"",
    concatenated: false,
    whole: |settings| texts(settings, &libdeflate::ZLIB),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, true, BITS)))),
    decoder: |_| Ok(Box::new(Decoder { inflate: Inflate::new(true, BITS), again: Some(true) })),
};

#[cfg(feature = "deflate")]
pub(crate) const DEFLATE: Format = Format {
    name: "deflate",
    levels: Some(LEVELS),
    magic: b"",
    concatenated: false,
    whole: |settings| texts(settings, &libdeflate::DEFLATE),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, false, BITS)))),
    decoder: |_| Ok(Box::new(Decoder { inflate: Inflate::new(false, BITS), again: Some(false) })),
};

struct Texts(Packer);

fn texts(settings: &Settings, wrapping: &'static Wrapping) -> Result<Box<dyn Whole>, Fault> {
    Ok(Box::new(Texts(Packer::new(effort(settings.level), wrapping)?)))
}

/// The level at which libdeflate comes about as far as zlib at its own: the one below, from 2 on. docs/compression.md has the sizes.
fn effort(level: i32) -> i32 {
    level - i32::from(level > 1)
}

impl Whole for Texts {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.0.pack(data, out)
    }
}

struct Encoder(Deflate);

impl Encoder {
    fn run(&mut self, mut chunk: &[u8], out: &mut Vec<u8>, flush: DeflateFlush) -> Result<(), Fault> {
        loop {
            let (taken, made, status) = deflate(&mut self.0, chunk, out, STEP, flush)?;
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
        let (read, _, status) = inflate(&mut self.inflate, input, out, room)?;
        let ended = status.map_err(|error| fault(error, self.inflate.error_message()))? == Status::StreamEnd;
        Ok(Step { read, ended })
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
