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

enum { KEYS = 100000, CHECKS = 5 * KEYS, SUBJECTS = 2, MODES = 3, MOST_ROUNDS = 100 };
static const uint64_t START_US = 1000000;
static const char *const TITLES[SUBJECTS] = {"gwplugins, in C, time given", "gwplugins, in C, own clock"};
static const char *const THREADS[MODES] = {"one", "two, keys of their own", "two, the same keys"};

typedef struct {
    char text[16];
    size_t len;
} key;

typedef struct {
    const gwp_limiter *limiter;
    bool own_clock;
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

static bool allowed(const gwp_limiter *limiter, const key *one, uint64_t now_ns) {
    const uint64_t offsets[2] = {0, one->len};
    gwp_decision decision;
    const gwp_status status = gwp_limiter_check(limiter, (const uint8_t *)one->text, one->len, offsets, 1, 1, now_ns, 0,
                                                &decision, NULL, 0, NULL);
    return status == GWP_OK && decision.allowed == 1;
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
    for (size_t i = 1; i <= count; i++) {
        if (!allowed(mine->limiter, &mine->keys[at], mine->own_clock ? 0 : (START_US + i) * 1000)) die("refused");
        at = at + 1 == mine->count ? 0 : at + 1;
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
    const key one = name(1);
    for (int i = 0; i < 5; i++) {
        if (allowed(few, &one, START_US * 1000) != (i < 3)) die("not three of a limit of three");
    }
    gwp_limiter_free(few);
    const key *first = shuffled(1), *second = shuffled(2);
    for (unsigned subject = 0; subject < SUBJECTS; subject++) {
        const bool own_clock = subject == 1;
        gwp_limiter *limiter = make(1000000);
        for (size_t i = 0; i < KEYS; i++) {
            const key made = name(i);
            if (!allowed(limiter, &made, own_clock ? 0 : START_US * 1000)) die("a new key is refused");
        }
        for (int round = 0; round < rounds; round++) {
            task alone[] = {{.limiter = limiter, .own_clock = own_clock, .keys = first, .count = KEYS}};
            task own[] = {{.limiter = limiter, .own_clock = own_clock, .keys = first, .count = KEYS / 2},
                          {.limiter = limiter, .own_clock = own_clock, .keys = first + KEYS / 2, .count = KEYS / 2}};
            task same[] = {{.limiter = limiter, .own_clock = own_clock, .keys = first, .count = KEYS},
                           {.limiter = limiter, .own_clock = own_clock, .keys = second, .count = KEYS}};
            rates[subject][0][round] = millions(alone, 1);
            rates[subject][1][round] = millions(own, 2);
            rates[subject][2][round] = millions(same, 2);
        }
        gwp_limiter_free(limiter);
    }
    for (unsigned subject = 0; subject < SUBJECTS; subject++) {
        printf("%s\"%s\": {", subject == 0 ? "{" : ", ", TITLES[subject]);
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
