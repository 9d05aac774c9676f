//! LZ4 frames by liblz4.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gwplugins_core::fault::Fault;
use lz4::liblz4::{BlockChecksum, BlockMode, BlockSize, ContentChecksum};

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

pub(crate) const FORMAT: Format = Format {
    name: "lz4",
    levels: Some((0, 12, 0)),
    magic: b"\x04\x22\x4d\x18",
    concatenated: true,
    whole: |settings| Ok(Box::new(OfKnownSize(settings.clone()))),
    encoder: |settings| Ok(Box::new(Encoder::new(settings, None)?)),
    decoder: |_| Ok(Box::new(Decoder::new()?)),
};

/// Most input that one step copies; liblz4 asks for no more than half of it at a time.
const STEP: usize = 64 << 10;

/// Bytes on their way through a codec that only knows readers and writers.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Bytes>>);

#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
    /// First byte that was not read.
    at: usize,
    /// Somebody wanted to read.
    asked: bool,
}

impl Pipe {
    fn open(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Read for Pipe {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut inside = self.open();
        inside.asked = true;
        let rest = &inside.bytes[inside.at..];
        let len = rest.len().min(room.len());
        room[..len].copy_from_slice(&rest[..len]);
        inside.at += len;
        Ok(len)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Encoder {
    /// `None` once it is finished.
    encoder: Option<lz4::Encoder<Pipe>>,
    pipe: Pipe,
}

impl Encoder {
    /// `size`: of the content, when it is known.
    fn new(settings: &Settings, size: Option<usize>) -> Result<Self, Fault> {
        let pipe = Pipe::default();
        let checksum = if settings.checksum { ContentChecksum::ChecksumEnabled } else { ContentChecksum::NoChecksum };
        let encoder = lz4::EncoderBuilder::new()
            .level(settings.level.unsigned_abs())
            .checksum(checksum)
            .block_checksum(BlockChecksum::NoBlockChecksum)
            .block_mode(BlockMode::Linked)
            .block_size(block_size(size))
            .content_size(size.unwrap_or(0) as u64)
            .build(pipe.clone())
            .map_err(fault)?;
        Ok(Self { encoder: Some(encoder), pipe })
    }

    fn release(&self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut inside = self.pipe.open();
        out.try_reserve(inside.bytes.len()).map_err(|_| Fault::new("no_memory"))?;
        out.append(&mut inside.bytes);
        Ok(())
    }
}

/// The smallest blocks that hold the content; those of a stream do not make the other side wait long.
fn block_size(size: Option<usize>) -> BlockSize {
    match size {
        Some(0..=0x1_0000) | None => BlockSize::Max64KB,
        Some(0x1_0001..=0x4_0000) => BlockSize::Max256KB,
        Some(_) => BlockSize::Max1MB,
    }
}

impl Encode for Encoder {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let encoder = self.encoder.as_mut().ok_or_else(|| Fault::new("finished"))?;
        encoder.write_all(chunk).map_err(fault)?;
        self.release(out)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let encoder = self.encoder.take().ok_or_else(|| Fault::new("finished"))?;
        encoder.finish().1.map_err(fault)?;
        self.release(out)
    }
}

/// An encoder serves once; a new one is told how much is to come.
struct OfKnownSize(Settings);

impl Whole for OfKnownSize {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut encoder = Encoder::new(&self.0, Some(data.len()))?;
        encoder.push(data, out)?;
        encoder.finish(out)
    }
}

struct Decoder {
    decoder: lz4::Decoder<Pipe>,
    pipe: Pipe,
    begun: bool,
}

impl Decoder {
    fn new() -> Result<Self, Fault> {
        let pipe = Pipe::default();
        Ok(Self { decoder: lz4::Decoder::new(pipe.clone()).map_err(fault)?, pipe, begun: false })
    }
}

impl Decode for Decoder {
    /// Only frames of today: skippable and legacy ones would make liblz4 read past their end.
    fn look(&mut self, input: &[u8]) -> Result<(), Fault> {
        if let (false, Some(&first)) = (self.begun, input.first()) {
            self.begun = true;
            if first != FORMAT.magic[0] {
                return Err(Fault::new("codec_data"));
            }
        }
        Ok(())
    }

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Fault> {
        {
            let mut inside = self.pipe.open();
            inside.bytes.clear();
            inside.bytes.extend_from_slice(&input[..input.len().min(STEP)]);
            (inside.at, inside.asked) = (0, false);
        }
        let before = out.len();
        out.resize(before + room, 0);
        let made = self.decoder.read(&mut out[before..]);
        out.truncate(before + made.as_ref().unwrap_or(&0));
        let made = made.map_err(fault)?;
        let inside = self.pipe.open();
        // A decoder that wants nothing and gives nothing is at the end of its frame.
        Ok(Step { read: inside.at, ended: made == 0 && !inside.asked })
    }
}

/// liblz4's errors are names, `LZ4F_errorCodes` of lz4frame.h.
fn fault(error: io::Error) -> Fault {
    let name = error.to_string();
    Fault::new(match () {
        () if name.contains("hecksum_invalid") => "codec_checksum",
        () if name.contains("allocation_failed") => "no_memory",
        () => "codec_data",
    })
}
