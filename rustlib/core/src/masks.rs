//! Byte classes of 64 bytes at a time, as bit masks, and the quick skip over text without anchors.
//!
//! Run-time dispatch: AVX-512, AVX2, SSE2, portable. The functions that fill masks are never inlined: inlined, LLVM turns the move-mask
//! into hundreds of inserts and extracts. That of JSON by AVX-512 moves no mask and is inlined. This is the one module of the crate with `unsafe`: the vector intrinsics need it. Tests: below,
//! every byte value in every lane and every length of a text, all paths against the portable one.
#![allow(unsafe_code)]

mod bits;
mod portable;
mod starts;
#[cfg(target_arch = "x86_64")]
mod wide;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use bits::{BLOCKS, Bits, Blocks, Picked, Places};
pub use starts::count_starts;

/// Bytes in a block.
pub const BLOCK: usize = 64;

/// Bit i of each mask speaks of byte i of the block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Masks {
    /// `0-9`
    pub digit: u64,
    /// `A-Za-z`
    pub letter: u64,
    /// `_`
    pub underscore: u64,
    /// `@`
    pub at: u64,
    /// `:`
    pub colon: u64,
    /// `-`
    pub dash: u64,
    /// `.`
    pub dot: u64,
    /// `,`
    pub comma: u64,
    /// A blank, `/`, `(`, `)`
    pub blank: u64,
    /// 128 and above: part of a character beyond ASCII.
    pub wide: u64,
}

impl Masks {
    /// `[A-Za-z0-9_]`
    #[inline(always)]
    pub fn word(&self) -> u64 {
        self.digit | self.letter | self.underscore
    }

    /// `[A-Za-z0-9]`
    #[inline(always)]
    pub fn alnum(&self) -> u64 {
        self.digit | self.letter
    }

    /// A value may begin here: at a digit, `@` or `:`.
    #[inline(always)]
    pub fn has_anchor(&self) -> bool {
        self.digit | self.at | self.colon != 0
    }

    /// Those of the bytes behind the first `count`.
    #[inline(always)]
    fn without(self, count: u32) -> Self {
        Self {
            digit: self.digit >> count,
            letter: self.letter >> count,
            underscore: self.underscore >> count,
            at: self.at >> count,
            colon: self.colon >> count,
            dash: self.dash >> count,
            dot: self.dot >> count,
            comma: self.comma >> count,
            blank: self.blank >> count,
            wide: self.wide >> count,
        }
    }

    /// What may part the groups of a number: a blank and `-./()`.
    #[inline(always)]
    pub fn gap(&self) -> u64 {
        self.blank | self.dash | self.dot
    }
}

/// What JSON is made of: masks of one block (`u64`), of several ([`Blocks`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonMasks<M = u64> {
    /// `"`
    pub quote: M,
    /// `\`
    pub backslash: M,
    /// Below a blank: not allowed inside strings.
    pub control: M,
    /// `{` and `[`
    pub open: M,
    /// `}` and `]`
    pub close: M,
    /// `:`
    pub colon: M,
    /// `,`
    pub comma: M,
    /// `0-9`
    pub digit: M,
    /// `0`
    pub zero: M,
    /// `.`
    pub dot: M,
    /// White space of JSON: a blank, tab, line feed, carriage return.
    pub blank: M,
    /// 128 and above: part of a character beyond ASCII.
    pub wide: M,
}

impl JsonMasks {
    /// Those of the bytes behind the first `count`.
    #[inline(always)]
    fn without(self, count: u32) -> Self {
        Self {
            quote: self.quote >> count,
            backslash: self.backslash >> count,
            control: self.control >> count,
            open: self.open >> count,
            close: self.close >> count,
            colon: self.colon >> count,
            comma: self.comma >> count,
            digit: self.digit >> count,
            zero: self.zero >> count,
            dot: self.dot >> count,
            blank: self.blank >> count,
            wide: self.wide >> count,
        }
    }
}

impl JsonMasks<Blocks> {
    /// Puts the masks of one block into its lane.
    #[inline(always)]
    fn set(&mut self, lane: usize, block: JsonMasks) {
        self.quote.0[lane] = block.quote;
        self.backslash.0[lane] = block.backslash;
        self.control.0[lane] = block.control;
        self.open.0[lane] = block.open;
        self.close.0[lane] = block.close;
        self.colon.0[lane] = block.colon;
        self.comma.0[lane] = block.comma;
        self.digit.0[lane] = block.digit;
        self.zero.0[lane] = block.zero;
        self.dot.0[lane] = block.dot;
        self.blank.0[lane] = block.blank;
        self.wide.0[lane] = block.wide;
    }
}

