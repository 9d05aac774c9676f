//! `read`: one JSON text becomes a list of nodes, in the order of the text. Strict (RFC 8259), without recursion, linear.

use crate::text::{CLASSES, ESCAPED, number_end, unescape};

/// Bytes of text for each node that there is room for at the start: most documents have fewer.
const NODE_BYTES: usize = 12;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `null`, `true`, `false` or a number: written as it stands.
    Literal,
    /// A string without escapes.
    Plain,
    /// A string with escapes: what they stand for is in [`Document::unescaped`].
    Escaped,
    Array,
    /// Keys and values take turns.
    Object,
}

/// A value, or the key of a member.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    pub form: Form,
    /// Classes of the bytes of a string; `ESCAPED` for a lone surrogate too.
    pub classes: u8,
    /// A scalar's bytes in the text, without quotes; of an array or object, how much it holds, and the node behind it.
    pub start: usize,
    pub end: usize,
}

impl Node {
    /// Neither an array nor an object.
    pub fn is_scalar(&self) -> bool {
        !matches!(self.form, Form::Array | Form::Object)
    }
}

/// A JSON text that was read.
pub struct Document<'a> {
    text: &'a [u8],
    pub nodes: Vec<Node>,
    unescaped: Vec<u8>,
}

impl Document<'_> {
    /// The bytes of a literal, or what is in a string.
    pub fn content(&self, at: usize) -> &[u8] {
        let node = self.nodes[at];
        let bytes = if node.form == Form::Escaped { &self.unescaped } else { self.text };
        &bytes[node.start..node.end]
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    unescaped: Vec<u8>,
    /// Nodes of the arrays and objects that are open.
    open: Vec<usize>,
    max_depth: usize,
}

/// The nodes of a JSON text; `None` when it is none, or nested deeper than allowed.
pub fn read(text: &[u8], max_depth: usize) -> Option<Document<'_>> {
    let mut reader = Reader { text, at: 0, nodes: Vec::new(), unescaped: Vec::new(), open: Vec::new(), max_depth };
    // Prose is refused at its first byte, before anything is allocated.
    if !matches!(reader.peek(), b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') {
        return None;
    }
    std::str::from_utf8(text).ok()?;
    reader.nodes.reserve(text.len() / NODE_BYTES);
    while reader.value()? {}
    let complete = reader.peek() == 0 && reader.at == text.len();
    complete.then_some(Document { text, nodes: reader.nodes, unescaped: reader.unescaped })
}

impl Reader<'_> {
    /// The next byte that is not blank; 0 at the end.
    fn peek(&mut self) -> u8 {
        while let Some(byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return *byte;
            }
            self.at += 1;
        }
        0
    }

    /// Reads a value, or the bracket that opens it, and what follows. `false`: the text's one value is complete.
    fn value(&mut self) -> Option<bool> {
        match self.peek() {
            b'{' => return self.opened(Form::Object, b'}'),
            b'[' => return self.opened(Form::Array, b']'),
            b'"' => self.string()?,
            b't' => self.literal(b"true".len(), b"true")?,
            b'f' => self.literal(b"false".len(), b"false")?,
            b'n' => self.literal(b"null".len(), b"null")?,
            _ => {
                let rest = &self.text[self.at..];
                self.literal(number_end(rest, false)?, b"")?;
            }
        }
        self.after()
    }

    fn opened(&mut self, form: Form, closer: u8) -> Option<bool> {
        if self.open.len() == self.max_depth {
            return None;
        }
        self.at += 1;
        self.open.push(self.nodes.len());
        self.nodes.push(Node { form, classes: 0, start: 0, end: 0 });
        if self.peek() == closer {
            return self.after();
        }
        if form == Form::Object {
            self.key()?;
        }
        Some(true)
    }

    /// What follows a value, or stands in an empty array or object: commas and closing brackets.
    fn after(&mut self) -> Option<bool> {
        loop {
            let next = self.peek();
            let Some(&level) = self.open.last() else { return Some(false) };
            let is_object = self.nodes[level].form == Form::Object;
            let behind = self.nodes.len();
            if next == b',' {
                self.at += 1;
                self.nodes[level].start += 1;
                if is_object {
                    self.key()?;
                }
                return Some(true);
            }
            if next != if is_object { b'}' } else { b']' } {
                return None;
            }
            self.at += 1;
            self.nodes[level].start += usize::from(behind > level + 1);
            self.nodes[level].end = behind;
            self.open.pop();
        }
    }

    fn key(&mut self) -> Option<()> {
        if self.peek() != b'"' {
            return None;
        }
        self.string()?;
        if self.peek() != b':' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn literal(&mut self, length: usize, word: &[u8]) -> Option<()> {
        if !self.text[self.at..].starts_with(word) {
            return None;
        }
        self.nodes.push(Node { form: Form::Literal, classes: 0, start: self.at, end: self.at + length });
        self.at += length;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at + 1;
        let (mut at, mut classes, mut form) = (start, 0, Form::Plain);
        loop {
            let byte = *self.text.get(at)?;
            let class = CLASSES[byte as usize];
            at += 1;
            if class & ESCAPED == 0 {
                classes |= class;
                continue;
            }
            match byte {
                b'"' => break,
                b'\\' => (form, at) = (Form::Escaped, at + 1),
                _ => return None,
            }
        }
        let (mut start, mut end) = (start, at - 1);
        if form == Form::Escaped {
            let from = self.unescaped.len();
            let lone = unescape(&self.text[start..end], true, &mut self.unescaped)?;
            (start, end) = (from, self.unescaped.len());
            classes = self.unescaped[from..].iter().fold(0, |all, &byte| all | CLASSES[byte as usize]);
            classes |= if lone { ESCAPED } else { 0 };
        }
        self.nodes.push(Node { form, classes, start, end });
        self.at = at;
        Some(())
    }
}
