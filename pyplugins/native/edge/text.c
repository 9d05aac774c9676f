/* Python texts as the library reads them, and back: str in place, anything bytes-like as bytes. */
#include "edge.h"

static const uint8_t EMPTY[1];

static int hold(View *view, PyObject *bytes) {
    char *data;
    if (bytes == NULL || PyBytes_AsStringAndSize(bytes, &data, &view->len) < 0) {
        Py_XDECREF(bytes);
        return -1;
    }
    view->holder = bytes;
    view->data = (const uint8_t *)data;
    return 0;
}

/* A lone surrogate is scanned as three bytes, one code point. */
static int hold_encoded(View *view, PyObject *text) {
    return hold(view, PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass"));
}

static int is_large_and_not_ascii(PyObject *text) {
    if (PyUnicode_GetLength(text) < CACHE_CHARS) {
        return 0;
    }
    PyObject *ascii = PyObject_CallMethod(text, "isascii", NULL);
    if (ascii == NULL) {
        return -1;
    }
    int plain = ascii == Py_True;
    Py_DECREF(ascii);
    return !plain;
}

static int open_str(View *view, PyObject *text) {
    int temporary = is_large_and_not_ascii(text);
    if (temporary != 0) {
        return temporary < 0 ? -1 : hold_encoded(view, text);
    }
    view->data = (const uint8_t *)PyUnicode_AsUTF8AndSize(text, &view->len);
    if (view->data != NULL) {
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        return -1;
    }
    PyErr_Clear();
    return hold_encoded(view, text);
}

/* Bytes that another thread may change during the scan are copied first. */
static int open_bytes(View *view, PyObject *text) {
    if (PyBytes_Check(text)) {
        return hold(view, Py_NewRef(text));
    }
    return hold(view, PyBytes_FromObject(text));
}

int view_open(State *state, PyObject *text, View *view) {
    *view = (View){.data = EMPTY};
    int failed;
    if (PyUnicode_Check(text)) {
        view->unit = GWP_UNIT_CODE_POINTS;
        failed = open_str(view, text);
    } else if (PyBytes_Check(text) || PyByteArray_Check(text) || PyMemoryView_Check(text)) {
        view->unit = GWP_UNIT_BYTES;
        failed = open_bytes(view, text);
    } else {
        failed = raise_fault(state, "bad_type", 0, 0);
    }
    if (failed) {
        return -1;
    }
    view->text = Py_NewRef(text);
    return 0;
}

void view_close(View *view) {
    Py_CLEAR(view->text);
    Py_CLEAR(view->holder);
}

/* `start` and `end` are in the view's unit. */
PyObject *view_slice(const View *view, size_t start, size_t end) {
    if (view->unit == GWP_UNIT_CODE_POINTS) {
        return PyUnicode_Substring(view->text, (Py_ssize_t)start, (Py_ssize_t)end);
    }
    return PyBytes_FromStringAndSize((const char *)view->data + start, (Py_ssize_t)(end - start));
}

PyObject *view_output(const View *view, const uint8_t *output, size_t len) {
    if (view->unit == GWP_UNIT_CODE_POINTS) {
        return PyUnicode_DecodeUTF8((const char *)output, (Py_ssize_t)len, "surrogatepass");
    }
    return PyBytes_FromStringAndSize((const char *)output, (Py_ssize_t)len);
}
