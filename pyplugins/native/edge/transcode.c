/* Code points to UTF-8, eight or sixteen at a time: CPython's encoder takes one, at 0.5 to 1 GB/s.
 *
 * Bytes of a block of characters are laid out in fixed places, then one shuffle closes the gaps. x86-64 with SSSE3, AVX2 or AVX-512
 * VBMI2 by GCC or clang, but not by Apple's; elsewhere `transcode_ready` says no. Lone surrogates become three bytes.
 * Tests: tests/abi/test_transcode.c, each of the three by itself, and tests/unit/test_native_large_text.py. */
#include "transcode.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__APPLE__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define SIMD __attribute__((target("ssse3")))

/* A shuffle that moves the wanted bytes to the front, and how many those are. */
typedef struct {
    uint8_t order[16];
    uint8_t len;
} Squeeze;

/* `pairs`: eight places of two bytes, bit i of the index says that place i holds one. `quads`: four places of four bytes,
 * bits i and i + 4 are the length of place i, less one; short ones stand at the end of their place. */
static Squeeze pairs[256], quads[256];

static void squeeze_add(Squeeze *squeeze, int from, int len) {
    for (int i = 0; i < len; i++) {
        squeeze->order[squeeze->len++] = (uint8_t)(from + i);
    }
}

/* What this processor has, asked once. (`__builtin_cpu_supports` needs a symbol that not every linker gives a shared library.) */
static int has_ssse3, has_avx2, has_vbmi2;

/* The system saves the registers of `states` (Intel SDM volume 1, 13.3). */
static int saves_registers(unsigned states) {
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & states) == states;
}

static void ask_processor(void) {
    enum { AVX_STATES = 0x06, AVX512_STATES = 0xE6 };
    unsigned a, b, c, d, features;
    if (__get_cpuid(1, &a, &b, &features, &d)) {
        has_ssse3 = (features & bit_SSSE3) != 0;
        int asked = (features & bit_OSXSAVE) && (features & bit_AVX) && __get_cpuid_count(7, 0, &a, &b, &c, &d);
        has_avx2 = asked && (b & bit_AVX2) && saves_registers(AVX_STATES);
        int narrow = asked && (b & bit_AVX512F) && (b & bit_AVX512BW) && (features & bit_POPCNT);
        has_vbmi2 = narrow && (c & bit_AVX512VBMI) && (c & bit_AVX512VBMI2) && saves_registers(AVX512_STATES);
    }
}

int transcode_ready(void) {
    if (pairs[0].len == 0) { /* under the GIL, and always the same */
        ask_processor();
        for (int index = 0; index < 256; index++) {
            for (int i = 0; i < 8; i++) {
                squeeze_add(&pairs[index], 2 * i, index >> i & 1 ? 1 : 2);
            }
            for (int i = 0; i < 4; i++) {
                int len = 1 + (index >> i & 1) + 2 * (index >> (i + 4) & 1);
                squeeze_add(&quads[index], 4 * i + 4 - len, len);
            }
        }
    }
    return has_ssse3;
}

SIMD static inline __m128i load(const uint32_t *from) {
    return _mm_loadu_si128((const __m128i *)from);
}

SIMD static inline __m128i bits(uint32_t value) {
    return _mm_set1_epi32((int)value);
}

SIMD static inline __m128i choose(__m128i mask, __m128i yes, __m128i no) {
    return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

SIMD static inline uint8_t *put(uint8_t *to, __m128i bytes, const Squeeze *squeeze) {
    _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(bytes, _mm_loadu_si128((const __m128i *)squeeze->order)));
    return to + squeeze->len;
}

/* True when no bit of `mask` is set in `all`. */
SIMD static inline int none(__m128i all, uint32_t mask) {
    __m128i set = _mm_and_si128(all, bits(mask));
    return _mm_movemask_epi8(_mm_cmpeq_epi32(set, _mm_setzero_si128())) == 0xFFFF;
}

