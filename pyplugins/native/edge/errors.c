/* Status codes and faults become the exceptions of pyplugins.errors. */
#include "edge.h"

static void set_exception(PyObject *exception) {
    if (exception != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
        Py_DECREF(exception);
    }
}

static PyObject *error_text(gwp_status (*read)(const gwp_error *, const uint8_t **, size_t *), const gwp_error *error) {
    const uint8_t *data = NULL;
    size_t len = 0;
    if (error != NULL) {
        read(error, &data, &len);
    }
    return PyUnicode_DecodeUTF8((const char *)data, (Py_ssize_t)len, "replace");
}

/* Frees `error`, which may be NULL. */
int raise_status(State *state, gwp_status status, gwp_error *error) {
    PyObject *message = error_text(gwp_error_message, error);
    PyObject *path = error_text(gwp_error_path, error);
    gwp_error_free(error);
    PyObject *arguments = Py_BuildValue("(iO)", (int)status, message);
    PyObject *named = Py_BuildValue("{s:O,s:s}", "path", path, "implementation", "rust");
    if (arguments != NULL && named != NULL) {
        set_exception(PyObject_Call(state->error_for, arguments, named));
    }
    Py_XDECREF(arguments);
    Py_XDECREF(named);
    Py_XDECREF(message);
    Py_XDECREF(path);
    return -1;
}

int raise_fault(State *state, const char *id, Py_ssize_t a, Py_ssize_t b) {
    PyObject *arguments = Py_BuildValue("(ssnn)", id, "", a, b);
    PyObject *named = Py_BuildValue("{s:s}", "implementation", "rust");
    if (arguments != NULL && named != NULL) {
        set_exception(PyObject_Call(state->fault, arguments, named));
    }
    Py_XDECREF(arguments);
    Py_XDECREF(named);
    return -1;
}
