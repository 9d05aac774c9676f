//! The machine: what it knows, how it goes on, and the small steps that all others are made of.
//!
//! It reads the text once, from left to right, with an explicit stack, and writes nothing but edits. What it looks ahead at is bounded by
//! the next quote, name or white space, so that the work stays linear. Steps have the same names in `pyplugins/json_repair/_state.py` and `_machine.py`.
//! It must never recurse. Tests: `tests/`, the vectors.

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
    pub open: [usize; 3],
    /// Edits that opened the calls on the stack.
    pub calls: Vec<usize>,
    pub state: State,
    pub comma: Option<Comma>,
    /// Nothing has been read since the bracket that opened the level.
    pub fresh: bool,
    /// Nothing has been read since the bracket that opened the ghost on top.
    pub ghostly: bool,
    /// Where the first key of an object may turn out to be the first item of a set: behind the `{`.
    pub set_at: Option<Mark>,
    pub value_start: Mark,
    pub value_end: Mark,
    /// The last value is a string whose closing quote begins here.
    pub string_close: Option<Mark>,
    /// The last value ended with this `}` of the text.
    pub closed: Option<Mark>,
    /// End of the run of closing brackets that was counted, and how many of them are still ahead.
    pub run: (usize, usize),
    /// The value stands in a code block that is still open.
    pub fenced: bool,
    /// A key that a quote of this family opened had no end.
    pub endless: [bool; 5],
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
            // Room that most texts do with.
            edits: Vec::with_capacity((text.len() / 24).clamp(8, 64)),
            at: 0,
            stack: Vec::with_capacity(16),
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
            endless: [false; 5],
        }
    }

    // Small parts.

    pub fn mark(&self) -> Mark {
        Mark { at: self.at, edits: self.edits.len() }
    }

    // The next three are called from everywhere: inlined they would be a quarter of the engine.

    #[inline(never)]
    pub fn edit(&mut self, start: usize, end: usize, kind: Kind, put: &'static str) {
        self.edits.push(Edit::new(start, end, kind, put));
    }

    #[inline(never)]
    pub fn guess(&mut self, start: usize, end: usize, kind: Kind, put: &'static str) {
        self.edits.push(Edit::new(start, end, kind, put).guessed(true));
    }

    /// An edit that goes before others.
    #[inline(never)]
    pub fn insert(&mut self, index: usize, edit: Edit) {
        self.edits.insert(index, edit);
    }

    pub fn top(&self) -> Option<Level> {
        self.stack.last().copied()
    }

    /// The level under the top.
    pub fn outer(&self) -> Option<Level> {
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

    pub fn pop(&mut self) -> Option<Level> {
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
                b'/' | b'#' if self.text.comment(self.at) => self.comment(),
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

    fn comment(&mut self) {
        let end = self.text.comment_end(self.at);
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
        self.insert(closed.edits, Edit::new(closed.at, closed.at + 1, Kind::ExtraBracket, "").guessed(true));
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
            self.edits.push(Edit::new(self.at, self.at, Kind::MissingBracket, closers));
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
    pub fn drop_comma(&mut self) {
        let Some(comma) = self.comma.take() else { return };
        let Mark { at, edits } = comma.mark;
        if comma.added {
            self.edits.remove(edits);
        } else {
            // A comma of another sign was replaced by an edit, which goes.
            if self.edits.get(edits).is_some_and(|edit| edit.start == at && edit.end > at && edit.kind == Kind::MissingComma) {
                self.edits.remove(edits);
            }
            self.insert(edits, Edit::new(at, at + comma.length, Kind::TrailingComma, ""));
        }
    }

    /// A comma is added behind the last value.
    pub fn add_comma(&mut self) {
        let mark = self.value_end;
        self.insert(mark.edits, Edit::new(mark.at, mark.at, Kind::MissingComma, ","));
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
    pub fn next_state(&mut self) {
        self.state = if self.top().is_some_and(Level::has_keys) { State::Key } else { State::Value };
        self.fresh = false;
    }

    /// A value has to stand here: behind a colon, and in a call that holds none yet.
    pub fn lacks_value(&self) -> bool {
        match self.role() {
            Role::Member => true,
            Role::Argument => self.fresh,
            _ => false,
        }
    }

    /// A key without a value, or a colon without one.
    pub fn value_is_missing(&mut self, colon: bool) {
        let put = match (colon, self.python) {
            (false, _) => self.empty_value(),
            (true, true) => ":\"\"",
            (true, false) => ":null",
        };
        self.guess(self.at, self.at, Kind::MissingValue, put);
        self.ended();
    }

    /// Part of a character beyond ASCII without a meaning of its own.
    pub fn is_wide_other(&self, place: usize) -> bool {
        self.text.at(place) >= 0x80 && self.text.wide(place).0 == Wide::Other
    }
}
