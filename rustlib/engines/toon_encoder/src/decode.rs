//! `decode`: the lines of a TOON document become JSON without blanks, written while they are read. Recursion is bounded by `max_depth`.

use crate::lines::{Header, Line, Lines, header, split_key, split_row, token, trim};
use crate::text::{is_number, quote};
use crate::{Output, Stop};

struct Decoder<'a, 'b> {
    lines: Lines<'a>,
    max_depth: usize,
    /// Arrays and objects that are open.
    open: usize,
    /// Arrays of which an item has been read: no blank line may follow.
    inside: usize,
    values: Vec<&'a [u8]>,
    scratch: Vec<u8>,
    output: Output<'b>,
}

/// Writes the JSON text that the document is.
pub fn write(text: &[u8], max_depth: usize, output: Output) -> Result<(), Stop> {
    if let Err(error) = std::str::from_utf8(text) {
        let before = &text[..error.valid_up_to()];
        return Err(Stop::NotToon(1 + before.iter().filter(|&&byte| byte == b'\n').count()));
    }
    let mut decoder = Decoder { lines: Lines::new(text), max_depth, open: 0, inside: 0, values: Vec::new(), scratch: Vec::new(), output };
    decoder.root()?;
    decoder.lines.peek().map_or(Ok(()), |line| Err(Stop::NotToon(line.number)))
}