/* Eight characters below U+0800. */
SIMD static inline uint8_t *put_pairs(uint8_t *to, __m128i a, __m128i b) {
    __m128i v = _mm_packs_epi32(a, b);
    __m128i ascii = _mm_cmpgt_epi16(_mm_set1_epi16(0x80), v);
    __m128i lead = _mm_srli_epi16(v, 6);
    __m128i rest = _mm_slli_epi16(_mm_and_si128(v, _mm_set1_epi16(0x3F)), 8);
    __m128i two = _mm_or_si128(_mm_or_si128(lead, rest), _mm_set1_epi16((short)0x80C0));
    int index = _mm_movemask_epi8(_mm_packs_epi16(ascii, ascii)) & 0xFF;
    return put(to, choose(ascii, v, two), &pairs[index]);
}

/* Four characters of any kind: the last byte of each on top of its place. */
SIMD static inline uint8_t *put_quads(uint8_t *to, __m128i v) {
    __m128i two = _mm_cmpgt_epi32(v, bits(0x7F)), three = _mm_cmpgt_epi32(v, bits(0x7FF));
    __m128i four = _mm_cmpgt_epi32(v, bits(0xFFFF));
    __m128i low = _mm_or_si128(_mm_slli_epi32(v, 24), _mm_slli_epi32(_mm_and_si128(v, bits(0xFC0)), 10));
    __m128i high = _mm_or_si128(_mm_srli_epi32(_mm_and_si128(v, bits(0x3F000)), 4), _mm_srli_epi32(v, 18));
    __m128i spread = _mm_or_si128(_mm_and_si128(low, bits(0x3FFF0000)), high);
    /* 80 80 80 F0 from the top; a lead of fewer bytes where no character is that long */
    __m128i marks = _mm_or_si128(bits(0x808080F0), _mm_or_si128(_mm_andnot_si128(three, bits(0x400000)),
                                                                _mm_andnot_si128(four, bits(0x6000))));
    __m128i bytes = choose(two, _mm_or_si128(spread, marks), low);
    int odd = _mm_movemask_ps(_mm_castsi128_ps(_mm_xor_si128(_mm_xor_si128(two, three), four)));
    return put(to, bytes, &quads[odd | _mm_movemask_ps(_mm_castsi128_ps(three)) << 4]);
}

/* All of U+0800 to U+FFFF. */
SIMD static inline int all_triples(__m128i a, __m128i b) {
    __m128i large = _mm_and_si128(_mm_cmpgt_epi32(a, bits(0x7FF)), _mm_cmpgt_epi32(b, bits(0x7FF)));
    __m128i small = _mm_cmpeq_epi32(_mm_srli_epi32(_mm_or_si128(a, b), 16), _mm_setzero_si128());
    return _mm_movemask_epi8(_mm_and_si128(large, small)) == 0xFFFF;
}

/* Four such characters. */
SIMD static inline uint8_t *put_triples(uint8_t *to, __m128i v) {
    __m128i middle = _mm_and_si128(_mm_slli_epi32(v, 2), bits(0x3F00)), last = _mm_and_si128(_mm_slli_epi32(v, 16), bits(0x3F0000));
    __m128i bytes = _mm_or_si128(_mm_or_si128(_mm_srli_epi32(v, 12), bits(0x8080E0)), _mm_or_si128(middle, last));
    __m128i order = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(bytes, order));
    return to + 12;
}

/* Writes up to 4 * count + 16 bytes to `to`; the end of those that count. */
SIMD static uint8_t *transcode_blocks(const uint32_t *from, size_t count, uint8_t *to) {
    const uint32_t *end = from + (count & ~(size_t)7);
    while (from < end) {
        /* No way of its own for ASCII: European text would mispredict the branch at every other block. */
        __m128i a = load(from), b = load(from + 4);
        if (none(_mm_or_si128(a, b), 0xFFFFF800u)) {
            to = put_pairs(to, a, b);
        } else if (all_triples(a, b)) {
            to = put_triples(put_triples(to, a), b);
        } else {
            to = put_quads(put_quads(to, a), b);
        }
        from += 8;
    }
    return to;
}

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i wide_bits(uint32_t value) {
    return _mm256_set1_epi32((int)value);
}

