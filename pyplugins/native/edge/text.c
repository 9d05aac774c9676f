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

/* Copies `text` part by part: as code points into room that stays in the cache, then as UTF-8 behind `to`. */
static Py_ssize_t transcode_parts(PyObject *text, Py_ssize_t count, uint8_t *to) {
    enum { PART = 4096 };
    Py_UCS4 points[PART];
    uint8_t *at = to;
    for (Py_ssize_t first = 0; first < count; first += PART) {
        PyObject *part = PyUnicode_Substring(text, first, first + PART);
        if (part == NULL || PyUnicode_AsUCS4(part, points, PART, 0) == NULL) {
            Py_XDECREF(part);
            return -1;
        }
        at += transcode(points, (size_t)PyUnicode_GetLength(part), at);
        Py_DECREF(part);
    }
    return at - to;
}

/* The holder is larger than what is written; memory that is not touched costs nothing. That of the last call serves again. */
static int hold_transcoded(State *state, View *view, PyObject *text) {
    Py_ssize_t count = PyUnicode_GetLength(text), needed = TRANSCODE_ROOM(count);
    PyObject *holder = state->spare;
    state->spare = NULL;
    if (holder != NULL && PyBytes_Size(holder) < needed) {
        Py_CLEAR(holder);
    }
    if (hold(view, holder != NULL ? holder : PyBytes_FromStringAndSize(NULL, needed)) < 0) {
        return -1;
    }
    view->spare = &state->spare;
    view->len = transcode_parts(text, count, (uint8_t *)view->data);
    return view->len < 0 ? -1 : 0;
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

static int open_str(State *state, View *view, PyObject *text) {
    int temporary = is_large_and_not_ascii(text);
    if (temporary != 0) {
        return temporary < 0 ? -1 : transcode_ready() ? hold_transcoded(state, view, text) : hold_encoded(view, text);
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
        view->is_str = 1;
        failed = open_str(state, view, text);
        view->is_wide = view->len != PyUnicode_GetLength(text);
        view->unit = view->is_wide ? GWP_UNIT_CODE_POINTS : GWP_UNIT_BYTES;
    } else if (PyBytes_Check(text) || PyByteArray_Check(text) || PyMemoryView_Check(text)) {
        failed = open_bytes(view, text);
    } else {
        failed = raise_fault(state, "bad_type", 0, 0);
    }
    if (failed) {
        view_close(view);
        return -1;
    }
    view->text = Py_NewRef(text);
    return 0;
}

void view_close(View *view) {
    Py_CLEAR(view->text);
    if (view->spare != NULL && *view->spare == NULL && PyBytes_Size(view->holder) <= KEEP_BYTES) {
        *view->spare = view->holder;
        view->holder = NULL;
    }
    Py_CLEAR(view->holder);
}

/* `start` and `end` are characters of a str, else bytes. */
PyObject *view_slice(const View *view, size_t start, size_t end) {
    if (view->is_str) {
        return PyUnicode_Substring(view->text, (Py_ssize_t)start, (Py_ssize_t)end);
    }
    return PyBytes_FromStringAndSize((const char *)view->data + start, (Py_ssize_t)(end - start));
}

PyObject *view_decode(const View *view, const uint8_t *output, size_t len) {
    if (view->is_str) {
        return PyUnicode_DecodeUTF8((const char *)output, (Py_ssize_t)len, "surrogatepass");
    }
    return PyBytes_FromStringAndSize((const char *)output, (Py_ssize_t)len);
}

/* What became of the text; the very object when nothing changed. */
PyObject *view_output(const View *view, const Answer *answer) {
    if (answer->output == NULL) {
        return Py_NewRef(view->text);
    }
    PyObject *spliced = view->is_wide ? splice_output(view, answer) : NULL;
    return spliced != NULL || PyErr_Occurred() ? spliced : view_decode(view, answer->output, answer->output_len);
}
