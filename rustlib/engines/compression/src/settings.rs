//! The configuration of a codec, read by `rules/codec.json`.

use std::sync::OnceLock;

use gwplugins_core::config::Schema;
use gwplugins_core::fault::Fault;

use crate::SCHEMA;
use crate::formats::{self, Format};

/// What a codec was told.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// In the range of the format; 0 for formats without levels.
    pub level: i32,
    pub checksum: bool,
    pub max_output: u64,
    pub max_ratio: u64,
    pub window_log: u32,
    pub concatenated: bool,
    pub dictionary: Vec<u8>,
}

impl Settings {
    /// Reads a configuration for `format`; `None` stands for the format that the data itself will name.
    pub fn read(format: Option<&Format>, config: &[u8]) -> Result<Self, Fault> {
        static PARSED: OnceLock<Schema> = OnceLock::new();
        let config = PARSED.get_or_init(|| Schema::parse(SCHEMA)).read(if config.is_empty() { b"{}" } else { config })?;
        let wanted = config.get("level").and_then(gwplugins_core::config::Value::as_int);
        let size = |key: &str| config.int(key).unsigned_abs();
        let dictionary = config.str("dictionary").map(from_base64).transpose()?.unwrap_or_default();
        if !dictionary.is_empty() {
            // `auto` may meet zstd.
            let sound = format.or_else(|| formats::named(b"zstd")).and_then(|format| format.dictionary);
            let sound = sound.ok_or_else(|| Fault::new("codec_dictionary_format").at("$.dictionary"))?;
            if !sound(&dictionary) {
                return Err(Fault::new("codec_dictionary_damaged").at("$.dictionary"));
            }
        }
        Ok(Self {
            level: level(format, wanted)?,
            checksum: config.bool("checksum"),
            max_output: size("max_output_bytes"),
            max_ratio: size("max_ratio"),
            window_log: size("max_window_log") as u32,
            concatenated: config.bool("concatenated"),
            dictionary,
        })
    }
}

fn level(format: Option<&Format>, wanted: Option<i64>) -> Result<i32, Fault> {
    let (least, most, default) = format.and_then(|format| format.levels).unwrap_or((0, 0, 0));
    let level = wanted.unwrap_or(i64::from(default));
    if !(i64::from(least)..=i64::from(most)).contains(&level) {
        return Err(Fault::with("codec_level", 0, 0).at("$.level"));
    }
    Ok(level as i32)
}

/// Base64 of the standard alphabet, padded, nothing else in it.
fn from_base64(text: &str) -> Result<Vec<u8>, Fault> {
    let refused = || Fault::new("codec_base64").at("$.dictionary");
    let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return Err(refused());
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in body.as_bytes().chunks(4) {
        let digits = group.iter().map(|&letter| digit(letter).ok_or_else(refused)).collect::<Result<Vec<u32>, Fault>>()?;
        let joined = digits.iter().fold(0, |joined, digit| joined << 6 | digit) << (6 * (4 - digits.len()));
        bytes.extend_from_slice(&joined.to_be_bytes()[1..digits.len()]);
    }
    Ok(bytes)
}

fn digit(letter: u8) -> Option<u32> {
    let digit = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}
