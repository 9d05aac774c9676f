/* Codecs: every function with every bad argument, round trips in one call and in chunks, and data that is not good. */
#include "check.h"

static gwp_result *result;
static gwp_guard *guard;

#define STALE(type) ((type)(void *)&check_stale)

static const char *const NAMES[] = {"zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy", "identity"};
enum { CODECS = 8, LONG = 300000 };

static gwp_codec *open_codec(const char *name, const char *config) {
    gwp_codec *codec = NULL;
    SUCCEEDS(gwp_codec_new(BYTES(name), strlen(name), BYTES(config), strlen(config), &codec, &err));
    return codec;
}

/* What the last call left in the result, copied; the caller frees it. */
static uint8_t *output(size_t *len) {
    const uint8_t *data = NULL;
    const gwp_item *items = NULL;
    size_t count = 0;
    SUCCEEDS(gwp_result_output(result, &data, len, &err));
    SUCCEEDS(gwp_result_items(result, &items, &count, &err));
    CHECK(count == 1 && items[0].changed == 1 && items[0].output_end - items[0].output_start == *len);
    uint8_t *copy = malloc(*len + 1);
    CHECK(copy != NULL);
    if (*len > 0) {
        memcpy(copy, data, *len);
    }
    return copy;
}

static void no_output(void) {
    const uint8_t *data = STALE(const uint8_t *);
    size_t len = 7;
    SUCCEEDS(gwp_result_output(result, &data, &len, &err));
    CHECK(data == NULL && len == 0);
}

static void catalogue(void) {
    const uint8_t *text = NULL;
    size_t len = 0;
    CHECK(gwp_codec_count() == CODECS);
    for (size_t i = 0; i < CODECS; i++) {
        SUCCEEDS(gwp_codec_name(i, &text, &len, &err));
        CHECK(is_text(text, len, NAMES[i]));
    }
    FAILS(GWP_E_OUT_OF_RANGE, gwp_codec_name(CODECS, &text, &len, &err), gwp_codec_name(SIZE_MAX, &text, &len, NULL));
    CHECK(text == NULL && len == 0);
    FAILS(GWP_E_NULL_ARG, gwp_codec_name(0, NULL, &len, &err), gwp_codec_name(0, &text, NULL, NULL));
    SUCCEEDS(gwp_codec_schema(&text, &len, &err));
    CHECK(len > 2 && text[0] == '{');
    FAILS(GWP_E_NULL_ARG, gwp_codec_schema(NULL, &len, &err), gwp_codec_schema(&text, NULL, NULL));
}

