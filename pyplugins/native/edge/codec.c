/* The heap types Codec and CodecStream: bytes in, bytes out, the GIL released during every call into the library. */
#include "edge.h"

typedef struct {
    PyObject_HEAD
    State *state;
    gwp_codec *codec;
    PyObject *name;
    int closed;
} Codec;

/* Serves one thread at a time; the library refuses a second one. */
typedef struct {
    PyObject_HEAD
    State *state;
    gwp_codec_stream *stream;
} CodecStream;

/* Bytes that another thread may change during the call are copied first. Owned. */
static PyObject *held_bytes(State *state, PyObject *data) {
    if (PyBytes_Check(data)) {
        return Py_NewRef(data);
    }
    if (PyByteArray_Check(data) || PyMemoryView_Check(data)) {
        return PyBytes_FromObject(data);
    }
    raise_fault(state, "codec_bytes", 0, 0);
    return NULL;
}

/* What every call needs: the bytes, a result, an error. */
typedef struct {
    PyObject *bytes;
    const uint8_t *data;
    size_t len;
    Result result;
    gwp_error *error;
} Call;

/* `data` may be NULL for a call that takes none. */
static int call_begin(State *state, PyObject *data, Call *call) {
    *call = (Call){0};
    if (data != NULL) {
        char *start;
        Py_ssize_t len;
        call->bytes = held_bytes(state, data);
        if (call->bytes == NULL || PyBytes_AsStringAndSize(call->bytes, &start, &len) < 0) {
            Py_CLEAR(call->bytes);
            return -1;
        }
        call->data = (const uint8_t *)start;
        call->len = (size_t)len;
    }
    call->result = result_take(state);
    if (call->result.handle == NULL) {
        Py_CLEAR(call->bytes);
        return -1;
    }
    return 0;
}

static PyObject *call_end(State *state, Call *call, gwp_status status) {
    PyObject *output = NULL;
    const uint8_t *data = NULL;
    size_t len = 0;
    if (status != GWP_OK) {
        raise_status(state, status, call->error);
    } else {
        gwp_result_output(call->result.handle, &data, &len, NULL);
        call->result.held = len > call->result.held ? len : call->result.held;
        output = PyBytes_FromStringAndSize((const char *)data, (Py_ssize_t)len);
    }
    result_give(state, call->result);
    Py_XDECREF(call->bytes);
    return output;
}

static PyObject *new_object(PyTypeObject *type) {
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return allocate(type, 0);
}

