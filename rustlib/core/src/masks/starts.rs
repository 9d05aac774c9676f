//! Counting characters by 64 bytes. Vectors are written out: the library's last step, which is for size, makes none of a loop.
//!
//! A start is a byte that is no continuation byte (0x80..=0xBF), a wide one is from 0xF0 on. Tests: below, and `offsets`.

use super::BLOCK;

/// Starts in `blocks`; with `WIDE`, the wide ones count twice.
pub fn count_starts<const WIDE: bool>(blocks: &[[u8; BLOCK]]) -> u64 {
    // SAFETY: SSE2 is part of x86-64.
    #[cfg(target_arch = "x86_64")]
    return unsafe { count_sse2::<WIDE>(blocks) };
    #[cfg(not(target_arch = "x86_64"))]
    count_words::<WIDE>(blocks)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn count_sse2<const WIDE: bool>(blocks: &[[u8; BLOCK]]) -> u64 {
    use std::arch::x86_64::*;

    let zero = _mm_setzero_si128();
    let mut total = zero;
    for block in blocks {
        // Four bytes to a lane, each of which takes off one for a start and one for a wide byte.
        let mut lanes = zero;
        for sixteen in block.as_chunks::<16>().0 {
            // SAFETY: 16 bytes of the block.
            let bytes = unsafe { _mm_loadu_si128(sixteen.as_ptr().cast()) };
            lanes = _mm_add_epi8(lanes, _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0xBF_u8 as i8)));
            if WIDE {
                lanes = _mm_add_epi8(lanes, _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0xF0_u8 as i8)), bytes));
            }
        }
        total = _mm_add_epi64(total, _mm_sad_epu8(_mm_sub_epi8(zero, lanes), zero));
    }
    (_mm_cvtsi128_si64(total) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(total, total))) as u64
}

/// The same on any processor, with words of eight lanes.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn count_words<const WIDE: bool>(blocks: &[[u8; BLOCK]]) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let in_block = |block: &[u8; BLOCK]| {
        let mut lanes = 0;
        for eight in block.as_chunks().0 {
            let word = u64::from_le_bytes(*eight);
            lanes += !((word >> 7) & (!word >> 6)) & ONES;
            lanes += if WIDE { (word >> 7) & (word >> 6) & (word >> 5) & (word >> 4) & ONES } else { 0 };
        }
        lanes.wrapping_mul(ONES) >> 56
    };
    blocks.iter().map(in_block).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_as_vectors_do() {
        for seed in 0u32..256 {
            let blocks: [[u8; BLOCK]; 3] =
                std::array::from_fn(|block| std::array::from_fn(|n| ((block + n) as u32 * (seed | 1) + seed) as u8));
            assert_eq!(count_words::<false>(&blocks), count_starts::<false>(&blocks));
            assert_eq!(count_words::<true>(&blocks), count_starts::<true>(&blocks));
        }
        for byte in 0..=255 {
            let (starts, wide) = (64 * u64::from(byte & 0xC0 != 0x80), 64 * u64::from(byte >= 0xF0));
            assert_eq!(count_starts::<false>(&[[byte; BLOCK]]), starts);
            assert_eq!(count_starts::<true>(&[[byte; BLOCK]]), starts + wide);
            assert_eq!(count_words::<true>(&[[byte; BLOCK]]), starts + wide);
        }
    }
}
