//! Which codec: what the other side accepts (RFC 9110, 12.5.3), and whether the data will shrink at all. The Python twin is
//! `pyplugins/compression/_choose.py`.

use std::sync::OnceLock;

use gwplugins_core::fault::Fault;
use gwplugins_core::rules;
use serde_json::Value;

use crate::formats;

/// Below this many bytes the headers of a format outweigh what it saves.
const LEAST: usize = 64;
/// The probe looks at this many pieces of this many bytes each.
const PIECES: usize = 16;
const PIECE: usize = 256;

/// The codec for `data`: the one that `accept` (the value of an Accept-Encoding field, `*` when there was none) likes best, or `identity`
/// when the data is short, of a media type that is compressed already, or looks like noise. A fault when nothing is acceptable.
pub fn choose(data: &[u8], media_type: &[u8], accept: &[u8]) -> Result<&'static str, Fault> {
    let accepted = Accepted::parse(accept);
    let best = codings().filter(|(_, coding)| *coding != "identity").filter_map(|(name, coding)| Some((accepted.quality(coding)?, name)));
    // The first of equals: codecs stand in the order of preference.
    let best = best.reduce(|best, other| if other.0 > best.0 { other } else { best });
    let plain = accepted.quality("identity");
    match (best, plain) {
        (Some((_, name)), None) => Ok(name),
        (Some((quality, name)), Some(plain)) if quality >= plain && worth(data, media_type) => Ok(name),
        (_, Some(_)) => Ok("identity"),
        (None, None) => Err(Fault::new("codec_not_acceptable")),
    }
}

/// Codecs of this build that have a name in HTTP, with that name.
fn codings() -> impl Iterator<Item = (&'static str, &'static str)> {
    static CODINGS: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    let read = || {
        let rows = rules::parse(include_str!("../rules/codecs.json"));
        let coding = |name: &str| {
            rules::list(&rows).iter().find(|row| row["name"] == name).and_then(|row| row["coding"].as_str()).map(str::to_owned)
        };
        formats::names().filter_map(|name| Some((name, coding(name)?))).collect()
    };
    CODINGS.get_or_init(read).iter().map(|(name, coding)| (*name, coding.as_str()))
}

/// An Accept-Encoding field: names and qualities in thousandths. What cannot be read is passed over.
struct Accepted(Vec<(String, u32)>);

impl Accepted {
    fn parse(field: &[u8]) -> Self {
        let field = String::from_utf8_lossy(field).to_ascii_lowercase();
        Self(field.split(',').filter_map(Self::element).collect())
    }

    fn element(text: &str) -> Option<(String, u32)> {
        let (name, weight) = text.split_once(';').map_or((text, None), |(name, weight)| (name, Some(weight)));
        let name = trim(name);
        let name = if name == "x-gzip" { "gzip" } else { name };
        let quality = weight.map_or(Some(1000), quality)?;
        (!name.is_empty()).then(|| (name.to_owned(), quality))
    }

    /// The quality of a coding; `None` when it is not acceptable. Identity is, unless it is refused.
    fn quality(&self, coding: &str) -> Option<u32> {
        let of = |wanted: &str| self.0.iter().find(|(name, _)| name == wanted).map(|(_, quality)| *quality);
        let quality = match (of(coding), of("*")) {
            (Some(quality), _) => quality,
            // A star without a refusal says nothing of identity, which is there anyway: last.
            (None, Some(star)) if coding != "identity" || star == 0 => star,
            (None, _) => u32::from(coding == "identity"),
        };
        (quality > 0).then_some(quality)
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// `q=` and a number of at most three decimals from 0 to 1, in thousandths.
fn quality(weight: &str) -> Option<u32> {
    let number = trim(weight).strip_prefix("q=")?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u32 = format!("{decimals:0<3}").parse().ok()?;
    let quality = if whole == "1" { 1000 + thousandths } else { thousandths };
    (quality <= 1000).then_some(quality)
}

/// Whether compression is likely to make the data smaller.
fn worth(data: &[u8], media_type: &[u8]) -> bool {
    data.len() >= LEAST && !is_compressed(media_type) && !is_noise(data)
}

/// Media types whose formats compress by themselves: `rules/media_types.json`.
fn is_compressed(media_type: &[u8]) -> bool {
    static TYPES: OnceLock<Value> = OnceLock::new();
    let types = TYPES.get_or_init(|| rules::parse(include_str!("../rules/media_types.json")));
    let text = String::from_utf8_lossy(media_type).to_ascii_lowercase();
    let name = trim(text.split(';').next().unwrap_or_default());
    let listed = |key: &str, text: &str| types[key].as_array().is_some_and(|names| names.iter().any(|entry| entry == text));
    let family = name.split('/').next().unwrap_or_default();
    listed("compressed", name) || (listed("compressed_families", family) && !listed("plain", name))
}

/// Whether bytes drawn from the data are about as seldom equal as random ones: the chance that two are the same is under 5/4 of 1/256.
/// Counted in whole numbers, so that Python comes to the same.
fn is_noise(data: &[u8]) -> bool {
    let mut counts = [0_u64; 256];
    for byte in sample(data) {
        counts[usize::from(byte)] += 1;
    }
    let total: u64 = counts.iter().sum();
    let equal: u64 = counts.iter().map(|&count| count * count).sum::<u64>() - total;
    equal * 1024 < total * (total - 1) * 5
}

/// All of small data, pieces at even distances of large.
fn sample(data: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let pieces = if data.len() <= PIECES * PIECE { 1 } else { PIECES };
    let size = if pieces == 1 { data.len() } else { PIECE };
    let stride = if pieces == 1 { 0 } else { (data.len() - PIECE) / (PIECES - 1) };
    (0..pieces).flat_map(move |piece| data[piece * stride..piece * stride + size].iter().copied())
}