impl<'a> Decoder<'a, '_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.output.push(bytes);
        self.output.check()
    }

    /// A token that is a string.
    fn string(&mut self, text: &[u8], number: usize) -> Result<(), Stop> {
        let content = token(text, number, &mut self.scratch)?;
        quote(content, self.output.bytes);
        self.output.check()
    }

    /// The next line, which must stand at this depth.
    fn take(&mut self, depth: usize, owner: usize) -> Result<Line<'a>, Stop> {
        let line = self.lines.peek().ok_or(Stop::NotToon(owner))?;
        if line.depth != depth || self.inside > 0 && line.after_blank {
            return Err(Stop::NotToon(line.number));
        }
        self.lines.advance();
        Ok(line)
    }

    fn enter(&mut self) -> Result<(), Stop> {
        self.open += 1;
        if self.open > self.max_depth { Err(Stop::TooDeep) } else { Ok(()) }
    }

    /// `root`: an array, one value, or the members of an object.
    fn root(&mut self) -> Result<(), Stop> {
        let Some(first) = self.lines.peek() else { return self.put(b"{}") };
        if first.content == b"[]" {
            self.take(0, first.number)?;
            return self.put(b"[]");
        }
        if first.content[0] == b'[' {
            self.take(0, first.number)?;
            return self.array(&header(first.content, first.number)?, 0, first.number);
        }
        if split_key(first.content).is_some() {
            return self.fields(0, None);
        }
        self.take(0, first.number)?;
        self.value(first.content, first.number)
    }

    /// `fields`: members, one on a line of this depth. The first may stand behind a hyphen.
    fn fields(&mut self, depth: usize, first: Option<(&'a [u8], usize)>) -> Result<(), Stop> {
        self.enter()?;
        self.put(b"{")?;
        let mut next = first;
        let mut count = 0;
        loop {
            let (content, number) = match next.take() {
                Some(inline) => inline,
                None => match self.lines.peek() {
                    Some(line) if line.depth >= depth => (self.take(depth, line.number)?.content, line.number),
                    _ => break,
                },
            };
            if count > 0 {
                self.put(b",")?;
            }
            count += 1;
            self.field(content, depth, number)?;
        }
        self.open -= 1;
        self.put(b"}")
    }

    fn field(&mut self, content: &'a [u8], depth: usize, number: usize) -> Result<(), Stop> {
        let (key, rest) = split_key(content).ok_or(Stop::NotToon(number))?;
        self.string(key, number)?;
        self.put(b":")?;
        if rest[0] == b'[' {
            return self.array(&header(rest, number)?, depth, number);
        }
        match trim(&rest[1..]) {
            b"" if self.lines.peek().is_some_and(|line| line.depth > depth) => self.fields(depth + 1, None),
            b"" => self.put(b"{}"),
            b"[]" => self.put(b"[]"),
            value => self.value(value, number),
        }
    }

    /// `array`: values on the line of the header, rows of a table, or items.
    fn array(&mut self, header: &Header<'a>, depth: usize, number: usize) -> Result<(), Stop> {
        self.enter()?;
        self.put(b"[")?;
        if !header.columns.is_empty() {
            self.table(header, depth, number)?;
        } else if header.rest.is_empty() {
            self.items(header.count, depth, number)?;
        } else {
            self.row(header, header.rest, header.count, number)?;
            for place in 0..self.values.len() {
                if place > 0 {
                    self.put(b",")?;
                }
                self.value(self.values[place], number)?;
            }
        }
        self.open -= 1;
        self.put(b"]")
    }

    /// Splits a row, which must hold so many values.
    fn row(&mut self, header: &Header, text: &'a [u8], count: u64, number: usize) -> Result<(), Stop> {
        split_row(text, header.delimiter, &mut self.values).ok_or(Stop::NotToon(number))?;
        if self.values.len() as u64 == count { Ok(()) } else { Err(Stop::NotToon(number)) }
    }

    fn table(&mut self, header: &Header<'a>, depth: usize, number: usize) -> Result<(), Stop> {
        if !header.rest.is_empty() {
            return Err(Stop::NotToon(number));
        }
        // Each as it stands in every row: `,"name":`.
        let (mut names, mut ends) = (Vec::new(), Vec::new());
        for name in &header.columns {
            names.push(b',');
            quote(token(name, number, &mut self.scratch)?, &mut names);
            names.push(b':');
            ends.push(names.len());
        }
        self.enter()?;
        for place in 0..header.count {
            let line = self.take(depth + 1, number)?;
            self.inside += usize::from(place == 0);
            self.row(header, line.content, ends.len() as u64, line.number)?;
            self.put(if place > 0 { b",{" } else { b"{" })?;
            let mut start = 1;
            for (column, &end) in ends.iter().enumerate() {
                self.put(&names[start..end])?;
                self.value(self.values[column], line.number)?;
                start = end;
            }
            self.put(b"}")?;
        }
        self.open -= 1;
        self.inside -= usize::from(header.count > 0);
        Ok(())
    }

    fn items(&mut self, count: u64, depth: usize, number: usize) -> Result<(), Stop> {
        for place in 0..count {
            if place > 0 {
                self.put(b",")?;
            }
            let line = self.take(depth + 1, number)?;
            self.inside += usize::from(place == 0);
            let content = line.content.strip_prefix(b"-").ok_or(Stop::NotToon(line.number))?;
            if !matches!(content.first(), None | Some(b' ')) {
                return Err(Stop::NotToon(line.number));
            }
            self.item(trim(content), depth + 1, line.number)?;
        }
        self.inside -= usize::from(count > 0);
        Ok(())
    }

    /// What stands behind a hyphen at this depth.
    fn item(&mut self, content: &'a [u8], depth: usize, number: usize) -> Result<(), Stop> {
        match content.first() {
            None if self.lines.peek().is_some_and(|line| line.depth > depth) => self.fields(depth + 1, None),
            None => self.put(b"{}"),
            Some(b'[') => self.array(&header(content, number)?, depth, number),
            _ if split_key(content).is_some() => self.fields(depth + 1, Some((content, number))),
            _ => self.value(content, number),
        }
    }

    /// `value`: a string in quotes, a literal, or else a string.
    fn value(&mut self, text: &[u8], number: usize) -> Result<(), Stop> {
        if matches!(text, b"true" | b"false" | b"null") || is_number(text) {
            return self.put(text);
        }
        self.string(text, number)
    }
}