/* Sixteen characters below U+0800. */
AVX2 static inline uint8_t *put_wide_pairs(uint8_t *to, __m256i a, __m256i b) {
    __m256i v = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xD8);
    __m256i ascii = _mm256_cmpgt_epi16(_mm256_set1_epi16(0x80), v);
    __m256i rest = _mm256_slli_epi16(_mm256_and_si256(v, _mm256_set1_epi16(0x3F)), 8);
    __m256i two = _mm256_or_si256(_mm256_or_si256(_mm256_srli_epi16(v, 6), rest), _mm256_set1_epi16((short)0x80C0));
    __m256i bytes = _mm256_blendv_epi8(two, v, ascii);
    int index = _mm_movemask_epi8(_mm_packs_epi16(_mm256_castsi256_si128(ascii), _mm256_extracti128_si256(ascii, 1)));
    to = put(to, _mm256_castsi256_si128(bytes), &pairs[index & 0xFF]);
    return put(to, _mm256_extracti128_si256(bytes, 1), &pairs[index >> 8 & 0xFF]);
}

AVX2 static inline int all_wide_triples(__m256i v) {
    __m256i large = _mm256_cmpgt_epi32(v, wide_bits(0x7FF));
    return _mm256_testz_si256(v, wide_bits(0xFFFF0000u)) && _mm256_movemask_epi8(large) == -1;
}

/* Eight characters of U+0800 to U+FFFF. */
AVX2 static inline uint8_t *put_wide_triples(uint8_t *to, __m256i v) {
    __m256i middle = _mm256_and_si256(_mm256_slli_epi32(v, 2), wide_bits(0x3F00));
    __m256i last = _mm256_and_si256(_mm256_slli_epi32(v, 16), wide_bits(0x3F0000));
    __m256i first = _mm256_or_si256(_mm256_srli_epi32(v, 12), wide_bits(0x8080E0));
    __m128i order = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    __m256i bytes = _mm256_or_si256(first, _mm256_or_si256(middle, last));
    bytes = _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(order));
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(bytes));
    _mm_storeu_si128((__m128i *)(to + 12), _mm256_extracti128_si256(bytes, 1));
    return to + 24;
}

/* As transcode_blocks, of whole sixteens. */
AVX2 static uint8_t *transcode_wide_blocks(const uint32_t *from, size_t count, uint8_t *to) {
    for (const uint32_t *end = from + (count & ~(size_t)15); from < end; from += 16) {
        __m256i a = _mm256_loadu_si256((const __m256i *)from), b = _mm256_loadu_si256((const __m256i *)(from + 8));
        if (_mm256_testz_si256(_mm256_or_si256(a, b), wide_bits(0xFFFFF800u))) {
            to = put_wide_pairs(to, a, b);
        } else {
            to = all_wide_triples(a) ? put_wide_triples(to, a) : transcode_blocks(from, 8, to);
            to = all_wide_triples(b) ? put_wide_triples(to, b) : transcode_blocks(from + 8, 8, to);
        }
    }
    return to;
}

static size_t transcode_narrow(const uint32_t *from, size_t count, uint8_t *to) {
    size_t wide = has_avx2 ? count & ~(size_t)15 : 0;
    uint8_t *at = transcode_wide_blocks(from, wide, to);
    from += wide;
    count -= wide;
    at = transcode_blocks(from, count, at);
    uint32_t last[8] = {0};
    size_t rest = count & 7;
    memcpy(last, from + count - rest, rest * sizeof *last);
    /* the zeros after the rest are a byte each */
    return (size_t)(transcode_blocks(last, rest == 0 ? 0 : 8, at) - to) - (rest == 0 ? 0 : 8 - rest);
}

/* clang 18 to 21 name 512-bit registers as a feature of their own. */
#if defined(__clang__) && __clang_major__ >= 18 && __clang_major__ <= 21
#define VBMI2 __attribute__((target("evex512,avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt")))
#else
#define VBMI2 __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt")))
#endif

