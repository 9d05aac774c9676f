//! The whole text: values, and what stands around them: prose, code fences, calls, several values one after the other.
//!
//! Steps have the same names in `pyplugins/json_repair/_root.py`. Tests: `tests/`, the vectors.

use crate::edit::{Edit, Kind};
use crate::machine::{Comma, Machine, Mark, TooDeep};

/// What has been found at the top so far.
#[derive(Default)]
struct Found {
    count: usize,
    first: Mark,
    last_end: Mark,
    comma: Option<Comma>,
    /// Prose has been removed: bare words and numbers are no longer read as values.
    prose: bool,
    /// Nothing has been read in this code block or text: whatever looks like a bracket is one.
    begins: bool,
    /// No bracket opens from here on; known once it is looked for.
    bracketless: Option<bool>,
}

/// How a scalar stands at the top.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Value,
    Key,
    None,
}

impl Machine<'_> {
    /// Repairs the whole text.
    pub fn run(&mut self) -> Result<(), TooDeep> {
        let mut found = Found { begins: true, ..Found::default() };
        loop {
            self.skip();
            let (at, byte) = (self.at, self.text.at(self.at));
            if at >= self.text.len() {
                break;
            }
            if self.text.fence(at) {
                self.fence(&mut found);
            } else if byte == b',' && found.count > 0 && found.comma.is_none() {
                self.take_comma(1);
                found.comma = self.comma.take();
            } else if byte == b',' {
                self.edit(at, at + 1, Kind::ExtraComma, "");
                self.at += 1;
            } else if byte == b'+' && found.comma.is_none() && !found.prose && self.concatenated() {
                found.last_end = self.value_end;
            } else if byte == b';' {
                self.edit(at, at + 1, Kind::Unexpected, "");
                self.at += 1;
            } else if matches!(byte, b'}' | b']') || byte == b')' && found.count > 0 {
                self.guess(at, at + 1, Kind::ExtraBracket, "");
                self.at += 1;
            } else if matches!(byte, b'{' | b'[') && self.plausible(at, &found) || self.wrapped(at, &found) {
                self.begin_value(&mut found);
                self.value_of_root()?;
                found.last_end = self.value_end;
            } else {
                match if found.prose { Scalar::None } else { self.scalar(at, &mut found) } {
                    Scalar::Value => {
                        self.begin_value(&mut found);
                        self.value_of_root()?;
                        found.last_end = self.value_end;
                    }
                    Scalar::Key => self.key_of_root(&mut found)?,
                    Scalar::None => self.prose(&mut found),
                }
            }
        }
        self.finish(&found);
        Ok(())
    }

    /// A value begins here; the second makes all of them an array.
    fn begin_value(&mut self, found: &mut Found) {
        if found.count > 0 && found.comma.is_none() {
            let Mark { at, edits } = found.last_end;
            self.insert(edits, Edit::new(at, at, Kind::ValueList, ","));
        }
        if found.count == 1 {
            let Mark { at, edits } = found.first;
            self.insert(edits, Edit::new(at, at, Kind::ValueList, "["));
        }
        if found.count == 0 {
            found.first = self.mark();
        }
        found.comma = None;
        found.begins = false;
        found.count += 1;
    }

    /// A key and its colon at the top: the object before goes on, or one begins without its bracket.
    fn key_of_root(&mut self, found: &mut Found) -> Result<(), TooDeep> {
        match (found.comma.take(), self.closed) {
            (Some(comma), Some(closed)) if closed.at + 1 == self.value_end.at => {
                self.reopen(closed, comma)?;
                self.go_on()?;
            }
            (comma, _) => {
                found.comma = comma;
                self.begin_value(found);
                self.object_without_bracket()?;
            }
        }
        found.last_end = self.value_end;
        Ok(())
    }

    /// A bracket that opens a value, not one of prose.
    fn plausible(&self, at: usize, found: &Found) -> bool {
        if found.begins {
            return true;
        }
        let next = self.text.next(at + 1).at;
        let byte = self.text.at(next);
        if next >= self.text.len() || self.text.opens(next).is_some() || self.text.comment(next) || matches!(byte, b'{' | b'\\') {
            return true;
        }
        if self.text.at(at) == b'{' {
            return byte == b'}' && self.empty_is_value(next, found) || self.text.key_at(next);
        }
        let end = self.text.name_end(next);
        let word = self.text.0.get(next..end).unwrap_or_default();
        match byte {
            b'[' => true,
            b']' => self.empty_is_value(next, found),
            b'0'..=b'9' | b'-' | b'.' => {
                let mut end = next;
                while matches!(self.text.at(end), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
                    end += 1;
                }
                let behind = self.text.next(end).at;
                behind >= self.text.len() || self.text.at(behind) == b',' || self.text.at(behind) == b']' && !found.prose
            }
            _ => crate::bare::is_constant(word),
        }
    }

    /// `{}` and `[]` in prose are a value if no other bracket opens behind them.
    fn empty_is_value(&self, close: usize, found: &Found) -> bool {
        let rest = self.text.0.get(close..).unwrap_or_default();
        !found.prose || found.count == 0 && memchr::memchr2(b'{', b'[', rest).is_none()
    }

    /// A call around a value (JSONP, a MongoDB type), or a tuple of Python.
    fn wrapped(&self, at: usize, found: &Found) -> bool {
        if self.text.at(at) == b'(' {
            let next = self.text.next(at + 1).at;
            let value = matches!(self.text.at(next), b'{' | b'[' | b'0'..=b'9' | b'-') || self.text.opens(next).is_some();
            let last = self.text.trimmed(at, self.text.len()).at;
            return self.python && found.begins && value && (self.fenced || self.text.at(last - 1) == b')');
        }
        let Some(end) = self.call_at(at) else { return false };
        let next = self.text.next(end).at;
        matches!(self.text.at(next), b'{' | b'[') || !found.prose && self.text.at(next) != b')' && next < self.text.len()
    }

    /// What the word or string at the top is.
    fn scalar(&self, at: usize, found: &mut Found) -> Scalar {
        if let Some((family, length)) = self.text.opens(at) {
            if let Some(end) = self.text.string_end(at + length, family) {
                let next = self.text.next(end);
                if self.text.at(next.at) == b':' {
                    return Scalar::Key;
                }
                if next.newline || next.at >= self.text.len() || matches!(self.text.at(next.at), b',' | b'+') {
                    return Scalar::Value;
                }
            }
            let rest = self.text.0.get(at..).unwrap_or_default();
            let bracketless = *found.bracketless.get_or_insert_with(|| memchr::memchr2(b'{', b'[', rest).is_none());
            return if bracketless { Scalar::Value } else { Scalar::None };
        }
        let rest = self.text.0.get(at..).unwrap_or_default();
        let end = at + memchr::memchr2(b',', b'\n', rest).unwrap_or(rest.len());
        if self.is_scalar(at, self.text.trimmed(at, end).at) { Scalar::Value } else { Scalar::None }
    }

    /// Removes prose, to the next place where a value or a code block may begin.
    fn prose(&mut self, found: &mut Found) {
        found.prose = true;
        found.begins = false;
        let start = self.at;
        let mut at = start + 1;
        loop {
            let Some(next) = self.text.0.get(at..).and_then(|rest| memchr::memchr3(b'{', b'[', b'`', rest)) else {
                at = self.text.len();
                break;
            };
            at += next;
            if if self.text.at(at) == b'`' { self.text.fence(at) } else { self.plausible(at, found) } {
                break;
            }
            at += 1;
        }
        self.edit(start, at, Kind::Prose, "");
        self.at = at;
    }

    /// The mark of a code block: the word behind it belongs to it.
    fn fence(&mut self, found: &mut Found) {
        let start = self.at;
        let mut end = start;
        while self.text.at(end) == b'`' {
            end += 1;
        }
        if self.fenced {
            found.prose = true;
        } else {
            while matches!(self.text.at(end), b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'+' | b'-' | b'.') {
                end += 1;
            }
            found.begins = matches!(self.text.at(self.text.next(end).at), b'{' | b'[' | b'(');
        }
        self.fenced = !self.fenced;
        self.edit(start, end, Kind::CodeFence, "");
        self.at = end;
    }

    fn finish(&mut self, found: &Found) {
        if found.count == 0 {
            return self.no_json();
        }
        if let Some(Comma { mark, length, .. }) = found.comma {
            self.insert(mark.edits, Edit::new(mark.at, mark.at + length, Kind::TrailingComma, ""));
        }
        if found.count > 1 {
            let Mark { at, edits } = found.last_end;
            self.insert(edits, Edit::new(at, at, Kind::ValueList, "]"));
        }
    }

    /// There is no value: Python's library gives nothing, npm's the text as a string.
    fn no_json(&mut self) {
        self.edits.clear();
        let length = self.text.len();
        let start = self.text.next(0).at;
        if self.python || start >= length {
            let put = self.empty_value();
            return self.guess(0, length, Kind::NoJson, put);
        }
        let end = self.text.trimmed(start, length).at;
        self.guess(0, start, Kind::NoJson, "\"");
        self.bare_inside(start, end);
        self.guess(end, length, Kind::NoJson, "\"");
    }
}
