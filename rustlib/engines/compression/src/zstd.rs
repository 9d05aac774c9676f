//! zstd (RFC 8878) by libzstd.

use gwplugins_core::fault::Fault;
use zstd_safe::zstd_sys::ZSTD_EndDirective;
use zstd_safe::{CCtx, CDict, CParameter, DCtx, DParameter, ErrorCode, InBuffer, OutBuffer, ResetDirective};

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

pub(crate) const FORMAT: Format = Format {
    name: "zstd",
    levels: Some((-7, 22, 3)),
    magic: b"\x28\xb5\x2f\xfd",
    concatenated: true,
    dictionary: Some(is_dictionary),
    whole: |settings| Ok(Box::new(Encoder { context: compressor(settings)? })),
    encoder: |settings| Ok(Box::new(Encoder { context: compressor(settings)? })),
    decoder: |settings| Ok(Box::new(Decoder::new(settings)?)),
};

const DICTIONARY_MAGIC: &[u8] = b"\x37\xa4\x30\xec";

/// Contexts that have grown beyond this, by a large window or a high level, are freed after use.
const KEPT_BYTES: usize = 8 << 20;

/// What begins like a trained dictionary (RFC 8878, 5) has to be one; anything else is content that texts may repeat.
fn is_dictionary(bytes: &[u8]) -> bool {
    !bytes.starts_with(DICTIONARY_MAGIC) || CDict::try_create(bytes, 1).is_some()
}

fn compressor(settings: &Settings) -> Result<CCtx<'static>, Fault> {
    let mut context = CCtx::try_create().ok_or_else(|| Fault::new("no_memory"))?;
    context.set_parameter(CParameter::CompressionLevel(settings.level)).map_err(fault)?;
    context.set_parameter(CParameter::ChecksumFlag(settings.checksum)).map_err(fault)?;
    if !settings.dictionary.is_empty() {
        context.load_dictionary(&settings.dictionary).map_err(fault)?;
    }
    Ok(context)
}

struct Encoder {
    context: CCtx<'static>,
}

impl Encoder {
    fn run(&mut self, chunk: &[u8], out: &mut Vec<u8>, end: ZSTD_EndDirective) -> Result<(), Fault> {
        let mut input = InBuffer::around(chunk);
        loop {
            out.try_reserve(CCtx::out_size()).map_err(|_| Fault::new("no_memory"))?;
            let at = out.len();
            let left = self.context.compress_stream2(&mut OutBuffer::around_pos(out, at), &mut input, end).map_err(fault)?;
            let done = if end == ZSTD_EndDirective::ZSTD_e_end { left == 0 } else { input.pos() == chunk.len() };
            if done {
                return Ok(());
            }
        }
    }
}

impl Encode for Encoder {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.run(chunk, out, ZSTD_EndDirective::ZSTD_e_continue)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.run(&[], out, ZSTD_EndDirective::ZSTD_e_end)
    }
}

impl Whole for Encoder {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        out.try_reserve(zstd_safe::compress_bound(data.len())).map_err(|_| Fault::new("no_memory"))?;
        // It writes from the beginning of what it is given.
        debug_assert!(out.is_empty());
        self.context.compress2(out, data).map(|_| ()).map_err(fault)
    }

    fn is_small(&self) -> bool {
        self.context.sizeof() <= KEPT_BYTES
    }
}

struct Decoder {
    context: DCtx<'static>,
    window_log: u32,
    /// The first bytes of a header that comes in pieces, until they are decoded.
    head: Vec<u8>,
    header: Option<Header>,
    /// The room was filled: there may be more without further input.
    has_more: bool,
}

/// What a frame says of itself before its data: the size of its content.
struct Header {
    content: Option<u64>,
}

/// Magic number, descriptor, window, dictionary and content size.
const LONGEST_HEADER: usize = 18;

impl Decoder {
    fn new(settings: &Settings) -> Result<Self, Fault> {
        let mut context = DCtx::try_create().ok_or_else(|| Fault::new("no_memory"))?;
        context.set_parameter(DParameter::WindowLogMax(settings.window_log)).map_err(fault)?;
        if !settings.dictionary.is_empty() {
            context.load_dictionary(&settings.dictionary).map_err(fault)?;
        }
        Ok(Self { context, window_log: settings.window_log, head: Vec::new(), header: None, has_more: false })
    }