/// The code path chosen for this processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Plain Rust, any processor.
    Portable,
    /// 128-bit vectors, every x86-64.
    Sse2,
    /// 256-bit vectors.
    Avx2,
    /// 512-bit vectors, whose comparisons are masks; from Ice Lake and Zen 4 on.
    Avx512,
}

impl Path {
    /// The fastest path this processor has. The answer is cached by the standard library.
    #[inline]
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected;
            let words = is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512dq");
            let bytes = is_x86_feature_detected!("avx512vbmi") && is_x86_feature_detected!("avx512vbmi2");
            if words && bytes && is_x86_feature_detected!("gfni") && is_x86_feature_detected!("vpclmulqdq") {
                Self::Avx512
            } else if is_x86_feature_detected!("avx2") {
                Self::Avx2
            } else {
                Self::Sse2
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self::Portable
    }

    /// All paths this processor can run, for tests and benchmarks.
    pub fn available() -> Vec<Self> {
        let best = Self::detect();
        [Self::Portable, Self::Sse2, Self::Avx2, Self::Avx512].into_iter().filter(|path| *path as u8 <= best as u8).collect()
    }

    /// Runs `job`, compiled for the processors of this path.
    #[inline]
    pub fn run<J: Job>(self, job: J) -> J::Answer {
        match self {
            // SAFETY: `detect` and `available` hand out this path only when the processor has what it enables.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { x86::run_avx512(job) },
            _ => job.run::<u64>(),
        }
    }

    /// The masks of one block.
    #[inline]
    pub fn masks(self, block: &[u8; BLOCK]) -> Masks {
        let mut masks = [Masks::default()];
        self.fill(block, 0, &mut masks);
        masks[0]
    }

    /// The masks of the blocks that begin at `from`, `from + BLOCK` ... of `text`; bytes beyond its end are in no class.
    #[inline]
    pub fn fill(self, text: &[u8], from: usize, masks: &mut [Masks]) {
        match self {
            // SAFETY: `detect` and `available` hand out this path only when the processor has AVX-512BW.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { x86::fill_avx512(text, from, masks) },
            // SAFETY: the same for AVX2.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { x86::fill_avx2(text, from, masks) },
            #[cfg(target_arch = "x86_64")]
            Self::Sse2 => x86::fill_sse2(text, from, masks),
            _ => portable::fill(text, from, masks),
        }
    }

    /// The masks of JSON of the [`BLOCKS`] blocks that begin at `from`; bytes beyond the end of `text` are in no class.
    #[inline]
    pub fn fill_json(self, text: &[u8], from: usize, masks: &mut JsonMasks<Blocks>) {
        match self {
            // SAFETY: as for `fill`.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { x86::fill_json_avx512(text, from, masks) },
            // SAFETY: the same for AVX2.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { x86::fill_json_avx2(text, from, masks) },
            #[cfg(target_arch = "x86_64")]
            Self::Sse2 => x86::fill_json_sse2(text, from, masks),
            _ => portable::fill_json(text, from, masks),
        }
    }

    /// The first of the places `from`, `from + BLOCK` ... whose block holds a digit, `:` or `@`, or the start of the last, shorter
    /// block.
    #[inline]
    pub fn skip_plain(self, text: &[u8], from: usize) -> usize {
        match self {
            // SAFETY: as above; AVX-512 comes with AVX2.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx2 => unsafe { x86::skip_plain_avx2(text, from) },
            #[cfg(target_arch = "x86_64")]
            Self::Sse2 => x86::skip_plain_sse2(text, from),
            _ => portable::skip_plain(text, from),
        }
    }
}

/// Work on masks that is compiled for each path anew, with the widest numbers and the bit operations that its processors have. `run` and
/// what it calls has to be `#[inline(always)]`.
pub trait Job {
    /// What comes of it.
    type Answer;

    /// Does it.
    fn run<B: Bits>(self) -> Self::Answer;
}

/// A short text, padded with bytes of no class.
fn padded(text: &[u8]) -> [u8; BLOCK] {
    let mut block = [0x7F; BLOCK];
    block[..text.len()].copy_from_slice(text);
    block
}

/// Masks of a block that can forget its first bytes.
trait OfBlock: Default {
    fn without(self, count: u32) -> Self;
}

impl OfBlock for Masks {
    #[inline(always)]
    fn without(self, count: u32) -> Self {
        Masks::without(self, count)
    }
}

impl OfBlock for JsonMasks {
    #[inline(always)]
    fn without(self, count: u32) -> Self {
        JsonMasks::without(self, count)
    }
}

