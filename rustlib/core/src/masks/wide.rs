//! Eight masks in one AVX-512 register. Tests: those of `bits.rs`.

use std::arch::x86_64::*;
use std::ops::{BitAnd, BitOr, BitXor, Not};

use super::BLOCK;
use super::bits::{BLOCKS, Bits, Blocks, Picked, Places};
use super::x86::load_or;

// SAFETY contract of this module: a `Wide` is made inside `x86::run_avx512` only, which runs on processors with AVX-512BW, DQ and VBMI2.

/// The masks of [`BLOCKS`] blocks.
#[derive(Clone, Copy)]
pub struct Wide(__m512i);

/// Defines an operator by its instruction.
macro_rules! operator {
    ($name:ident, $function:ident, $instruction:ident) => {
        impl $name for Wide {
            type Output = Self;

            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}

operator!(BitAnd, bitand, _mm512_and_si512);
operator!(BitOr, bitor, _mm512_or_si512);
operator!(BitXor, bitxor, _mm512_xor_si512);

impl Not for Wide {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        self ^ Self::each(u64::MAX)
    }
}

impl Default for Wide {
    #[inline(always)]
    fn default() -> Self {
        Self::each(0)
    }
}

impl Bits for Wide {
    const WIDTH: usize = BLOCKS;

    #[inline(always)]
    fn load(blocks: &Blocks, _first: usize) -> Self {
        // SAFETY: see above; 64 aligned bytes.
        Self(unsafe { _mm512_load_si512(blocks.0.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> Blocks {
        let mut blocks = Blocks::default();
        // SAFETY: see above; 64 aligned bytes.
        unsafe { _mm512_store_si512(blocks.0.as_mut_ptr().cast(), self.0) };
        blocks
    }

    #[inline(always)]
    fn each(mask: u64) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_set1_epi64(mask as i64) })
    }

    #[inline(always)]
    fn lowest(mask: u64) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_zextsi128_si512(_mm_cvtsi64_si128(mask as i64)) })
    }

    #[inline(always)]
    fn any(self) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_test_epi64_mask(self.0, self.0) != 0 }
    }

    #[inline(always)]
    fn behind(self, before: &mut Self) -> Self {
        // SAFETY: see above.
        let lower = unsafe { _mm512_alignr_epi64::<7>(self.0, before.0) };
        *before = self;
        // SAFETY: see above.
        Self(unsafe { _mm512_or_si512(_mm512_slli_epi64::<1>(self.0), _mm512_srli_epi64::<63>(lower)) })
    }

    #[inline(always)]
    fn plus(self, other: Self, carry: &mut u64) -> Self {
        // SAFETY: see above.
        let (sum, over, full) = unsafe {
            let sum = _mm512_add_epi64(self.0, other.0);
            (sum, _mm512_cmplt_epu64_mask(sum, self.0), _mm512_cmpeq_epu64_mask(sum, _mm512_set1_epi64(-1)))
        };
        // Which lanes one is added to: where a carry arrives, through lanes that are all ones.
        let full = u64::from(full);
        let carries = ((u64::from(over) << 1 | *carry) + full) ^ full;
        *carry = carries >> BLOCKS & 1;
        // SAFETY: see above.
        Self(unsafe { _mm512_mask_sub_epi64(sum, carries as u8, sum, _mm512_set1_epi64(-1)) })
    }

    #[inline(always)]
    fn parity(self, odd: &mut u64) -> Self {
        // SAFETY: see above.
        let (bits, tops) = unsafe {
            // A product without carries by ones: each bit of it is the parity of the factor's bits up to there.
            let ones = _mm512_set1_epi64(-1);
            let (even, odd) = (_mm512_clmulepi64_epi128::<0>(self.0, ones), _mm512_clmulepi64_epi128::<1>(self.0, ones));
            let bits = _mm512_unpacklo_epi64(even, odd);
            (bits, _mm512_movepi64_mask(bits))
        };
        // The top bit of a lane is its parity; those of the lanes before turn it.
        let mut flips = u64::from(tops) << 1 | *odd;
        for distance in [1, 2, 4, 8] {
            flips ^= flips << distance;
        }
        *odd = flips >> BLOCKS & 1;
        // SAFETY: see above.
        Self(unsafe { _mm512_mask_xor_epi64(bits, flips as u8, bits, _mm512_set1_epi64(-1)) })
    }

    #[inline(always)]
    fn list(self, block: usize, places: &mut Places) {
        // A number of its own, which a register holds: what is written could be that of the list.
        let mut count = places.count;
        for (lane, bits) in self.store().0.into_iter().enumerate() {
            let first = (block + lane) * BLOCK;
            // SAFETY: see above.
            let found = unsafe { _mm512_maskz_compress_epi8(bits, NUMBERS.vector) };
            let many = bits.count_ones() as usize;
            if let Some(room) = places.entries.get_mut(count..).and_then(|room| room.first_chunk_mut::<BLOCK>()) {
                // SAFETY: see above; 64 numbers of 16 bits. Most blocks have few: a short store is cheap wherever it lies.
                unsafe {
                    let (few, first) = (_mm512_castsi512_si128(found), _mm512_set1_epi16(first as i16));
                    let few = _mm_or_si128(_mm_cvtepu8_epi16(few), _mm512_castsi512_si128(first));
                    _mm_storeu_si128(room.as_mut_ptr().cast(), few);
                    if many > 8 {
                        let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(found));
                        let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(found));
                        _mm512_storeu_si512(room.as_mut_ptr().cast(), _mm512_or_si512(low, first));
                        _mm512_storeu_si512(room.as_mut_ptr().add(32).cast(), _mm512_or_si512(high, first));
                    }
                }
            }
            count += many;
        }
        places.count = count;
    }

    #[inline(always)]
    fn pick(self, tags: [Self; 2], text: &[u8], picked: &mut Picked) {
        let (high, low) = (tags[0].store().0, tags[1].store().0);
        let mut count = picked.count;
        for (lane, bits) in self.store().0.into_iter().enumerate() {
            let (rest, many) = (text.get(lane * BLOCK..).unwrap_or_default(), bits.count_ones() as usize);
            if let Some(room) = picked.entries.get_mut(count..).and_then(|room| room.first_chunk_mut::<BLOCK>()) {
                // SAFETY: see above; 64 bytes of the room.
                unsafe {
                    let bytes = load_or(rest, _mm512_setzero_si512());
                    let high = _mm512_maskz_set1_epi8(high[lane], -0x80);
                    let low = _mm512_maskz_set1_epi8(low[lane], 1);
                    let tagged = _mm512_xor_si512(bytes, _mm512_or_si512(high, low));
                    let found = _mm512_maskz_compress_epi8(bits, tagged);
                    _mm_storeu_si128(room.as_mut_ptr().cast(), _mm512_castsi512_si128(found));
                    if many > 16 {
                        _mm512_storeu_si512(room.as_mut_ptr().cast(), found);
                    }
                }
            }
            count += many;
        }
        picked.count = count;
    }
}

/// 0 to 63.
union Numbers {
    bytes: [u8; BLOCK],
    vector: __m512i,
}

static NUMBERS: Numbers = Numbers {
    bytes: {
        let mut bytes = [0; BLOCK];
        let mut index = 0;
        while index < BLOCK {
            bytes[index] = index as u8;
            index += 1;
        }
        bytes
    },
};
