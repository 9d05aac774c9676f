//! The states of the machine: what a place means between the members and items.
//!
//! Steps have the same names in `pyplugins/json_repair/_machine.py`. Tests: `tests/`, the vectors.

use crate::edit::{Edit, Kind};
use crate::machine::{Comma, Level, Machine, Mark, Role, State, TooDeep};

impl Machine<'_> {
    // State: a value has been read.

    pub fn after(&mut self) {
        let (at, byte) = (self.at, self.text.at(self.at));
        let comma = self.text.comma(at);
        if comma > 0 {
            self.take_comma(comma);
            match self.top() {
                Some(Level::Call) => self.call_is_list(),
                _ => self.next_state(),
            }
        } else if matches!(byte, b'}' | b']' | b')') {
            self.close(byte);
        } else if self.concatenated() {
        } else if self.text.colon(at) > 0 {
            self.colon_after_value();
        } else if self.text.ellipsis(at) > 0 {
            let length = self.text.ellipsis(at);
            self.edit(at, at + length, Kind::Ellipsis, "");
            self.at += length;
        } else if self.starts_item() {
            self.add_comma();
            match self.top() {
                Some(Level::Call) => self.call_is_list(),
                _ => self.next_state(),
            }
        } else {
            self.unexpected();
        }
    }

    /// Something that can begin a key or a value.
    fn starts_item(&self) -> bool {
        let byte = self.text.at(self.at);
        matches!(byte, b'{' | b'[' | b'-' | b'$' | b'@' | b'(') || self.text.in_name(self.at) || self.text.opens(self.at).is_some()
    }

    /// Signs that mean nothing here, to the next that may.
    fn unexpected(&mut self) {
        let start = self.at;
        self.at += if self.text.at(start) < 0x80 { 1 } else { self.text.wide(start).1 };
        while self.is_wide_other(self.at) {
            self.at += 1;
        }
        self.guess(start, self.at, Kind::Unexpected, "");
    }

    /// A call with several arguments is an array of them.
    fn call_is_list(&mut self) {
        if let (Some(index), Some(level)) = (self.calls.pop(), self.stack.last_mut()) {
            *level = Level::Tuple;
            if let Some(edit) = self.edits.get_mut(index) {
                edit.put = "[".into();
                edit.guess = true;
            }
        }
        self.next_state();
    }

    /// `"a": "b": 1`: the string before the colon is a key, and its object has no bracket.
    fn colon_after_value(&mut self) {
        let has_string = self.string_close.is_some();
        let room = self.stack.len() < self.max_depth;
        if has_string && room && self.top() != Some(Level::Call) {
            let mark = self.value_start;
            self.insert(mark.edits, Edit::new(mark.at, mark.at, Kind::MissingBracket, "{").guessed(true));
            // There is room.
            let _ = self.push(Level::Object);
            self.fresh = false;
            self.state = State::Colon;
        } else {
            let length = self.text.colon(self.at);
            self.guess(self.at, self.at + length, Kind::ExtraColon, "");
            self.at += length;
        }
    }

    /// `"a" + "b"`, or in an object `"a" "b"`: the parts are one string. True if that is what stands here.
    pub fn concatenated(&mut self) -> bool {
        let Some(close) = self.string_close else { return false };
        let plus = self.text.at(self.at) == b'+';
        let next = if plus { self.text.after_comments(self.at + 1) } else { self.at };
        let Some((family, length)) = self.text.opens(next) else {
            if plus {
                self.edit(self.at, self.at + 1, Kind::Concatenation, "");
                self.at += 1;
            }
            return plus;
        };
        if !plus && (self.role() != Role::Member || self.text.key_at(next)) {
            return false;
        }
        self.edits.truncate(close.edits);
        self.edits.push(Edit::new(close.at, next + length, Kind::Concatenation, "").guessed(!plus));
        self.string_rest(next + length, family, self.role());
        true
    }

    // State: a key is expected.

    pub fn key(&mut self) -> Result<(), TooDeep> {
        let (at, byte) = (self.at, self.text.at(self.at));
        if let Some((family, length)) = self.text.opens(at) {
            self.begin_key();
            self.string(family, length, Role::Key);
            self.state = State::Colon;
            return Ok(());
        }
        match byte {
            b'}' | b']' | b')' => self.close(byte),
            b'{' => return self.bracket_for_key(),
            b'[' | b'(' => self.unexpected(),
            _ if self.text.comma(at) > 0 => {
                let length = self.text.comma(at);
                self.edit(at, at + length, Kind::ExtraComma, "");
                self.at += length;
            }
            _ if self.text.colon(at) > 0 => {
                self.begin_key();
                self.guess(at, at, Kind::MissingKey, "\"\"");
                self.set_at = None;
                self.state = State::Colon;
            }
            _ if self.text.ellipsis(at) > 0 => {
                let length = self.text.ellipsis(at);
                self.edit(at, at + length, Kind::Ellipsis, "");
                self.at += length;
            }
            _ if self.prefixed_string() => {}
            _ if self.stray_word(at).is_some() => {
                let end = self.text.name_end(at);
                self.guess(at, end, Kind::Unexpected, "");
                self.at = end;
            }
            _ if self.text.in_name(at) || !matches!(byte, b'\\' | b'/' | b'#' | b'`' | b'<' | b'>' | b'|') => {
                self.begin_key();
                self.bare_key();
                self.state = State::Colon;
            }
            _ => self.unexpected(),
        }
        Ok(())
    }

    fn begin_key(&mut self) {
        let real = self.fresh && self.top() == Some(Level::Object) && self.at > 0;
        self.set_at = real.then_some(self.value_start);
        self.value_start = self.mark();
        self.fresh = false;
        self.ghostly = false;
        self.comma = None;
    }

    /// `{` where a key is expected.
    fn bracket_for_key(&mut self) -> Result<(), TooDeep> {
        let in_list = self.outer().is_some_and(Level::has_items) && self.top() == Some(Level::Object);
        match self.comma {
            // [{"a": 1, {"b": 2}]: the object before has no end.
            Some(comma) if in_list => {
                let Mark { at, edits } = comma.mark;
                self.insert(edits, Edit::new(at, at, Kind::MissingBracket, "}").guessed(true));
                self.comma = Some(Comma { mark: Mark { at, edits: edits + 1 }, ..comma });
                self.pop();
                self.state = State::Value;
                Ok(())
            }
            comma => {
                self.guess(self.at, self.at + 1, Kind::ExtraBracket, "");
                self.at += 1;
                self.push(Level::Ghost)?;
                self.comma = comma;
                self.fresh = false;
                self.ghostly = true;
                Ok(())
            }
        }
    }

    // State: a colon is expected.

    pub fn colon(&mut self) {
        let (at, byte) = (self.at, self.text.at(self.at));
        let length = self.text.colon(at);
        if length > 0 {
            if byte != b':' {
                self.edit(at, at + length, Kind::MissingColon, ":");
            }
            self.at += length;
            self.set_at = None;
            self.state = State::Value;
            return;
        }
        let ends = self.text.comma(at) > 0 || byte == b'}';
        if let Some(set_at) = self.set_at.take().filter(|_| self.python && ends) {
            return self.object_is_set(set_at);
        }
        if ends || matches!(byte, b']' | b')') {
            return self.value_is_missing(true);
        }
        if self.text.ellipsis(at) > 0 || !(self.starts_item() || matches!(byte, b'+' | b'.')) {
            return self.unexpected();
        }
        let Mark { at, edits } = self.value_end;
        self.insert(edits, Edit::new(at, at, Kind::MissingColon, ":"));
        self.state = State::Value;
    }

    /// `{"a", "b"}`: what looked like an object is an array. Its first item is read again.
    fn object_is_set(&mut self, set_at: Mark) {
        self.edits.truncate(set_at.edits);
        self.guess(set_at.at - 1, set_at.at, Kind::WrongBracket, "[");
        if let Some(level) = self.stack.last_mut() {
            *level = Level::Set;
        }
        self.at = set_at.at;
        self.comma = None;
        self.fresh = true;
        self.state = State::Value;
    }

    // State: a value is expected.

    pub fn value(&mut self) -> Result<(), TooDeep> {
        let (at, byte) = (self.at, self.text.at(self.at));
        let role = self.role();
        match byte {
            b'{' | b'[' => {
                self.at += 1;
                self.push(if byte == b'{' { Level::Object } else { Level::Array })?;
                self.value_start = self.mark();
                return Ok(());
            }
            b'}' | b']' | b')' => {
                if self.lacks_value() {
                    self.value_is_missing(false);
                } else {
                    self.close(byte);
                }
                return Ok(());
            }
            b'(' if self.python => {
                self.edit(at, at + 1, Kind::WrongBracket, "[");
                self.at += 1;
                return self.push(Level::Tuple);
            }
            _ => {}
        }
        if let Some((family, length)) = self.text.opens(at) {
            if role == Role::Item && self.text.key_at(at) {
                return self.key_in_list();
            }
            self.value_start = self.mark();
            self.string(family, length, role);
            return Ok(());
        }
        if self.text.comma(at) > 0 {
            if role == Role::Member {
                self.value_is_missing(false);
            } else {
                let length = self.text.comma(at);
                self.edit(at, at + length, Kind::ExtraComma, "");
                self.at += length;
            }
        } else if self.text.colon(at) > 0 {
            let length = self.text.colon(at);
            self.edit(at, at + length, Kind::ExtraColon, "");
            self.at += length;
        } else if self.text.ellipsis(at) > 0 {
            let length = self.text.ellipsis(at);
            self.edit(at, at + length, Kind::Ellipsis, "");
            self.at += length;
        } else if self.prefixed_string() {
        } else if byte == b'`' || byte == b'\\' && self.text.at(at + 1) == b'\\' {
            self.unexpected();
        } else if role == Role::Item && self.bare_key_in_list() {
            return self.key_in_list();
        } else {
            self.value_start = self.mark();
            return self.bare(role);
        }
        Ok(())
    }

    /// `[name: 1]`, where the name is a word and no address.
    fn bare_key_in_list(&self) -> bool {
        let at = self.at;
        let begins = matches!(self.text.at(at), b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'$');
        begins && {
            let colon = self.text.next(self.text.name_end(at)).at;
            self.text.at(colon) == b':' && self.text.at(colon + 1) != b'/'
        }
    }

    /// A key and its colon, in an array.
    fn key_in_list(&mut self) -> Result<(), TooDeep> {
        let keyed = self.outer().is_some_and(Level::has_keys);
        match (self.comma, self.closed) {
            (Some(comma), Some(closed)) if closed.at + 1 == self.value_end.at => self.reopen(closed, comma),
            (Some(comma), _) if keyed => {
                let Mark { at, edits } = comma.mark;
                let written = self.pop().map_or("", Level::written);
                self.insert(edits, Edit::new(at, at, Kind::MissingBracket, written).guessed(true));
                self.comma = Some(Comma { mark: Mark { at, edits: edits + 1 }, ..comma });
                self.state = State::Key;
                Ok(())
            }
            _ => {
                self.guess(self.at, self.at, Kind::MissingBracket, "{");
                self.push(Level::Object)?;
                self.fresh = false;
                Ok(())
            }
        }
    }

    /// `u"…"`, `b'…'`: the letters before a string of Python. True if they stood here and are removed.
    fn prefixed_string(&mut self) -> bool {
        let letter = |place| matches!(self.text.at(place), b'b' | b'B' | b'f' | b'F' | b'r' | b'R' | b'u' | b'U');
        let count = usize::from(letter(self.at)) + usize::from(letter(self.at) && letter(self.at + 1));
        // `b": 1` is a key that lost its first quote, `b",` such a string.
        let behind = self.text.next(self.at + count + 1).at;
        let ends = self.text.colon(behind) > 0 || matches!(self.text.at(behind), b',' | b'}' | b']');
        let quoted = count > 0 && matches!(self.text.at(self.at + count), b'"' | b'\'') && !ends;
        if quoted {
            self.edit(self.at, self.at + count, Kind::StringPrefix, "");
            self.at += count;
        }
        quoted
    }

    /// Opens a call: `name(` has been recognised up to `end`.
    pub fn call(&mut self, end: usize) -> Result<(), TooDeep> {
        let index = self.edits.len();
        self.edit(self.at, end, Kind::FunctionCall, "");
        self.at = end;
        self.push(Level::Call)?;
        self.calls.push(index);
        Ok(())
    }
}
