//! The framing format of Snappy (framing_format.txt of its project), around blocks by the crate `snap`.

use gwplugins_core::fault::Fault;
use snap::raw::{Decoder as Unpack, Encoder as Pack, decompress_len, max_compress_len};

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};

pub(crate) const FORMAT: Format = Format {
    name: "snappy",
    levels: None,
    magic: START,
    concatenated: false,
    dictionary: None,
    whole: |_| Ok(Box::new(Encoder::new())),
    encoder: |_| Ok(Box::new(Encoder::new())),
    decoder: |_| Ok(Box::new(Decoder::new())),
};

/// The chunk that every stream begins with.
const START: &[u8] = b"\xff\x06\x00\x00sNaPpY";
/// Most bytes of content in one chunk.
const CHUNK: usize = 64 << 10;
const HEADER: usize = 4;
const CHECKSUM: usize = 4;
const COMPRESSED: u8 = 0;
const PLAIN: u8 = 1;

/// The checksum of a chunk: CRC-32C, turned and shifted so that data may hold checksums of itself.
fn checksum(data: &[u8]) -> [u8; CHECKSUM] {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

struct Encoder {
    begun: bool,
    held: Vec<u8>,
    pack: Pack,
    packed: Vec<u8>,
}

impl Encoder {
    fn new() -> Self {
        Self { begun: false, held: Vec::new(), pack: Pack::new(), packed: Vec::new() }
    }

    fn write(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.packed.resize(max_compress_len(content.len()), 0);
        let len = self.pack.compress(content, &mut self.packed).map_err(|_| Fault::new("panic"))?;
        // What shrinks by less than an eighth is not worth unpacking: the format's own rule of thumb.
        let worth = len < content.len() - content.len() / 8;
        let (kind, body) = if worth { (COMPRESSED, &self.packed[..len]) } else { (PLAIN, content) };
        let size = (body.len() + CHECKSUM) as u32;
        out.try_reserve(HEADER + CHECKSUM + body.len()).map_err(|_| Fault::new("no_memory"))?;
        out.push(kind);
        out.extend_from_slice(&size.to_le_bytes()[..3]);
        out.extend_from_slice(&checksum(content));
        out.extend_from_slice(body);
        Ok(())
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.begun {
            self.begun = true;
            out.extend_from_slice(START);
        }
    }
}

impl Encode for Encoder {
    fn push(&mut self, mut chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.begin(out);
        if !self.held.is_empty() {
            let (first, rest) = chunk.split_at(chunk.len().min(CHUNK - self.held.len()));
            self.held.extend_from_slice(first);
            chunk = rest;
            if self.held.len() < CHUNK {
                return Ok(());
            }
            let held = std::mem::take(&mut self.held);
            self.write(&held, out)?;
        }
        let mut whole = chunk.chunks_exact(CHUNK);
        for content in &mut whole {
            self.write(content, out)?;
        }
        self.held.extend_from_slice(whole.remainder());
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.begin(out);
        let held = std::mem::take(&mut self.held);
        if held.is_empty() { Ok(()) } else { self.write(&held, out) }
    }
}

impl Whole for Encoder {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        (self.begun, self.held) = (false, Vec::new());
        self.push(data, out)?;
        self.finish(out)
    }
}

/// Collects one chunk at a time.
struct Decoder {
    begun: bool,
    held: Vec<u8>,
    /// Bytes of a chunk without content that are still to be passed over.
    skip: usize,
    unpack: Unpack,
}

impl Decoder {
    fn new() -> Self {
        Self { begun: false, held: Vec::new(), skip: 0, unpack: Unpack::new() }
    }

    /// Bytes of the chunk in `held`, header included; `None` while its header is incomplete.
    fn wanted(&self) -> Option<usize> {
        match self.held[..] {
            [_, a, b, c, ..] => Some(HEADER + u32::from_le_bytes([a, b, c, 0]) as usize),
            _ => None,
        }
    }

    /// Judges a chunk by its header, before its body is collected.
    fn judge(&mut self, size: usize) -> Result<(), Fault> {
        let refused = || Fault::new("codec_data");
        let kind = self.held[0];
        if !self.begun && self.held != START[..HEADER] {
            return Err(refused());
        }
        match kind {
            COMPRESSED if (CHECKSUM..=CHECKSUM + max_compress_len(CHUNK)).contains(&size) => Ok(()),
            PLAIN if (CHECKSUM..=CHECKSUM + CHUNK).contains(&size) => Ok(()),
            0xff if size == START.len() - HEADER => Ok(()),
            0x80..=0xfe => {
                self.skip = size;
                self.held.clear();
                Ok(())
            }
            _ => Err(refused()),
        }
    }

    fn read_chunk(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let held = std::mem::take(&mut self.held);
        let refused = || Fault::new("codec_data");
        let (header, body) = held.split_at(HEADER);
        if header[0] == 0xff {
            self.begun = true;
            return if held == START { Ok(()) } else { Err(refused()) };
        }
        let (sum, body) = body.split_at(CHECKSUM);
        let before = out.len();
        if header[0] == PLAIN {
            out.extend_from_slice(body);
        } else {
            let len = decompress_len(body).map_err(|_| refused())?;
            if len > CHUNK {
                return Err(refused());
            }
            out.resize(before + len, 0);
            self.unpack.decompress(body, &mut out[before..]).map_err(|_| refused())?;
        }
        if checksum(&out[before..]) != sum { Err(Fault::new("codec_checksum")) } else { Ok(()) }
    }
}

impl Decode for Decoder {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, _room: usize) -> Result<Step, Fault> {
        if self.skip > 0 {
            let read = self.skip.min(input.len());
            self.skip -= read;
            return Ok(Step { read, ended: false });
        }
        let read = input.len().min(self.wanted().unwrap_or(HEADER) - self.held.len());
        let had_header = self.wanted().is_some();
        self.held.extend_from_slice(&input[..read]);
        if let (false, Some(wanted)) = (had_header, self.wanted()) {
            self.judge(wanted - HEADER)?;
        } else if self.wanted() == Some(self.held.len()) {
            self.read_chunk(out)?;
        }
        Ok(Step { read, ended: false })
    }

    fn may_end(&self) -> bool {
        self.begun && self.held.is_empty() && self.skip == 0
    }
}
