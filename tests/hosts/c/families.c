/* Answers the rows of codecs and limiters in tests/vectors through gwplugins.h; the lines are those of
 * tests/support/gw_family_lines.py. Data is decompressed whole and in chunks; every check is told by a peek before, and
 * each trace is done with gwp_limiter_check and with gwp_limiter_check_many: the answers must be one. */
#define _POSIX_C_SOURCE 200809L
#include "lines.h"

static void say_error(gwp_status status, gwp_error *error, buffer *answer) {
    const uint8_t *path;
    size_t len;
    if (gwp_error_code(error) != status || gwp_error_path(error, &path, &len) != GWP_OK)
        die("the error cannot be read");
    print(answer, "error %" PRId32 " ", status);
    print_hex(answer, path, len);
}

static void take_output(const gwp_result *result, buffer *output) {
    const uint8_t *data;
    size_t len;
    if (gwp_result_output(result, &data, &len, NULL) != GWP_OK) die("the result cannot be read");
    add(output, data, len);
}

/* Passes `text` through a stream in chunks of `size`. */
static gwp_status stream(const gwp_codec *codec, uint32_t flags, const buffer *text, size_t size, gwp_result *result,
                         buffer *output) {
    gwp_codec_stream *made = NULL;
    gwp_status status = gwp_codec_stream_new(codec, flags, &made, NULL);
    for (size_t at = 0; status == GWP_OK && at < text->len; at += size) {
        const size_t rest = text->len - at;
        status = gwp_codec_stream_push(made, text->data + at, rest < size ? rest : size, result, NULL);
        if (status == GWP_OK) take_output(result, output);
    }
    if (status == GWP_OK) status = gwp_codec_stream_finish(made, result, NULL);
    if (status == GWP_OK) take_output(result, output);
    gwp_codec_stream_free(made);
    return status;
}

static int streams_alike(const gwp_codec *codec, const buffer *data, gwp_status whole, const buffer *output,
                         gwp_result *result) {
    static const size_t sizes[] = {1, 5, 1000};
    int alike = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        buffer other = {0};
        const gwp_status status = stream(codec, GWP_CODEC_DECOMPRESS, data, sizes[i], result, &other);
        alike = alike && status == whole && (status != GWP_OK || same(output, &other));
        free(other.data);
    }
    return alike;
}

/* Whether compressing and decompressing gives `text`, in one call and in chunks, with the default configuration: a
 * row's limits may be too narrow. "auto" compresses nothing. */
static int comes_back(const char *name, const buffer *text, gwp_result *result) {
    buffer packed = {0}, once = {0}, streamed = {0}, twice = {0};
    gwp_codec *codec = NULL;
    if (strcmp(name, "auto") == 0) return 1;
    if (gwp_codec_new((const uint8_t *)name, strlen(name), NULL, 0, &codec, NULL) != GWP_OK) die("codec");
    if (gwp_codec_compress(codec, text->data, text->len, result, NULL) != GWP_OK) die("compress");
    take_output(result, &packed);
    if (gwp_codec_decompress(codec, packed.data, packed.len, result, NULL) != GWP_OK) die("decompress");
    take_output(result, &once);
    if (stream(codec, GWP_CODEC_COMPRESS, text, 7, result, &streamed) != GWP_OK) die("compressor");
    if (stream(codec, GWP_CODEC_DECOMPRESS, &streamed, 3, result, &twice) != GWP_OK) die("decompressor");
    const int alike = same(text, &once) && same(text, &twice);
    gwp_codec_free(codec);
    free(packed.data);
    free(once.data);
    free(streamed.data);
    free(twice.data);
    return alike;
}

static void answer_codec(char *words, gwp_result *result, buffer *answer) {
    const char *name = strtok_r(NULL, " ", &words);
    buffer config = unhex(strtok_r(NULL, " ", &words)), data = unhex(strtok_r(NULL, " ", &words)), output = {0};
    gwp_codec *codec = NULL;
    gwp_error *error = NULL;
    gwp_status status =
        gwp_codec_new((const uint8_t *)name, strlen(name), config.data, config.len, &codec, &error);
    if (status == GWP_OK) {
        status = gwp_codec_decompress(codec, data.data, data.len, result, &error);
        if (status == GWP_OK) take_output(result, &output);
        if (!streams_alike(codec, &data, status, &output, result)) print(answer, "differs: stream ");
        if (status == GWP_OK && !comes_back(name, &output, result)) print(answer, "differs: round trip ");
    }
    if (status == GWP_OK) {
        print(answer, "ok ");
        print_hex(answer, output.data, output.len);
    } else {
        say_error(status, error, answer);
    }
    gwp_error_free(error);
    gwp_codec_free(codec);
    free(config.data);
    free(data.data);
    free(output.data);
}

/* A step of a trace, and the values of its key in one buffer. */
typedef struct {
    const char *op;
    uint64_t now, cost, at, actual, lease;
    buffer values;
    uint64_t offsets[9];
    size_t count;
} step;

#define KEY(step) (step)->values.data, (step)->values.len, (step)->offsets, (step)->count

