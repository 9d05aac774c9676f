//! The format that changes nothing, so that a negotiation can end in it.

use gwplugins_core::fault::Fault;

use crate::decoder::{Decode, Step};
use crate::formats::{Encode, Format, Whole};

pub(crate) const FORMAT: Format = Format {
    name: "identity",
    levels: None,
    magic: b"",
    concatenated: false,
    dictionary: None,
    whole: |_| Ok(Box::new(Identity)),
    encoder: |_| Ok(Box::new(Identity)),
    decoder: |_| Ok(Box::new(Identity)),
};

struct Identity;

impl Encode for Identity {
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        out.try_reserve(chunk.len()).map_err(|_| Fault::new("no_memory"))?;
        out.extend_from_slice(chunk);
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<(), Fault> {
        Ok(())
    }
}

impl Whole for Identity {
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.push(data, out)
    }
}

impl Decode for Identity {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Fault> {
        let read = input.len().min(room);
        out.extend_from_slice(&input[..read]);
        Ok(Step { read, ended: false })
    }

    fn reset(&mut self) -> bool {
        true
    }

    fn may_end(&self) -> bool {
        true
    }
}
