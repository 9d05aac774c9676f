//! The lexer: text to tokens, by the rules of a dialect. `RULES.md` says what each token is.
//!
//! It must never lose a byte: what no rule reads is an operator of one character. An unclosed quote or comment hides nothing, and is tried
//! once; so the lexer is linear. The Python twin is `pyplugins/sql_sanitizer/_lexer.py`. Tests: `tests.rs`.

mod bytes;
mod comments;
mod quotes;
mod token;

use memchr::memmem;
use memchr::{memchr, memchr2};

use crate::data::{Bracket, Data, Dialect, Hash, TABLE_PLACE, data};
use bytes::*;
pub use token::{Kind, Token};

/// Characters of a name between braces.
const MOST_NAMED: usize = 64;

/// What is read differently by different dialects.
pub const BACKSLASH: u8 = 1;
/// The same, of comments.
pub const COMMENT: u8 = 2;

const DEAD_BRACKET: u8 = 8;
const DEAD_COMMENT: u8 = 16;
const DEAD_DOLLAR: u8 = 32;
const DEAD_Q: u8 = 64;

/// Reads tokens from `at` on. Cheap to copy: that is how to look ahead.
#[derive(Clone, Copy)]
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    dialect: &'a Dialect,
    data: &'static Data,
    /// The kinds of quotes that were found unclosed.
    dead: u8,
    /// Inside `/*! ... */`.
    conditional: bool,
    /// A table may be named next.
    table_place: bool,
    /// A quote that does not close holds the rest.
    open_strings: bool,
    /// Behind this place no `*/` begins.
    last_close: usize,
    /// [`BACKSLASH`], [`COMMENT`]: other dialects would read this text differently.
    pub ambiguous: u8,
}

impl<'a> Lexer<'a> {
    /// Over `text[at..]`; cut `text` to end earlier.
    pub fn new(text: &'a [u8], at: usize, dialect: &'a Dialect) -> Self {
        let data = data();
        Self {
            text,
            at,
            dialect,
            data,
            dead: 0,
            conditional: false,
            table_place: false,
            open_strings: false,
            last_close: usize::MAX,
            ambiguous: 0,
        }
    }

    /// The same over a value: a quote that does not close holds the rest.
    pub fn of_value(text: &'a [u8], at: usize, dialect: &'a Dialect, last_close: usize) -> Self {
        Self { open_strings: true, last_close, ..Self::new(text, at, dialect) }
    }

    /// Whether the next token that is no comment is of this kind; the two that are asked for most are seen without reading it.
    pub fn follows(mut self, kind: Kind) -> bool {
        self.skip_spaces();
        match self.byte(self.at) {
            b'(' => kind == Kind::Open,
            b'/' | b'-' | b'#' | b'*' | b'.' => self.code().is_some_and(|token| token.kind == kind),
            _ => false,
        }
    }

    /// Length of the text.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The next token that is no comment.
    #[inline]
    pub fn code(&mut self) -> Option<Token> {
        loop {
            match self.token()? {
                Token { kind: Kind::Comment | Kind::Hint, .. } => {}
                token => return Some(token),
            }
        }
    }

    /// The next token.
    #[inline]
    pub fn token(&mut self) -> Option<Token> {
        let token = self.read()?;
        self.table_place = token.is(TABLE_PLACE) || matches!(token.kind, Kind::Comma | Kind::Dot);
        Some(token)
    }

    /// Behind an opening parenthesis: goes behind its closing one, when at most `most` tokens lie between.
    pub fn skip_parens(&mut self, most: usize) -> bool {
        let mut depth = 1;
        for _ in 0..most {
            match self.code().map(|token| token.kind) {
                None => return false,
                Some(Kind::Open) => depth += 1,
                Some(Kind::Close) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return true;
            }
        }
        false
    }

    /// Goes to the end when every dialect reads alike what was read, and nothing behind it ends a statement: no other one begins.
    pub fn skip_last(&mut self) {
        let rest = self.slice(self.at, self.text.len());
        if self.ambiguous == 0 && memchr2(b';', b'`', rest).is_none() {
            self.at = self.text.len();
        }
    }

