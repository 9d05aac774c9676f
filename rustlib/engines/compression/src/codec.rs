//! A configured codec, and a stream of it.

use std::sync::{Arc, Mutex, PoisonError};

use gwplugins_core::fault::Fault;
use serde_json::json;

use crate::decoder::{Decode, Decoder};
use crate::formats::{self, AUTO, Encode, Format, Whole};
use crate::settings::Settings;

/// A configured codec: immutable, used by any number of threads.
pub struct Codec {
    /// `None`: the data to decompress names its format.
    format: Option<&'static Format>,
    settings: Arc<Settings>,
    described: String,
    /// Coders wait here for the next call: making one costs more than a small text.
    compressors: Pool<Box<dyn Whole>>,
    decompressors: Pool<Box<dyn Decode>>,
}

impl Codec {
    /// The codec `name`, one of [`crate::names`] or `auto`, with a configuration in JSON. A fault when there is no such codec or the
    /// configuration is refused.
    pub fn new(name: &[u8], config: &[u8]) -> Result<Self, Fault> {
        let format = formats::named(name);
        if format.is_none() && name != AUTO {
            return Err(Fault::new("unknown_codec"));
        }
        let settings = Settings::read(format, config)?;
        let described = describe(format, &settings);
        let (compressors, decompressors) = (Pool::default(), Pool::default());
        Ok(Self { format, settings: Arc::new(settings), described, compressors, decompressors })
    }

    /// JSON: name, version, level, limits.
    pub fn describe(&self) -> &str {
        &self.described
    }

    /// Puts `data`, compressed, into `out`, which is empty.
    pub fn compress(&self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let format = self.format.ok_or_else(|| Fault::new("unsupported"))?;
        let mut compressor = self.compressors.take().map_or_else(|| (format.whole)(&self.settings), Ok)?;
        compressor.compress(data, out)?;
        if compressor.is_small() {
            self.compressors.give(compressor);
        }
        Ok(())
    }

    /// Appends what `data` holds to `out`. After a fault nothing of it may be used: a checksum may be what was wrong.
    pub fn decompress(&self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut decoder = Decoder::new(self.format, Arc::clone(&self.settings));
        // What waits is of this format; `auto` would have to ask which.
        decoder.reuse(self.format.and_then(|_| self.decompressors.take()));
        decoder.whole(data, out)?;
        if let (Some(_), Some(left)) = (self.format, decoder.left()) {
            self.decompressors.give(left);
        }
        Ok(())
    }

    /// Begins compressed data.
    pub fn encoder(&self) -> Result<Stream, Fault> {
        let format = self.format.ok_or_else(|| Fault::new("unsupported"))?;
        Ok(Stream::new(Way::Compress((format.encoder)(&self.settings)?)))
    }

    /// Begins to read compressed data.
    pub fn decoder(&self) -> Stream {
        Stream::new(Way::Decompress(Decoder::new(self.format, Arc::clone(&self.settings))))
    }
}

/// Things that can be used again, a few of them.
struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Pool<T> {
    /// More are dropped: as many threads seldom work with one codec at a time.
    const MOST: usize = 8;

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give(&self, thing: T) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < Self::MOST {
            idle.push(thing);
        }
    }
}

fn describe(format: Option<&Format>, settings: &Settings) -> String {
    let level = format.and_then(|format| format.levels).map(|_| settings.level);
    let limits = json!({
        "max_output_bytes": settings.max_output, "max_ratio": settings.max_ratio, "max_window_log": settings.window_log,
    });
    let name = format.map_or("auto", |format| format.name);
    json!({"codec": name, "version": env!("CARGO_PKG_VERSION"), "level": level, "limits": limits}).to_string()
}

enum Way {
    Compress(Box<dyn Encode>),
    Decompress(Decoder),
}

/// Data that arrives in chunks. After a fault or its end it takes nothing more.
pub struct Stream {
    way: Way,
    over: bool,
}

impl Stream {
    fn new(way: Way) -> Self {
        Self { way, over: false }
    }

    /// Takes a chunk and appends what it gives to `out`.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.enter()?;
        match &mut self.way {
            Way::Compress(encoder) => encoder.push(chunk, out)?,
            Way::Decompress(decoder) => decoder.push(chunk, out)?,
        }
        self.over = false;
        Ok(())
    }

    /// Ends the data and appends the rest to `out`. A fault says that it is not complete, or not what it should be.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.enter()?;
        match &mut self.way {
            Way::Compress(encoder) => encoder.finish(out),
            Way::Decompress(decoder) => decoder.finish(),
        }
    }

    /// A stream is over until the call at hand has gone well.
    fn enter(&mut self) -> Result<(), Fault> {
        if self.over {
            return Err(Fault::new("finished"));
        }
        self.over = true;
        Ok(())
    }
}
