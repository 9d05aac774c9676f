/* Builds what Python gets: detection entries, findings, scan results. Objects are made for what was found only. */
#include "edge.h"

static int put_number(PyObject *entry, PyObject *key, uint64_t number) {
    PyObject *value = PyLong_FromUnsignedLongLong(number);
    int failed = value == NULL || PyDict_SetItem(entry, key, value) < 0;
    Py_XDECREF(value);
    return failed ? -1 : 0;
}

static PyObject *make_entry(Guard *self, const View *view, const gwp_finding *finding) {
    if (view == NULL) {
        return Py_NewRef(self->rules[finding->rule].attributes);
    }
    State *state = self->state;
    PyObject *value = view_slice(view, (size_t)finding->start, (size_t)finding->end);
    PyObject *entry = value == NULL ? NULL : PyDict_Copy(self->rules[finding->rule].entry);
    if (entry != NULL
        && (PyDict_SetItem(entry, state->value, value) < 0 || put_number(entry, state->start, finding->start) < 0
            || put_number(entry, state->end, finding->end) < 0)) {
        Py_CLEAR(entry);
    }
    Py_XDECREF(value);
    return entry;
}

/* The list of `group`, made if need be. Borrowed. */
static PyObject *list_of(PyObject *groups, PyObject *group) {
    PyObject *list = PyDict_GetItemWithError(groups, group);
    if (list != NULL || PyErr_Occurred()) {
        return list;
    }
    list = PyList_New(0);
    if (list == NULL || PyDict_SetItem(groups, group, list) < 0) {
        Py_XDECREF(list);
        return NULL;
    }
    Py_DECREF(list); /* `groups` owns it */
    return list;
}

static int known_rule(Guard *self, const gwp_finding *finding) {
    if (finding->rule < self->rule_count) {
        return 1;
    }
    PyErr_SetString(PyExc_SystemError, "the engine reported a rule it does not describe");
    return 0;
}

int add_detections(Guard *self, PyObject *groups, const View *view, const Answer *answer) {
    for (size_t i = 0; i < answer->count; i++) {
        const gwp_finding *finding = &answer->findings[i];
        PyObject *list = known_rule(self, finding) ? list_of(groups, self->rules[finding->rule].group) : NULL;
        PyObject *entry = list == NULL ? NULL : make_entry(self, view, finding);
        int failed = entry == NULL || PyList_Append(list, entry) < 0;
        Py_XDECREF(entry);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

/* An instance of a NamedTuple class; takes over the fields. One that is NULL has raised an error. */
PyObject *make_record(PyObject *class, PyObject *const *fields, Py_ssize_t count) {
    PyObject *record = PyType_GenericAlloc((PyTypeObject *)class, count);
    int failed = record == NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        failed |= fields[i] == NULL;
        if (record == NULL) {
            Py_XDECREF(fields[i]);
        } else {
            PyTuple_SetItem(record, i, fields[i]);
        }
    }
    if (failed) {
        Py_CLEAR(record);
    }
    return record;
}

static PyObject *read_detail(State *state, const gwp_finding *finding, gwp_result *result) {
    if (finding->detail == 0) {
        Py_RETURN_NONE;
    }
    const uint8_t *json;
    size_t len;
    gwp_error *error = NULL;
    gwp_status status = gwp_result_detail(result, finding->detail, &json, &len, &error);
    if (status != GWP_OK) {
        raise_status(state, status, error);
        return NULL;
    }
    return PyObject_CallFunction(state->json_loads, "y#", (const char *)json, (Py_ssize_t)len);
}

static PyObject *make_finding(Guard *self, const gwp_finding *finding, gwp_result *result) {
    if (!known_rule(self, finding)) {
        return NULL;
    }
    State *state = self->state;
    PyObject *action = PyTuple_GetItem(state->actions, (Py_ssize_t)(finding->flags & GWP_FINDING_ACTION));
    PyObject *detail = action == NULL ? NULL : read_detail(state, finding, result);
    if (detail == NULL) {
        return NULL;
    }
    PyObject *fields[] = {
        Py_NewRef(self->rules[finding->rule].name),
        PyLong_FromUnsignedLongLong(finding->start),
        PyLong_FromUnsignedLongLong(finding->end),
        Py_NewRef(action),
        PyLong_FromUnsignedLong(finding->flags >> GWP_FINDING_SCORE_SHIFT),
        detail,
        PyBool_FromLong((finding->flags & GWP_FINDING_GUESS) != 0),
        PyBool_FromLong((finding->flags & GWP_FINDING_DERIVED) != 0),
    };
    return make_record(state->finding_class, fields, sizeof fields / sizeof *fields);
}

PyObject *make_findings(Guard *self, const gwp_finding *findings, size_t count, gwp_result *result) {
    PyObject *all = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; all != NULL && i < count; i++) {
        PyObject *finding = make_finding(self, &findings[i], result);
        if (finding == NULL) {
            Py_CLEAR(all);
        } else {
            PyTuple_SetItem(all, (Py_ssize_t)i, finding);
        }
    }
    return all;
}

static int blocks(const Answer *answer) {
    for (size_t i = 0; i < answer->count; i++) {
        if ((answer->findings[i].flags & GWP_FINDING_ACTION) == GWP_ACTION_BLOCK) {
            return 1;
        }
    }
    return 0;
}

PyObject *make_scan_result(Guard *self, const View *view, const Answer *answer, gwp_result *result) {
    PyObject *findings = make_findings(self, answer->findings, answer->count, result);
    if (findings == NULL) {
        return NULL;
    }
    PyObject *output = view_output(view, answer);
    if (output == NULL) {
        Py_DECREF(findings);
        return NULL;
    }
    PyObject *fields[] = {
        findings,
        output,
        PyBool_FromLong(answer->output != NULL),
        PyBool_FromLong(blocks(answer)),
        PyLong_FromUnsignedLong(answer->score),
    };
    return make_record(self->state->scan_result_class, fields, sizeof fields / sizeof *fields);
}
