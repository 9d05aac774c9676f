/* A changed non-ASCII str, joined from slices of the original and decoded replacements.
 *
 * Decoding UTF-8 runs at 0.5 to 1 GB/s, slicing a str at ten times that. The engine's output stays the truth: findings only
 * say where to look, and a slice is taken where its bytes are the output's. When they do not fit, nothing is spliced.
 * Tests: tests/unit/test_native_large_text.py. */
#include "edge.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Less unchanged text between two findings is decoded with them. */
#define GAP_BYTES 256
/* A replacement that is this much longer than what it replaces is not looked for. */
#define GROWTH_BYTES 1024
/* Places where a gap may start before the search is given up: repeated text could match nearly everywhere. */
#define TRIES 8

enum { FAILED = -1, UNFIT, DONE };

typedef struct {
    const View *view;
    const uint8_t *output;
    size_t output_len;
    PyObject *pieces;
    size_t written; /* bytes of the output that are in `pieces` */
} Splice;

enum { BLOCK = 128 };

/* Characters that start in a block: bytes that continue none. */
static inline size_t starts_in_block(const uint8_t *data) {
#ifdef __SSE2__
    __m128i starts = _mm_setzero_si128();
    for (int i = 0; i < BLOCK; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(data + i));
        starts = _mm_sub_epi8(starts, _mm_cmpgt_epi8(bytes, _mm_set1_epi8(-65))); /* 0x80 to 0xBF are -128 to -65 */
    }
    __m128i sums = _mm_sad_epu8(starts, _mm_setzero_si128());
    return (size_t)_mm_cvtsi128_si64(_mm_add_epi64(sums, _mm_unpackhi_epi64(sums, sums)));
#else
    size_t starts = 0;
    for (int i = 0; i < BLOCK; i++) {
        starts += (data[i] & 0xC0) != 0x80;
    }
    return starts;
#endif
}

/* The byte where the character `count` characters after byte `at` starts. */
static size_t skip(const View *view, size_t at, size_t count) {
    size_t len = (size_t)view->len;
    for (; count >= BLOCK && len - at >= BLOCK; at += BLOCK) {
        count -= starts_in_block(view->data + at);
    }
    for (; at < len; at++) {
        if ((view->data[at] & 0xC0) != 0x80 && count-- == 0) {
            break;
        }
    }
    return at;
}

/* How many characters start from byte `at` to byte `end`. */
static size_t count(const View *view, size_t at, size_t end) {
    size_t characters = 0;
    for (; end - at >= BLOCK; at += BLOCK) {
        characters += starts_in_block(view->data + at);
    }
    for (; at < end; at++) {
        characters += (view->data[at] & 0xC0) != 0x80;
    }
    return characters;
}

static int add_piece(Splice *splice, PyObject *piece) {
    int failed = piece == NULL || PyList_Append(splice->pieces, piece) < 0;
    Py_XDECREF(piece);
    return failed ? FAILED : DONE;
}

/* Where in the output the gap stands: at its start, at its end, or soon after what is written. */
static const uint8_t *find_gap(const Splice *splice, size_t changed, const uint8_t *gap, size_t len) {
    const uint8_t *at = splice->output + splice->written;
    size_t left = splice->output_len - splice->written;
    if (len > left) {
        return NULL;
    }
    const uint8_t *first = at, *last = splice->output + splice->output_len - len;
    if (changed == 0) {
        last = first;
    } else if (gap + len == splice->view->data + splice->view->len) {
        first = last;
    } else if ((size_t)(last - first) > changed + GROWTH_BYTES) {
        last = first + changed + GROWTH_BYTES;
    }
    for (int tries = TRIES; tries > 0 && first <= last; first++) {
        first = memchr(first, *gap, (size_t)(last - first) + 1);
        if (first == NULL) {
            return NULL;
        }
        if (memcmp(first, gap, GAP_BYTES) == 0 && memcmp(first, gap, len) == 0) {
            return first;
        }
        tries -= memcmp(first, gap, GAP_BYTES) == 0;
    }
    return NULL;
}

static int add_decoded(Splice *splice, size_t end) {
    const char *from = (const char *)splice->output + splice->written;
    size_t len = end - splice->written;
    splice->written = end;
    return len == 0 ? DONE : add_piece(splice, PyUnicode_DecodeUTF8(from, (Py_ssize_t)len, "surrogatepass"));
}

/* A place in the text, in bytes and in characters. */
typedef struct {
    size_t byte, character;
} Place;

/* The gap from `from` to `to`; `changed`: bytes of the text between the gap before and this one. */
static int add_gap(Splice *splice, size_t changed, Place from, Place to) {
    const uint8_t *gap = splice->view->data + from.byte;
    size_t len = to.byte - from.byte;
    const uint8_t *there = find_gap(splice, changed, gap, len);
    if (there == NULL) {
        return UNFIT;
    }
    if (add_decoded(splice, (size_t)(there - splice->output)) == FAILED) {
        return FAILED;
    }
    splice->written += len;
    return add_piece(splice, PyUnicode_Substring(splice->view->text, (Py_ssize_t)from.character, (Py_ssize_t)to.character));
}

/* The place at `offset`, in the unit of the findings; it is not before `from`. */
static Place place(const View *view, Place from, size_t offset) {
    if (view->unit == GWP_UNIT_BYTES) {
        return (Place){offset, from.character + count(view, from.byte, offset)};
    }
    return (Place){skip(view, from.byte, offset - from.character), offset};
}

static int add_all(Splice *splice, const Answer *answer) {
    const View *view = splice->view;
    const Place end = {(size_t)view->len, (size_t)PyUnicode_GetLength(view->text)};
    const int in_bytes = view->unit == GWP_UNIT_BYTES;
    Place from = {0, 0};
    size_t settled = 0; /* bytes of the text up to the end of the last gap taken */
    for (size_t i = 0; i <= answer->count; i++) {
        const gwp_finding *finding = i < answer->count ? &answer->findings[i] : NULL;
        if (finding != NULL && finding->start < (in_bytes ? from.byte : from.character)) {
            return UNFIT; /* findings of decoded text, or that overlap */
        }
        Place to = finding == NULL ? end : place(view, from, (size_t)finding->start);
        if (to.byte - from.byte >= GAP_BYTES) {
            int added = add_gap(splice, from.byte - settled, from, to);
            if (added != DONE) {
                return added;
            }
            settled = to.byte;
        }
        if (finding != NULL) {
            from = place(view, to, (size_t)finding->end);
        }
    }
    return add_decoded(splice, splice->output_len);
}

/* NULL without an exception: not to be spliced. */
PyObject *splice_output(const View *view, const Answer *answer) {
    if (answer->count >= answer->output_len / GAP_BYTES) {
        return NULL;
    }
    Splice splice = {.view = view, .output = answer->output, .output_len = answer->output_len, .pieces = PyList_New(0)};
    PyObject *nothing = PyUnicode_FromStringAndSize(NULL, 0), *text = NULL;
    if (splice.pieces != NULL && nothing != NULL && add_all(&splice, answer) == DONE) {
        text = PyUnicode_Join(nothing, splice.pieces);
    }
    Py_XDECREF(splice.pieces);
    Py_XDECREF(nothing);
    return text;
}
