/* The C edge: Python's hot calls without cffi in between, compiled into the cffi extension as a second module.
 *
 * Why: cffi and ctypes release the GIL around every call and want bytes; here a str is read in place and the GIL kept for
 * small input. It knows no plugin: everything about one comes from gwp_guard_describe. Limited API only, multi-phase
 * initialisation, all state in the module. Nothing here may print or keep scanned text.
 * Tests: tests/unit/test_native_*.py. */
#ifndef GWPLUGINS_EDGE_H
#define GWPLUGINS_EDGE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "gwplugins.h"
#include "transcode.h"

/* From here on the GIL is released. Less is scanned in tens of microseconds; giving the GIL away may cost a switch
 * interval, 5 ms, before it comes back. */
#define RELEASE_BYTES 32768
/* Texts up to this length are copied into one batch; longer ones are scanned where they are. */
#define JOIN_BYTES 16384
/* A batch is scanned when it has grown to this. */
#define BATCH_BYTES 262144
/* What the kept results may hold together, and what is kept of a transcoded text; one that would pass it is freed after use. Fresh
 * memory of a large answer costs more than the scan: 0.4 ms of page faults for the findings and the output of 1 MiB of dense text. */
#define KEEP_BYTES 8388608
/* Non-ASCII strings of this many characters can pass 64 KiB of UTF-8; they are encoded to a temporary, not cached. */
#define CACHE_CHARS 16384
/* Result handles kept for the next call. */
#define KEPT_RESULTS 8

/* A result handle, and the most bytes that it ever held. */
typedef struct {
    gwp_result *handle;
    size_t held;
} Result;

typedef struct {
    PyTypeObject *guard_type;
    PyTypeObject *stream_type;
    PyTypeObject *limiter_type;
    PyObject *finding_class; /* pyplugins.core.result */
    PyObject *scan_result_class;
    PyObject *stream_part_class;
    PyObject *decision_class; /* pyplugins.core.limiter */
    PyObject *error_for;     /* pyplugins.errors */
    PyObject *fault;         /* pyplugins.core.faults */
    PyObject *unfolder;      /* pyplugins.core.nested */
    PyObject *unfold;        /* unfolder(): what a plain process_nested opens */
    PyObject *json_loads;
    PyObject *actions;       /* pyplugins.core.result.ACTIONS */
    PyObject *value, *start, *end; /* keys of detect's entries */
    PyObject *no_details; /* () */
    PyTypeObject *codec_type;
    PyTypeObject *codec_stream_type;
    Result results[KEPT_RESULTS];
    int kept;
    size_t kept_bytes;
    PyObject *spare; /* bytes that held the last transcoded text, or NULL */
} State;

/* A text as the library takes it. */
typedef struct {
    const uint8_t *data;
    Py_ssize_t len;
    PyObject *text;   /* owned: the caller's object */
    PyObject *holder; /* owned: bytes made for this call, or NULL */
    PyObject **spare; /* where the holder goes when the call is done, or NULL */
    int is_str;
    int is_wide;   /* a str that is not ASCII: characters are not bytes */
    uint32_t unit; /* GWP_UNIT_*, in which findings are asked for: code points for a wide str, unless nobody reads them */
} View;

/* What the library says about one text; the pointers live until the result's next use. */
typedef struct {
    const gwp_finding *findings;
    size_t count;
    const uint8_t *output; /* NULL: unchanged */
    size_t output_len;
    uint32_t score;
} Answer;

typedef struct {
    PyObject *name;
    PyObject *group;
    PyObject *attributes; /* read-only: all findings share it where nobody asks for more */
    PyObject *entry;      /* {"value": None, "start": None, "end": None, **attributes} */
} Rule;

typedef struct {
    PyObject_HEAD
    State *state;
    gwp_guard *guard;
    PyObject *kind;
    PyObject *described; /* JSON text */
    Rule *rules;
    Py_ssize_t rule_count;
    Py_ssize_t max_text_bytes, max_nested_depth, max_collection_items;
    int closed;
} Guard;

/* Called for each text in order, under the GIL; -1 stops with the exception set. */
typedef int (*Each)(void *context, Py_ssize_t index, const Answer *answer, gwp_result *result);

/* errors.c: all set an exception and return NULL or -1 */
int raise_status(State *state, gwp_status status, gwp_error *error);
int raise_fault(State *state, const char *id, Py_ssize_t a, Py_ssize_t b);

/* text.c */
int view_open(State *state, PyObject *text, View *view);
void view_close(View *view);
PyObject *view_slice(const View *view, size_t start, size_t end);
PyObject *view_decode(const View *view, const uint8_t *output, size_t len);
PyObject *view_output(const View *view, const Answer *answer);

/* splice.c */
PyObject *splice_output(const View *view, const Answer *answer);

/* scan.c */
Result result_take(State *state); /* no handle: an exception is set */
void result_give(State *state, Result result);
/* Which texts `each` is called for. */
typedef enum { ALL, FOUND_ONLY } Which;
int scan_each(Guard *self, const View *views, Py_ssize_t count, uint32_t flags, Each each, void *context, Which which);

/* answers.c; without a view the entries are the attributes of the rules alone */
int add_detections(Guard *self, PyObject *groups, const View *view, const Answer *answer);
PyObject *make_findings(Guard *self, const gwp_finding *findings, size_t count, gwp_result *result);
PyObject *make_scan_result(Guard *self, const View *view, const Answer *answer, gwp_result *result);
PyObject *make_record(PyObject *class, PyObject *const *fields, Py_ssize_t count);

/* guard.c, nested.c, stream.c, limiter.c */
extern PyType_Spec guard_spec;
extern PyType_Spec stream_spec;
extern PyType_Spec limiter_spec;
int guard_usable(Guard *self);
PyObject *guard_process_nested(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);
PyObject *guard_rewrite_nested(PyObject *self, PyObject *const *args, Py_ssize_t count);
PyObject *stream_open(Guard *guard);

/* codec.c */
extern PyType_Spec codec_spec;
extern PyType_Spec codec_stream_spec;

#endif