static void making(void) {
    gwp_codec *made = STALE(gwp_codec *);
    FAILS(GWP_E_NULL_ARG, gwp_codec_new(TEXT("gzip"), NULL, 0, NULL, &err), gwp_codec_new(TEXT("gzip"), NULL, 0, NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_new(NULL, 4, NULL, 0, &made, &err), gwp_codec_new(TEXT("gzip"), NULL, 1, &made, NULL));
    CHECK(made == NULL);
    FAILS(GWP_E_UNKNOWN_KIND, gwp_codec_new(TEXT("gzi"), NULL, 0, &made, &err), gwp_codec_new(NULL, 0, NULL, 0, &made, NULL));
    FAILS(GWP_E_CONFIG_SYNTAX, gwp_codec_new(TEXT("gzip"), TEXT("{"), &made, &err), gwp_codec_new(TEXT("gzip"), TEXT("\xff"), &made, NULL));
    FAILS(GWP_E_CONFIG_KEY, gwp_codec_new(TEXT("gzip"), TEXT("{\"a\": 1}"), &made, &err), gwp_codec_new(TEXT("zstd"), TEXT("{\"a\": 1}"), &made, NULL));
    FAILS(GWP_E_CONFIG_VALUE, gwp_codec_new(TEXT("gzip"), TEXT("{\"level\": 10}"), &made, &err), gwp_codec_new(TEXT("lz4"), TEXT("{\"level\": -1}"), &made, NULL));
    gwp_codec_free(NULL);
    gwp_codec_stream_free(NULL);
    gwp_codec_free((gwp_codec *)(void *)guard);
    made = open_codec("gzip", "{\"level\": 9}");
    const uint8_t *json = NULL;
    size_t len = 0;
    SUCCEEDS(gwp_codec_describe(made, &json, &len, &err));
    CHECK(len > 2 && json[0] == '{');
    FAILS(GWP_E_NULL_ARG, gwp_codec_describe(NULL, &json, &len, &err), gwp_codec_describe(made, NULL, &len, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_codec_describe((gwp_codec *)(void *)guard, &json, &len, &err), gwp_codec_describe((gwp_codec *)(void *)result, &json, &len, NULL));
    gwp_codec_free(made);
}

static void bad_calls(void) {
    gwp_codec *codec = open_codec("gzip", "");
    gwp_codec *other = (gwp_codec *)(void *)guard;
    gwp_codec_stream *stream = STALE(gwp_codec_stream *);
    FAILS(GWP_E_NULL_ARG, gwp_codec_compress(NULL, TEXT("a"), result, &err), gwp_codec_compress(codec, TEXT("a"), NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_compress(codec, NULL, 1, result, &err), gwp_codec_decompress(codec, NULL, 1, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_decompress(NULL, TEXT("a"), result, &err), gwp_codec_decompress(codec, TEXT("a"), NULL, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_codec_compress(other, TEXT("a"), result, &err), gwp_codec_decompress(other, TEXT("a"), result, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_codec_compress(codec, TEXT("a"), (gwp_result *)(void *)guard, &err), gwp_codec_decompress(codec, TEXT("a"), (gwp_result *)(void *)codec, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_stream_new(NULL, 0, &stream, &err), gwp_codec_stream_new(codec, 0, NULL, NULL));
    CHECK(stream == NULL);
    FAILS(GWP_E_BAD_FLAG, gwp_codec_stream_new(codec, 2, &stream, &err), gwp_codec_stream_new(codec, UINT32_MAX, &stream, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_codec_stream_new(other, 0, &stream, &err), gwp_codec_stream_new(other, 1, &stream, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_stream_push(NULL, TEXT("a"), result, &err), gwp_codec_stream_finish(NULL, result, NULL));
    SUCCEEDS(gwp_codec_stream_new(codec, GWP_CODEC_DECOMPRESS, &stream, &err));
    FAILS(GWP_E_NULL_ARG, gwp_codec_stream_push(stream, NULL, 1, result, &err), gwp_codec_stream_push(stream, TEXT("a"), NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_stream_finish(stream, NULL, &err), gwp_codec_stream_finish(stream, NULL, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_codec_stream_push((gwp_codec_stream *)(void *)codec, TEXT("a"), result, &err), gwp_codec_stream_finish((gwp_codec_stream *)(void *)codec, result, NULL));
    gwp_codec_free(codec);
    /* The stream lives on. */
    CHECK(gwp_codec_stream_push(stream, TEXT("no gzip"), result, NULL) == GWP_E_BAD_DATA);
    FAILS(GWP_E_FINISHED, gwp_codec_stream_push(stream, TEXT(""), result, &err), gwp_codec_stream_finish(stream, result, NULL));
    gwp_codec_stream_free(stream);
    codec = open_codec("auto", "");
    FAILS(GWP_E_UNSUPPORTED, gwp_codec_compress(codec, TEXT("a"), result, &err), gwp_codec_stream_new(codec, 0, &stream, NULL));
    gwp_codec_free(codec);
}

/* The whole data through a stream in chunks of `size` bytes; the caller frees it. */
static uint8_t *through(const gwp_codec *codec, uint32_t flags, const uint8_t *data, size_t len, size_t size, size_t *made) {
    gwp_codec_stream *stream = NULL;
    uint8_t *all = malloc(2 * LONG);
    CHECK(all != NULL);
    *made = 0;
    SUCCEEDS(gwp_codec_stream_new(codec, flags, &stream, &err));
    for (size_t at = 0; at <= len; at += size) {
        size_t count = len - at < size ? len - at : size, got = 0;
        SUCCEEDS(gwp_codec_stream_push(stream, data + at, count, result, &err));
        uint8_t *part = output(&got);
        CHECK(*made + got <= 2 * LONG);
        memcpy(all + *made, part, got);
        *made += got;
        free(part);
    }
    size_t got = 0;
    SUCCEEDS(gwp_codec_stream_finish(stream, result, &err));
    uint8_t *rest = output(&got);
    memcpy(all + *made, rest, got);
    *made += got;
    free(rest);
    gwp_codec_stream_free(stream);
    return all;
}

static void round_trips(void) {
    uint8_t *data = malloc(LONG);
    CHECK(data != NULL);
    for (size_t i = 0; i < LONG; i++) {
        data[i] = (uint8_t)("{\"id\": 17, \"name\": \"Ada\"}\n"[i % 26] + (i % 977 == 0));
    }
    for (size_t i = 0; i < CODECS; i++) {
        gwp_codec *codec = open_codec(NAMES[i], "");
        size_t small_len = 0, len = 0;
        SUCCEEDS(gwp_codec_compress(codec, data, LONG, result, &err));
        uint8_t *small = output(&small_len);
        CHECK(i == CODECS - 1 ? small_len == LONG : small_len < LONG / 4);
        SUCCEEDS(gwp_codec_decompress(codec, small, small_len, result, &err));
        uint8_t *back = output(&len);
        CHECK(len == LONG && memcmp(back, data, LONG) == 0);
        free(back);
        back = through(codec, GWP_CODEC_DECOMPRESS, small, small_len, 1000, &len);
        CHECK(len == LONG && memcmp(back, data, LONG) == 0);
        free(back);
        free(small);
        small = through(codec, GWP_CODEC_COMPRESS, data, LONG, 7777, &small_len);
        SUCCEEDS(gwp_codec_decompress(codec, small, small_len, result, &err));
        back = output(&len);
        CHECK(len == LONG && memcmp(back, data, LONG) == 0);
        free(back);
        free(small);
        /* Nothing at all, too. */
        SUCCEEDS(gwp_codec_compress(codec, NULL, 0, result, &err));
        small = output(&small_len);
        SUCCEEDS(gwp_codec_decompress(codec, small, small_len, result, &err));
        back = output(&len);
        CHECK(len == 0);
        free(back);
        free(small);
        gwp_codec_free(codec);
    }
    free(data);
}

static void bad_data(void) {
    static const uint8_t zeros[5000];
    gwp_codec *codec = open_codec("gzip", "{\"max_output_bytes\": 4999}");
    size_t len = 0;
    SUCCEEDS(gwp_codec_compress(codec, zeros, sizeof zeros, result, &err));
    uint8_t *small = output(&len);
    FAILS(GWP_E_TOO_LARGE, gwp_codec_decompress(codec, small, len, result, &err), gwp_codec_decompress(codec, small, len, result, NULL));
    no_output();
    gwp_codec_free(codec);
    codec = open_codec("gzip", "");
    FAILS(GWP_E_TRUNCATED, gwp_codec_decompress(codec, small, len - 1, result, &err), gwp_codec_decompress(codec, NULL, 0, result, NULL));
    no_output();
    small[len - 8] ^= 1;
    FAILS(GWP_E_CHECKSUM, gwp_codec_decompress(codec, small, len, result, &err), gwp_codec_decompress(codec, small, len, result, NULL));
    no_output();
    small[len - 8] ^= 1;
    small[len] = 'x';
    FAILS(GWP_E_TRAILING, gwp_codec_decompress(codec, small, len + 1, result, &err), gwp_codec_decompress(codec, small, len + 1, result, NULL));
    no_output();
    gwp_codec_free(codec);
    free(small);
}

static void choosing(void) {
    const uint8_t *name = NULL;
    size_t len = 0;
    char text[200];
    memset(text, 'a', sizeof text);
    SUCCEEDS(gwp_codec_choose(BYTES(text), sizeof text, NULL, 0, TEXT("*"), &name, &len, &err));
    CHECK(is_text(name, len, "zstd"));
    SUCCEEDS(gwp_codec_choose(BYTES(text), sizeof text, TEXT("image/png"), TEXT("gzip"), &name, &len, &err));
    CHECK(is_text(name, len, "identity"));
    SUCCEEDS(gwp_codec_choose(BYTES(text), sizeof text, NULL, 0, TEXT("br;q=0.9, gzip;q=0.8"), &name, &len, &err));
    CHECK(is_text(name, len, "brotli"));
    SUCCEEDS(gwp_codec_choose(NULL, 0, NULL, 0, NULL, 0, &name, &len, &err));
    CHECK(is_text(name, len, "identity"));
    FAILS(GWP_E_NOT_ACCEPTABLE, gwp_codec_choose(NULL, 0, NULL, 0, TEXT("*;q=0"), &name, &len, &err), gwp_codec_choose(NULL, 0, NULL, 0, TEXT("identity;q=0"), &name, &len, NULL));
    CHECK(name == NULL && len == 0);
    FAILS(GWP_E_NULL_ARG, gwp_codec_choose(NULL, 1, NULL, 0, NULL, 0, &name, &len, &err), gwp_codec_choose(NULL, 0, NULL, 1, NULL, 0, &name, &len, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_choose(NULL, 0, NULL, 0, NULL, 1, &name, &len, &err), gwp_codec_choose(NULL, 0, NULL, 0, NULL, 0, NULL, &len, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_choose(NULL, 0, NULL, 0, NULL, 0, &name, NULL, &err), gwp_codec_choose(NULL, 0, NULL, 0, NULL, 0, &name, NULL, NULL));
}

static void training(void) {
    enum { COUNT = 200, SIZE = 150 };
    static char samples[COUNT * SIZE + 1];
    static uint64_t offsets[COUNT + 1];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(samples + i * SIZE, SIZE + 1, "{\"id\": %8u, \"name\": \"user %8u\", \"active\": %s, \"score\": %8u, \"note\": null}%40s",
            (unsigned)(i * 7919), (unsigned)i, i % 2 ? " true" : "false", (unsigned)(i * i), "");
        offsets[i + 1] = (i + 1) * SIZE;
    }
    const uint8_t *data = BYTES(samples);
    size_t all = COUNT * SIZE, len = 0;
    SUCCEEDS(gwp_codec_train(data, all, offsets, COUNT, 2000, result, &err));
    free(output(&len));
    CHECK(len > 256 && len <= 2000);
    FAILS(GWP_E_OUT_OF_RANGE, gwp_codec_train(NULL, 0, NULL, 0, 2000, result, &err), gwp_codec_train(data, SIZE, offsets, 1, 2000, result, NULL));
    no_output();
    FAILS(GWP_E_NULL_ARG, gwp_codec_train(data, all, NULL, COUNT, 2000, result, &err), gwp_codec_train(data, all, offsets, COUNT, 2000, NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_codec_train(NULL, all, offsets, COUNT, 2000, result, &err), gwp_codec_train(NULL, 1, NULL, 0, 2000, result, NULL));
    FAILS(GWP_E_BAD_OFFSETS, gwp_codec_train(data, all - 1, offsets, COUNT, 2000, result, &err), gwp_codec_train(data, all, offsets, COUNT - 1, 2000, result, NULL));
    offsets[5] = 0;
    FAILS(GWP_E_BAD_OFFSETS, gwp_codec_train(data, all, offsets, COUNT, 2000, result, &err), gwp_codec_train(data, all, offsets, COUNT, 2000, result, NULL));
}

int main(void) {
    guard = open_probe("{}");
    result = new_result();
    catalogue();
    making();
    bad_calls();
    round_trips();
    bad_data();
    choosing();
    training();
    gwp_result_free(result);
    gwp_guard_free(guard);
    puts("codec: ok");
    return 0;
}
