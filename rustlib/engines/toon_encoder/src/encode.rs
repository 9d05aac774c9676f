//! `encode`: the nodes of a JSON text become the lines of a TOON document. Recursion is bounded by the depth that was read.

use std::collections::BinaryHeap;

use crate::json::{Document, Form, Node};
use crate::text::{is_plain_key, needs_quotes, quote};
use crate::{Output, Stop};

struct Writer<'a, 'b> {
    document: &'a Document<'a>,
    delimiter: u8,
    output: Output<'b>,
}

/// Writes the TOON of a JSON document.
pub fn write(document: &Document, delimiter: u8, output: Output) -> Result<(), Stop> {
    let mut writer = Writer { document, delimiter, output };
    match writer.node(0).form {
        Form::Object => writer.fields(0, 0, false)?,
        Form::Array => writer.array(0, 0, true)?,
        _ => writer.scalar(0)?,
    }
    writer.output.check()
}

/// Keys of an object with their places in it, sorted.
type Keys<'a> = Vec<(&'a [u8], usize)>;

/// The columns of a table: keys of the first object. `aligned`: every other has them in the same order.
struct Columns<'a> {
    keys: Keys<'a>,
    aligned: bool,
}

impl<'a> Writer<'a, '_> {
    fn node(&self, at: usize) -> Node {
        self.document.nodes[at]
    }

    /// The node behind a value and all it holds.
    fn behind(&self, at: usize) -> usize {
        if self.node(at).is_scalar() { at + 1 } else { self.node(at).end }
    }

    /// A new line, unless it is the document's first.
    fn line(&mut self, depth: usize) {
        if self.output.len() > 0 {
            self.output.push(b"\n");
        }
        self.output.bytes.resize(self.output.bytes.len() + 2 * depth, b' ');
    }

    /// `fields`: the members of an object, each on a line; the first stands on the line of its hyphen when `inline`.
    fn fields(&mut self, object: usize, depth: usize, inline: bool) -> Result<(), Stop> {
        let mut at = object + 1;
        for member in 0..self.node(object).start {
            if member > 0 || !inline {
                self.line(depth);
            }
            self.key(at);
            at += 1;
            self.value(at, depth)?;
            at = self.behind(at);
        }
        Ok(())
    }

    /// The value behind a key.
    fn value(&mut self, at: usize, depth: usize) -> Result<(), Stop> {
        match self.node(at).form {
            Form::Array => self.array(at, depth, true),
            Form::Object => {
                self.output.push(b":");
                self.fields(at, depth + 1, false)?;
                self.output.check()
            }
            _ => {
                self.output.push(b": ");
                self.scalar(at)
            }
        }
    }

    /// `array`: the header, then values on its line, rows of a table, or items. `tabular` is false for an item of another array.
    fn array(&mut self, array: usize, depth: usize, tabular: bool) -> Result<(), Stop> {
        let count = self.node(array).start;
        self.output.push(format!("[{count}").as_bytes());
        if self.delimiter != b',' {
            self.output.push(&[self.delimiter]);
        }
        self.output.push(b"]");
        let scalars = self.node(array).end == array + 1 + count && self.all_scalars(array + 1, count, 1);
        if count == 0 || scalars {
            self.output.push(if count == 0 { b":" } else { b": " });
            return self.row(&mut (0..count).map(|item| array + 1 + item));
        }
        let columns = if tabular { self.columns(array) } else { None };
        match columns {
            Some(columns) => self.table(array, depth, &columns),
            None => self.items(array, depth),
        }
    }

    /// Each of these nodes, `step` apart, is a scalar.
    fn all_scalars(&self, first: usize, count: usize, step: usize) -> bool {
        (0..count).all(|place| self.node(first + place * step).is_scalar())
    }

    /// `items`: one item after each hyphen.
    fn items(&mut self, array: usize, depth: usize) -> Result<(), Stop> {
        self.output.push(b":");
        let mut at = array + 1;
        while at < self.node(array).end {
            self.line(depth + 1);
            let node = self.node(at);
            let empty = node.form == Form::Object && node.start == 0;
            self.output.push(if empty { b"-" } else { b"- " });
            match node.form {
                Form::Object => self.fields(at, depth + 2, true)?,
                Form::Array => self.array(at, depth + 1, false)?,
                _ => self.scalar(at)?,
            }
            self.output.check()?;
            at = self.behind(at);
        }
        Ok(())
    }

    /// `columns`: every item is an object with the same keys, none of them twice, and scalar values.
    fn columns(&self, array: usize) -> Option<Columns<'a>> {
        let first = array + 1;
        if self.node(first).form != Form::Object {
            return None;
        }
        let width = self.node(first).start;
        let stride = 1 + 2 * width;
        if width == 0 || self.node(array).end != first + stride * self.node(array).start {
            return None;
        }
        let objects = || (first..self.node(array).end).step_by(stride);
        let flat = |&object: &usize| {
            let node = self.node(object);
            node.form == Form::Object && node.start == width && self.all_scalars(object + 2, width, 2)
        };
        if !objects().all(|object| flat(&object)) {
            return None;
        }
        let keys = self.keys(first, width);
        if keys.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        let aligned = |object| self.is_in_order(object, first, width);
        let Some(other) = objects().find(|&object| !aligned(object)) else { return Some(Columns { keys, aligned: true }) };
        let same = |object| object < other || aligned(object) || self.order(object, &keys).is_some();
        objects().all(same).then_some(Columns { keys, aligned: false })
    }

    fn keys(&self, object: usize, width: usize) -> Keys<'a> {
        let document = self.document;
        let keys: Keys = (0..width).map(|member| (document.content(object + 1 + 2 * member), member)).collect();
        // Sorting a slice would link several times the code.
        BinaryHeap::from(keys).into_sorted_vec()
    }

    /// The object has the keys of another, one by one.
    fn is_in_order(&self, object: usize, other: usize, width: usize) -> bool {
        (0..width).map(|member| 1 + 2 * member).all(|at| self.document.content(object + at) == self.document.content(other + at))
    }

    /// For each column, which member of the object stands there; `None` when the keys differ.
    fn order(&self, object: usize, columns: &Keys) -> Option<Vec<usize>> {
        let mut order = vec![0; columns.len()];
        for (&(column, place), (key, member)) in columns.iter().zip(self.keys(object, columns.len())) {
            if column != key {
                return None;
            }
            order[place] = member;
        }
        Some(order)
    }

    /// `table`: the columns in the header, then a row for each object.
    fn table(&mut self, array: usize, depth: usize, columns: &Columns) -> Result<(), Stop> {
        let width = columns.keys.len();
        for member in 0..width {
            self.output.push(if member == 0 { b"{" } else { std::slice::from_ref(&self.delimiter) });
            self.key(array + 2 + 2 * member);
        }
        self.output.push(b"}:");
        for object in (array + 1..self.node(array).end).step_by(1 + 2 * width) {
            self.line(depth + 1);
            if columns.aligned || self.is_in_order(object, array + 1, width) {
                self.row(&mut (0..width).map(|member| object + 2 + 2 * member))?;
            } else {
                let order = self.order(object, &columns.keys).unwrap_or_default();
                self.row(&mut order.iter().map(|member| object + 2 + 2 * member))?;
            }
        }
        Ok(())
    }

    /// Values with delimiters between them.
    fn row(&mut self, values: &mut dyn Iterator<Item = usize>) -> Result<(), Stop> {
        for (place, at) in values.enumerate() {
            if place > 0 {
                self.output.push(&[self.delimiter]);
            }
            self.scalar(at)?;
        }
        Ok(())
    }

    fn key(&mut self, at: usize) {
        let key = self.document.content(at);
        if is_plain_key(key) { self.output.push(key) } else { quote(key, self.output.bytes) }
    }

    /// `scalar`: a literal as it stands, a string in quotes where it needs them.
    fn scalar(&mut self, at: usize) -> Result<(), Stop> {
        let (node, content) = (self.node(at), self.document.content(at));
        if node.form == Form::Literal || !needs_quotes(content, node.classes, self.delimiter) {
            self.output.push(content);
        } else {
            quote(content, self.output.bytes);
        }
        self.output.check()
    }
}
