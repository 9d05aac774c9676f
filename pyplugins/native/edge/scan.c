/* Calls into the library: one text in place, or many small ones as a batch; and the free list of results. */
#include "edge.h"

#include <string.h>

Result result_take(State *state) {
    Result result = {0};
    if (state->kept > 0) {
        result = state->results[--state->kept];
        state->kept_bytes -= result.held;
        return result;
    }
    gwp_error *error = NULL;
    gwp_status status = gwp_result_new(&result.handle, &error);
    if (status != GWP_OK) {
        raise_status(state, status, error);
    }
    return result;
}

void result_give(State *state, Result result) {
    if (state->kept < KEPT_RESULTS && state->kept_bytes + result.held <= KEEP_BYTES) {
        state->results[state->kept++] = result;
        state->kept_bytes += result.held;
    } else {
        gwp_result_free(result.handle);
    }
}

/* What the last call left in a result. */
typedef struct {
    const gwp_finding *findings;
    size_t finding_count;
    const gwp_item *items;
    size_t item_count;
    const uint8_t *output;
    size_t output_len;
} Contents;

/* Clean texts are the common case: their verdicts say that there is nothing else to ask for. */
static Contents contents_of(const gwp_result *result) {
    Contents all = {0};
    uint32_t found = 0, changed = 0;
    gwp_result_items(result, &all.items, &all.item_count, NULL);
    for (size_t i = 0; i < all.item_count; i++) {
        found |= all.items[i].verdict;
        changed |= all.items[i].changed;
    }
    if (found) {
        gwp_result_findings(result, &all.findings, &all.finding_count, NULL);
    }
    if (changed) {
        gwp_result_output(result, &all.output, &all.output_len, NULL);
    }
    return all;
}

static size_t held(const Contents *all) {
    return all->finding_count * sizeof(gwp_finding) + all->item_count * sizeof(gwp_item) + all->output_len;
}

/* Hands each item of the result to `each`, with its own findings and output. */
static int hand_out(const Contents *all, Py_ssize_t first, Each each, void *context, gwp_result *result, Which which) {
    if (which == FOUND_ONLY && all->finding_count == 0 && all->output_len == 0) {
        return 0;
    }
    size_t at = 0;
    for (size_t item = 0; item < all->item_count; item++) {
        const gwp_item *verdict = &all->items[item];
        Answer answer = {.findings = all->findings + at, .score = verdict->score};
        while (at < all->finding_count && all->findings[at].item == item) {
            at++;
            answer.count++;
        }
        if (verdict->changed) {
            /* An empty view is NULL, but NULL would say that nothing changed. */
            static const uint8_t nothing[1];
            answer.output = all->output == NULL ? nothing : all->output + verdict->output_start;
            answer.output_len = (size_t)(verdict->output_end - verdict->output_start);
        }
        if (each(context, first + (Py_ssize_t)item, &answer, result) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Texts of one batch, one after the other: the offsets first, then the bytes. */
typedef struct {
    uint64_t *ends;
    uint8_t *bytes;
    size_t room;
    void *memory; /* NULL: in `inside` */
    uint64_t inside[512];
} Joined;

static int joined_reserve(Joined *joined, Py_ssize_t bytes, Py_ssize_t items) {
    size_t offsets = (size_t)(items + 1) * sizeof(uint64_t), needed = offsets + (size_t)bytes;
    if (needed > joined->room) {
        void *memory = PyMem_Malloc(needed);
        if (memory == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        PyMem_Free(joined->memory);
        joined->memory = memory;
        joined->room = needed;
    }
    joined->ends = joined->memory == NULL ? joined->inside : joined->memory;
    joined->bytes = (uint8_t *)joined->ends + offsets;
    return 0;
}

/* How many of the views make the next call: one long text alone, or small ones of one kind together. */
static Py_ssize_t next_batch(const View *views, Py_ssize_t count, Py_ssize_t *total) {
    Py_ssize_t taken = 1;
    *total = views[0].len;
    if (views[0].len > JOIN_BYTES) {
        return 1;
    }
    while (taken < count && views[taken].len <= JOIN_BYTES && views[taken].is_str == views[0].is_str
           && *total + views[taken].len <= BATCH_BYTES) {
        *total += views[taken++].len;
    }
    return taken;
}

static int join(Joined *joined, const View *views, Py_ssize_t count, Py_ssize_t total) {
    if (joined_reserve(joined, total, count) < 0) {
        return -1;
    }
    size_t at = 0;
    joined->ends[0] = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(joined->bytes + at, views[i].data, (size_t)views[i].len);
        at += (size_t)views[i].len;
        joined->ends[i + 1] = at;
    }
    return 0;
}

static uint32_t unit_of(const View *views, Py_ssize_t count) {
    uint32_t unit = GWP_UNIT_BYTES;
    for (Py_ssize_t i = 0; i < count; i++) {
        unit |= views[i].unit;
    }
    return unit;
}

/* One call; `ends` NULL means the single text `data`. */
static int call(Guard *self, const uint8_t *data, Py_ssize_t len, const uint64_t *ends, Py_ssize_t count, uint32_t flags,
                gwp_result *result) {
    gwp_error *error = NULL;
    gwp_status status;
    PyThreadState *released = len >= RELEASE_BYTES ? PyEval_SaveThread() : NULL;
    if (ends == NULL) {
        status = gwp_guard_scan(self->guard, data, (size_t)len, flags, result, &error);
    } else {
        status = gwp_guard_scan_batch(self->guard, data, (size_t)len, ends, (size_t)count, flags, result, &error);
    }
    if (released != NULL) {
        PyEval_RestoreThread(released);
    }
    return status == GWP_OK ? 0 : raise_status(self->state, status, error);
}

int scan_each(Guard *self, const View *views, Py_ssize_t count, uint32_t flags, Each each, void *context, Which which) {
    if (count == 0) {
        return 0;
    }
    Result result = result_take(self->state);
    if (result.handle == NULL) {
        return -1;
    }
    Joined joined;
    joined.memory = NULL;
    joined.room = sizeof joined.inside;
    int failed = 0;
    for (Py_ssize_t at = 0; at < count && !failed;) {
        Py_ssize_t total, taken = next_batch(views + at, count - at, &total);
        uint32_t all_flags = flags | unit_of(views + at, taken);
        if (taken == 1) {
            failed = call(self, views[at].data, total, NULL, 1, all_flags, result.handle);
        } else {
            failed = join(&joined, views + at, taken, total)
                     || call(self, joined.bytes, total, joined.ends, taken, all_flags, result.handle);
        }
        if (!failed) {
            Contents all = contents_of(result.handle);
            result.held = held(&all) > result.held ? held(&all) : result.held;
            failed = hand_out(&all, at, each, context, result.handle, which);
        }
        at += taken;
    }
    PyMem_Free(joined.memory);
    result_give(self->state, result);
    return failed ? -1 : 0;
}
