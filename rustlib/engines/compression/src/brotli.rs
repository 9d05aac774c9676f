//! Brotli (RFC 7932) by Google's library, through `compu`. Large windows, which the RFC does not know, are refused.

use compu::decoder::{BrotliC as Unpack, DecodeStatus, Decoder as _};
use compu::encoder::{BrotliC as Pack, BrotliOptions, BrotliQuality, EncodeOp, EncodeStatus, Encoder as _};
use gwplugins_core::fault::Fault;

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

pub(crate) const FORMAT: Format = Format {
    name: "brotli",
    levels: Some((0, 11, 5)),
    magic: b"",
    concatenated: false,
    dictionary: None,
    whole: |settings| Ok(Box::new(Texts(quality(settings)?))),
    encoder: |settings| Ok(Box::new(Encoder::new(quality(settings)?)?)),
    decoder: |settings| Ok(Box::new(Decoder::new(settings)?)),
};

/// Room for output of one step of compression.
const STEP: usize = 16 << 10;

/// The crate has a name for each level.
const QUALITIES: [BrotliQuality; 12] = [
    BrotliQuality::Q0,
    BrotliQuality::Q1,
    BrotliQuality::Q2,
    BrotliQuality::Q3,
    BrotliQuality::Q4,
    BrotliQuality::Q5,
    BrotliQuality::Q6,
    BrotliQuality::Q7,
    BrotliQuality::Q8,
    BrotliQuality::Q9,
    BrotliQuality::Q10,
    BrotliQuality::Q11,
];

fn quality(settings: &Settings) -> Result<BrotliQuality, Fault> {
    let level = usize::try_from(settings.level).ok();
    level.and_then(|level| QUALITIES.get(level)).copied().ok_or_else(|| Fault::new("panic"))
}

struct Encoder(Pack);

impl Encoder {
    fn new(quality: BrotliQuality) -> Result<Self, Fault> {
        Pack::new(BrotliOptions::new().quality(quality)).map(Self).ok_or_else(|| Fault::new("no_memory"))
    }

    fn run(&mut self, mut input: &[u8], out: &mut Vec<u8>, operation: EncodeOp) -> Result<(), Fault> {
        loop {
            out.try_reserve(STEP).map_err(|_| Fault::new("no_memory"))?;
            let done = self.0.encode_vec(input, out, operation);
            input = &input[input.len() - done.input_remain..];
            match done.status {
                EncodeStatus::Error => return Err(Fault::new("panic")),
                EncodeStatus::Finished => return Ok(()),
                EncodeStatus::Continue if input.is_empty() && operation == EncodeOp::Process => return Ok(()),
                EncodeStatus::Continue | EncodeStatus::NeedOutput => {}
            }
        }
    }
}

impl Encode for Encoder {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.run(chunk, out, EncodeOp::Process)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.run(&[], out, EncodeOp::Finish)
    }
}

/// An encoder serves once; one that sees the whole text at once knows how much is to come.
struct Texts(BrotliQuality);

impl Whole for Texts {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        Encoder::new(self.0)?.run(data, out, EncodeOp::Finish)
    }
}

struct Decoder {
    unpack: Unpack,
    window_log: u32,
    begun: bool,
}

impl Decoder {
    fn new(settings: &Settings) -> Result<Self, Fault> {
        let unpack = Unpack::new().ok_or_else(|| Fault::new("no_memory"))?;
        Ok(Self { unpack, window_log: settings.window_log, begun: false })
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

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, _room: usize) -> Result<Step, Fault> {
        let done = self.unpack.decode_vec(input, out);
        let status = done.status.map_err(|_| Fault::new("codec_data"))?;
        Ok(Step { read: input.len() - done.input_remain, ended: status == DecodeStatus::Finished })
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
