//! Stands for the engine in a build without the feature `compression`: there is no codec, and nothing can be made of one.

use gwplugins_core::fault::Fault;

pub const SCHEMA: &str = "{}";

/// None is ever made.
pub struct Codec;
/// None is ever made.
pub struct Stream;

pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    std::iter::empty()
}

impl Codec {
    pub fn new(_name: &[u8], _config: &[u8]) -> Result<Self, Fault> {
        Err(Fault::new("unknown_codec"))
    }

    pub fn describe(&self) -> &str {
        SCHEMA
    }

    pub fn compress(&self, _data: &[u8], _out: &mut Vec<u8>) -> Result<(), Fault> {
        Err(Fault::new("unsupported"))
    }

    pub fn decompress(&self, _data: &[u8], _out: &mut Vec<u8>) -> Result<(), Fault> {
        Err(Fault::new("unsupported"))
    }

    pub fn encoder(&self) -> Result<Stream, Fault> {
        Err(Fault::new("unsupported"))
    }

    pub fn decoder(&self) -> Stream {
        Stream
    }
}

impl Stream {
    pub fn push(&mut self, _chunk: &[u8], _out: &mut Vec<u8>) -> Result<(), Fault> {
        Err(Fault::new("unsupported"))
    }

    pub fn finish(&mut self, _out: &mut Vec<u8>) -> Result<(), Fault> {
        Err(Fault::new("unsupported"))
    }
}

pub mod choose {
    use gwplugins_core::fault::Fault;

    pub fn choose(_data: &[u8], _media_type: &[u8], _accept: &[u8]) -> Result<&'static str, Fault> {
        Err(Fault::new("unsupported"))
    }
}

pub mod train {
    use gwplugins_core::fault::Fault;

    pub fn train(_samples: &[u8], _sizes: &[usize], _max_bytes: usize) -> Result<Vec<u8>, Fault> {
        Err(Fault::new("unsupported"))
    }
}
