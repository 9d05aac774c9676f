/* The heap type Limiter: one limiter's `check` and `check_many`, which must cost little more than the engine. Everything else goes through
 * cffi. */
#include "edge.h"

#include <string.h>

/* Values up to this many are read without an allocation. */
#define FEW 16
/* From so many requests on the GIL is released. */
#define RELEASE_REQUESTS 64

typedef struct {
    PyObject_HEAD
    State *state;
    gwp_limiter *limiter;
    PyObject *names; /* tuple of the dimensions' names, or NULL */
    Py_ssize_t count;
} Limiter;

/* The values of a request as the library takes them. */
typedef struct {
    View views[FEW];
    Py_ssize_t opened;
    uint64_t offsets[FEW + 1];
    const uint8_t *data;
    uint8_t *joined; /* owned, or NULL */
} Request;

static PyObject *limiter_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    static char *names[] = {"config_json", NULL};
    PyObject *config;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "O:Limiter", names, &config)) {
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Limiter *self = (Limiter *)allocate(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    View text = {0};
    int failed = view_open(self->state, config, &text);
    if (!failed) {
        gwp_error *error = NULL;
        gwp_status status = gwp_limiter_new(text.data, (size_t)text.len, &self->limiter, &error);
        failed = status == GWP_OK ? 0 : raise_status(self->state, status, error);
    }
    view_close(&text);
    if (failed) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void limiter_dealloc(PyObject *object) {
    Limiter *self = (Limiter *)object;
    PyTypeObject *type = Py_TYPE(object);
    gwp_limiter_free(self->limiter);
    Py_XDECREF(self->names);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* --- reading a request ---------------------------------------------------------------------------------------------- */

/* None is an empty value. */
static int open_value(Limiter *self, PyObject *value, Request *request, Py_ssize_t place) {
    if (value == NULL || value == Py_None) {
        return value == NULL ? -1 : 0;
    }
    if (!PyUnicode_Check(value) && !PyBytes_Check(value)) {
        return raise_fault(self->state, "bad_type", 0, 0);
    }
    return view_open(self->state, value, &request->views[place]);
}

static int open_mapping(Limiter *self, PyObject *key, Request *request) {
    PyObject *items = PyMapping_Items(key);
    Py_ssize_t count = items == NULL ? -1 : PyList_Size(items);
    int failed = count < 0;
    for (Py_ssize_t i = 0; !failed && i < count; i++) {
        PyObject *item = PyList_GetItem(items, i);
        PyObject *name = item == NULL ? NULL : PyTuple_GetItem(item, 0);
        Py_ssize_t place = name == NULL ? -1 : PySequence_Index(self->names, name);
        if (place < 0) {
            if (PyErr_ExceptionMatches(PyExc_ValueError)) {
                PyErr_Clear();
                raise_fault(self->state, "bad_dimension", 0, 0);
            }
            failed = 1;
        } else {
            view_close(&request->views[place]);
            request->views[place] = (View){0};
            failed = open_value(self, PyTuple_GetItem(item, 1), request, place);
        }
    }
    Py_XDECREF(items);
    return failed ? -1 : 0;
}

static int wrong_count(Limiter *self, Py_ssize_t given) {
    return raise_fault(self->state, "bad_count", given, self->count);
}

static int open_sequence(Limiter *self, PyObject *key, Request *request) {
    Py_ssize_t count = PySequence_Size(key);
    if (count != self->count) {
        return count < 0 ? -1 : wrong_count(self, count);
    }
    for (Py_ssize_t place = 0; place < count; place++) {
        PyObject *value = PySequence_GetItem(key, place);
        int failed = open_value(self, value, request, place); /* the view has a reference of its own */
        Py_XDECREF(value);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

static int open_key(Limiter *self, PyObject *key, Request *request) {
    if (PyUnicode_Check(key) || PyBytes_Check(key)) {
        return self->count == 1 ? open_value(self, key, request, 0) : wrong_count(self, 1);
    }
    if (PyTuple_Check(key) || PyList_Check(key)) {
        return open_sequence(self, key, request);
    }
    if (PyDict_Check(key) || (PyMapping_Check(key) && PyObject_HasAttrString(key, "items"))) {
        return open_mapping(self, key, request);
    }
    return raise_fault(self->state, "bad_type", 0, 0);
}

/* To be closed, whatever it answers. */
static int open_request(Limiter *self, PyObject *key, Request *request) {
    for (Py_ssize_t i = 0; i < self->count || i < 1; i++) { /* 16 dimensions are the schema's most */
        request->views[i] = (View){0};
    }
    request->offsets[0] = 0;
    request->joined = NULL;
    return open_key(self, key, request);
}

/* One value is passed where it is; several are joined. */
static int join(Limiter *self, Request *request) {
    for (Py_ssize_t i = 0; i < self->count; i++) {
        request->offsets[i + 1] = request->offsets[i] + (uint64_t)request->views[i].len;
    }
    if (self->count <= 1) {
        request->data = request->views[0].data;
        return 0;
    }
    request->joined = PyMem_Malloc((size_t)request->offsets[self->count] + 1);
    if (request->joined == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) {
        if (request->views[i].len > 0) {
            memcpy(request->joined + request->offsets[i], request->views[i].data, (size_t)request->views[i].len);
        }
    }
    request->data = request->joined;
    return 0;
}

static void close_request(Limiter *self, Request *request) {
    for (Py_ssize_t i = 0; i < self->count; i++) {
        view_close(&request->views[i]);
    }
    PyMem_Free(request->joined);
}

/* A whole number from 0 on; beyond 64 bits it is the largest, which the library refuses by name. */
static int read_number(Limiter *self, PyObject *object, uint64_t *number) {
    if (object == NULL) {
        return 0;
    }
    if (!PyLong_Check(object) || PyBool_Check(object)) {
        return raise_fault(self->state, "bad_number", 0, 0);
    }
    int overflow = 0;
    long long small = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow < 0 || (overflow == 0 && small < 0)) {
        return raise_fault(self->state, "bad_number", 0, 0);
    }
    *number = (uint64_t)small;
    if (overflow > 0) {
        *number = PyLong_AsUnsignedLongLong(object);
        if (PyErr_Occurred()) {
            PyErr_Clear();
            *number = UINT64_MAX;
        }
    }
    return 0;
}

/* --- answering ------------------------------------------------------------------------------------------------------ */

static PyObject *number_or_none(uint64_t number) {
    return number == UINT64_MAX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLongLong(number);
}

/* A pyplugins.core.limiter.Decision. */
static PyObject *make_decision(Limiter *self, const gwp_decision *decision) {
    int named = self->names != NULL && (Py_ssize_t)decision->dimension < PyTuple_Size(self->names);
    PyObject *fields[] = {
        PyBool_FromLong(decision->allowed == 1),
        Py_XNewRef(named ? PyTuple_GetItem(self->names, (Py_ssize_t)decision->dimension) : Py_None),
        decision->window == GWP_NO_INDEX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(decision->window),
        number_or_none(decision->limit),
        number_or_none(decision->remaining),
        PyLong_FromUnsignedLongLong(decision->reset_ns),
        number_or_none(decision->retry_after_ns),
        PyBool_FromLong((decision->flags & GWP_DECISION_WOULD_REFUSE) != 0),
        PyBool_FromLong((decision->flags & GWP_DECISION_BLOCKED) != 0),
        PyLong_FromUnsignedLongLong(decision->now_ns),
        Py_NewRef(self->state->no_details),
    };
    PyObject *record = make_record(self->state->decision_class, fields, sizeof fields / sizeof *fields);
    if (record != NULL) {
        PyObject_GC_UnTrack(record); /* nothing in it leads to other objects: collections need not look at it */
    }
    return record;
}

static PyObject *ask(Limiter *self, const Request *request, uint64_t cost, uint64_t now) {
    gwp_decision decision;
    gwp_error *error = NULL;
    size_t len = (size_t)request->offsets[self->count];
    gwp_status status = gwp_limiter_check(self->limiter, request->data, len, request->offsets, (size_t)self->count, cost, now, 0,
                                          &decision, NULL, 0, &error);
    if (status != GWP_OK) {
        raise_status(self->state, status, error);
        return NULL;
    }
    return make_decision(self, &decision);
}

/* Sorts the arguments of check(key, cost=1, now_ns=0); those that are absent stay NULL. */
static int sort_arguments(PyObject *const *args, Py_ssize_t count, PyObject *names, PyObject **given) {
    static const char *const KNOWN[] = {"key", "cost", "now_ns"};
    enum { MOST = sizeof KNOWN / sizeof *KNOWN };
    if (count > MOST) {
        PyErr_SetString(PyExc_TypeError, "check() takes at most 3 arguments");
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        given[i] = args[i];
    }
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_Size(names); i++) {
        PyObject *name = PyTuple_GetItem(names, i);
        int place = 0;
        while (place < MOST && PyUnicode_CompareWithASCIIString(name, KNOWN[place]) != 0) {
            place++;
        }
        if (place == MOST || given[place] != NULL) {
            PyErr_Format(PyExc_TypeError, "check() got an unexpected argument %R", name);
            return -1;
        }
        given[place] = args[count + i];
    }
    if (given[0] == NULL) {
        PyErr_SetString(PyExc_TypeError, "check() needs a key");
        return -1;
    }
    return 0;
}

/* check(key, cost=1, now_ns=0) */
static PyObject *limiter_check(PyObject *object, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    Limiter *self = (Limiter *)object;
    PyObject *given[3] = {NULL, NULL, NULL};
    if (sort_arguments(args, count, names, given) < 0) {
        return NULL;
    }
    uint64_t cost = 1, now = 0;
    if (read_number(self, given[1], &cost) < 0 || read_number(self, given[2], &now) < 0) {
        return NULL;
    }
    Request request;
    int failed = open_request(self, given[0], &request) < 0 || join(self, &request) < 0;
    PyObject *made = failed ? NULL : ask(self, &request, cost, now);
    close_request(self, &request);
    return made;
}

/* --- many requests -------------------------------------------------------------------------------------------------- */

/* Requests as the library takes them, and its answers. All memory is owned. */
typedef struct {
    uint8_t *values;
    size_t room;
    uint64_t *offsets;
    uint64_t *costs; /* or NULL */
    gwp_decision *decisions;
} Batch;

/* Appends the values of request `at`. */
static int add_request(Limiter *self, PyObject *key, Py_ssize_t at, Batch *batch) {
    Request request;
    int failed = open_request(self, key, &request) < 0;
    uint64_t *offsets = batch->offsets + at * self->count;
    for (Py_ssize_t i = 0; !failed && i < self->count; i++) {
        size_t len = (size_t)request.views[i].len, end = (size_t)offsets[i] + len;
        if (end > batch->room) {
            uint8_t *grown = PyMem_Realloc(batch->values, 2 * end);
            failed = grown == NULL;
            if (failed) {
                PyErr_NoMemory();
                break;
            }
            batch->values = grown;
            batch->room = 2 * end;
        }
        if (len > 0) {
            memcpy(batch->values + offsets[i], request.views[i].data, len);
        }
        offsets[i + 1] = end;
    }
    close_request(self, &request);
    return failed ? -1 : 0;
}

static int read_batch(Limiter *self, PyObject *keys, PyObject *costs, Py_ssize_t requests, Batch *batch) {
    batch->offsets = PyMem_Calloc((size_t)(requests * self->count) + 1, sizeof *batch->offsets);
    batch->decisions = PyMem_Calloc((size_t)requests + 1, sizeof *batch->decisions);
    batch->costs = costs == Py_None ? NULL : PyMem_Calloc((size_t)requests + 1, sizeof *batch->costs);
    if (batch->offsets == NULL || batch->decisions == NULL || (costs != Py_None && batch->costs == NULL)) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < requests; i++) {
        if ((batch->costs != NULL && read_number(self, PyList_GetItem(costs, i), &batch->costs[i]) < 0) ||
            add_request(self, PyList_GetItem(keys, i), i, batch) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *ask_many(Limiter *self, Py_ssize_t requests, uint64_t now, const Batch *batch) {
    gwp_error *error = NULL;
    gwp_status status;
    size_t count = (size_t)(requests * self->count);
    PyThreadState *released = requests < RELEASE_REQUESTS ? NULL : PyEval_SaveThread();
    status = gwp_limiter_check_many(self->limiter, batch->values, (size_t)batch->offsets[count], batch->offsets, count, (size_t)requests,
                                    batch->costs, now, 0, batch->decisions, &error);
    if (released != NULL) {
        PyEval_RestoreThread(released);
    }
    if (status != GWP_OK) {
        raise_status(self->state, status, error);
        return NULL;
    }
    PyObject *made = PyList_New(requests);
    for (Py_ssize_t i = 0; made != NULL && i < requests; i++) {
        PyObject *decision = make_decision(self, &batch->decisions[i]);
        if (decision == NULL || PyList_SetItem(made, i, decision) < 0) {
            Py_CLEAR(made);
        }
    }
    return made;
}

/* check_many(keys, costs, now_ns): lists of the same length; instead of costs None. No other thread knows the lists. */
static PyObject *limiter_check_many(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Limiter *self = (Limiter *)object;
    Batch batch = {0};
    uint64_t now = 0;
    Py_ssize_t requests = count == 3 ? PyList_Size(args[0]) : -1;
    if (requests < 0 || (args[1] != Py_None && PyList_Size(args[1]) != requests)) {
        PyErr_SetString(PyExc_TypeError, "check_many() needs a list of keys, one of costs or None, and a time");
        return NULL;
    }
    int failed = read_batch(self, args[0], args[1], requests, &batch) < 0 || read_number(self, args[2], &now) < 0;
    PyObject *made = failed ? NULL : ask_many(self, requests, now, &batch);
    PyMem_Free(batch.values);
    PyMem_Free(batch.offsets);
    PyMem_Free(batch.costs);
    PyMem_Free(batch.decisions);
    return made;
}

/* name_dimensions(names): what decisions call the dimensions, and how many values a request brings. */
static PyObject *limiter_name_dimensions(PyObject *object, PyObject *names) {
    Limiter *self = (Limiter *)object;
    if (!PyTuple_Check(names) || PyTuple_Size(names) > FEW) {
        PyErr_SetString(PyExc_TypeError, "name_dimensions() needs a tuple of at most 16 names");
        return NULL;
    }
    Py_XDECREF(self->names);
    self->names = Py_NewRef(names);
    self->count = PyTuple_Size(names);
    Py_RETURN_NONE;
}

static PyObject *limiter_address(PyObject *object, void *unused) {
    (void)unused;
    return PyLong_FromVoidPtr(((Limiter *)object)->limiter);
}

static PyMethodDef methods[] = {
    {"check", (PyCFunction)(void (*)(void))limiter_check, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"check_many", (PyCFunction)(void (*)(void))limiter_check_many, METH_FASTCALL, NULL},
    {"name_dimensions", limiter_name_dimensions, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"address", limiter_address, NULL, "Where the gwp_limiter is; it lives as long as this object.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, limiter_new},
    {Py_tp_dealloc, limiter_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, NULL},
};

PyType_Spec limiter_spec = {
    .name = "pyplugins.native._edge.Limiter",
    .basicsize = sizeof(Limiter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
