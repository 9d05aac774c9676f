//! The machine: containers, members and items, and what is missing or too much between them.
//!
//! It reads the text once, from left to right, with an explicit stack, and writes nothing but edits. What it looks ahead at is bounded by
//! the next quote, name or white space, so that the work stays linear. Steps have the same names in `pyplugins/json_repair/_machine.py`.
//! It must never recurse. Tests: `tests/`, the vectors.

use std::borrow::Cow;

use crate::chars::{Text, Wide};
use crate::edit::{Edit, Kind};

/// What stands on the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    Object,
    Array,
    /// `{` where a key is expected: its members are the outer object's.
    Ghost,
    /// `name(`: transparent, holds one value.
    Call,
    /// `(` of Python, or a call with several arguments: an array.
    Tuple,
    /// `{` of a Python set: an array.
    Set,
}

impl Level {
    /// The bracket that closes it in the text.
    pub fn closer(self) -> u8 {
        match self {
            Self::Object | Self::Ghost | Self::Set => b'}',
            Self::Array => b']',
            Self::Call | Self::Tuple => b')',
        }
    }

    /// What closes it in the output.
    pub fn written(self) -> &'static str {
        match self {
            Self::Object => "}",
            Self::Array | Self::Tuple | Self::Set => "]",
            Self::Ghost | Self::Call => "",
        }
    }

    pub fn has_keys(self) -> bool {
        matches!(self, Self::Object | Self::Ghost)
    }

    pub fn has_items(self) -> bool {
        matches!(self, Self::Array | Self::Tuple | Self::Set)
    }
}

/// What the machine expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// A key, or the end of the object.
    Key,
    /// The colon behind a key.
    Colon,
    /// A value, or the end of the array.
    Value,
    /// What follows a value.
    After,
}

/// Which string or bare word is read: where it stands decides what may follow it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Key,
    Member,
    Item,
    Argument,
    Root,
}

/// A place of the text and the number of edits before it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    pub at: usize,
    pub edits: usize,
}

/// The comma before the item or member that is read.
#[derive(Clone, Copy, Debug)]
pub struct Comma {
    pub mark: Mark,
    pub length: usize,
    /// It is an edit, at `mark.edits`.
    pub added: bool,
}

/// Nested deeper than allowed.
pub struct TooDeep;

/// The machine over one text.
pub struct Machine<'a> {
    pub text: Text<'a>,
    pub python: bool,
    pub max_depth: usize,
    pub edits: Vec<Edit>,
    pub at: usize,
    pub stack: Vec<Level>,
    /// Open levels by closing bracket: `}`, `]`, `)`.
    open: [usize; 3],
    /// Edits that opened the calls on the stack.
    calls: Vec<usize>,
    state: State,
    pub comma: Option<Comma>,
    /// Nothing has been read since the bracket that opened the level.
    fresh: bool,
    /// Nothing has been read since the bracket that opened the ghost on top.
    ghostly: bool,
    /// Where the first key of an object may turn out to be the first item of a set: behind the `{`.
    set_at: Option<Mark>,
    pub value_start: Mark,
    pub value_end: Mark,
    /// The last value is a string whose closing quote begins here.
    pub string_close: Option<Mark>,
    /// The last value ended with this `}` of the text.
    pub closed: Option<Mark>,
    /// End of the run of closing brackets that was counted, and how many of them are still ahead.
    run: (usize, usize),
    /// The value stands in a code block that is still open.
    pub fenced: bool,
}

fn slot(closer: u8) -> usize {
    match closer {
        b'}' => 0,
        b']' => 1,
        _ => 2,
    }
}

impl<'a> Machine<'a> {
    pub fn new(text: &'a [u8], python: bool, max_depth: usize) -> Self {
        Self {
            text: Text(text),
            python,
            max_depth,
            edits: Vec::new(),
            at: 0,
            stack: Vec::new(),
            open: [0; 3],
            calls: Vec::new(),
            state: State::Value,
            comma: None,
            fresh: false,
            ghostly: false,
            set_at: None,
            value_start: Mark::default(),
            value_end: Mark::default(),
            string_close: None,
            closed: None,
            run: (0, 0),
            fenced: false,
        }
    }

    // Small parts.

    pub fn mark(&self) -> Mark {
        Mark { at: self.at, edits: self.edits.len() }
    }

    #[inline]
    pub fn edit(&mut self, start: usize, end: usize, kind: Kind, put: impl Into<Cow<'static, str>>) {
        self.edits.push(Edit::new(start, end, kind, put));
    }

    #[inline]
    pub fn guess(&mut self, start: usize, end: usize, kind: Kind, put: impl Into<Cow<'static, str>>) {
        self.edits.push(Edit::new(start, end, kind, put).guessed(true));
    }

