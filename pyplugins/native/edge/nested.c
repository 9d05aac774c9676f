/* process_nested: the walk of pyplugins/core/nested.py in C, step for step.
 *
 * (1) Collect the leaves, iteratively, with owned references; exact dict, list and tuple are opened here, everything else by
 * the Python function `unfold`. (2) Scan them. (3) Rebuild the containers that hold something new. Each distinct container
 * is read once, so shared data costs once and a cycle is seen. */
#include "edge.h"

#include <string.h>

enum { NOTHING = -1 }; /* a place that holds no text; leaves are 0, 1, ...; inner nodes NODE(0), NODE(1), ... */
#define NODE(index) (-2 - (index))

typedef struct {
    PyObject *part; /* owned */
    PyObject *key;  /* owned; exact dicts only */
    Py_ssize_t place;
} Slot;

typedef struct {
    PyObject *source; /* owned */
    PyObject *make;   /* owned; NULL for exact dict, list and tuple */
    PyObject *made;   /* owned; the rebuilt container, once there is one */
    Py_ssize_t first, count, next;
    Py_ssize_t outer; /* node that was open when this one was found */
    Py_ssize_t depth;
    int closed;
} Node;

/* Grows; starts in memory of the walk itself, so that a message of usual size allocates nothing. */
typedef struct {
    void *at, *first;
    Py_ssize_t count, room;
} Vector;

enum { SLOTS_INSIDE = 128, NODES_INSIDE = 32, LEAVES_INSIDE = 64 };

typedef struct {
    Guard *guard;
    PyObject *unfold; /* borrowed */
    int keys;         /* exact dicts go to `unfold` too */
    int numbers;      /* so do numbers */
    int values;       /* what was found is told with its value and place */
    Vector slots, nodes, leaves, finished; /* Slot, Node, View, Py_ssize_t */
    Slot slots_inside[SLOTS_INSIDE];
    Node nodes_inside[NODES_INSIDE];
    View leaves_inside[LEAVES_INSIDE];
    Py_ssize_t finished_inside[NODES_INSIDE];
    PyObject *answers_inside[LEAVES_INSIDE];
    Py_ssize_t *table; /* node by address of its source; open addressing, -1 empty */
    Py_ssize_t table_size;
    PyObject **answers; /* new text of each leaf, or NULL */
    PyObject *groups;
    int changed;
} Walk;

static Slot *slot_at(Walk *walk, Py_ssize_t index) {
    return (Slot *)walk->slots.at + index;
}

static Node *node_at(Walk *walk, Py_ssize_t index) {
    return (Node *)walk->nodes.at + index;
}

static void vector_free(Vector *vector) {
    if (vector->at != vector->first) {
        PyMem_Free(vector->at);
    }
}

static int grow(Vector *vector, Py_ssize_t more, size_t size) {
    Py_ssize_t room = vector->room * 2 > vector->count + more ? vector->room * 2 : vector->count + more;
    void *grown = PyMem_Malloc((size_t)room * size);
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(grown, vector->at, (size_t)vector->count * size);
    vector_free(vector);
    vector->at = grown;
    vector->room = room;
    return 0;
}

/* Adds `more` elements, which the caller fills in at once. */
static inline int extend(Vector *vector, Py_ssize_t more, size_t size) {
    if (vector->count + more > vector->room && grow(vector, more, size) < 0) {
        return -1;
    }
    vector->count += more;
    return 0;
}

/* --- known containers ----------------------------------------------------------------------------------------------- */

enum { FEW = 16 }; /* up to here looking at all of them is faster than a table */

static size_t mix(const PyObject *source) {
    return (size_t)(((uint64_t)(uintptr_t)source >> 4) * 0x9E3779B97F4A7C15u >> 32);
}

static void table_put(Walk *walk, Py_ssize_t index) {
    size_t mask = (size_t)walk->table_size - 1, at = mix(node_at(walk, index)->source) & mask;
    while (walk->table[at] >= 0) {
        at = (at + 1) & mask;
    }
    walk->table[at] = index;
}