    /// The dialect whose rules hold.
    pub fn dialect(&self) -> &'a Dialect {
        self.dialect
    }

    /// The text of a token.
    pub fn text(&self, token: &Token) -> &'a [u8] {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// The bytes of a range.
    pub fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The end of what a formatter would replace: `%s`, `{}`, `{name}`, `{{`.
    pub fn placeholder(&self, start: usize) -> Option<usize> {
        let next = self.byte(start + 1);
        match self.byte(start) {
            b'%' if matches!(next, b's' | b'd' | b'i' | b'f') => Some(start + 2),
            b'{' if next == b'{' => Some(start + 2),
            b'{' => {
                let named = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.!:[]".contains(byte);
                let end = start + 1 + self.slice(start + 1, self.text.len()).iter().take(MOST_NAMED).take_while(named).count();
                (self.byte(end) == b'}').then_some(end + 1)
            }
            _ => None,
        }
    }

    /// What a string holds.
    pub fn body(&self, token: &Token) -> &'a [u8] {
        self.text.get(token.body.0..token.body.1).unwrap_or_default()
    }

    /// The byte at `at`, 0 outside the text.
    #[inline(always)]
    pub fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn read(&mut self) -> Option<Token> {
        loop {
            self.skip_spaces();
            let start = self.at;
            let byte = *self.text.get(start)?;
            if is(byte, START) {
                return Some(self.word(start));
            }
            if is(byte, DIGIT) || (byte == b'.' && is(self.byte(start + 1), DIGIT)) {
                return Some(self.plain(Kind::Number, start, self.number_end(start)));
            }
            if let Some(token) = self.mark(start, byte) {
                return Some(token);
            }
        }
    }

    #[inline(always)]
    fn skip_spaces(&mut self) {
        loop {
            let byte = self.byte(self.at);
            if is(byte, SPACE) && self.at < self.text.len() {
                self.at += 1;
            } else if is(byte, LEAD) && space_at(self.text, self.at) > 0 {
                self.at += space_at(self.text, self.at);
            } else {
                return;
            }
        }
    }

    fn plain(&mut self, kind: Kind, start: usize, end: usize) -> Token {
        self.at = end;
        Token { kind, class: 0, start, end, body: (start, end), unclosed: false }
    }

    fn op(&mut self, start: usize, unclosed: bool) -> Token {
        Token { unclosed, ..self.plain(Kind::Op, start, start + 1) }
    }

    fn starts_word(&self, at: usize) -> bool {
        let byte = self.byte(at);
        is(byte, START) && !(is(byte, LEAD) && space_at(self.text, at) > 0)
    }

    /// The end of the word characters from `at` on: eight bytes at a time while they are ASCII.
    #[inline(always)]
    fn word_end(&self, mut at: usize) -> usize {
        while let Some(eight) = self.text.get(at..).and_then(|rest| rest.first_chunk()) {
            let eight = u64::from_le_bytes(*eight);
            if eight & HIGH != 0 {
                break;
            }
            let others = !ascii_words(eight) & HIGH;
            if others != 0 {
                return at + others.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        loop {
            let Some(&byte) = self.text.get(at) else { return at };
            if !is(byte, WORD) || (is(byte, LEAD) && space_at(self.text, at) > 0) {
                return at;
            }
            at += 1;
        }
    }

    #[inline(always)]
    fn word(&mut self, start: usize) -> Token {
        let end = self.word_end(start + 1);
        if end - start <= 2
            && matches!(self.byte(end), b'\'' | b'"')
            && let Some(token) = self.prefixed(start, end)
        {
            return token;
        }
        let class = self.data.class_at(self.text, start, end);
        Token { class, ..self.plain(Kind::Word, start, end) }
    }

    fn number_end(&self, start: usize) -> usize {
        let digits = |mut at: usize, class: u8| {
            while is(self.byte(at), class) && at < self.text.len() {
                at += 1;
            }
            at
        };
        let second = self.byte(start + 1) | 0x20;
        if self.byte(start) == b'0' && second == b'x' && is(self.byte(start + 2), HEX) {
            return digits(start + 2, HEX);
        }
        let mut end = digits(start, DIGIT);
        if self.byte(end) == b'.' {
            end = digits(end + 1, DIGIT);
        }
        if self.byte(end) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            if is(self.byte(end + 1 + sign), DIGIT) {
                end = digits(end + 1 + sign, DIGIT);
            }
        }
        end
    }

    /// A token that begins with neither a word character nor a space; `None` when it is only skipped.
    fn mark(&mut self, start: usize, byte: u8) -> Option<Token> {
        let (next, dialect) = (self.byte(start + 1), self.dialect);
        let one = |lexer: &mut Self, kind| Some(lexer.plain(kind, start, start + 1));
        match byte {
            b'\'' => Some(self.quoted(start, start, dialect.backslash, Kind::String)),
            b'"' => Some(self.quoted(start, start, dialect.backslash, Kind::Quoted)),
            b'`' => Some(self.backtick(start)),
            b'[' => Some(self.bracket(start)),
            b'(' => one(self, Kind::Open),
            b')' => one(self, Kind::Close),
            b',' => one(self, Kind::Comma),
            b'.' => one(self, Kind::Dot),
            b';' => one(self, Kind::Semi),
            b'?' => one(self, Kind::Param),
            b'-' if next == b'-' => Some(self.dashes(start)),
            b'#' => Some(self.hash(start, next)),
            b'/' if next == b'*' => self.block(start),
            b'*' if next == b'/' && self.conditional => {
                self.conditional = false;
                self.at = start + 2;
                None
            }
            b':' if next == b':' => Some(self.plain(Kind::Op, start, start + 2)),
            b':' if self.starts_word(start + 1) => Some(self.plain(Kind::Param, start, self.word_end(start + 1))),
            b'@' => {
                let end = self.word_end(start + 1 + usize::from(next == b'@'));
                let kind = if end > start + 1 { Kind::Param } else { Kind::Op };
                Some(self.plain(kind, start, end))
            }
            b'$' => Some(self.dollar(start)),
            _ => Some(self.op(start, false)),
        }
    }
}