static void free_object(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* --- Codec ---------------------------------------------------------------------------------------------------------- */

static PyObject *codec_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named)) {
    const char *name, *config;
    Py_ssize_t name_len, config_len;
    if (!PyArg_ParseTuple(args, "s#s#:Codec", &name, &name_len, &config, &config_len)) {
        return NULL;
    }
    State *state = PyType_GetModuleState(type);
    gwp_codec *made = NULL;
    gwp_error *error = NULL;
    gwp_status status = gwp_codec_new((const uint8_t *)name, (size_t)name_len, (const uint8_t *)config,
                                      (size_t)config_len, &made, &error);
    if (status != GWP_OK) {
        raise_status(state, status, error);
        return NULL;
    }
    Codec *self = (Codec *)new_object(type);
    if (self == NULL) {
        gwp_codec_free(made);
        return NULL;
    }
    self->state = state;
    self->codec = made;
    self->name = PyUnicode_FromStringAndSize(name, name_len);
    if (self->name == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void codec_dealloc(PyObject *object) {
    Codec *self = (Codec *)object;
    gwp_codec_free(self->codec);
    Py_XDECREF(self->name);
    free_object(object);
}

static int codec_usable(Codec *self) {
    return self->closed ? raise_fault(self->state, "bad_handle", 1, 0) : 0;
}

typedef gwp_status (*Work)(const gwp_codec *, const uint8_t *, size_t, gwp_result *, gwp_error **);

/* The caller's reference keeps the codec alive, closed or not. */
static PyObject *codec_run(PyObject *object, PyObject *data, Work work) {
    Codec *self = (Codec *)object;
    Call call;
    gwp_status status;
    if (codec_usable(self) < 0 || call_begin(self->state, data, &call) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = work(self->codec, call.data, call.len, call.result.handle, &call.error);
    Py_END_ALLOW_THREADS
    return call_end(self->state, &call, status);
}

static PyObject *codec_compress(PyObject *self, PyObject *data) {
    return codec_run(self, data, gwp_codec_compress);
}

static PyObject *codec_decompress(PyObject *self, PyObject *data) {
    return codec_run(self, data, gwp_codec_decompress);
}

static PyObject *codec_stream(PyObject *object, uint32_t flags) {
    Codec *self = (Codec *)object;
    gwp_codec_stream *made = NULL;
    gwp_error *error = NULL;
    if (codec_usable(self) < 0) {
        return NULL;
    }
    gwp_status status = gwp_codec_stream_new(self->codec, flags, &made, &error);
    if (status != GWP_OK) {
        raise_status(self->state, status, error);
        return NULL;
    }
    CodecStream *stream = (CodecStream *)new_object(self->state->codec_stream_type);
    if (stream == NULL) {
        gwp_codec_stream_free(made);
        return NULL;
    }
    stream->state = self->state;
    stream->stream = made;
    return (PyObject *)stream;
}

static PyObject *codec_compressor(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    return codec_stream(self, GWP_CODEC_COMPRESS);
}

static PyObject *codec_decompressor(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    return codec_stream(self, GWP_CODEC_DECOMPRESS);
}

static PyObject *codec_describe(PyObject *object, PyObject *Py_UNUSED(ignored)) {
    Codec *self = (Codec *)object;
    const uint8_t *json = NULL;
    size_t len = 0;
    gwp_error *error = NULL;
    if (codec_usable(self) < 0) {
        return NULL;
    }
    gwp_status status = gwp_codec_describe(self->codec, &json, &len, &error);
    if (status != GWP_OK) {
        raise_status(self->state, status, error);
        return NULL;
    }
    return PyObject_CallFunction(self->state->json_loads, "y#", (const char *)json, (Py_ssize_t)len);
}

/* The codec itself goes with the last reference: a call in another thread may be using it. */
static PyObject *codec_close(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    ((Codec *)self)->closed = 1;
    Py_RETURN_NONE;
}

static PyObject *get_implementation(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure)) {
    return PyUnicode_InternFromString("rust");
}

static PyObject *get_binding(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure)) {
    return PyUnicode_InternFromString("cffi");
}

static PyObject *get_name(PyObject *self, void *Py_UNUSED(closure)) {
    return Py_NewRef(((Codec *)self)->name);
}

static PyMethodDef codec_methods[] = {
    {"compress", codec_compress, METH_O, "The compressed data."},
    {"decompress", codec_decompress, METH_O, "What the data holds."},
    {"compressor", codec_compressor, METH_NOARGS, "A stream that compresses."},
    {"decompressor", codec_decompressor, METH_NOARGS, "A stream that decompresses."},
    {"describe", codec_describe, METH_NOARGS, "Name, version, level, limits."},
    {"close", codec_close, METH_NOARGS, "Drops the reference to the codec."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef codec_getters[] = {
    {"implementation", get_implementation, NULL, "\"rust\"", NULL},
    {"binding", get_binding, NULL, "\"cffi\"", NULL},
    {"name", get_name, NULL, "Name of the codec.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot codec_slots[] = {
    {Py_tp_doc, "A configured codec, called without cffi in between. Made by pyplugins.native.codec_functions."},
    {Py_tp_new, codec_new},
    {Py_tp_dealloc, codec_dealloc},
    {Py_tp_methods, codec_methods},
    {Py_tp_getset, codec_getters},
    {0, NULL},
};

PyType_Spec codec_spec = {
    .name = "pyplugins.native._edge.Codec",
    .basicsize = sizeof(Codec),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = codec_slots,
};

/* --- CodecStream ---------------------------------------------------------------------------------------------------- */

static void stream_dealloc(PyObject *object) {
    gwp_codec_stream_free(((CodecStream *)object)->stream);
    free_object(object);
}

static PyObject *stream_push(PyObject *object, PyObject *chunk) {
    CodecStream *self = (CodecStream *)object;
    Call call;
    gwp_status status;
    if (call_begin(self->state, chunk, &call) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = gwp_codec_stream_push(self->stream, call.data, call.len, call.result.handle, &call.error);
    Py_END_ALLOW_THREADS
    return call_end(self->state, &call, status);
}

static PyObject *stream_finish(PyObject *object, PyObject *Py_UNUSED(ignored)) {
    CodecStream *self = (CodecStream *)object;
    Call call;
    gwp_status status;
    if (call_begin(self->state, NULL, &call) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = gwp_codec_stream_finish(self->stream, call.result.handle, &call.error);
    Py_END_ALLOW_THREADS
    return call_end(self->state, &call, status);
}

static PyMethodDef stream_methods[] = {
    {"push", stream_push, METH_O, "Takes a chunk; what it has led to."},
    {"finish", stream_finish, METH_NOARGS, "Ends the data; the rest of the output."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot stream_slots[] = {
    {Py_tp_doc, "Data that arrives in chunks. Made by Codec.compressor and Codec.decompressor."},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_methods, stream_methods},
    {0, NULL},
};

PyType_Spec codec_stream_spec = {
    .name = "pyplugins.native._edge.CodecStream",
    .basicsize = sizeof(CodecStream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = stream_slots,
};