static int table_grow(Walk *walk) {
    Py_ssize_t size = walk->table_size ? walk->table_size * 4 : FEW * 8;
    Py_ssize_t *table = PyMem_Realloc(walk->table, (size_t)size * sizeof *table);
    if (table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    walk->table = table;
    walk->table_size = size;
    memset(table, 0xff, (size_t)size * sizeof *table);
    for (Py_ssize_t i = 1; i < walk->nodes.count; i++) { /* node 0 is the root's frame, not an object */
        table_put(walk, i);
    }
    return 0;
}

/* The node of `source`, or 0. */
static Py_ssize_t known(Walk *walk, const PyObject *source) {
    if (walk->table_size == 0) {
        for (Py_ssize_t i = 1; i < walk->nodes.count; i++) {
            if (node_at(walk, i)->source == source) {
                return i;
            }
        }
        return 0;
    }
    size_t mask = (size_t)walk->table_size - 1;
    for (size_t at = mix(source) & mask; walk->table[at] >= 0; at = (at + 1) & mask) {
        if (node_at(walk, walk->table[at])->source == source) {
            return walk->table[at];
        }
    }
    return 0;
}

/* The new node's index, or -1. */
static Py_ssize_t add_node(Walk *walk, PyObject *source, PyObject *make, Py_ssize_t outer, Py_ssize_t depth) {
    if (extend(&walk->nodes, 1, sizeof(Node)) < 0) {
        return -1;
    }
    Py_ssize_t index = walk->nodes.count - 1;
    *node_at(walk, index) = (Node){.source = Py_NewRef(source), .make = Py_XNewRef(make), .outer = outer, .depth = depth};
    if (walk->table_size ? walk->nodes.count * 2 > walk->table_size : walk->nodes.count > FEW) {
        return table_grow(walk) < 0 ? -1 : index;
    }
    if (walk->table_size) {
        table_put(walk, index);
    }
    return index;
}

/* --- 1: collect ----------------------------------------------------------------------------------------------------- */

static int check_limits(Walk *walk, Py_ssize_t count, Py_ssize_t depth) {
    const Guard *guard = walk->guard;
    if (count > 0 && depth >= guard->max_nested_depth) {
        return raise_fault(guard->state, "too_deep", depth + 1, guard->max_nested_depth);
    }
    if (count > guard->max_collection_items) {
        return raise_fault(guard->state, "too_many_items", count, guard->max_collection_items);
    }
    return 0;
}

/* Takes a snapshot of a dict: another thread may change it while the GIL is released. */
static void fill_from_dict(Slot *slots, Py_ssize_t count, PyObject *dict) {
    PyObject *key, *part;
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < count && PyDict_Next(dict, &at, &key, &part); i++) {
        slots[i] = (Slot){.key = Py_NewRef(key), .part = Py_NewRef(part), .place = NOTHING};
    }
}

static void fill_from_sequence(Slot *slots, Py_ssize_t count, PyObject *sequence) {
    int is_list = PyList_Check(sequence);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *part = is_list ? PyList_GetItem(sequence, i) : PyTuple_GetItem(sequence, i);
        slots[i] = (Slot){.part = Py_NewRef(part), .place = NOTHING};
    }
}

/* Opens `source`, whose parts stand in `parts` (itself, or the list that `unfold` gave). */
static Py_ssize_t open_container(Walk *walk, PyObject *source, PyObject *parts, PyObject *make, Py_ssize_t outer) {
    Py_ssize_t count = PyObject_Size(parts), depth = node_at(walk, outer)->depth + 1;
    if (count < 0 || check_limits(walk, count, depth) < 0) {
        return -1;
    }
    Py_ssize_t first = walk->slots.count, index = add_node(walk, source, make, outer, depth);
    if (index < 0 || extend(&walk->slots, count, sizeof(Slot)) < 0) {
        return -1;
    }
    node_at(walk, index)->first = first;
    node_at(walk, index)->count = count;
    if (PyDict_CheckExact(parts)) {
        fill_from_dict(slot_at(walk, first), count, parts);
    } else {
        fill_from_sequence(slot_at(walk, first), count, parts);
    }
    return index;
}

static Py_ssize_t add_leaf(Walk *walk, PyObject *text) {
    if (extend(&walk->leaves, 1, sizeof(View)) < 0) {
        return NOTHING;
    }
    Py_ssize_t index = walk->leaves.count - 1;
    View *leaf = (View *)walk->leaves.at + index;
    if (view_open(walk->guard->state, text, leaf) < 0) {
        walk->leaves.count--;
        return NOTHING;
    }
    if (!walk->values) {
        leaf->unit = GWP_UNIT_BYTES; /* findings are for splicing only */
    }
    if (leaf->len > walk->guard->max_text_bytes) {
        raise_fault(walk->guard->state, "too_large", leaf->len, walk->guard->max_text_bytes);
        return NOTHING;
    }
    return index;
}

