//! Eight masks in one AVX-512 register. Tests: those of `bits.rs`.

use std::arch::x86_64::*;
use std::ops::{BitAnd, BitOr, BitXor, Not};

use super::BLOCK;
use super::bits::{BLOCKS, Bits, Blocks, Places};

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
            let bits = _mm512_xor_si512(self.0, _mm512_slli_epi64::<1>(self.0));
            let bits = _mm512_xor_si512(bits, _mm512_slli_epi64::<2>(bits));
            let bits = _mm512_xor_si512(bits, _mm512_slli_epi64::<4>(bits));
            let bits = _mm512_xor_si512(bits, _mm512_slli_epi64::<8>(bits));
            let bits = _mm512_xor_si512(bits, _mm512_slli_epi64::<16>(bits));
            let bits = _mm512_xor_si512(bits, _mm512_slli_epi64::<32>(bits));
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
    fn list(self, tags: [Self; 2], block: usize, places: &mut Places) {
        let [first, second] = tags.map(|tag| tag.store().0);
        for (lane, bits) in self.store().0.into_iter().enumerate() {
            // SAFETY: see above.
            let entries = unsafe {
                let numbers = NUMBERS.vector;
                let tagged = _mm512_mask_add_epi8(numbers, first[lane], numbers, _mm512_set1_epi8(0x40));
                let tagged = _mm512_mask_add_epi8(tagged, second[lane], tagged, _mm512_set1_epi8(-0x80));
                _mm512_maskz_compress_epi8(bits, tagged)
            };
            let many = bits.count_ones() as usize;
            // SAFETY: see above.
            write(places, 0, block + lane, unsafe { _mm512_castsi512_si256(entries) });
            if many > 32 {
                // SAFETY: see above.
                write(places, 32, block + lane, unsafe { _mm512_extracti64x4_epi64::<1>(entries) });
            }
            places.grow(many);
        }
    }
}

/// Writes 32 entries of a block.
#[inline(always)]
fn write(places: &mut Places, from: usize, block: usize, entries: __m256i) {
    if let Some(room) = places.room::<32>(from) {
        // SAFETY: see above; 32 numbers of 16 bits.
        unsafe {
            let whole = _mm512_or_si512(_mm512_cvtepu8_epi16(entries), _mm512_set1_epi16((block << 8) as i16));
            _mm512_storeu_si512(room.as_mut_ptr().cast(), whole);
        }
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
