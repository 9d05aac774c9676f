//! A configured codec, and a stream of it.

use gwplugins_core::fault::Fault;
use serde_json::json;

use crate::decoder::Decoder;
use crate::formats::{self, AUTO, Encode, Format};
use crate::settings::Settings;

/// A configured codec: immutable, used by any number of threads.
pub struct Codec {
    /// `None`: the data to decompress names its format.
    format: Option<&'static Format>,
    settings: Settings,
    described: String,
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
        Ok(Self { format, settings, described })
    }

    /// JSON: name, version, level, limits.
    pub fn describe(&self) -> &str {
        &self.described
    }

    /// Appends `data`, compressed, to `out`.
    pub fn compress(&self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let format = self.format.ok_or_else(|| Fault::new("unsupported"))?;
        if let Some(compress) = format.compress {
            return compress(&self.settings, data, out);
        }
        let mut encoder = (format.encoder)(&self.settings)?;
        encoder.push(data, out)?;
        encoder.finish(out)
    }

    /// Appends what `data` holds to `out`. After a fault nothing of it may be used: a checksum may be what was wrong.
    pub fn decompress(&self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut decoder = Decoder::new(self.format, self.settings.clone());
        decoder.push(data, out)?;
        decoder.finish()
    }

    /// Begins compressed data.
    pub fn encoder(&self) -> Result<Stream, Fault> {
        let format = self.format.ok_or_else(|| Fault::new("unsupported"))?;
        Ok(Stream::new(Way::Compress((format.encoder)(&self.settings)?)))
    }

    /// Begins to read compressed data.
    pub fn decoder(&self) -> Stream {
        Stream::new(Way::Decompress(Decoder::new(self.format, self.settings.clone())))
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