VBMI2 static inline uint8_t *put_kept(uint8_t *to, __m512i bytes, __mmask64 kept) {
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(kept, bytes));
    return to + __builtin_popcountll(kept);
}

VBMI2 static inline __m512i sixteen(uint32_t value) {
    return _mm512_set1_epi32((int)value);
}

/* Sixteen characters of any kind, or the `wanted` ones of them: the last byte of each on top of its place. */
VBMI2 static inline uint8_t *put_sixteen(uint8_t *to, __m512i v, __mmask16 wanted) {
    __mmask16 two = _mm512_cmpgt_epu32_mask(v, sixteen(0x7F)), three = _mm512_cmpgt_epu32_mask(v, sixteen(0x7FF));
    __mmask16 four = _mm512_cmpgt_epu32_mask(v, sixteen(0xFFFF));
    __m512i bits = _mm512_maskz_mov_epi32(wanted, sixteen(0x7F000000)), marks = _mm512_maskz_mov_epi32(two, sixteen(0x80C00000));
    bits = _mm512_mask_mov_epi32(bits, two, sixteen(0x3F1F0000));
    bits = _mm512_mask_mov_epi32(bits, three, sixteen(0x3F3F0F00));
    bits = _mm512_mask_mov_epi32(bits, four, sixteen(0x3F3F3F07));
    marks = _mm512_mask_mov_epi32(marks, three, sixteen(0x8080E000));
    marks = _mm512_mask_mov_epi32(marks, four, sixteen(0x808080F0));
    /* from the bit 18, 12, 6 and 0 of each character on */
    __m512i spread = _mm512_multishift_epi64_epi8(_mm512_set1_epi64(0x20262C3200060C12), v);
    return put_kept(to, _mm512_or_si512(_mm512_and_si512(spread, bits), marks), _mm512_test_epi8_mask(bits, bits));
}

/* Thirty-two characters below U+0800. */
VBMI2 static inline uint8_t *put_many_pairs(uint8_t *to, __m512i a, __m512i b) {
    __m512i v = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(a)), _mm512_cvtepi32_epi16(b), 1);
    __mmask32 ascii = _mm512_cmplt_epu16_mask(v, _mm512_set1_epi16(0x80));
    __m512i rest = _mm512_slli_epi16(_mm512_and_si512(v, _mm512_set1_epi16(0x3F)), 8);
    __m512i two = _mm512_or_si512(_mm512_or_si512(_mm512_srli_epi16(v, 6), rest), _mm512_set1_epi16((short)0x80C0));
    __m512i bytes = _mm512_mask_mov_epi16(two, ascii, v);
    __m512i lengths = _mm512_mask_mov_epi16(_mm512_set1_epi16(-1), ascii, _mm512_set1_epi16(0xFF));
    return put_kept(to, bytes, _mm512_movepi8_mask(lengths));
}

VBMI2 static size_t transcode_many(const uint32_t *from, size_t count, uint8_t *to) {
    uint8_t *at = to;
    for (; count >= 32; count -= 32, from += 32) {
        __m512i a = _mm512_loadu_si512(from), b = _mm512_loadu_si512(from + 16);
        if (_mm512_test_epi32_mask(_mm512_or_si512(a, b), sixteen(0xFFFFF800u)) == 0) {
            at = put_many_pairs(at, a, b);
        } else {
            at = put_sixteen(put_sixteen(at, a, 0xFFFF), b, 0xFFFF);
        }
    }
    for (size_t here; count > 0; count -= here, from += here) {
        here = count < 16 ? count : 16;
        __mmask16 wanted = (__mmask16)((1u << here) - 1);
        at = put_sixteen(at, _mm512_maskz_loadu_epi32(wanted, from), wanted);
    }
    return (size_t)(at - to);
}

size_t transcode(const uint32_t *from, size_t count, uint8_t *to) {
    return has_vbmi2 ? transcode_many(from, count, to) : transcode_narrow(from, count, to);
}

#else

int transcode_ready(void) {
    return 0;
}

size_t transcode(const uint32_t *from, size_t count, uint8_t *to) {
    (void)from, (void)count, (void)to;
    return 0;
}

#endif
