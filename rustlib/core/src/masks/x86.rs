//! The masks by SSE2, AVX2 and AVX-512. Tests: those of [`super`].

use std::arch::x86_64::*;

use super::wide::Wide;
use super::{BLOCK, BLOCKS, Blocks, Job, JsonMasks, Masks, fill_by, fill_json_by};

// SAFETY contract of this module: loads stay inside the slices they are derived from; the `target_feature` functions are called
// through `Path` only, which exists for a feature only when the processor has it.

/// Classes as bits of a byte, by its low and its high half: 1 digit, 2 colon, 4 at, 8 underscore, 16 dash, 32 dot, 64 comma, 128 blank.
const LOW_HALVES: [u8; 16] = [133, 1, 1, 1, 1, 1, 1, 1, 129, 129, 2, 0, 64, 16, 32, 136];
const HIGH_HALVES: [u8; 16] = [0, 0, 240, 3, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Classes of JSON in the same way: 1 comma, 2 colon, 4 opening, 8 closing bracket, 16 tab and line ends, 32 blank,
/// 64 dot.
const JSON_LOW_HALVES: [u8; 16] = [32, 0, 0, 0, 0, 0, 0, 0, 0, 16, 18, 4, 1, 24, 64, 0];
const JSON_HIGH_HALVES: [u8; 16] = [16, 0, 97, 2, 0, 12, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0];
const JSON_BLANK: i8 = 48;

#[target_feature(enable = "avx512bw,avx512dq,avx512vbmi,avx512vbmi2,gfni,vpclmulqdq,bmi1,bmi2,lzcnt,popcnt")]
#[inline(never)]
pub fn run_avx512<J: Job>(job: J) -> J::Answer {
    job.run::<Wide>()
}

#[target_feature(enable = "avx512bw,avx512dq,avx512vbmi,gfni")]
#[inline]
pub fn fill_json_avx512(text: &[u8], from: usize, masks: &mut JsonMasks<Blocks>) {
    let mut blocks = [_mm512_setzero_si512(); BLOCKS];
    for (lane, block) in blocks.iter_mut().enumerate() {
        let bytes = load_or(text.get(from + lane * BLOCK..).unwrap_or_default(), _mm512_set1_epi8(0x7F));
        let ascii = _mm512_testn_epi8_mask(bytes, _mm512_set1_epi8(-0x80));
        masks.wide.0[lane] = !ascii;
        let classes = _mm512_maskz_permutex2var_epi8(ascii, vector(&JSON_CODES[0]), bytes, vector(&JSON_CODES[1]));
        *block = by_class(classes);
    }
    let [b0, b1, b2, b3, b4, b5, b6, b7] = by_lane(blocks);
    store(&mut masks.quote, _mm512_andnot_si512(b1, b0));
    store(&mut masks.backslash, _mm512_andnot_si512(b0, b1));
    store(&mut masks.control, _mm512_or_si512(_mm512_and_si512(b0, b1), _mm512_and_si512(b3, b7)));
    store(&mut masks.open, _mm512_andnot_si512(b5, b4));
    store(&mut masks.close, _mm512_andnot_si512(b4, b5));
    store(&mut masks.dot, _mm512_and_si512(b4, b5));
    store(&mut masks.colon, _mm512_andnot_si512(b7, b3));
    store(&mut masks.comma, _mm512_andnot_si512(b6, b2));
    store(&mut masks.zero, _mm512_and_si512(b2, b6));
    store(&mut masks.digit, b6);
    store(&mut masks.blank, b7);
}

#[target_feature(enable = "avx512bw")]
#[inline]
fn store(slot: &mut Blocks, lanes: __m512i) {
    // SAFETY: 64 aligned bytes.
    unsafe { _mm512_store_si512(slot.0.as_mut_ptr().cast(), lanes) };
}

/// The first 64 bytes of a text; where there are fewer, those of `others` behind them.
#[target_feature(enable = "avx512bw")]
#[inline]
pub fn load_or(text: &[u8], others: __m512i) -> __m512i {
    // SAFETY: 64 bytes, or those that there are. No load where there is none: at an address of nothing it takes the processor long.
    unsafe {
        match text.first_chunk::<BLOCK>() {
            Some(whole) => _mm512_loadu_si512(whole.as_ptr().cast()),
            None if text.is_empty() => others,
            None => _mm512_mask_loadu_epi8(others, (1 << text.len()) - 1, text.as_ptr().cast()),
        }
    }
}

/// 64 bytes as a vector.
#[target_feature(enable = "avx512bw")]
#[inline]
fn vector(bytes: &[u8; BLOCK]) -> __m512i {
    // SAFETY: 64 bytes.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

/// Bit c of each byte becomes mask c: lane c of the answer.
#[target_feature(enable = "avx512bw,avx512vbmi,gfni")]
#[inline]
fn by_class(classes: __m512i) -> __m512i {
    // Eight bytes are a matrix of bits. As a factor of ones it comes out turned, each row in reverse; that is put right by ones again.
    let turned = _mm512_gf2p8affine_epi64_epi8::<0>(_mm512_set1_epi64(UNIT), classes);
    let rows = _mm512_gf2p8affine_epi64_epi8::<0>(turned, _mm512_set1_epi64(UNIT));
    _mm512_permutexvar_epi8(vector(&COLUMNS), rows)
}

/// Lane b of block a becomes lane a of number b.
#[target_feature(enable = "avx512bw")]
#[inline]
fn by_lane(blocks: [__m512i; BLOCKS]) -> [__m512i; BLOCKS] {
    let [a, b, c, d, e, f, g, h] = blocks;
    let even = [_mm512_unpacklo_epi64(a, b), _mm512_unpacklo_epi64(c, d), _mm512_unpacklo_epi64(e, f), _mm512_unpacklo_epi64(g, h)];
    let odd = [_mm512_unpackhi_epi64(a, b), _mm512_unpackhi_epi64(c, d), _mm512_unpackhi_epi64(e, f), _mm512_unpackhi_epi64(g, h)];
    let ([c0, c2, c4, c6], [c1, c3, c5, c7]) = (by_quarter(even), by_quarter(odd));
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// Quarter b of lanes a becomes quarter a of number b.
#[target_feature(enable = "avx512bw")]
#[inline]
fn by_quarter([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (even, odd) = (_mm512_shuffle_i64x2::<0x88>(a, b), _mm512_shuffle_i64x2::<0xDD>(a, b));
    let (even_too, odd_too) = (_mm512_shuffle_i64x2::<0x88>(c, d), _mm512_shuffle_i64x2::<0xDD>(c, d));
    [
        _mm512_shuffle_i64x2::<0x88>(even, even_too),
        _mm512_shuffle_i64x2::<0x88>(odd, odd_too),
        _mm512_shuffle_i64x2::<0xDD>(even, even_too),
        _mm512_shuffle_i64x2::<0xDD>(odd, odd_too),
    ]
}

/// A matrix with ones from its first row's first column on: its bytes are rows, the first one the lowest.
const UNIT: i64 = 0x8040_2010_0804_0201_u64 as i64;

/// Byte 8 r + c of eight rows, by 8 c + r.
static COLUMNS: [u8; BLOCK] = {
    let mut columns = [0; BLOCK];
    let mut place = 0;
    while place < BLOCK {
        columns[place] = (place % 8 * 8 + place / 8) as u8;
        place += 1;
    }
    columns
};

/// A code for each ASCII character, so that eight bits tell twelve classes: bit 0 quote, 1 backslash, 2 comma, 3 colon, 4 opening, 5
/// closing bracket, 6 digit, 7 blank. Both brackets are a dot, comma and digit the zero, colon and blank a tab or line end, quote and
/// backslash another control character.
static JSON_CODES: [[u8; BLOCK]; 2] = {
    let mut codes = [[0; BLOCK]; 2];
    let mut byte = 0;
    while byte < 2 * BLOCK {
        codes[byte / BLOCK][byte % BLOCK] = match byte as u8 {
            b'\t' | b'\n' | b'\r' => 8 | 128,
            0..=0x1F => 1 | 2,
            b'"' => 1,
            b'\\' => 2,
            b',' => 4,
            b':' => 8,
            b'{' | b'[' => 16,
            b'}' | b']' => 32,
            b'.' => 16 | 32,
            b'0' => 4 | 64,
            b'1'..=b'9' => 64,
            b' ' => 128,
            _ => 0,
        };
        byte += 1;
    }
    codes
};

#[target_feature(enable = "avx2")]
#[inline(never)]
pub fn fill_json_avx2(text: &[u8], from: usize, masks: &mut JsonMasks<Blocks>) {
    fill_json_by(text, from, masks, |block| json_masks_avx2(block));
}

#[target_feature(enable = "avx2")]
#[inline]
fn json_masks_avx2(block: &[u8; BLOCK]) -> JsonMasks {
    let mut masks = JsonMasks::default();
    // SAFETY: 16 bytes of each table.
    let [low_table, high_table] = [&JSON_LOW_HALVES, &JSON_HIGH_HALVES].map(|halves| unsafe { _mm_loadu_si128(halves.as_ptr().cast()) });
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
        masks.dot |= bits(_mm256_slli_epi16::<1>(classes));
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
pub fn fill_json_sse2(text: &[u8], from: usize, masks: &mut JsonMasks<Blocks>) {
    fill_json_by(text, from, masks, json_masks_sse2);
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
            masks.dot |= bits(is(bytes, b'.'));
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