/* Places what `unfold` says about an object: a container, a text in its place, or nothing. */
static Py_ssize_t place_unfolded(Walk *walk, PyObject *part, Py_ssize_t outer) {
    PyObject *opened = PyObject_CallFunctionObjArgs(walk->unfold, part, NULL);
    Py_ssize_t place = NOTHING;
    if (opened != NULL && PyUnicode_Check(opened)) {
        place = add_leaf(walk, opened);
    } else if (opened != NULL && opened != Py_None) {
        PyObject *parts = PyTuple_GetItem(opened, 0), *make = PyTuple_GetItem(opened, 1);
        Py_ssize_t index = parts == NULL || make == NULL ? -1 : open_container(walk, part, parts, make, outer);
        place = index < 0 ? NOTHING : NODE(index);
    }
    Py_XDECREF(opened);
    return place;
}

static int is_skipped(const Walk *walk, PyObject *part) {
    return part == Py_None || PyBool_Check(part) || PyBytes_CheckExact(part)
           || (!walk->numbers && (PyLong_CheckExact(part) || PyFloat_CheckExact(part)));
}

/* NOTHING with an exception set is an error. */
static Py_ssize_t place_part(Walk *walk, PyObject *part, Py_ssize_t outer) {
    if (PyUnicode_Check(part)) {
        return add_leaf(walk, part);
    }
    if (is_skipped(walk, part)) {
        return NOTHING;
    }
    Py_ssize_t index = known(walk, part);
    if (index > 0) {
        if (!node_at(walk, index)->closed) {
            raise_fault(walk->guard->state, "cycle", 0, 0);
            return NOTHING;
        }
        return NODE(index);
    }
    if (PyList_CheckExact(part) || PyTuple_CheckExact(part) || (PyDict_CheckExact(part) && !walk->keys)) {
        index = open_container(walk, part, part, NULL, outer);
        return index < 0 ? NOTHING : NODE(index);
    }
    return place_unfolded(walk, part, outer);
}

/* Places the parts of node `current` up to the next container to enter. The node to go on with, or -1. */
static Py_ssize_t advance(Walk *walk, Py_ssize_t current) {
    while (node_at(walk, current)->next < node_at(walk, current)->count) {
        Py_ssize_t at = node_at(walk, current)->first + node_at(walk, current)->next++;
        Py_ssize_t place = place_part(walk, slot_at(walk, at)->part, current);
        if (place == NOTHING && PyErr_Occurred()) {
            return -1;
        }
        slot_at(walk, at)->place = place;
        if (place <= NODE(0) && !node_at(walk, NODE(place))->closed) {
            return NODE(place);
        }
    }
    Node *node = node_at(walk, current);
    node->closed = 1;
    if (extend(&walk->finished, 1, sizeof(Py_ssize_t)) < 0) {
        return -1;
    }
    ((Py_ssize_t *)walk->finished.at)[walk->finished.count - 1] = current;
    return node->outer;
}