/// The masks of the block that begins at `from` of `text`, by those of a whole block, `masks_of`.
#[inline(always)]
fn block_at<M: OfBlock>(text: &[u8], from: usize, masks_of: impl Fn(&[u8; BLOCK]) -> M) -> M {
    let rest = text.get(from..).unwrap_or_default();
    match (rest.first_chunk(), text.last_chunk()) {
        (Some(whole), _) => masks_of(whole),
        _ if rest.is_empty() => M::default(),
        (None, Some(last)) => masks_of(last).without((BLOCK - rest.len()) as u32),
        (None, None) => masks_of(&padded(rest)),
    }
}

/// [`Path::fill`] by the masks of one block, `masks_of`.
#[inline(always)]
fn fill_by(text: &[u8], from: usize, masks: &mut [Masks], masks_of: impl Fn(&[u8; BLOCK]) -> Masks) {
    for (number, slot) in masks.iter_mut().enumerate() {
        *slot = block_at(text, from + number * BLOCK, &masks_of);
    }
}

/// [`Path::fill_json`] in the same way.
#[inline(always)]
fn fill_json_by(text: &[u8], from: usize, masks: &mut JsonMasks<Blocks>, masks_of: impl Fn(&[u8; BLOCK]) -> JsonMasks) {
    for lane in 0..BLOCKS {
        masks.set(lane, block_at(text, from + lane * BLOCK, &masks_of));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_in_every_lane_agrees_on_all_paths() {
        for byte in 0..=255u8 {
            for lane in 0..BLOCK {
                let mut block = [b' '; BLOCK];
                block[lane] = byte;
                let expected = Path::Portable.masks(&block);
                for path in Path::available() {
                    assert_eq!(path.masks(&block), expected, "{path:?} byte {byte} lane {lane}");
                }
            }
        }
    }

    /// The masks of JSON of a text.
    fn json_masks(path: Path, text: &[u8]) -> JsonMasks<Blocks> {
        let mut masks = JsonMasks { quote: Blocks([1; BLOCKS]), ..JsonMasks::default() };
        path.fill_json(text, 0, &mut masks);
        masks
    }

    #[test]
    fn every_byte_of_json_in_every_lane_agrees_on_all_paths() {
        for byte in 0..=255u8 {
            for lane in 0..BLOCK {
                let mut block = [b'x'; BLOCK];
                block[lane] = byte;
                let expected = json_masks(Path::Portable, &block);
                let bit = |member: bool| Blocks([u64::from(member) << lane, 0, 0, 0, 0, 0, 0, 0]);
                assert_eq!((expected.digit, expected.zero), (bit(byte.is_ascii_digit()), bit(byte == b'0')));
                assert_eq!(expected.dot, bit(byte == b'.'));
                let signs = [expected.open, expected.close, expected.colon, expected.comma];
                assert_eq!(signs, ["{[", "}]", ":", ","].map(|signs| bit(signs.as_bytes().contains(&byte))));
                assert_eq!((expected.control, expected.blank), (bit(byte < 0x20), bit(b" \t\r\n".contains(&byte))));
                for path in Path::available() {
                    assert_eq!(json_masks(path, &block), expected, "{path:?} byte {byte} lane {lane}");
                    assert_eq!(json_masks(path, &block[..lane]), JsonMasks::default(), "{path:?} {lane}");
                }
            }
        }
    }

    #[test]
    fn blocks_of_a_text_are_those_of_the_same_bytes() {
        let text: Vec<u8> = (0..200u32).map(|n| b"a1_@:-., \xc3"[(n * n % 10) as usize]).collect();
        for length in 0..text.len() {
            for path in Path::available() {
                let mut masks = [Masks { digit: 1, ..Masks::default() }; 6];
                path.fill(&text[..length], 3, &mut masks);
                for (from, filled) in (3..).step_by(BLOCK).zip(masks) {
                    let mut block = [0; BLOCK];
                    let bytes = text[..length].get(from..).unwrap_or_default();
                    bytes.iter().zip(&mut block).for_each(|(&byte, slot)| *slot = byte);
                    assert_eq!(filled, path.masks(&block), "{path:?} {from} of {length}");
                }
            }
        }
    }

    #[test]
    fn skip_finds_the_first_anchor_block_on_all_paths() {
        for length in [0usize, 1, 63, 64, 65, 127, 128, 129, 500] {
            for at in 0..length {
                for byte in [b'0', b'9', b':', b'@', b';', b'/', b'x', 0xB0] {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let anchor = byte.is_ascii_digit() || byte == b':' || byte == b'@';
                    let last = length / BLOCK * BLOCK;
                    let expected = if anchor { (at / BLOCK * BLOCK).min(last) } else { last };
                    for path in Path::available() {
                        assert_eq!(path.skip_plain(&text, 0), expected, "{path:?} {byte} at {at} of {length}");
                    }
                }
            }
        }
    }
}
