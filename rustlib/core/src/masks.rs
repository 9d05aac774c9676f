//! Byte classes of 64 bytes at a time, as bit masks, and the quick skip over text without anchors.
//!
//! Run-time dispatch: AVX-512, AVX2, SSE2, portable. The functions that fill masks are never inlined: inlined, LLVM turns the move-mask
//! into hundreds of inserts and extracts. This is the one module of the crate with `unsafe`: the vector intrinsics need it. Tests: below,
//! every byte value in every lane and every length of a text, all paths against the portable one.
#![allow(unsafe_code)]

mod starts;

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

/// What JSON is made of. Bit i of each mask speaks of byte i of the block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonMasks {
    /// `"`
    pub quote: u64,
    /// `\`
    pub backslash: u64,
    /// Below a blank: not allowed inside strings.
    pub control: u64,
    /// `{` and `[`
    pub open: u64,
    /// `}` and `]`
    pub close: u64,
    /// `:`
    pub colon: u64,
    /// `,`
    pub comma: u64,
    /// `0-9`
    pub digit: u64,
    /// `0`
    pub zero: u64,
    /// White space of JSON: a blank, tab, line feed, carriage return.
    pub blank: u64,
    /// 128 and above: part of a character beyond ASCII.
    pub wide: u64,
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
            blank: self.blank >> count,
            wide: self.wide >> count,
        }
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
    /// 512-bit vectors, whose comparisons are masks.
    Avx512,
}