/* Node 0 is a frame around the data, at depth -1, whose only part is the data. */
static int collect(Walk *walk, PyObject *data) {
    if (add_node(walk, data, NULL, NOTHING, -1) < 0 || extend(&walk->slots, 1, sizeof(Slot)) < 0) {
        return -1;
    }
    *slot_at(walk, 0) = (Slot){.part = Py_NewRef(data), .place = NOTHING};
    node_at(walk, 0)->count = 1;
    Py_ssize_t current = 0;
    while (current >= 0) {
        current = advance(walk, current);
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* --- 2: scan -------------------------------------------------------------------------------------------------------- */

static int each_leaf(void *context, Py_ssize_t index, const Answer *answer, gwp_result *result) {
    (void)result;
    Walk *walk = context;
    const View *leaf = (View *)walk->leaves.at + index;
    if (answer->count > 0 && add_detections(walk->guard, walk->groups, walk->values ? leaf : NULL, answer) < 0) {
        return -1;
    }
    if (answer->output == NULL) {
        return 0;
    }
    walk->changed = 1;
    walk->answers[index] = view_output(leaf, answer);
    return walk->answers[index] == NULL ? -1 : 0;
}

static int scan_leaves(Walk *walk) {
    size_t bytes = (size_t)walk->leaves.count * sizeof(PyObject *);
    walk->answers = walk->leaves.count <= LEAVES_INSIDE ? walk->answers_inside : PyMem_Malloc(bytes);
    if (walk->answers == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset(walk->answers, 0, bytes);
    walk->groups = PyDict_New();
    if (walk->groups == NULL) {
        return -1;
    }
    return scan_each(walk->guard, walk->leaves.at, walk->leaves.count, GWP_OUTPUT, each_leaf, walk, FOUND_ONLY);
}

/* --- 3: rebuild ----------------------------------------------------------------------------------------------------- */

/* What takes the place of a part, or NULL. Borrowed. */
static PyObject *replacement(Walk *walk, const Slot *slot) {
    if (slot->place >= 0) {
        return walk->answers[slot->place];
    }
    return slot->place == NOTHING ? NULL : node_at(walk, NODE(slot->place))->made;
}

static PyObject *new_part(Walk *walk, const Slot *slot) {
    PyObject *new = replacement(walk, slot);
    return Py_NewRef(new == NULL ? slot->part : new);
}

static PyObject *make_dict(Walk *walk, const Slot *slots, Py_ssize_t count) {
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < count; i++) {
        PyObject *part = new_part(walk, &slots[i]);
        if (PyDict_SetItem(dict, slots[i].key, part) < 0) {
            Py_CLEAR(dict);
        }
        Py_DECREF(part);
    }
    return dict;
}

static PyObject *make_list(Walk *walk, const Slot *slots, Py_ssize_t count) {
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyList_SetItem(list, i, new_part(walk, &slots[i]));
    }
    return list;
}

static PyObject *make_node(Walk *walk, const Node *node) {
    const Slot *slots = slot_at(walk, node->first);
    if (node->make == NULL && PyDict_CheckExact(node->source)) {
        return make_dict(walk, slots, node->count);
    }
    PyObject *list = make_list(walk, slots, node->count);
    if (list == NULL || (node->make == NULL && PyList_CheckExact(node->source))) {
        return list;
    }
    PyObject *made =
        node->make == NULL ? PyList_AsTuple(list) : PyObject_CallFunctionObjArgs(node->make, list, NULL);
    Py_DECREF(list);
    return made;
}

static int holds_something_new(Walk *walk, const Node *node) {
    for (Py_ssize_t i = 0; i < node->count; i++) {
        if (replacement(walk, slot_at(walk, node->first + i)) != NULL) {
            return 1;
        }
    }
    return 0;
}

/* Inner containers were finished before outer ones; the frame around the data was finished last. */
static PyObject *rebuild(Walk *walk, PyObject *data) {
    for (Py_ssize_t i = 0; walk->changed && i < walk->finished.count - 1; i++) {
        Node *node = node_at(walk, ((Py_ssize_t *)walk->finished.at)[i]);
        if (holds_something_new(walk, node) && (node->made = make_node(walk, node)) == NULL) {
            return NULL;
        }
    }
    PyObject *new = walk->changed ? replacement(walk, slot_at(walk, 0)) : NULL;
    return PyTuple_Pack(3, new == NULL ? Py_False : Py_True, new == NULL ? data : new, walk->groups);
}

/* --- the call ------------------------------------------------------------------------------------------------------- */

static void walk_init(Walk *walk, Guard *guard, PyObject *unfold, int keys, int numbers, int values) {
    walk->guard = guard;
    walk->unfold = unfold;
    walk->keys = keys;
    walk->numbers = numbers;
    walk->values = values;
    walk->slots = (Vector){walk->slots_inside, walk->slots_inside, 0, SLOTS_INSIDE};
    walk->nodes = (Vector){walk->nodes_inside, walk->nodes_inside, 0, NODES_INSIDE};
    walk->leaves = (Vector){walk->leaves_inside, walk->leaves_inside, 0, LEAVES_INSIDE};
    walk->finished = (Vector){walk->finished_inside, walk->finished_inside, 0, NODES_INSIDE};
    walk->table = NULL;
    walk->table_size = 0;
    walk->answers = NULL;
    walk->groups = NULL;
    walk->changed = 0;
}

static void walk_free(Walk *walk) {
    for (Py_ssize_t i = 0; i < walk->leaves.count; i++) {
        view_close((View *)walk->leaves.at + i);
        if (walk->answers != NULL) {
            Py_XDECREF(walk->answers[i]);
        }
    }
    for (Py_ssize_t i = 0; i < walk->slots.count; i++) {
        Py_XDECREF(slot_at(walk, i)->part);
        Py_XDECREF(slot_at(walk, i)->key);
    }
    for (Py_ssize_t i = 0; i < walk->nodes.count; i++) {
        Node *node = node_at(walk, i);
        Py_XDECREF(node->source);
        Py_XDECREF(node->make);
        Py_XDECREF(node->made);
    }
    vector_free(&walk->leaves);
    vector_free(&walk->slots);
    vector_free(&walk->nodes);
    vector_free(&walk->finished);
    PyMem_Free(walk->table);
    if (walk->answers != walk->answers_inside) {
        PyMem_Free(walk->answers);
    }
    Py_XDECREF(walk->groups);
}

/* An error of ours learns where the caller said the data stands. */
static void name_path(PyObject *path) {
    if (path == NULL || PyUnicode_GetLength(path) <= 0) {
        return;
    }
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace);
    PyErr_NormalizeException(&type, &error, &trace);
    PyObject *there = error == NULL ? NULL : PyObject_GetAttrString(error, "path");
    if (there != NULL && PyUnicode_Check(there) && PyUnicode_GetLength(there) == 0) {
        PyObject_SetAttrString(error, "path", path);
    }
    Py_XDECREF(there);
    PyErr_Clear(); /* an error that is not ours has no path */
    PyErr_Restore(type, error, trace);
}

