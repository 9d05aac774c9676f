/* The heap type Guard: one configured engine and its methods. */
#include "edge.h"

#include <structmember.h>

/* --- making one ----------------------------------------------------------------------------------------------------- */

static PyObject *json_member(State *state, PyObject *json) {
    return PyObject_CallFunctionObjArgs(state->json_loads, json, NULL);
}

/* {"value": None, "start": None, "end": None, **attributes}: copied for each finding. */
static PyObject *make_template(State *state, PyObject *attributes) {
    PyObject *entry = PyDict_New();
    PyObject *keys[] = {state->value, state->start, state->end};
    for (int i = 0; entry != NULL && i < 3; i++) {
        if (PyDict_SetItem(entry, keys[i], Py_None) < 0) {
            Py_CLEAR(entry);
        }
    }
    if (entry != NULL && PyDict_Update(entry, attributes) < 0) {
        Py_CLEAR(entry);
    }
    return entry;
}

/* `row` is a pyplugins.core.description.Rule. */
static int read_rule(State *state, Rule *rule, PyObject *row) {
    rule->name = Py_XNewRef(PyTuple_GetItem(row, 0));
    rule->group = Py_XNewRef(PyTuple_GetItem(row, 1));
    PyObject *attributes = PyTuple_GetItem(row, 2);
    rule->attributes = attributes == NULL ? NULL : PyDictProxy_New(attributes);
    rule->entry = rule->attributes == NULL ? NULL : make_template(state, attributes);
    return rule->name != NULL && rule->group != NULL && rule->entry != NULL ? 0 : -1;
}