    /// Collects a header that comes in pieces; the bytes read from `input`.
    fn read_header(&mut self, input: &[u8]) -> Result<usize, Fault> {
        for (read, &byte) in input.iter().enumerate() {
            self.head.push(byte);
            self.header = parse_header(&self.head, self.window_log)?;
            if self.header.is_some() {
                return Ok(read + 1);
            }
        }
        Ok(input.len())
    }

    fn decode(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<Step, Fault> {
        if input.is_empty() && !self.has_more {
            // libzstd takes many calls without anything to do for an error.
            return Ok(Step { read: 0, ended: false });
        }
        let (mut source, at) = (InBuffer::around(input), out.len());
        let left = self.context.decompress_stream(&mut OutBuffer::around_pos(out, at), &mut source).map_err(fault)?;
        self.has_more = out.len() == out.capacity();
        Ok(Step { read: source.pos(), ended: left == 0 })
    }
}

impl Decode for Decoder {
    /// A header that comes whole stays in the input: libzstd decodes a frame that it sees whole without a window.
    fn look(&mut self, input: &[u8]) -> Result<(), Fault> {
        if self.header.is_none() && self.head.is_empty() && !input.is_empty() {
            self.header = parse_header(&input[..input.len().min(LONGEST_HEADER)], self.window_log)?;
        }
        Ok(())
    }

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, _room: usize) -> Result<Step, Fault> {
        if self.header.is_none() {
            // It is decoded in the next step: what it announces is judged before.
            return Ok(Step { read: self.read_header(input)?, ended: false });
        }
        let head = std::mem::take(&mut self.head);
        if !head.is_empty() {
            // Nothing comes of a header alone, and all of it is taken.
            self.decode(&head, out)?;
        }
        self.decode(input, out)
    }

    fn reset(&mut self) -> bool {
        self.head.clear();
        (self.header, self.has_more) = (None, false);
        self.context.sizeof() <= KEPT_BYTES && self.context.reset(ResetDirective::SessionOnly).is_ok()
    }

    fn announced(&self) -> Option<u64> {
        self.header.as_ref().and_then(|header| header.content)
    }
}

/// RFC 8878, 3.1.1.1; `None` when bytes are missing. A skippable frame announces nothing.
fn parse_header(head: &[u8], window_log: u32) -> Result<Option<Header>, Fault> {
    if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = head {
        return Ok((head.len() >= 8).then_some(Header { content: None }));
    }
    let known = head.len().min(FORMAT.magic.len());
    let may_skip = known < 4 && matches!(head, [0x50..=0x5f, rest @ ..] if b"\x2a\x4d\x18".starts_with(rest));
    if head[..known] != FORMAT.magic[..known] && !may_skip {
        return Err(Fault::new("codec_data"));
    }
    let Some((&descriptor, rest)) = head.get(4..).and_then(<[u8]>::split_first) else { return Ok(None) };
    let single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let digits = [usize::from(single), 2, 4, 8][usize::from(descriptor >> 6)];
    let before = usize::from(!single) + dictionary;
    let Some(number) = rest.get(before..before + digits) else { return Ok(None) };
    let number = number.iter().rev().fold(0, |number: u64, &byte| number << 8 | u64::from(byte));
    let content = (digits > 0).then_some(if digits == 2 { number + 256 } else { number });
    let window = if single { number } else { window_of(rest[0]) };
    if window > 1 << window_log {
        return Err(Fault::with("codec_window", 0, u64::from(window_log)));
    }
    Ok(Some(Header { content }))
}

fn window_of(descriptor: u8) -> u64 {
    let base = 1_u64 << (10 + (descriptor >> 3));
    base + base / 8 * u64::from(descriptor & 7)
}

/// libzstd's codes, `ZSTD_ErrorCode` of zstd_errors.h, which are stable.
fn fault(code: ErrorCode) -> Fault {
    Fault::new(match 0_usize.wrapping_sub(code) {
        16 => "codec_window",
        22 => "codec_checksum",
        30..=34 => "codec_dictionary",
        64 => "no_memory",
        _ => "codec_data",
    })
}
