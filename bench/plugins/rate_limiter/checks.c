/* Checks a second over 100,000 keys through the C ABI, by one thread and by two: the twin of rust/src/main.rs.
 *
 *   cc -O2 -pthread checks.c $(pkg-config --cflags --libs gwplugins) -o checks && ./checks ROUNDS */
#define _POSIX_C_SOURCE 200809L
#include <gwplugins.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEYS = 100000, CHECKS = 5 * KEYS, MANY = 64, SUBJECTS = 4, MODES = 3, MOST_ROUNDS = 100 };
static const uint64_t START_US = 1000000;
static const struct {
    const char *title;
    bool own_clock;
    size_t in_a_call;
} HOW[SUBJECTS] = {
    {"gwplugins, in C, 64 in a call, time given", false, MANY},
    {"gwplugins, in C, 64 in a call, own clock", true, MANY},
    {"gwplugins, in C, time given", false, 1},
    {"gwplugins, in C, own clock", true, 1},
};
static const char *const THREADS[MODES] = {"one", "two, keys of their own", "two, the same keys"};

typedef struct {
    char text[16];
    size_t len;
} key;

typedef struct {
    const gwp_limiter *limiter;
    unsigned subject;
    const key *keys;
    size_t count;
    pthread_barrier_t *gate;
    double seconds;
} task;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static gwp_limiter *make(unsigned per_second) {
    char config[64];
    const int len = snprintf(config, sizeof config, "{\"by_user\": \"%u/s\"}", per_second);
    gwp_limiter *limiter;
    if (gwp_limiter_new((const uint8_t *)config, (size_t)len, &limiter, NULL) != GWP_OK) die("new");
    return limiter;
}

/* How many of the requests for some keys, one or MANY at most, may go on. */
static size_t allowed(const gwp_limiter *limiter, const key *keys, size_t count, uint64_t now_ns) {
    uint64_t offsets[MANY + 1] = {0};
    gwp_decision decisions[MANY];
    if (count == 1) {
        offsets[1] = keys->len;
        const gwp_status status = gwp_limiter_check(limiter, (const uint8_t *)keys->text, keys->len, offsets, 1, 1, now_ns, 0,
                                                    decisions, NULL, 0, NULL);
        return status == GWP_OK && decisions[0].allowed == 1;
    }
    uint8_t values[MANY * sizeof keys->text];
    for (size_t i = 0; i < count; i++) {
        memcpy(values + offsets[i], keys[i].text, sizeof keys->text);
        offsets[i + 1] = offsets[i] + keys[i].len;
    }
    size_t found = 0;
    if (gwp_limiter_check_many(limiter, values, offsets[count], offsets, count, count, NULL, now_ns, 0, decisions, NULL) !=
        GWP_OK) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) found += decisions[i].allowed == 1;
    return found;
}

static key name(size_t number) {
    key made;
    made.len = (size_t)snprintf(made.text, sizeof made.text, "user-%zu", number);
    return made;
}

/* All keys, in an order of their own. Knuth's linear congruential generator; its upper half is random enough. */
static key *shuffled(uint64_t random) {
    key *keys = malloc(KEYS * sizeof *keys);
    if (keys == NULL) die("memory");
    for (size_t i = 0; i < KEYS; i++) keys[i] = name(i);
    for (size_t left = KEYS - 1; left > 0; left--) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const size_t other = (size_t)(random >> 33) % (left + 1);
        const key kept = keys[left];
        keys[left] = keys[other];
        keys[other] = kept;
    }
    return keys;
}

static void checks(const task *mine, size_t count) {
    size_t at = 0;
    for (size_t done = 0; done < count;) {
        size_t now = HOW[mine->subject].in_a_call;
        if (now > count - done) now = count - done;
        if (now > mine->count - at) now = mine->count - at;
        const uint64_t now_ns = HOW[mine->subject].own_clock ? 0 : (START_US + done + 1) * 1000;
        if (allowed(mine->limiter, &mine->keys[at], now, now_ns) != now) die("refused");
        at = at + now == mine->count ? 0 : at + now;
        done += now;
    }
}

static void *run(void *argument) {
    task *mine = argument;
    struct timespec begun, ended;
    checks(mine, mine->count); /* what others left in the caches is not counted */
    pthread_barrier_wait(mine->gate);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    checks(mine, CHECKS);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    mine->seconds = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    return NULL;
}

/* Millions of checks a second, of all threads together. */
static double millions(task *tasks, unsigned count) {
    pthread_t threads[2];
    pthread_barrier_t gate;
    double longest = 0;
    pthread_barrier_init(&gate, NULL, count);
    for (unsigned i = 0; i < count; i++) {
        tasks[i].gate = &gate;
        if (pthread_create(&threads[i], NULL, run, &tasks[i]) != 0) die("thread");
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        if (tasks[i].seconds > longest) longest = tasks[i].seconds;
    }
    pthread_barrier_destroy(&gate);
    return (double)count * CHECKS / longest / 1e6;
}

int main(int count, char **words) {
    static double rates[SUBJECTS][MODES][MOST_ROUNDS];
    const int rounds = count == 2 ? atoi(words[1]) : 0;
    if (rounds < 1 || rounds > MOST_ROUNDS) die("ROUNDS: 1 to 100");
    gwp_limiter *few = make(3);
    const key one = name(1), five[5] = {name(2), name(2), name(2), name(2), name(2)};
    for (int i = 0; i < 5; i++) {
        if (allowed(few, &one, 1, START_US * 1000) != (i < 3)) die("not three of a limit of three");
    }
    if (allowed(few, five, 5, START_US * 1000) != 3) die("not three of five");
    gwp_limiter_free(few);
    const key *first = shuffled(1), *second = shuffled(2);
    for (unsigned subject = 0; subject < SUBJECTS; subject++) {
        gwp_limiter *limiter = make(1000000);
        for (size_t i = 0; i < KEYS; i++) {
            const key made = name(i);
            if (allowed(limiter, &made, 1, HOW[subject].own_clock ? 0 : START_US * 1000) != 1) die("a new key is refused");
        }
        for (int round = 0; round < rounds; round++) {
            task alone[] = {{.limiter = limiter, .subject = subject, .keys = first, .count = KEYS}};
            task own[] = {{.limiter = limiter, .subject = subject, .keys = first, .count = KEYS / 2},
                          {.limiter = limiter, .subject = subject, .keys = first + KEYS / 2, .count = KEYS / 2}};
            task same[] = {{.limiter = limiter, .subject = subject, .keys = first, .count = KEYS},
                           {.limiter = limiter, .subject = subject, .keys = second, .count = KEYS}};
            rates[subject][0][round] = millions(alone, 1);
            rates[subject][1][round] = millions(own, 2);
            rates[subject][2][round] = millions(same, 2);
        }
        gwp_limiter_free(limiter);
    }
    for (unsigned subject = 0; subject < SUBJECTS; subject++) {
        printf("%s\"%s\": {", subject == 0 ? "{" : ", ", HOW[subject].title);
        for (unsigned mode = 0; mode < MODES; mode++) {
            printf("%s\"%s\": [", mode == 0 ? "" : ", ", THREADS[mode]);
            for (int round = 0; round < rounds; round++) printf("%s%.6g", round == 0 ? "" : ", ", rates[subject][mode][round]);
            printf("]");
        }
        printf("}");
    }
    puts("}");
    return 0;
}