static int read_rules(Guard *self, PyObject *rules) {
    Py_ssize_t count = PyTuple_Size(rules);
    self->rules = PyMem_Calloc((size_t)count + 1, sizeof(Rule));
    if (self->rules == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (; self->rule_count < count; self->rule_count++) {
        Rule *rule = &self->rules[self->rule_count];
        if (read_rule(self->state, rule, PyTuple_GetItem(rules, self->rule_count)) < 0) {
            self->rule_count++;
            return -1;
        }
    }
    return 0;
}

/* Limits beyond what a size can be are no limits. */
static int read_limit(PyObject *limits, const char *name, Py_ssize_t *limit) {
    PyObject *number = PyObject_GetAttrString(limits, name);
    *limit = number == NULL ? -1 : PyLong_AsSsize_t(number);
    Py_XDECREF(number);
    if (*limit == -1 && PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        *limit = PY_SSIZE_T_MAX;
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int read_description(Guard *self, PyObject *rules_of, PyObject *limits_of) {
    const uint8_t *json;
    size_t len;
    gwp_error *error = NULL;
    gwp_status status = gwp_guard_describe(self->guard, &json, &len, &error);
    if (status != GWP_OK) {
        return raise_status(self->state, status, error);
    }
    self->described = PyUnicode_DecodeUTF8((const char *)json, (Py_ssize_t)len, "strict");
    PyObject *all = self->described == NULL ? NULL : json_member(self->state, self->described);
    PyObject *rules = all == NULL ? NULL : PyObject_CallFunctionObjArgs(rules_of, all, NULL);
    PyObject *limits = all == NULL ? NULL : PyObject_CallFunctionObjArgs(limits_of, all, NULL);
    int failed = rules == NULL || limits == NULL || read_rules(self, rules) < 0
                 || read_limit(limits, "max_text_bytes", &self->max_text_bytes) < 0
                 || read_limit(limits, "max_nested_depth", &self->max_nested_depth) < 0
                 || read_limit(limits, "max_collection_items", &self->max_collection_items) < 0;
    Py_XDECREF(all);
    Py_XDECREF(rules);
    Py_XDECREF(limits);
    return failed ? -1 : 0;
}

static int describe_self(Guard *self) {
    PyObject *module = PyImport_ImportModule("pyplugins.core.description");
    PyObject *rules_of = module == NULL ? NULL : PyObject_GetAttrString(module, "rules_of");
    PyObject *limits_of = module == NULL ? NULL : PyObject_GetAttrString(module, "limits_of");
    int failed = rules_of == NULL || limits_of == NULL || read_description(self, rules_of, limits_of) < 0;
    Py_XDECREF(module);
    Py_XDECREF(rules_of);
    Py_XDECREF(limits_of);
    return failed ? -1 : 0;
}

static int open_engine(Guard *self, PyObject *config) {
    View kind = {0}, text = {0};
    int failed = view_open(self->state, self->kind, &kind) || view_open(self->state, config, &text);
    if (!failed) {
        gwp_error *error = NULL;
        gwp_status status = gwp_guard_new(kind.data, (size_t)kind.len, text.data, (size_t)text.len, &self->guard, &error);
        failed = status == GWP_OK ? 0 : raise_status(self->state, status, error);
    }
    view_close(&kind);
    view_close(&text);
    return failed ? -1 : 0;
}

static PyObject *guard_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    static char *names[] = {"kind", "config_json", NULL};
    PyObject *kind, *config;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "UO:Guard", names, &kind, &config)) {
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Guard *self = (Guard *)allocate(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    self->kind = Py_NewRef(kind);
    if (open_engine(self, config) < 0 || describe_self(self) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void guard_dealloc(PyObject *object) {
    Guard *self = (Guard *)object;
    PyTypeObject *type = Py_TYPE(object);
    gwp_guard_free(self->guard);
    for (Py_ssize_t i = 0; i < self->rule_count; i++) {
        Py_XDECREF(self->rules[i].name);
        Py_XDECREF(self->rules[i].group);
        Py_XDECREF(self->rules[i].attributes);
        Py_XDECREF(self->rules[i].entry);
    }
    PyMem_Free(self->rules);
    Py_XDECREF(self->kind);
    Py_XDECREF(self->described);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* --- answering ------------------------------------------------------------------------------------------------------ */

int guard_usable(Guard *self) {
    return self->closed ? raise_fault(self->state, "bad_handle", 0, 0) : 0;
}

/* What one call collects. `results` is a list for the *_many forms, else `single` takes the one answer. */
typedef struct {
    Guard *self;
    const View *views;
    PyObject *results;
    PyObject *single;
} Collector;

static int collect(Collector *into, Py_ssize_t index, PyObject *made) {
    if (made == NULL) {
        return -1;
    }
    if (into->results == NULL) {
        into->single = made;
        return 0;
    }
    return PyList_SetItem(into->results, index, made);
}

static int each_scan(void *context, Py_ssize_t index, const Answer *answer, gwp_result *result) {
    Collector *into = context;
    return collect(into, index, make_scan_result(into->self, &into->views[index], answer, result));
}

static int each_process(void *context, Py_ssize_t index, const Answer *answer, gwp_result *result) {
    (void)result;
    Collector *into = context;
    return collect(into, index, view_output(&into->views[index], answer));
}

static int each_detect(void *context, Py_ssize_t index, const Answer *answer, gwp_result *result) {
    (void)result;
    Collector *into = context;
    PyObject *groups = PyDict_New();
    if (groups != NULL && add_detections(into->self, groups, &into->views[index], answer) < 0) {
        Py_CLEAR(groups);
    }
    return collect(into, index, groups);
}

/* Findings are for splicing only: bytes cost nothing to give. */
static int open_for(State *state, PyObject *text, View *view, Each each) {
    int failed = view_open(state, text, view);
    if (each == each_process) {
        view->unit = GWP_UNIT_BYTES;
    }
    return failed;
}

static PyObject *answer_one(Guard *self, PyObject *text, uint32_t flags, Each each) {
    View view;
    if (guard_usable(self) < 0 || open_for(self->state, text, &view, each) < 0) {
        return NULL;
    }
    Collector into = {.self = self, .views = &view};
    if (scan_each(self, &view, 1, flags, each, &into, ALL) < 0) {
        Py_CLEAR(into.single);
    }
    view_close(&view);
    return into.single;
}

static Py_ssize_t open_all(State *state, PyObject *texts, View *views, Py_ssize_t count, Each each) {
    Py_ssize_t opened = 0;
    while (opened < count && open_for(state, PyList_GetItem(texts, opened), &views[opened], each) == 0) {
        opened++;
    }
    return opened;
}

/* `texts` is our own list: nobody else can change it. */
static PyObject *answer_list(Guard *self, PyObject *texts, uint32_t flags, Each each) {
    Py_ssize_t count = PyList_Size(texts);
    View *views = PyMem_Calloc((size_t)count + 1, sizeof(View));
    PyObject *results = views == NULL ? PyErr_NoMemory() : PyList_New(count);
    if (results != NULL) {
        Py_ssize_t opened = open_all(self->state, texts, views, count, each);
        Collector into = {.self = self, .views = views, .results = results};
        if (opened < count || scan_each(self, views, count, flags, each, &into, ALL) < 0) {
            Py_CLEAR(results);
        }
        for (Py_ssize_t i = 0; i < opened; i++) {
            view_close(&views[i]);
        }
    }
    PyMem_Free(views);
    return results;
}

static PyObject *answer_many(Guard *self, PyObject *texts, uint32_t flags, Each each) {
    if (guard_usable(self) < 0) {
        return NULL;
    }
    if (PyUnicode_Check(texts) || PyBytes_Check(texts)) { /* a text is a sequence, but never meant as one here */
        raise_fault(self->state, "bad_type", 0, 0);
        return NULL;
    }
    PyObject *list = PySequence_List(texts);
    PyObject *results = list == NULL ? NULL : answer_list(self, list, flags, each);
    Py_XDECREF(list);
    return results;
}

#define SCAN (GWP_OUTPUT | GWP_DETAILS)
#define PROCESS GWP_OUTPUT
#define DETECT 0

static PyObject *guard_scan(PyObject *self, PyObject *text) {
    return answer_one((Guard *)self, text, SCAN, each_scan);
}

static PyObject *guard_process(PyObject *self, PyObject *text) {
    return answer_one((Guard *)self, text, PROCESS, each_process);
}

static PyObject *guard_detect(PyObject *self, PyObject *text) {
    return answer_one((Guard *)self, text, DETECT, each_detect);
}

static PyObject *guard_scan_many(PyObject *self, PyObject *texts) {
    return answer_many((Guard *)self, texts, SCAN, each_scan);
}

static PyObject *guard_process_many(PyObject *self, PyObject *texts) {
    return answer_many((Guard *)self, texts, PROCESS, each_process);
}

static PyObject *guard_detect_many(PyObject *self, PyObject *texts) {
    return answer_many((Guard *)self, texts, DETECT, each_detect);
}

static PyObject *guard_describe(PyObject *object, PyObject *Py_UNUSED(ignored)) {
    Guard *self = (Guard *)object;
    return json_member(self->state, self->described);
}

static PyObject *guard_stream(PyObject *object, PyObject *Py_UNUSED(ignored)) {
    Guard *self = (Guard *)object;
    return guard_usable(self) < 0 ? NULL : stream_open(self);
}

/* The engine itself goes with the last reference: a call in another thread may be using it. */
static PyObject *guard_close(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    ((Guard *)self)->closed = 1;
    Py_RETURN_NONE;
}

/* --- the type ------------------------------------------------------------------------------------------------------- */

static PyObject *get_implementation(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure)) {
    return PyUnicode_InternFromString("rust");
}

static PyObject *get_binding(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure)) {
    return PyUnicode_InternFromString("cffi");
}

#define NESTED (PyCFunction)(void (*)(void))guard_process_nested
#define REWRITE (PyCFunction)(void (*)(void))guard_rewrite_nested

static PyMethodDef methods[] = {
    {"scan", guard_scan, METH_O, "Findings, rewritten text and verdict."},
    {"process", guard_process, METH_O, "The rewritten text; the very object when nothing changed."},
    {"detect", guard_detect, METH_O, "Findings grouped by their rules' groups."},
    {"scan_many", guard_scan_many, METH_O, "scan of each text."},
    {"process_many", guard_process_many, METH_O, "process of each text."},
    {"detect_many", guard_detect_many, METH_O, "detect of each text."},
    {"process_nested", NESTED, METH_FASTCALL | METH_KEYWORDS, "Guards every text in nested data."},
    {"rewrite_nested", REWRITE, METH_FASTCALL, "process_nested, telling the attributes of rules alone."},
    {"describe", guard_describe, METH_NOARGS, "Rules, limits and how each rule runs."},
    {"stream", guard_stream, METH_NOARGS, "A new stream."},
    {"close", guard_close, METH_NOARGS, "Drops the reference to the engine."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"kind", T_OBJECT_EX, offsetof(Guard, kind), READONLY, "Name of the engine."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"implementation", get_implementation, NULL, "\"rust\"", NULL},
    {"binding", get_binding, NULL, "\"cffi\"", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A configured engine, called without cffi in between. Made by pyplugins.native.open_guard."},
    {Py_tp_new, guard_new},
    {Py_tp_dealloc, guard_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, getters},
    {0, NULL},
};

PyType_Spec guard_spec = {
    .name = "pyplugins.native._edge.Guard",
    .basicsize = sizeof(Guard),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