static step read_step(char *word) {
    step read = {0};
    read.op = strtok_r(NULL, ",", &word);
    uint64_t *const numbers[] = {&read.now, &read.cost, &read.at, &read.actual, &read.lease};
    for (size_t i = 0; i < 5; i++) *numbers[i] = strtoull(strtok_r(NULL, ",", &word), NULL, 10);
    for (const char *value; read.count < 8 && (value = strtok_r(NULL, ",", &word)) != NULL;) {
        buffer one = unhex(value);
        add(&read.values, one.data, one.len);
        free(one.data);
        read.offsets[++read.count] = read.values.len;
    }
    return read;
}

static gwp_status checked(const gwp_limiter *limiter, const step *one, int many, gwp_decision *decision,
                          buffer *answer) {
    gwp_decision before, details[64];
    const gwp_status told = gwp_limiter_check(limiter, KEY(one), one->cost, one->now, GWP_LIMITER_PEEK, &before,
                                              details, sizeof details / sizeof *details, NULL);
    const gwp_status status =
        many ? gwp_limiter_check_many(limiter, KEY(one), 1, &one->cost, one->now, 0, decision, NULL)
             : gwp_limiter_check(limiter, KEY(one), one->cost, one->now, 0, decision, NULL, 0, NULL);
    if (told != status || before.retry_after_ns != decision->retry_after_ns) print(answer, " differs: peek");
    if (status != GWP_OK && decision->allowed != 0) print(answer, " differs: a failed check allows");
    return status;
}

static void do_step(const gwp_limiter *limiter, const step *one, int many, buffer *answer) {
    gwp_decision told = {0};
    uint64_t lease = 0;
    uint32_t released = 0;
    size_t number = 0;
    gwp_status status;
    const int is_number = strcmp(one->op, "release") == 0 || strcmp(one->op, "reset") == 0;
    if (strcmp(one->op, "check") == 0) {
        status = checked(limiter, one, many, &told, answer);
    } else if (strcmp(one->op, "peek") == 0) {
        status =
            gwp_limiter_check(limiter, KEY(one), one->cost, one->now, GWP_LIMITER_PEEK, &told, NULL, 0, NULL);
    } else if (strcmp(one->op, "settle") == 0) {
        status =
            gwp_limiter_settle(limiter, KEY(one), one->cost, one->at, one->actual, one->now, &told, NULL);
    } else if (strcmp(one->op, "acquire") == 0) {
        status = gwp_limiter_acquire(limiter, KEY(one), one->cost, one->now, 0, &lease, &told, NULL);
    } else if (strcmp(one->op, "release") == 0) {
        status = gwp_limiter_release(limiter, KEY(one), one->lease, one->now, &released, NULL);
        number = released;
    } else if (strcmp(one->op, "reset") == 0) {
        status = gwp_limiter_reset(limiter, KEY(one), one->now, &number, NULL);
    } else {
        die("an unknown step");
    }
    if (status != GWP_OK) {
        print(answer, " !%" PRId32, status);
    } else if (is_number) {
        print(answer, " =%zu", number);
    } else {
        print(answer, " %" PRIu32 ",%" PRIu32 ",#%" PRIu32 ",%" PRIu32, told.allowed, told.flags, told.dimension,
              told.window);
        print(answer, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, told.limit, told.remaining,
              told.reset_ns, told.retry_after_ns, lease);
    }
}

static void do_steps(const buffer *config, const char *steps, int many, buffer *answer) {
    gwp_limiter *limiter = NULL;
    gwp_error *error = NULL;
    const gwp_status status = gwp_limiter_new(config->data, config->len, &limiter, &error);
    if (status == GWP_OK) {
        const uint8_t *description;
        size_t len;
        if (gwp_limiter_describe(limiter, &description, &len, NULL) != GWP_OK) die("describe");
        print(answer, "ok ");
        print_hex(answer, description, len);
        char *copy = strdup(steps), *rest = copy;
        if (copy == NULL) die("no memory");
        for (char *word; (word = strtok_r(NULL, " ", &rest)) != NULL;) {
            step one = read_step(word);
            do_step(limiter, &one, many, answer);
            free(one.values.data);
        }
        free(copy);
    } else {
        say_error(status, error, answer);
    }
    gwp_error_free(error);
    gwp_limiter_free(limiter);
}

static void answer_limiter(char *words, buffer *answer) {
    buffer config = unhex(strtok_r(NULL, " ", &words)), other = {0};
    const char *steps = words == NULL ? "" : words;
    do_steps(&config, steps, 0, answer);
    do_steps(&config, steps, 1, &other);
    if (!same(answer, &other)) print(answer, " differs: check_many");
    free(config.data);
    free(other.data);
}

static void answer_one(char *line, gwp_result *result) {
    buffer answer = {0};
    char *words = line;
    if (strcmp(strtok_r(NULL, " ", &words), "codec") == 0) {
        answer_codec(words, result, &answer);
    } else {
        answer_limiter(words, &answer);
    }
    puts((const char *)answer.data);
    free(answer.data);
}

int main(void) {
    answer_lines(answer_one);
    return 0;
}
