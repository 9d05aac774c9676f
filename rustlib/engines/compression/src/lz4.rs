//! LZ4 frames by liblz4.

use gwplugins_core::fault::Fault;

use crate::decoder::{Decode, Step};
use crate::foreign::lz4::{Opener, Packer};
use crate::formats::{Encode, Format, Whole};
use crate::settings::Settings;

pub(crate) const FORMAT: Format = Format {
    name: "lz4",
    levels: Some((0, 12, 0)),
    magic: b"\x04\x22\x4d\x18",
    concatenated: true,
    dictionary: None,
    whole: |settings| Ok(Box::new(Texts(packer(settings, true)?))),
    encoder: |settings| Ok(Box::new(Encoder { packer: packer(settings, false)?, begun: false })),
    decoder: |_| Ok(Box::new(Decoder { opener: Opener::new()?, begun: false })),
};

fn packer(settings: &Settings, whole: bool) -> Result<Packer, Fault> {
    Packer::new(settings.level.unsigned_abs(), settings.checksum, whole)
}

struct Encoder {
    packer: Packer,
    begun: bool,
}

impl Encoder {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        if std::mem::replace(&mut self.begun, true) { Ok(()) } else { self.packer.begin(0, out) }
    }
}

impl Encode for Encoder {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.begin(out)?;
        self.packer.push(chunk, out)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.begin(out)?;
        self.packer.end(out)
    }
}

/// Frames that say how much they hold.
struct Texts(Packer);

impl Whole for Texts {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.0.begin(data.len(), out)?;
        self.0.push(data, out)?;
        self.0.end(out)
    }
}

struct Decoder {
    opener: Opener,
    begun: bool,
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
        let (read, ended) = self.opener.step(input, out, room)?;
        Ok(Step { read, ended })
    }

    fn reset(&mut self) -> bool {
        self.opener.reset();
        self.begun = false;
        true
    }
}
