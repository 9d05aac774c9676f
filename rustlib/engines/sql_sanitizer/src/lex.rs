//! The lexer: text to tokens, by the rules of a dialect. `RULES.md` says what each token is.
//!
//! It must never lose a byte: what no rule reads is an operator of one character. An unclosed quote or comment hides nothing, and is tried
//! once; so the lexer is linear. The Python twin is `pyplugins/sql_sanitizer/_lexer.py`. Tests: `tests.rs`.

use memchr::memmem;
use memchr::{memchr, memchr2};

use crate::data::{ARTICLE, Bracket, Class, Data, Dialect, Hash, TABLE_PLACE, TYPED, data};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A name or keyword without quotes.
    Word,
    /// A number.
    Number,
    /// A string; `body` is what it holds.
    String,
    /// A string between `$tag$` and `$tag$`.
    Dollar,
    /// A quoted name.
    Quoted,
    /// A parameter or variable.
    Param,
    /// A comment.
    Comment,
    /// A comment that the database reads.
    Hint,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `;`, or a fence of a code block.
    Semi,
    /// Any other character.
    Op,
}

/// One token. Offsets are bytes of the text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    /// Of a word: its classes.
    pub class: Class,
    pub start: usize,
    pub end: usize,
    /// Of a string: what stands between its quotes.
    pub body: (usize, usize),
    /// It begins something that does not end; of a string in a value, that the end of the value ends it.
    pub unclosed: bool,
}

impl Token {
    /// Whether it is a word of one of the classes.
    #[inline]
    pub fn is(&self, class: Class) -> bool {
        self.class & class != 0
    }

    /// A word that means nothing to SQL.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.kind == Kind::Word && self.class & !(ARTICLE | TYPED) == 0
    }

    /// A word or a quoted name.
    pub fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}

/// Characters of a name between braces.
const MOST_NAMED: usize = 64;

const SPACE: u8 = 1;
const START: u8 = 2;
const DIGIT: u8 = 4;
const WORD: u8 = 8;
/// Begins a white space character beyond ASCII, perhaps.
const LEAD: u8 = 16;
const HEX: u8 = 32;

static TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let char = byte as u8;
        table[byte] = match char {
            0..=b' ' | 0x7F => SPACE,
            b'a'..=b'f' | b'A'..=b'F' => START | WORD | HEX,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => START | WORD,
            b'0'..=b'9' => DIGIT | WORD | HEX,
            b'$' => WORD,
            0xC2 | 0xE2 | 0xE3 | 0xEF => START | WORD | LEAD,
            0x80..=0xFF => START | WORD,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[inline(always)]
fn is(byte: u8, class: u8) -> bool {
    TABLE[usize::from(byte)] & class != 0
}

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The high bit of each of eight ASCII bytes that is a letter, a digit, `_` or `$`.
#[inline(always)]
fn ascii_words(eight: u64) -> u64 {
    let from = |bytes: u64, least: u8| bytes + ONES * u64::from(0x80 - least);
    let within = |bytes: u64, least: u8, most: u8| from(bytes, least) & !from(bytes, most + 1);
    let equal = |byte: u8| !((eight ^ (ONES * u64::from(byte))) + ONES * 0x7F);
    within(eight | (ONES * 0x20), b'a', b'z') | within(eight, b'0', b'9') | equal(b'_') | equal(b'$')
}

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

    /// A string with letters before its quote: `E'..'`, `N'..'`, `q'[..]'`.
    fn prefixed(&mut self, start: usize, quote: usize) -> Option<Token> {
        let dialect = self.dialect;
        let single = self.byte(quote) == b'\'';
        let (first, last) = (self.byte(start) | 0x20, self.byte(quote - 1) | 0x20);
        let short = quote - start == 1;
        let backslash = match first {
            b'e' if short && single && dialect.e_strings => true,
            b'r' if short && dialect.raw_strings => false,
            b'n' | b'x' if short && single => dialect.backslash,
            b'b' if short && (single || dialect.raw_strings) => dialect.backslash,
            b'q' | b'n' if single && dialect.q_strings && last == b'q' && (short || first == b'n') => {
                return self.q_string(start, quote + 1);
            }
            _ => return None,
        };
        let dead = self.dead;
        let token = self.quoted(start, quote, backslash, Kind::String);
        if token.kind == Kind::Op {
            // The quote alone will be found unclosed.
            self.dead = dead;
            return None;
        }
        Some(token)
    }

    /// `q'[..]'`; `at` is its delimiter.
    fn q_string(&mut self, start: usize, at: usize) -> Option<Token> {
        let open = self.byte(at);
        if self.dead & DEAD_Q != 0 || open >= 0x80 || is(open, SPACE) {
            return None;
        }
        let close = match open {
            b'[' => b']',
            b'(' => b')',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        let Some(found) = memmem::find(self.text.get(at + 1..)?, &[close, b'\'']) else {
            self.dead |= DEAD_Q;
            return None;
        };
        let end = at + 1 + found;
        Some(Token { body: (at + 1, end), ..self.plain(Kind::String, start, end + 2) })
    }

    /// What `text[quote]` begins; an operator when it does not end.
    fn quoted(&mut self, start: usize, quote: usize, backslash: bool, kind: Kind) -> Token {
        let mark = self.byte(quote);
        let dead = dead_bit(mark);
        let triple = self.dialect.triple && mark != b'`' && self.byte(quote + 1) == mark && self.byte(quote + 2) == mark;
        if triple && let Some(found) = memmem::find(self.text.get(quote + 3..).unwrap_or_default(), &[mark; 3]) {
            let end = quote + 3 + found;
            return Token { body: (quote + 3, end), ..self.plain(kind, start, end + 3) };
        }
        if self.dead & dead == 0 {
            if let Some(end) = self.close(quote + 1, mark, backslash) {
                return Token { body: (quote + 1, end - 1), ..self.plain(kind, start, end) };
            }
            if self.open_strings {
                let end = self.text.len();
                return Token { body: (quote + 1, end), unclosed: true, ..self.plain(kind, start, end) };
            }
            self.dead |= dead;
            return self.op(quote, true);
        }
        self.op(quote, false)
    }

    /// Behind the quote that ends what begins at `from`; a doubled one does not.
    fn close(&mut self, from: usize, mark: u8, backslash: bool) -> Option<usize> {
        let mut at = from;
        loop {
            let quote = at + memchr(mark, self.text.get(at..)?)?;
            let slashes = self.text[from..quote].iter().rev().take_while(|&&byte| byte == b'\\').count();
            if slashes % 2 == 1 && mark != b'`' && mark != b']' {
                self.ambiguous |= BACKSLASH;
                if backslash {
                    at = quote + 1;
                    continue;
                }
            }
            if self.byte(quote + 1) != mark {
                return Some(quote + 1);
            }
            at = quote + 2;
        }
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

    fn backtick(&mut self, start: usize) -> Token {
        if self.dialect.fence && self.byte(start + 1) == b'`' && self.byte(start + 2) == b'`' {
            let mut end = start + 3;
            while matches!(self.byte(end), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'+' | b'-') {
                end += 1;
            }
            return self.plain(Kind::Semi, start, end);
        }
        if self.dialect.backtick { self.quoted(start, start, false, Kind::Quoted) } else { self.op(start, false) }
    }

    fn bracket(&mut self, start: usize) -> Token {
        match self.dialect.bracket {
            Bracket::None => self.op(start, false),
            Bracket::Names => {
                let mut end = start + 1;
                let first = self.byte(end);
                if self.starts_word(end) || first == b'#' {
                    loop {
                        end = self.word_end(end);
                        if !matches!(self.byte(end), b' ' | b'-' | b'.' | b'#' | b'@') {
                            break;
                        }
                        end += 1;
                    }
                }
                if end > start + 1 && self.byte(end) == b']' {
                    return Token { body: (start + 1, end), ..self.plain(Kind::Quoted, start, end + 1) };
                }
                self.op(start, false)
            }
            Bracket::Quotes => {
                if self.dead & DEAD_BRACKET == 0 {
                    if let Some(end) = self.close(start + 1, b']', false) {
                        return Token { body: (start + 1, end - 1), ..self.plain(Kind::Quoted, start, end) };
                    }
                    self.dead |= DEAD_BRACKET;
                    return self.op(start, true);
                }
                self.op(start, false)
            }
        }
    }

    fn line_comment(&mut self, start: usize) -> Token {
        let rest = self.text.get(start..).unwrap_or_default();
        let end = memchr2(b'\n', b'\r', rest).map_or(self.text.len(), |found| start + found);
        self.plain(Kind::Comment, start, end)
    }

    fn dashes(&mut self, start: usize) -> Token {
        let third = self.byte(start + 2);
        let spaced = start + 2 >= self.text.len() || is(third, SPACE);
        if !spaced {
            if self.dialect.dash_space {
                return self.op(start, false);
            }
            self.ambiguous |= COMMENT;
        }
        self.line_comment(start)
    }

    fn hash(&mut self, start: usize, next: u8) -> Token {
        let names = usize::from(next == b'#');
        let named = self.starts_word(start + 1 + names);
        let comment = match self.dialect.hash {
            Hash::None => return self.op(start, false),
            Hash::Comment => true,
            Hash::Word => false,
            Hash::Names => !(matches!(next, b'>' | b'-' | b'=' | b'#') || named && self.table_place),
        };
        if comment {
            self.ambiguous |= COMMENT;
            return self.line_comment(start);
        }
        if named { self.plain(Kind::Word, start, self.word_end(start + 1 + names)) } else { self.op(start, false) }
    }

    fn block(&mut self, start: usize) -> Option<Token> {
        let third = self.byte(start + 2);
        if self.dialect.conditional && (third == b'!' || (third == b'M' && self.byte(start + 3) == b'!')) {
            self.at = start + if third == b'!' { 3 } else { 4 };
            while is(self.byte(self.at), DIGIT) {
                self.at += 1;
            }
            self.conditional = true;
            return None;
        }
        if self.dead & DEAD_COMMENT == 0 {
            if let Some(end) = if start < self.last_close { self.block_end(start + 2) } else { None } {
                let kind = if third == b'+' && self.dialect.hints { Kind::Hint } else { Kind::Comment };
                return Some(self.plain(kind, start, end));
            }
            self.dead |= DEAD_COMMENT;
            return Some(self.op(start, true));
        }
        Some(self.op(start, false))
    }

    fn block_end(&mut self, from: usize) -> Option<usize> {
        let (mut at, mut depth) = (from, 1);
        loop {
            let found = at + memchr2(b'*', b'/', self.text.get(at..)?)?;
            match (self.byte(found), self.byte(found + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    at = found + 2;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                (b'/', b'*') => {
                    self.ambiguous |= COMMENT;
                    depth += usize::from(self.dialect.nested);
                    at = found + 2;
                }
                _ => at = found + 1,
            }
        }
    }

    fn dollar(&mut self, start: usize) -> Token {
        let mut end = start + 1;
        while end < self.text.len() && self.byte(end) != b'$' && is(self.byte(end), WORD) && space_at(self.text, end) == 0 {
            end += 1;
        }
        let digits = is(self.byte(start + 1), DIGIT);
        if self.dialect.dollar && !digits && self.byte(end) == b'$' {
            let tag = &self.text[start..=end];
            if self.dead & DEAD_DOLLAR == 0 {
                if let Some(found) = memmem::find(&self.text[end + 1..], tag) {
                    let close = end + 1 + found;
                    return Token { body: (end + 1, close), ..self.plain(Kind::Dollar, start, close + tag.len()) };
                }
                self.dead |= DEAD_DOLLAR;
                return self.op(start, true);
            }
            return self.op(start, false);
        }
        if digits { self.plain(Kind::Param, start, end) } else { self.op(start, false) }
    }
}

fn dead_bit(mark: u8) -> u8 {
    match mark {
        b'\'' => 1,
        b'"' => 2,
        _ => 4,
    }
}

/// Length of the white space character beyond ASCII at `at`, 0 when there is none.
fn space_at(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE2, 0x80, 0x80..=0x8B | 0xA8 | 0xA9 | 0xAF, ..] | [0xE2, 0x81, 0x9F, ..] | [0xE3, 0x80, 0x80, ..] | [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    }
}