impl Path {
    /// The fastest path this processor has. The answer is cached by the standard library.
    #[inline]
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512bw") {
                Self::Avx512
            } else if std::arch::is_x86_feature_detected!("avx2") {
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

    /// The masks of JSON, filled like [`Path::fill`].
    #[inline]
    pub fn fill_json(self, text: &[u8], from: usize, masks: &mut [JsonMasks]) {
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

/// [`Path::fill`] by the masks of one block, `masks_of`.
#[inline(always)]
fn fill_by<M: OfBlock>(text: &[u8], from: usize, masks: &mut [M], masks_of: impl Fn(&[u8; BLOCK]) -> M) {
    let mut at = from;
    for slot in masks {
        let rest = text.get(at..).unwrap_or_default();
        *slot = match (rest.first_chunk(), text.last_chunk()) {
            (Some(whole), _) => masks_of(whole),
            _ if rest.is_empty() => M::default(),
            (None, Some(last)) => masks_of(last).without((BLOCK - rest.len()) as u32),
            (None, None) => masks_of(&padded(rest)),
        };
        at += BLOCK;
    }
}

mod portable {
    use super::{BLOCK, JsonMasks, Masks, fill_by};

    static CLASS: [u16; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = match byte as u8 {
                b'0'..=b'9' => 1,
                b'A'..=b'Z' | b'a'..=b'z' => 2,
                b'_' => 4,
                b'@' => 8,
                b':' => 16,
                b'-' => 32,
                b'.' => 64,
                b',' => 128,
                b' ' | b'/' | b'(' | b')' => 256,
                128.. => 512,
                _ => 0,
            };
            byte += 1;
        }
        table
    };

    #[inline(never)]
    pub fn fill(text: &[u8], from: usize, masks: &mut [Masks]) {
        fill_by(text, from, masks, masks_of);
    }

    fn masks_of(block: &[u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        for (lane, &byte) in block.iter().enumerate() {
            let class = u64::from(CLASS[byte as usize]);
            let bit = |number: u32| (class >> number & 1) << lane;
            masks.digit |= bit(0);
            masks.letter |= bit(1);
            masks.underscore |= bit(2);
            masks.at |= bit(3);
            masks.colon |= bit(4);
            masks.dash |= bit(5);
            masks.dot |= bit(6);
            masks.comma |= bit(7);
            masks.blank |= bit(8);
            masks.wide |= bit(9);
        }
        masks
    }

    static JSON_CLASS: [u16; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = match byte as u8 {
                b'"' => 1,
                b'\\' => 2,
                b'\t' | b'\n' | b'\r' => 4 | 16,
                0..=0x1F => 4,
                b'{' | b'[' => 8,
                b' ' => 16,
                128.. => 32,
                b'}' | b']' => 64,
                b':' => 128,
                b',' => 256,
                b'0' => 512 | 1024,
                b'1'..=b'9' => 512,
                _ => 0,
            };
            byte += 1;
        }
        table
    };

    #[inline(never)]
    pub fn fill_json(text: &[u8], from: usize, masks: &mut [JsonMasks]) {
        fill_by(text, from, masks, json_masks_of);
    }

    fn json_masks_of(block: &[u8; BLOCK]) -> JsonMasks {
        let mut masks = JsonMasks::default();
        for (lane, &byte) in block.iter().enumerate() {
            let class = u64::from(JSON_CLASS[byte as usize]);
            let bit = |number: u32| (class >> number & 1) << lane;
            masks.quote |= bit(0);
            masks.backslash |= bit(1);
            masks.control |= bit(2);
            masks.open |= bit(3);
            masks.blank |= bit(4);
            masks.wide |= bit(5);
            masks.close |= bit(6);
            masks.colon |= bit(7);
            masks.comma |= bit(8);
            masks.digit |= bit(9);
            masks.zero |= bit(10);
        }
        masks
    }

    #[inline(never)]
    pub fn skip_plain(text: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(block) = text.get(at..at + BLOCK) {
            let hit = block.iter().fold(false, |hit, &byte| hit | (byte.wrapping_sub(b'0') <= 10) | (byte == b'@'));
            if hit {
                break;
            }
            at += BLOCK;
        }
        at
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{BLOCK, JsonMasks, Masks, fill_by};

    // SAFETY contract of this module: loads stay inside the slices they are derived from; the `target_feature` functions are called
    // through `Path` only, which exists for a feature only when the processor has it.

    /// Classes as bits of a byte, by its low and its high half: 1 digit, 2 colon, 4 at, 8 underscore, 16 dash, 32 dot, 64 comma, 128 blank.
    const LOW_HALVES: [u8; 16] = [133, 1, 1, 1, 1, 1, 1, 1, 129, 129, 2, 0, 64, 16, 32, 136];
    const HIGH_HALVES: [u8; 16] = [0, 0, 240, 3, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// Classes of JSON in the same way: 1 comma, 2 colon, 4 opening, 8 closing bracket, 16 tab and line ends, 32 blank.
    const JSON_LOW_HALVES: [u8; 16] = [32, 0, 0, 0, 0, 0, 0, 0, 0, 16, 18, 4, 1, 24, 0, 0];
    const JSON_HIGH_HALVES: [u8; 16] = [16, 0, 33, 2, 0, 12, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0];
    const JSON_BLANK: i8 = 48;

    #[target_feature(enable = "avx512bw")]
    #[inline(never)]
    pub fn fill_json_avx512(text: &[u8], from: usize, masks: &mut [JsonMasks]) {
        fill_by(text, from, masks, |block| json_masks_avx512(block));
    }

    #[target_feature(enable = "avx512bw")]
    #[inline]
    fn json_masks_avx512(block: &[u8; BLOCK]) -> JsonMasks {
        // SAFETY: 64 bytes of the block, 16 of each table.
        let (bytes, low, high) = unsafe {
            let table = |halves: &[u8; 16]| _mm512_broadcast_i32x4(_mm_loadu_si128(halves.as_ptr().cast()));
            (_mm512_loadu_si512(block.as_ptr().cast()), table(&JSON_LOW_HALVES), table(&JSON_HIGH_HALVES))
        };
        let upper = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(0x0F));
        let classes = _mm512_and_si512(_mm512_shuffle_epi8(low, bytes), _mm512_shuffle_epi8(high, upper));
        let class = |set: i8| _mm512_test_epi8_mask(classes, _mm512_set1_epi8(set));
        JsonMasks {
            quote: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b'"' as i8)),
            backslash: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b'\\' as i8)),
            control: _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20)),
            comma: class(1),
            colon: class(2),
            open: class(4),
            close: class(8),
            blank: class(JSON_BLANK),
            digit: _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8(b'0' as i8)), _mm512_set1_epi8(9)),
            zero: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b'0' as i8)),
            wide: _mm512_movepi8_mask(bytes),
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline(never)]
    pub fn fill_json_avx2(text: &[u8], from: usize, masks: &mut [JsonMasks]) {
        fill_by(text, from, masks, |block| json_masks_avx2(block));
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn json_masks_avx2(block: &[u8; BLOCK]) -> JsonMasks {
        let mut masks = JsonMasks::default();
        // SAFETY: 16 bytes of each table.
        let [low_table, high_table] =
            [&JSON_LOW_HALVES, &JSON_HIGH_HALVES].map(|halves| unsafe { _mm_loadu_si128(halves.as_ptr().cast()) });
        for half in 0..2 {
            // SAFETY: 32 * half + 32 <= 64 bytes of the block.
            let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().add(32 * half).cast()) };
            let bits = |lanes: __m256i| u64::from(_mm256_movemask_epi8(lanes) as u32) << (32 * half);
            let equal = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8));
            let low = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(low_table), bytes);
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0F));
            let classes = _mm256_and_si256(low, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(high_table), upper));
            masks.quote |= bits(equal(b'"'));
            masks.backslash |= bits(equal(b'\\'));
            masks.control |= bits(_mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes));
            masks.comma |= bits(_mm256_slli_epi16::<7>(classes));
            masks.colon |= bits(_mm256_slli_epi16::<6>(classes));
            masks.open |= bits(_mm256_slli_epi16::<5>(classes));
            masks.close |= bits(_mm256_slli_epi16::<4>(classes));
            let place = _mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0' as i8));
            masks.digit |= bits(_mm256_cmpeq_epi8(_mm256_min_epu8(place, _mm256_set1_epi8(9)), place));
            masks.zero |= bits(equal(b'0'));
            let blank = _mm256_and_si256(classes, _mm256_set1_epi8(JSON_BLANK));
            masks.blank |= bits(_mm256_cmpgt_epi8(blank, _mm256_setzero_si256()));
            masks.wide |= bits(bytes);
        }
        masks
    }

    #[inline(never)]
    pub fn fill_json_sse2(text: &[u8], from: usize, masks: &mut [JsonMasks]) {
        fill_by(text, from, masks, json_masks_sse2);
    }

    fn json_masks_sse2(block: &[u8; BLOCK]) -> JsonMasks {
        let mut masks = JsonMasks::default();
        for quarter in 0..4 {
            // SAFETY: SSE2 is part of x86-64; 16 * quarter + 16 <= 64 bytes of the block.
            unsafe {
                let bytes = _mm_loadu_si128(block.as_ptr().add(16 * quarter).cast());
                let bits = |lanes: __m128i| u64::from(_mm_movemask_epi8(lanes) as u16) << (16 * quarter);
                let is = |lanes: __m128i, byte: u8| _mm_cmpeq_epi8(lanes, _mm_set1_epi8(byte as i8));
                // `{}` and `[]` are one bit apart.
                let folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
                let blank = _mm_or_si128(is(bytes, b' '), is(bytes, b'\t'));
                let line = _mm_or_si128(is(bytes, b'\n'), is(bytes, b'\r'));
                masks.quote |= bits(is(bytes, b'"'));
                masks.backslash |= bits(is(bytes, b'\\'));
                masks.control |= bits(_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes));
                masks.open |= bits(is(folded, b'{'));
                masks.close |= bits(is(folded, b'}'));
                masks.colon |= bits(is(bytes, b':'));
                let place = _mm_sub_epi8(bytes, _mm_set1_epi8(b'0' as i8));
                masks.digit |= bits(_mm_cmpeq_epi8(_mm_min_epu8(place, _mm_set1_epi8(9)), place));
                masks.zero |= bits(is(bytes, b'0'));
                masks.comma |= bits(is(bytes, b','));
                masks.blank |= bits(_mm_or_si128(blank, line));
                masks.wide |= bits(bytes);
            }
        }
        masks
    }

    #[target_feature(enable = "avx512bw")]
    #[inline(never)]
    pub fn fill_avx512(text: &[u8], from: usize, masks: &mut [Masks]) {
        fill_by(text, from, masks, |block| masks_avx512(block));
    }

    #[target_feature(enable = "avx512bw")]
    #[inline]
    fn masks_avx512(block: &[u8; BLOCK]) -> Masks {
        // SAFETY: 64 bytes of the block, 16 of each table.
        let (bytes, low, high) = unsafe {
            let table = |halves: &[u8; 16]| _mm512_broadcast_i32x4(_mm_loadu_si128(halves.as_ptr().cast()));
            (_mm512_loadu_si512(block.as_ptr().cast()), table(&LOW_HALVES), table(&HIGH_HALVES))
        };
        // A byte from 128 on has no class by its low half.
        let upper = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(0x0F));
        let classes = _mm512_and_si512(_mm512_shuffle_epi8(low, bytes), _mm512_shuffle_epi8(high, upper));
        let class = |bit: u8| _mm512_test_epi8_mask(classes, _mm512_set1_epi8(bit as i8));
        let letter = _mm512_sub_epi8(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), _mm512_set1_epi8(b'a' as i8));
        Masks {
            digit: class(1),
            colon: class(2),
            at: class(4),
            underscore: class(8),
            dash: class(16),
            dot: class(32),
            comma: class(64),
            blank: class(128),
            wide: _mm512_movepi8_mask(bytes),
            letter: _mm512_cmple_epu8_mask(letter, _mm512_set1_epi8(25)),
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline(never)]
    pub fn fill_avx2(text: &[u8], from: usize, masks: &mut [Masks]) {
        fill_by(text, from, masks, |block| masks_avx2(block));
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn masks_avx2(block: &[u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        // SAFETY: 16 bytes of each table.
        let [low_table, high_table] = [&LOW_HALVES, &HIGH_HALVES].map(|halves| unsafe { _mm_loadu_si128(halves.as_ptr().cast()) });
        for half in 0..2 {
            // SAFETY: 32 * half + 32 <= 64 bytes of the block.
            let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().add(32 * half).cast()) };
            let bits = |lanes: __m256i| u64::from(_mm256_movemask_epi8(lanes) as u32) << (32 * half);
            // Each class has a bit in the entry of its low and in that of its high half byte; a byte from 128 on has none.
            let low = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(low_table), bytes);
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0F));
            let classes = _mm256_and_si256(low, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(high_table), upper));
            masks.digit |= bits(_mm256_slli_epi16::<7>(classes));
            masks.colon |= bits(_mm256_slli_epi16::<6>(classes));
            masks.at |= bits(_mm256_slli_epi16::<5>(classes));
            masks.underscore |= bits(_mm256_slli_epi16::<4>(classes));
            masks.dash |= bits(_mm256_slli_epi16::<3>(classes));
            masks.dot |= bits(_mm256_slli_epi16::<2>(classes));
            masks.comma |= bits(_mm256_slli_epi16::<1>(classes));
            masks.blank |= bits(classes);
            masks.wide |= bits(bytes);
            let letter = _mm256_sub_epi8(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), _mm256_set1_epi8(b'a' as i8));
            masks.letter |= bits(_mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(25)), letter));
        }
        masks
    }

    #[inline(never)]
    pub fn fill_sse2(text: &[u8], from: usize, masks: &mut [Masks]) {
        fill_by(text, from, masks, masks_sse2);
    }

    fn masks_sse2(block: &[u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        for quarter in 0..4 {
            // SAFETY: SSE2 is part of x86-64; 16 * quarter + 16 <= 64 bytes of the block.
            unsafe {
                let bytes = _mm_loadu_si128(block.as_ptr().add(16 * quarter).cast());
                let bits = |lanes: __m128i| u64::from(_mm_movemask_epi8(lanes) as u16) << (16 * quarter);
                let equal = |byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8));
                let within = |value: __m128i, first: u8, width: u8| {
                    let offset = _mm_sub_epi8(value, _mm_set1_epi8(first as i8));
                    _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(width as i8)), offset)
                };
                let lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
                masks.digit |= bits(within(bytes, b'0', 9));
                masks.letter |= bits(within(lower, b'a', 25));
                masks.underscore |= bits(equal(b'_'));
                masks.at |= bits(equal(b'@'));
                masks.colon |= bits(equal(b':'));
                masks.dash |= bits(equal(b'-'));
                masks.dot |= bits(equal(b'.'));
                masks.comma |= bits(equal(b','));
                let bracket = within(bytes, b'(', 1);
                masks.blank |= bits(_mm_or_si128(bracket, _mm_or_si128(equal(b' '), equal(b'/'))));
                masks.wide |= bits(bytes);
            }
        }
        masks
    }

    #[target_feature(enable = "avx2")]
    #[inline(never)]
    pub unsafe fn skip_plain_avx2(text: &[u8], from: usize) -> usize {
        let mut at = from;
        // Four vectors a round: the least distance to the range 0-9: and to @ over 128 bytes tells whether any byte is one of them.
        while at + 2 * BLOCK <= text.len() {
            let mut range = _mm256_set1_epi8(-1);
            let mut sign = _mm256_set1_epi8(-1);
            for vector in 0..4 {
                // SAFETY: at + 32 * vector + 32 <= at + 128 <= text.len().
                let bytes = unsafe { _mm256_loadu_si256(text.as_ptr().add(at + 32 * vector).cast()) };
                range = _mm256_min_epu8(range, _mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0' as i8)));
                sign = _mm256_min_epu8(sign, _mm256_xor_si256(bytes, _mm256_set1_epi8(b'@' as i8)));
            }
            let in_range = _mm256_cmpeq_epi8(_mm256_min_epu8(range, _mm256_set1_epi8(10)), range);
            let hit = _mm256_or_si256(in_range, _mm256_cmpeq_epi8(sign, _mm256_setzero_si256()));
            if _mm256_movemask_epi8(hit) != 0 {
                break;
            }
            at += 2 * BLOCK;
        }
        skip_plain_sse2(text, at)
    }

    #[inline(never)]
    pub fn skip_plain_sse2(text: &[u8], from: usize) -> usize {
        let mut at = from;
        while at + BLOCK <= text.len() {
            // SAFETY: SSE2 is part of x86-64; at + 16 * vector + 16 <= at + 64 <= text.len().
            let hit = unsafe {
                let mut range = _mm_set1_epi8(-1);
                let mut sign = _mm_set1_epi8(-1);
                for vector in 0..4 {
                    let bytes = _mm_loadu_si128(text.as_ptr().add(at + 16 * vector).cast());
                    range = _mm_min_epu8(range, _mm_sub_epi8(bytes, _mm_set1_epi8(b'0' as i8)));
                    sign = _mm_min_epu8(sign, _mm_xor_si128(bytes, _mm_set1_epi8(b'@' as i8)));
                }
                let in_range = _mm_cmpeq_epi8(_mm_min_epu8(range, _mm_set1_epi8(10)), range);
                _mm_movemask_epi8(_mm_or_si128(in_range, _mm_cmpeq_epi8(sign, _mm_setzero_si128())))
            };
            if hit != 0 {
                break;
            }
            at += BLOCK;
        }
        at
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

    /// The masks of JSON of one block.
    fn json_masks(path: Path, text: &[u8]) -> JsonMasks {
        let mut masks = [JsonMasks { quote: 1, ..JsonMasks::default() }];
        path.fill_json(text, 0, &mut masks);
        masks[0]
    }

    #[test]
    fn every_byte_of_json_in_every_lane_agrees_on_all_paths() {
        for byte in 0..=255u8 {
            for lane in 0..BLOCK {
                let mut block = [b'x'; BLOCK];
                block[lane] = byte;
                let expected = json_masks(Path::Portable, &block);
                let bit = |member: bool| u64::from(member) << lane;
                assert_eq!((expected.digit, expected.zero), (bit(byte.is_ascii_digit()), bit(byte == b'0')));
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
