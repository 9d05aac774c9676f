/* The module pyplugins.native._edge: a second PyInit in the cffi extension's file (PEP 489 allows it). */
#include "edge.h"

/* One thing this module borrows from the Python side. */
typedef struct {
    const char *module, *name;
    size_t place;
} Import;

static const Import IMPORTS[] = {
    {"pyplugins.core.result", "Finding", offsetof(State, finding_class)},
    {"pyplugins.core.result", "ScanResult", offsetof(State, scan_result_class)},
    {"pyplugins.core.result", "StreamPart", offsetof(State, stream_part_class)},
    {"pyplugins.core.result", "ACTIONS", offsetof(State, actions)},
    {"pyplugins.core.limiter", "Decision", offsetof(State, decision_class)},
    {"pyplugins.errors", "error_for", offsetof(State, error_for)},
    {"pyplugins.core.faults", "fault", offsetof(State, fault)},
    {"pyplugins.core.nested", "unfolder", offsetof(State, unfolder)},
    {"json", "loads", offsetof(State, json_loads)},
};
enum { IMPORT_COUNT = sizeof IMPORTS / sizeof *IMPORTS };

static PyObject **slot(State *state, const Import *import) {
    return (PyObject **)((char *)state + import->place);
}

static int import_all(State *state) {
    for (int i = 0; i < IMPORT_COUNT; i++) {
        PyObject *module = PyImport_ImportModule(IMPORTS[i].module);
        PyObject *found = module == NULL ? NULL : PyObject_GetAttrString(module, IMPORTS[i].name);
        Py_XDECREF(module);
        if (found == NULL) {
            return -1;
        }
        *slot(state, &IMPORTS[i]) = found;
    }
    return 0;
}

static PyTypeObject *make_type(PyObject *module, PyType_Spec *spec) {
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

static int edge_exec(PyObject *module) {
    State *state = PyModule_GetState(module);
    if (import_all(state) < 0) {
        return -1;
    }
    state->value = PyUnicode_InternFromString("value");
    state->start = PyUnicode_InternFromString("start");
    state->end = PyUnicode_InternFromString("end");
    state->unfold = PyObject_CallNoArgs(state->unfolder);
    state->no_details = PyTuple_New(0);
    state->guard_type = make_type(module, &guard_spec);
    state->stream_type = make_type(module, &stream_spec);
    state->limiter_type = make_type(module, &limiter_spec);
    state->codec_type = make_type(module, &codec_spec);
    state->codec_stream_type = make_type(module, &codec_stream_spec);
    int complete = state->value != NULL && state->start != NULL && state->end != NULL && state->unfold != NULL
                   && state->no_details != NULL && state->guard_type != NULL && state->stream_type != NULL
                   && state->limiter_type != NULL && state->codec_type != NULL && state->codec_stream_type != NULL;
    return complete ? 0 : -1;
}

static int edge_traverse(PyObject *module, visitproc visit, void *arg) {
    State *state = PyModule_GetState(module);
    for (int i = 0; i < IMPORT_COUNT; i++) {
        Py_VISIT(*slot(state, &IMPORTS[i]));
    }
    Py_VISIT(state->unfold);
    Py_VISIT(state->guard_type);
    Py_VISIT(state->stream_type);
    Py_VISIT(state->limiter_type);
    Py_VISIT(state->codec_type);
    Py_VISIT(state->codec_stream_type);
    return 0;
}

static int edge_clear(PyObject *module) {
    State *state = PyModule_GetState(module);
    for (int i = 0; i < IMPORT_COUNT; i++) {
        Py_CLEAR(*slot(state, &IMPORTS[i]));
    }
    Py_CLEAR(state->unfold);
    Py_CLEAR(state->spare);
    Py_CLEAR(state->value);
    Py_CLEAR(state->start);
    Py_CLEAR(state->end);
    Py_CLEAR(state->guard_type);
    Py_CLEAR(state->stream_type);
    Py_CLEAR(state->limiter_type);
    Py_CLEAR(state->no_details);
    Py_CLEAR(state->codec_type);
    Py_CLEAR(state->codec_stream_type);
    return 0;
}

static void edge_free(void *module) {
    State *state = PyModule_GetState(module);
    edge_clear(module);
    while (state->kept > 0) {
        gwp_result_free(state->results[--state->kept].handle);
    }
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, edge_exec},
    /* No claim to run with an interpreter lock of its own or without one: Python then refuses or turns the lock on. */
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pyplugins.native._edge",
    .m_doc = "Python's hot calls into libgwplugins.",
    .m_size = sizeof(State),
    .m_slots = slots,
    .m_traverse = edge_traverse,
    .m_clear = edge_clear,
    .m_free = edge_free,
};

PyMODINIT_FUNC PyInit__edge(void);
PyMODINIT_FUNC PyInit__edge(void) {
    return PyModuleDef_Init(&definition);
}
