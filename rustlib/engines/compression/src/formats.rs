//! The formats this build holds: what each is called and how one is opened. `rules/codecs.json` says the same for Python.

use gwplugins_core::fault::Fault;

use crate::decoder::Decode;
use crate::settings::Settings;

/// Compresses one stream.
pub(crate) trait Encode: Send {
    /// Takes a chunk; appends what has become certain to `out`.
    fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault>;
    /// Appends the rest.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Fault>;
}

/// Compresses whole texts, one after the other.
pub(crate) trait Whole: Send {
    /// Puts `data`, compressed, into `out`, which is empty.
    fn compress(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault>;
    /// Its memory may be kept for the next text.
    fn is_small(&self) -> bool {
        true
    }
}

/// One format.
pub(crate) struct Format {
    pub name: &'static str,
    /// Least, most, default.
    pub levels: Option<(i32, i32, i32)>,
    /// What a stream begins with; empty when it cannot be told.
    pub magic: &'static [u8],
    /// Several streams, one after the other, are one.
    pub concatenated: bool,
    /// Says whether bytes can serve as a dictionary; `None` for a format without.
    pub dictionary: Option<fn(&[u8]) -> bool>,
    pub whole: fn(&Settings) -> Result<Box<dyn Whole>, Fault>,
    pub encoder: fn(&Settings) -> Result<Box<dyn Encode>, Fault>,
    pub decoder: fn(&Settings) -> Result<Box<dyn Decode>, Fault>,
}

/// One line for each format, under its cargo feature.
pub(crate) const FORMATS: &[&Format] = &[
    #[cfg(feature = "zstd")]
    &crate::zstd::FORMAT,
    #[cfg(feature = "gzip")]
    &crate::flate::GZIP,
    #[cfg(feature = "zlib")]
    &crate::flate::ZLIB,
    #[cfg(feature = "deflate")]
    &crate::flate::DEFLATE,
    #[cfg(feature = "lz4")]
    &crate::lz4::FORMAT,
    #[cfg(feature = "brotli")]
    &crate::brotli::FORMAT,
    #[cfg(feature = "snappy")]
    &crate::snappy::FORMAT,
    &crate::identity::FORMAT,
];

/// The name that stands for the format the data itself names: for decompression only.
pub(crate) const AUTO: &[u8] = b"auto";

/// Names of the codecs in this build, in the order of preference.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.name)
}

pub(crate) fn named(name: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name.as_bytes() == name).copied()
}

/// What the first bytes of a stream say.
pub(crate) enum Begins {
    With(&'static Format),
    /// More bytes are needed to tell.
    Undecided,
    Unknown,
}

/// The format whose stream begins with `head`. Raw deflate, brotli and identity begin with anything.
pub(crate) fn detect(head: &[u8]) -> Begins {
    let mut undecided = false;
    for format in FORMATS.iter().filter(|format| !format.magic.is_empty()) {
        if head.starts_with(format.magic) {
            return Begins::With(format);
        }
        undecided |= format.magic.starts_with(head);
    }
    match head {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => named(b"zstd").map_or(Begins::Unknown, Begins::With),
        [0x50..=0x5f] | [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d] => Begins::Undecided,
        [cmf, flags, ..] if !undecided && is_zlib(*cmf, *flags) => named(b"zlib").map_or(Begins::Unknown, Begins::With),
        [_] | [] => Begins::Undecided,
        _ if undecided => Begins::Undecided,
        _ => Begins::Unknown,
    }
}

/// RFC 1950: method 8, a window of at most 32 KiB, no dictionary, and the check bits.
fn is_zlib(cmf: u8, flags: u8) -> bool {
    cmf & 15 == 8 && cmf >> 4 <= 7 && flags & 0x20 == 0 && (u16::from(cmf) << 8 | u16::from(flags)) % 31 == 0
}
