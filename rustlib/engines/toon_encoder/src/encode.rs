//! `encode`: the nodes of a JSON text become the lines of a TOON document. Recursion is bounded by the depth that was read.

use std::borrow::Cow;

use crate::json::{Form, Node};
use crate::text::{classes, is_plain_key, needs_quotes, quote, unescape};
use crate::{Output, Stop};

struct Writer<'a, 'b> {
    text: &'a [u8],
    nodes: &'a [Node],
    delimiter: u8,
    output: Output<'b>,
}

/// Writes the document that `nodes` are.
pub fn write(text: &[u8], nodes: &[Node], delimiter: u8, output: Output) -> Result<(), Stop> {
    let mut writer = Writer { text, nodes, delimiter, output };
    match nodes[0].form {
        Form::Object => writer.fields(0, 0, false)?,
        Form::Array => writer.array(0, 0, true)?,
        _ => writer.scalar(0)?,
    }
    writer.output.check()
}

/// The columns of a table: keys of the first object, and their order by content.
struct Columns<'a> {
    keys: Vec<Cow<'a, [u8]>>,
    sorted: Vec<usize>,
}

impl<'a> Writer<'a, '_> {
    /// The node behind a value and all it holds.
    fn behind(&self, at: usize) -> usize {
        if self.nodes[at].is_scalar() { at + 1 } else { self.nodes[at].end }
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
        for member in 0..self.nodes[object].start {
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
        match self.nodes[at].form {
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
        let count = self.nodes[array].start;
        self.output.push(format!("[{count}").as_bytes());
        if self.delimiter != b',' {
            self.output.push(&[self.delimiter]);
        }
        self.output.push(b"]");
        let scalars = self.nodes[array].end == array + 1 + count && self.all_scalars(array + 1, count, 1);
        if count == 0 || scalars {
            self.output.push(if count == 0 { b":" } else { b": " });
            return self.row((0..count).map(|item| array + 1 + item));
        }
        match self.columns(array).filter(|_| tabular) {
            Some(columns) => self.table(array, depth, &columns),
            None => self.items(array, depth),
        }
    }

    /// Each of these nodes, `step` apart, is a scalar.
    fn all_scalars(&self, first: usize, count: usize, step: usize) -> bool {
        (0..count).all(|place| self.nodes[first + place * step].is_scalar())
    }

    /// `items`: one item after each hyphen.
    fn items(&mut self, array: usize, depth: usize) -> Result<(), Stop> {
        self.output.push(b":");
        let mut at = array + 1;
        while at < self.nodes[array].end {
            self.line(depth + 1);
            let node = self.nodes[at];
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
        let width = self.nodes[first].start;
        let stride = 1 + 2 * width;
        if width == 0 || self.nodes[array].end != first + stride * self.nodes[array].start {
            return None;
        }
        let objects = || (first..self.nodes[array].end).step_by(stride);
        let flat = |&object: &usize| {
            let node = self.nodes[object];
            node.form == Form::Object && node.start == width && self.all_scalars(object + 2, width, 2)
        };
        if !objects().all(|object| flat(&object)) {
            return None;
        }
        let keys = self.keys(first, width);
        let sorted = sorted(&keys);
        if sorted.windows(2).any(|pair| keys[pair[0]] == keys[pair[1]]) {
            return None;
        }
        let columns = Columns { keys, sorted };
        objects().all(|object| self.is_in_order(object, first, width) || self.order(object, &columns).is_some()).then_some(columns)
    }

    fn keys(&self, object: usize, width: usize) -> Vec<Cow<'a, [u8]>> {
        (0..width).map(|member| self.string(object + 1 + 2 * member)).collect()
    }

    /// The object's keys are spelt like those of another, one by one.
    fn is_in_order(&self, object: usize, other: usize, width: usize) -> bool {
        (0..width).all(|member| {
            let (one, two) = (self.nodes[object + 1 + 2 * member], self.nodes[other + 1 + 2 * member]);
            self.text[one.start..one.end] == self.text[two.start..two.end]
        })
    }

    /// For each column, which member of the object stands there; `None` when the keys differ.
    fn order(&self, object: usize, columns: &Columns) -> Option<Vec<usize>> {
        let keys = self.keys(object, columns.keys.len());
        let sorted = sorted(&keys);
        let mut order = vec![0; keys.len()];
        for (&column, &member) in columns.sorted.iter().zip(&sorted) {
            if columns.keys[column] != keys[member] {
                return None;
            }
            order[column] = member;
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
        for object in (array + 1..self.nodes[array].end).step_by(1 + 2 * width) {
            self.line(depth + 1);
            if self.is_in_order(object, array + 1, width) {
                self.row((0..width).map(|member| object + 2 + 2 * member))?;
            } else {
                let order = self.order(object, columns).unwrap_or_default();
                self.row(order.iter().map(|member| object + 2 + 2 * member))?;
            }
        }
        Ok(())
    }

    /// Values with delimiters between them.
    fn row(&mut self, values: impl Iterator<Item = usize>) -> Result<(), Stop> {
        for (place, at) in values.enumerate() {
            if place > 0 {
                self.output.push(&[self.delimiter]);
            }
            self.scalar(at)?;
        }
        Ok(())
    }

    /// The content of a string.
    fn string(&self, at: usize) -> Cow<'a, [u8]> {
        let node = self.nodes[at];
        let raw = &self.text[node.start..node.end];
        if node.form != Form::Escaped {
            return Cow::Borrowed(raw);
        }
        let mut content = Vec::with_capacity(raw.len());
        // The reader has seen these escapes already.
        let _ = unescape(raw, true, &mut content);
        Cow::Owned(content)
    }

    fn key(&mut self, at: usize) {
        let key = self.string(at);
        if is_plain_key(&key) { self.output.push(&key) } else { quote(&key, true, self.output.bytes) }
    }

    /// `scalar`: a literal as it stands, a string in quotes where it needs them.
    fn scalar(&mut self, at: usize) -> Result<(), Stop> {
        let node = self.nodes[at];
        let content = self.string(at);
        let found = if node.form == Form::Escaped { classes(&content) } else { node.classes };
        let lone = || node.form == Form::Escaped && content.windows(2).any(|pair| pair[0] == 0xED && pair[1] >= 0xA0);
        if node.form == Form::Literal || !needs_quotes(&content, found, self.delimiter) && !lone() {
            self.output.push(&content);
        } else {
            quote(&content, true, self.output.bytes);
        }
        self.output.check()
    }
}

/// Places of the keys, in the order of their content.
fn sorted(keys: &[Cow<[u8]>]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..keys.len()).collect();
    places.sort_unstable_by(|&one, &two| keys[one].cmp(&keys[two]));
    places
}