    fn top(&self) -> Option<Level> {
        self.stack.last().copied()
    }

    /// The level under the top.
    fn outer(&self) -> Option<Level> {
        self.stack.len().checked_sub(2).map(|index| self.stack[index])
    }

    pub fn is_open(&self, closer: u8) -> bool {
        self.open[slot(closer)] > 0
    }

    pub fn empty_value(&self) -> &'static str {
        if self.python { "\"\"" } else { "null" }
    }

    /// Where the value that is read stands.
    pub fn role(&self) -> Role {
        match self.top() {
            Some(level) if level.has_keys() => Role::Member,
            Some(level) if level.has_items() => Role::Item,
            Some(_) => Role::Argument,
            None => Role::Root,
        }
    }

    pub fn push(&mut self, level: Level) -> Result<(), TooDeep> {
        if self.stack.len() >= self.max_depth {
            return Err(TooDeep);
        }
        self.open[slot(level.closer())] += 1;
        self.stack.push(level);
        self.comma = None;
        self.fresh = true;
        self.set_at = None;
        self.state = if level.has_keys() { State::Key } else { State::Value };
        Ok(())
    }

    fn pop(&mut self) -> Option<Level> {
        let level = self.stack.pop()?;
        self.open[slot(level.closer())] -= 1;
        if level == Level::Call {
            self.calls.pop();
        }
        Some(level)
    }

    /// Removes white space that JSON does not know, comments and escapes of white space; steps over the rest.
    pub fn skip(&mut self) {
        loop {
            let byte = self.text.at(self.at);
            match byte {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                b'/' | b'#' if self.text.comment(self.at) => self.comment(byte),
                b'\\' if matches!(self.text.at(self.at + 1), b'n' | b'r' | b't') => {
                    self.edit(self.at, self.at + 2, Kind::EscapedJson, "");
                    self.at += 2;
                }
                b'\\' if self.text.at(self.at + 1) == b'\n' => {
                    self.edit(self.at, self.at + 1, Kind::WhiteSpace, "");
                    self.at += 1;
                }
                0..=0x1F | 0x7F.. => {
                    let start = self.at;
                    loop {
                        match self.text.odd_space(self.at) {
                            0 => break,
                            length => self.at += length,
                        }
                    }
                    if self.at == start {
                        return;
                    }
                    if start == 0 && self.at == 3 && byte == 0xEF {
                        self.edit(0, 3, Kind::ByteOrderMark, "");
                    } else {
                        self.edit(start, self.at, Kind::WhiteSpace, " ");
                    }
                }
                _ => return,
            }
        }
    }

    fn comment(&mut self, first: u8) {
        let rest = self.text.0.get(self.at..).unwrap_or_default();
        let length = if first == b'/' && self.text.at(self.at + 1) == b'*' {
            memchr::memmem::find(rest.get(2..).unwrap_or_default(), b"*/").map(|found| found + 4)
        } else {
            memchr::memchr(b'\n', rest)
        };
        let end = self.at + length.unwrap_or(rest.len());
        self.edit(self.at, end, Kind::Comment, "");
        self.at = end;
    }

    // One value of the text, with everything in it.

    /// Reads the value or container at the current place, until the stack is as it was: empty.
    pub fn value_of_root(&mut self) -> Result<(), TooDeep> {
        self.state = State::Value;
        self.comma = None;
        self.fresh = true;
        self.go_on()
    }

    /// Goes on until the stack is empty and a value has been read.
    pub fn go_on(&mut self) -> Result<(), TooDeep> {
        loop {
            if self.stack.is_empty() && self.state == State::After {
                return Ok(());
            }
            match self.state {
                State::Key => self.run_of_members(),
                State::Value if self.top() == Some(Level::Array) => self.run_of_items(),
                _ => {}
            }
            self.skip();
            if self.at >= self.text.len() || self.text.fence(self.at) {
                self.end_of_text();
                return Ok(());
            }
            match self.state {
                State::Value => self.value()?,
                State::After => self.after(),
                State::Key => self.key()?,
                State::Colon => self.colon(),
            }
        }
    }

    /// A run of members or items has been read, up to a comma.
    #[inline(always)]
    pub fn run_was_taken(&mut self) {
        self.fresh = false;
        self.ghostly = false;
        self.closed = None;
    }

    /// An object that begins without its bracket: the key stands at the current place.
    pub fn object_without_bracket(&mut self) -> Result<(), TooDeep> {
        self.guess(self.at, self.at, Kind::MissingBracket, "{");
        self.push(Level::Object)?;
        self.fresh = false;
        self.go_on()
    }

    /// The object that ended at `closed` goes on: its bracket was one too many. The comma has been read.
    pub fn reopen(&mut self, closed: Mark, mut comma: Comma) -> Result<(), TooDeep> {
        self.edits.insert(closed.edits, Edit::new(closed.at, closed.at + 1, Kind::ExtraBracket, "").guessed(true));
        comma.mark.edits += 1;
        self.push(Level::Object)?;
        self.fresh = false;
        self.comma = Some(comma);
        Ok(())
    }

    /// Everything that is open ends here.
    fn end_of_text(&mut self) {
        match self.state {
            State::Colon => self.value_is_missing(true),
            State::Value if self.lacks_value() => self.value_is_missing(false),
            _ => self.drop_comma(),
        }
        let mut closers = String::new();
        while let Some(level) = self.pop() {
            closers.push_str(level.written());
        }
        if !closers.is_empty() {
            self.edit(self.at, self.at, Kind::MissingBracket, closers);
        }
        self.ended();
    }

    /// A value ends at the current place.
    pub fn ended(&mut self) {
        self.value_end = self.mark();
        self.string_close = None;
        self.closed = None;
        self.fresh = false;
        self.comma = None;
        self.state = State::After;
    }

    /// The comma before the current place has no item behind it.
    fn drop_comma(&mut self) {
        let Some(comma) = self.comma.take() else { return };
        let Mark { at, edits } = comma.mark;
        if comma.added {
            self.edits.remove(edits);
        } else {
            // A comma of another sign was replaced by an edit, which goes.
            if self.edits.get(edits).is_some_and(|edit| edit.start == at && edit.end > at && edit.kind == Kind::MissingComma) {
                self.edits.remove(edits);
            }
            self.edits.insert(edits, Edit::new(at, at + comma.length, Kind::TrailingComma, ""));
        }
    }

    /// A comma is added behind the last value.
    fn add_comma(&mut self) {
        let mark = self.value_end;
        self.edits.insert(mark.edits, Edit::new(mark.at, mark.at, Kind::MissingComma, ","));
        self.comma = Some(Comma { mark, length: 0, added: true });
    }

    /// Reads the comma at the current place.
    pub fn take_comma(&mut self, length: usize) {
        let mark = self.mark();
        if self.text.at(self.at) != b',' {
            self.edit(self.at, self.at + length, Kind::MissingComma, ",");
        }
        self.comma = Some(Comma { mark, length, added: false });
        self.at += length;
    }

    /// What comes next in a level of this kind.
    fn next_state(&mut self) {
        self.state = if self.top().is_some_and(Level::has_keys) { State::Key } else { State::Value };
        self.fresh = false;
    }

    /// A value has to stand here: behind a colon, and in a call that holds none yet.
    fn lacks_value(&self) -> bool {
        match self.role() {
            Role::Member => true,
            Role::Argument => self.fresh,
            _ => false,
        }
    }

    /// A key without a value, or a colon without one.
    fn value_is_missing(&mut self, colon: bool) {
        let put = match (colon, self.python) {
            (false, _) => self.empty_value(),
            (true, true) => ":\"\"",
            (true, false) => ":null",
        };
        self.guess(self.at, self.at, Kind::MissingValue, put);
        self.ended();
    }

    // State: a value has been read.

    fn after(&mut self) {
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
        matches!(byte, b'{' | b'[' | b'-' | b'$' | b'@' | b'(')
            || self.text.in_name(self.at)
            || self.text.opens(self.at).is_some()
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
            self.edits.insert(mark.edits, Edit::new(mark.at, mark.at, Kind::MissingBracket, "{").guessed(true));
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
        let next = if plus { self.text.next(self.at + 1).at } else { self.at };
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

    // Brackets.

    /// The closing bracket at the current place.
    fn close(&mut self, byte: u8) {
        self.count_run();
        let Some(top) = self.top() else { return self.extra_bracket() };
        if top.closer() == byte {
            return self.close_top(top, byte);
        }
        if !self.is_open(byte) {
            return self.extra_bracket();
        }
        if self.is_wrong_bracket(byte) {
            self.drop_comma();
            self.pop();
            self.guess(self.at, self.at + 1, Kind::WrongBracket, top.written());
            self.at += 1;
            return self.ended();
        }
        self.drop_comma();
        let mut closers = String::new();
        while let Some(level) = self.top().filter(|level| level.closer() != byte) {
            self.pop();
            closers.push_str(level.written());
        }
        if !closers.is_empty() {
            // Behind the last value, before white space: the bracket that follows may stand on a line of its own.
            let mark = self.value_end;
            let mark = if mark.at <= self.at && self.state == State::After { mark } else { self.mark() };
            self.edits.insert(mark.edits, Edit::new(mark.at, mark.at, Kind::MissingBracket, closers).guessed(true));
        }
        if let Some(top) = self.top() {
            self.close_top(top, byte);
        }
    }

    /// The bracket fits the top level.
    fn close_top(&mut self, top: Level, byte: u8) {
        if top == Level::Ghost && self.ghostly {
            self.pop();
            return self.extra_bracket();
        }
        let behind_member = self.state == State::After;
        self.drop_comma();
        self.pop();
        let (start, end) = (self.at, self.at + 1);
        let written = top.written();
        let closed = self.mark();
        if written.is_empty() {
            let kind = if top == Level::Call { Kind::FunctionCall } else { Kind::ExtraBracket };
            self.edit(start, end, kind, "");
        } else if written.as_bytes() != [byte] {
            self.edit(start, end, Kind::WrongBracket, written);
        }
        self.at = end;
        self.ended();
        if top == Level::Object && behind_member {
            self.closed = Some(closed);
        }
    }

    fn extra_bracket(&mut self) {
        self.guess(self.at, self.at + 1, Kind::ExtraBracket, "");
        self.at += 1;
    }

    /// Counts the closing brackets that follow this one, once for each run of them.
    fn count_run(&mut self) {
        let (end, left) = self.run;
        if self.at < end {
            self.run = (end, left.saturating_sub(1));
            return;
        }
        let (mut at, mut count) = (self.at + 1, 0);
        loop {
            let next = self.text.next(at).at;
            if !matches!(self.text.at(next), b'}' | b']' | b')') {
                break;
            }
            count += 1;
            at = next + 1;
        }
        self.run = (at, count);
    }

    /// The bracket stands for the one that closes the top level, rather than for one that closes more.
    fn is_wrong_bracket(&self, byte: u8) -> bool {
        // Not farther than this, so that the work stays linear.
        const REACH: usize = 32;
        let Some(reach) = self.stack.iter().rev().take(REACH).position(|level| level.closer() == byte) else { return false };
        let depth = self.stack.len();
        // What would be open if it closed the nearest level that it fits, or only the top.
        let (far, near) = (depth - reach - 1, depth - 1);
        let (run_end, left) = self.run;
        let behind = self.text.next(run_end);
        if behind.at >= self.text.len() || far == 0 && left == 0 && self.text.comma(behind.at) == 0 {
            return left != far && left == near;
        }
        if left > 0 || self.text.comma(behind.at) == 0 {
            return false;
        }
        let is_key = self.text.key_at(self.text.next(behind.at + self.text.comma(behind.at)).at);
        let fits = |open: usize| match open.checked_sub(1).map(|index| self.stack[index]) {
            Some(level) => level.has_keys() == is_key,
            None => false,
        };
        !fits(far) && fits(near)
    }

    // State: a key is expected.

    fn key(&mut self) -> Result<(), TooDeep> {
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
                self.edits.insert(edits, Edit::new(at, at, Kind::MissingBracket, "}").guessed(true));
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

    fn colon(&mut self) {
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
        self.edits.insert(edits, Edit::new(at, at, Kind::MissingColon, ":"));
        self.state = State::Value;
    }

    /// `{"a", "b"}`: what looked like an object is an array. Its first item is read again.
    fn object_is_set(&mut self, set_at: Mark) {
        self.edits.truncate(set_at.edits);
        self.edit(set_at.at - 1, set_at.at, Kind::WrongBracket, "[");
        if let Some(level) = self.stack.last_mut() {
            *level = Level::Set;
        }
        self.at = set_at.at;
        self.comma = None;
        self.fresh = true;
        self.state = State::Value;
    }

    // State: a value is expected.

    fn value(&mut self) -> Result<(), TooDeep> {
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
                self.edits.insert(edits, Edit::new(at, at, Kind::MissingBracket, written).guessed(true));
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
        let quoted = count > 0 && matches!(self.text.at(self.at + count), b'"' | b'\'');
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

    /// Part of a character beyond ASCII without a meaning of its own.
    pub fn is_wide_other(&self, place: usize) -> bool {
        self.text.at(place) >= 0x80 && self.text.wide(place).0 == Wide::Other
    }

    /// The first closing bracket of each open level, from the innermost, stands in `text[from..to]`, and nothing else but white space.
    pub fn brackets_close(&self, from: usize, to: usize) -> Option<usize> {
        let mut levels = self.stack.iter().rev();
        let mut count = 0;
        for &byte in self.text.0.get(from..to).unwrap_or_default() {
            if matches!(byte, b'}' | b']') {
                if levels.next()?.closer() != byte {
                    return None;
                }
                count += 1;
            }
        }
        Some(count)
    }

    /// The level that would be on top after `count` brackets had closed theirs.
    pub fn level_under(&self, count: usize) -> Option<Level> {
        self.stack.len().checked_sub(count + 1).map(|index| self.stack[index])
    }
}
