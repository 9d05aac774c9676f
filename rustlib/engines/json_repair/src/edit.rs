//! Edits: what a repair changes, in the order of the text, and the output they make.
//!
//! An edit replaces a span of the input, which may be empty. The edits of a text never overlap and are sorted by start and end, those
//! at one place in the order in which they apply. Tests: `tests/properties.rs`.

use std::borrow::Cow;

/// Kinds of edits, in the order of `rules/kinds.json`; the number is the rule of the finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[expect(missing_docs, reason = "rules/kinds.json says what each is")]
pub enum Kind {
    NoJson,
    Prose,
    CodeFence,
    ByteOrderMark,
    WhiteSpace,
    Comment,
    ValueList,
    MissingBracket,
    WrongBracket,
    ExtraBracket,
    MissingComma,
    TrailingComma,
    ExtraComma,
    MissingColon,
    ExtraColon,
    MissingKey,
    MissingValue,
    MissingQuote,
    ExtraQuote,
    QuoteStyle,
    UnescapedQuote,
    ControlCharacter,
    BadEscape,
    EscapedJson,
    Concatenation,
    StringPrefix,
    PythonConstant,
    JavascriptConstant,
    TruncatedConstant,
    Number,
    FunctionCall,
    Ellipsis,
    Unexpected,
    InvalidUtf8,
    LoneSurrogate,
    NonAscii,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// First byte that is replaced.
    pub start: usize,
    /// One past the last; equal to `start` where something is only added.
    pub end: usize,
    /// What kind of change it is.
    pub kind: Kind,
    /// Another reading was plausible.
    pub guess: bool,
    /// What takes the place of the span.
    pub put: Cow<'static, str>,
}

impl Edit {
    /// An edit of which no other reading is plausible.
    pub fn new(start: usize, end: usize, kind: Kind, put: impl Into<Cow<'static, str>>) -> Self {
        Self { start, end, kind, guess: false, put: put.into() }
    }

    /// The same edit, marked as a guess when `guess` says so.
    #[must_use]
    pub fn guessed(mut self, guess: bool) -> Self {
        self.guess = guess;
        self
    }
}

/// Length of the text with the edits applied.
pub fn output_len(text: &[u8], edits: &[Edit]) -> u64 {
    edits.iter().fold(text.len() as u64, |length, edit| length + edit.put.len() as u64 - (edit.end - edit.start) as u64)
}

/// Appends the text with the edits applied.
pub fn apply(text: &[u8], edits: &[Edit], output: &mut Vec<u8>) {
    let mut last = 0;
    for edit in edits {
        output.extend_from_slice(&text[last..edit.start]);
        output.extend_from_slice(edit.put.as_bytes());
        last = edit.end;
    }
    output.extend_from_slice(&text[last..]);
}