static PyObject *process(Guard *self, PyObject *data, PyObject *unfold, int keys, int numbers, int values, PyObject *path) {
    Walk walk; /* not zeroed: most of it is room */
    walk_init(&walk, self, unfold, keys, numbers, values);
    PyObject *answer = NULL;
    if (collect(&walk, data) == 0 && scan_leaves(&walk) == 0) {
        answer = rebuild(&walk, data);
    }
    walk_free(&walk);
    if (answer == NULL) {
        name_path(path);
    }
    return answer;
}

/* The parameters of process_nested, borrowed. */
typedef struct {
    PyObject *data, *path, *keys, *numbers;
} Parameters;

/* Where the parameter called `name` goes; NULL when there is none of that name. */
static PyObject **parameter(Parameters *into, PyObject *name) {
    struct {
        const char *name;
        PyObject **place;
    } all[] = {{"data", &into->data}, {"path", &into->path}, {"keys", &into->keys}, {"numbers", &into->numbers}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (PyUnicode_CompareWithASCIIString(name, all[i].name) == 0 && *all[i].place == NULL) {
            return all[i].place;
        }
    }
    return NULL;
}

static int read_parameters(Parameters *into, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    Py_ssize_t named = names == NULL ? 0 : PyTuple_Size(names);
    if (count > 2) {
        PyErr_SetString(PyExc_TypeError, "takes at most 2 positional arguments");
        return -1;
    }
    into->data = count > 0 ? args[0] : NULL;
    into->path = count > 1 ? args[1] : NULL;
    for (Py_ssize_t i = 0; i < named; i++) {
        PyObject **place = parameter(into, PyTuple_GetItem(names, i));
        if (place == NULL) {
            PyErr_SetString(PyExc_TypeError, "got an unknown or repeated keyword argument");
            return -1;
        }
        *place = args[count + i];
    }
    if (into->data == NULL || (into->path != NULL && !PyUnicode_Check(into->path))) {
        PyErr_SetString(PyExc_TypeError, "needs data, and path must be a str");
        return -1;
    }
    return 0;
}

static PyObject *make_unfold(State *state, int keys, int numbers) {
    if (!keys && !numbers) {
        return Py_NewRef(state->unfold);
    }
    PyObject *none = PyTuple_New(0);
    PyObject *options = Py_BuildValue("{s:O,s:O}", "keys", keys ? Py_True : Py_False, "numbers", numbers ? Py_True : Py_False);
    PyObject *unfold = none == NULL || options == NULL ? NULL : PyObject_Call(state->unfolder, none, options);
    Py_XDECREF(none);
    Py_XDECREF(options);
    return unfold;
}

PyObject *guard_process_nested(PyObject *object, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    Guard *self = (Guard *)object;
    Parameters given = {0};
    if (guard_usable(self) < 0 || read_parameters(&given, args, count, names) < 0) {
        return NULL;
    }
    int keys = given.keys == NULL ? 0 : PyObject_IsTrue(given.keys);
    int numbers = given.numbers == NULL ? 0 : PyObject_IsTrue(given.numbers);
    PyObject *unfold = keys < 0 || numbers < 0 ? NULL : make_unfold(self->state, keys, numbers);
    if (unfold == NULL) {
        return NULL;
    }
    PyObject *answer = process(self, given.data, unfold, keys, numbers, 1, given.path);
    Py_DECREF(unfold);
    return answer;
}

PyObject *guard_rewrite_nested(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Guard *self = (Guard *)object;
    Parameters given = {0};
    if (guard_usable(self) < 0 || read_parameters(&given, args, count, NULL) < 0) {
        return NULL;
    }
    return process(self, given.data, self->state->unfold, 0, 0, 0, given.path);
}
