/* The heap type Stream: a text that arrives in parts. Serves one thread at a time; the library refuses a second one. */
#include "edge.h"

typedef struct {
    PyObject_HEAD
    Guard *guard; /* owned: keeps the engine alive */
    gwp_stream *stream;
    uint32_t unit; /* GWP_UNIT_*, by the kind of the first part */
    int started;
} Stream;

static int open_as(Stream *self, uint32_t unit) {
    gwp_stream *stream = NULL;
    gwp_error *error = NULL;
    gwp_status status = gwp_stream_new(self->guard->guard, GWP_OUTPUT | GWP_DETAILS | unit, &stream, &error);
    if (status != GWP_OK) {
        return raise_status(self->guard->state, status, error);
    }
    gwp_stream_free(self->stream);
    self->stream = stream;
    self->unit = unit;
    return 0;
}

PyObject *stream_open(Guard *guard) {
    PyTypeObject *type = guard->state->stream_type;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Stream *self = (Stream *)allocate(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->guard = (Guard *)Py_NewRef((PyObject *)guard);
    if (open_as(self, GWP_UNIT_CODE_POINTS) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void stream_dealloc(PyObject *object) {
    Stream *self = (Stream *)object;
    PyTypeObject *type = Py_TYPE(object);
    gwp_stream_free(self->stream);
    Py_XDECREF((PyObject *)self->guard);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static PyObject *make_part(Stream *self, Result *taken) {
    gwp_result *result = taken->handle;
    const gwp_finding *findings;
    size_t count, len;
    const uint8_t *output;
    gwp_result_findings(result, &findings, &count, NULL);
    gwp_result_output(result, &output, &len, NULL);
    size_t used = count * sizeof *findings + len;
    taken->held = used > taken->held ? used : taken->held;
    View view = {.is_str = self->unit == GWP_UNIT_CODE_POINTS};
    PyObject *found = make_findings(self->guard, findings, count, result);
    PyObject *text = found == NULL ? NULL : view_decode(&view, output, len);
    if (text == NULL) {
        Py_XDECREF(found);
        return NULL;
    }
    PyObject *fields[] = {found, text};
    return make_record(self->guard->state->stream_part_class, fields, sizeof fields / sizeof *fields);
}

/* Pushes `view`, or finishes when it is NULL. */
static PyObject *step(Stream *self, const View *view) {
    State *state = self->guard->state;
    Result taken = result_take(state);
    gwp_result *result = taken.handle;
    if (result == NULL) {
        return NULL;
    }
    gwp_error *error = NULL;
    gwp_status status;
    PyThreadState *released = view != NULL && view->len >= RELEASE_BYTES ? PyEval_SaveThread() : NULL;
    if (view != NULL) {
        status = gwp_stream_push(self->stream, view->data, (size_t)view->len, result, &error);
    } else {
        status = gwp_stream_finish(self->stream, result, &error);
    }
    if (released != NULL) {
        PyEval_RestoreThread(released);
    }
    PyObject *part = NULL;
    if (status == GWP_OK) {
        part = make_part(self, &taken);
    } else {
        raise_status(state, status, error);
    }
    result_give(state, taken);
    return part;
}

/* The first part decides whether the stream is one of str or of bytes. */
static int settle(Stream *self, uint32_t unit) {
    if (!self->started && unit != self->unit && open_as(self, unit) < 0) {
        return -1;
    }
    self->started = 1;
    return unit == self->unit ? 0 : raise_fault(self->guard->state, "bad_type", 0, 0);
}

static PyObject *stream_push(PyObject *object, PyObject *chunk) {
    Stream *self = (Stream *)object;
    View view;
    if (view_open(self->guard->state, chunk, &view) < 0) {
        return NULL;
    }
    PyObject *part = settle(self, view.is_str ? GWP_UNIT_CODE_POINTS : GWP_UNIT_BYTES) < 0 ? NULL : step(self, &view);
    view_close(&view);
    return part;
}

static PyObject *stream_finish(PyObject *object, PyObject *Py_UNUSED(ignored)) {
    Stream *self = (Stream *)object;
    self->started = 1;
    return step(self, NULL);
}

static PyMethodDef methods[] = {
    {"push", stream_push, METH_O, "Takes the next part and releases what is decided."},
    {"finish", stream_finish, METH_NOARGS, "Releases the rest; afterwards the stream takes nothing more."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A text that arrives in parts. Made by Guard.stream."},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec stream_spec = {
    .name = "pyplugins.native._edge.Stream",
    .basicsize = sizeof(Stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
