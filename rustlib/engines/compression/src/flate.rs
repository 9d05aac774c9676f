//! gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951): whole texts by libdeflate, or by `quick` where speed is wanted; streams by
//! zlib-rs. What is not a single good stream of gzip is decompressed by zlib-rs, which says what is wrong.

use gwplugins_core::fault::Fault;
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateError, Status};

use crate::decoder::{Decode, Step};
use crate::foreign::flate::{deflate, inflate};
use crate::foreign::libdeflate::{self, Opener, Packer, Wrapping};
use crate::formats::{Encode, Format, Whole};
use crate::quick::{self, Quick};
use crate::settings::Settings;

/// zlib's levels; the default is below its own, so that gzip is five times as fast as `gzip.compress`.
const LEVELS: (i32, i32, i32) = (0, 9, 5);
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
    dictionary: None,
    whole: |settings| Ok(texts(settings, &libdeflate::GZIP, &AROUND_GZIP)),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, true, GZIP_BITS)))),
    decoder: |_| Ok(Box::new(Decoder::new(true, GZIP_BITS))),
};

#[cfg(feature = "zlib")]
pub(crate) const ZLIB: Format = Format {
    name: "zlib",
    levels: Some(LEVELS),
    magic: b"",
    concatenated: false,
    dictionary: None,
    whole: |settings| Ok(texts(settings, &libdeflate::ZLIB, &AROUND_ZLIB)),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, true, BITS)))),
    decoder: |_| Ok(Box::new(Decoder::new(true, BITS))),
};

#[cfg(feature = "deflate")]
pub(crate) const DEFLATE: Format = Format {
    name: "deflate",
    levels: Some(LEVELS),
    magic: b"",
    concatenated: false,
    dictionary: None,
    whole: |settings| Ok(texts(settings, &libdeflate::DEFLATE, &AROUND_NOTHING)),
    encoder: |settings| Ok(Box::new(Encoder(Deflate::new(settings.level, false, BITS)))),
    decoder: |_| Ok(Box::new(Decoder::new(false, BITS))),
};

/// Bytes of gzip's header, without a name, and of its trailer, which are the longest.
const AROUND: usize = 18;

/// What `quick` makes is put between these: a header, and what follows from the text.
struct Around {
    header: &'static [u8],
    trailer: fn(&[u8], &mut Vec<u8>),
}

/// No name, no time, "fastest algorithm", system unknown; CRC-32 and size modulo 2^32 (RFC 1952, 2.3).
#[cfg(feature = "gzip")]
const AROUND_GZIP: Around = Around {
    header: &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255],
    trailer: |text, out| {
        out.extend_from_slice(&libdeflate::crc32(text).to_le_bytes());
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    },
};
/// A window of 32 KiB, "fastest algorithm"; Adler-32 (RFC 1950, 2.2).
#[cfg(feature = "zlib")]
const AROUND_ZLIB: Around =
    Around { header: &[0x78, 0x01], trailer: |text, out| out.extend_from_slice(&libdeflate::adler32(text).to_be_bytes()) };
#[cfg(feature = "deflate")]
const AROUND_NOTHING: Around = Around { header: &[], trailer: |_, _| {} };

/// The level at which all texts are deflated by `quick`, and the last one at which short texts are.
const QUICK: i32 = 1;
const QUICK_IF_SHORT: i32 = LEVELS.2;

struct Texts {
    level: i32,
    around: &'static Around,
    packer: Packer,
    /// Made for the first text that it deflates.
    quick: Option<Quick>,
}

fn texts(settings: &Settings, wrapping: &'static Wrapping, around: &'static Around) -> Box<dyn Whole> {
    Box::new(Texts { level: settings.level, around, packer: Packer::new(effort(settings.level), wrapping), quick: None })
}

/// The level at which libdeflate comes about as far as zlib at its own: the one below, from 2 on. docs/compression.md has the sizes.
fn effort(level: i32) -> i32 {
    level - i32::from(level > 1)
}

impl Whole for Texts {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let last = if data.len() <= quick::SHORT { QUICK_IF_SHORT } else { QUICK };
        if !(QUICK..=last).contains(&self.level) {
            return self.packer.pack(data, out);
        }
        out.try_reserve(quick::most(data.len()) + AROUND).map_err(|_| Fault::new("no_memory"))?;
        out.extend_from_slice(self.around.header);
        self.quick.get_or_insert_with(Quick::new).deflate(data, out);
        (self.around.trailer)(data, out);
        Ok(())
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
    header: bool,
    bits: u8,
    /// Made for the first step: whole texts may need none.
    inflate: Option<Inflate>,
    opener: Option<Opener>,
}

/// What RFC 1952 calls FHCRC, a checksum of the header, which libdeflate passes over.
const HEADER_CHECKSUM: u8 = 2;

impl Decoder {
    fn new(header: bool, bits: u8) -> Self {
        Self { header, bits, inflate: None, opener: None }
    }
}

impl Decode for Decoder {
    /// gzip ends with its size, modulo 2^32: libdeflate finds out whether that is true.
    fn whole(&mut self, data: &[u8], out: &mut Vec<u8>, most: usize) -> Result<bool, Fault> {
        let (&[.., a, b, c, d], GZIP_BITS) = (data, self.bits) else { return Ok(false) };
        let size = u32::from_le_bytes([a, b, c, d]) as usize;
        if data.len() < AROUND || data[3] & HEADER_CHECKSUM != 0 || size > most {
            return Ok(false);
        }
        let opener = if let Some(opener) = &mut self.opener { opener } else { self.opener.insert(Opener::new()?) };
        opener.gzip(data, out, size)
    }

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Fault> {
        let coder = self.inflate.get_or_insert_with(|| Inflate::new(self.header, self.bits));
        let (read, _, status) = inflate(coder, input, out, room)?;
        let ended = status.map_err(|error| fault(error, coder.error_message()))? == Status::StreamEnd;
        Ok(Step { read, ended })
    }

    fn reset(&mut self) -> bool {
        match &mut self.inflate {
            Some(inflate) if self.bits == BITS => inflate.reset(self.header),
            // It can begin anything again but gzip.
            inflate => *inflate = None,
        }
        true
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
