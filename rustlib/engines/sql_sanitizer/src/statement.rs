//! The policy: walks over the tokens of a text once, statement by statement, and says what is not allowed.
//!
//! It must never take a word for a verb that no shape vouches for, and never let what is nested speak for what is around it. The Python
//! twin is `pyplugins/sql_sanitizer/_statements.py`. Tests: `tests.rs`, `tests/vectors/sql_sanitizer.jsonl`.

use crate::data::*;
use crate::lex::{Kind, Lexer, Token};
use crate::mask::Masked;
use crate::settings::{Fixed, Settings};
use crate::shape;

/// Strings in strings in strings that are executed; what is deeper is not read.
const DEEPEST: u8 = 3;

/// Something found. Offsets are bytes of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hit {
    pub start: usize,
    pub end: usize,
    pub rule: u32,
}

/// What one reading of a text gave.
#[derive(Default)]
pub struct Reading {
    pub hits: Vec<Hit>,
    pub comments: Vec<(usize, usize)>,
    /// The text holds a statement.
    pub sql: bool,
    /// What other dialects would read differently.
    pub ambiguous: u8,
}

/// Reads the whole text by the rules of `dialect`.
pub fn read(settings: &Settings, dialect: &Dialect, text: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut unclosed = Vec::new();
    let mut ranges = Vec::new();
    let mut next = Some((0, text.len(), 0));
    while let Some((start, end, level)) = next {
        let lexer = Lexer::new(text.get(..end).unwrap_or_default(), start, dialect);
        Walk::new(settings, lexer, level, &mut reading, &mut unclosed, &mut ranges).run();
        next = ranges.pop();
    }
    if reading.sql {
        let rule = settings.number(Fixed::Unclosed);
        reading.hits.extend(unclosed.iter().map(|&(start, end)| Hit { start, end, rule }));
    }
    reading
}

/// A DELETE or UPDATE that has met no WHERE so far.
struct Pending {
    hit: Hit,
    depth: usize,
}

/// What the walk remembers of a token.
#[derive(Clone, Copy)]
struct Seen {
    kind: Option<Kind>,
    class: Class,
    start: usize,
    end: usize,
    /// The only byte of an operator.
    op: u8,
}

const NOTHING: Seen = Seen { kind: None, class: 0, start: 0, end: 0, op: 0 };

struct Walk<'a, 'b> {
    settings: &'a Settings,
    lexer: Lexer<'a>,
    level: u8,
    reading: &'b mut Reading,
    unclosed: &'b mut Vec<(usize, usize)>,
    /// Executed strings, to be read later.
    ranges: &'b mut Vec<(usize, usize, u8)>,
    pending: Vec<Pending>,
    masked: Option<Masked>,
    depth: usize,
    /// The next word may begin a statement.
    at_start: bool,
    /// Behind EXPLAIN or BEGIN, whose options may come first.
    prefix: bool,
    /// The statement is one.
    sql: bool,
    /// Classes of its first word.
    head: Class,
    /// A word of class EXECUTES was seen in it.
    executes: bool,
    /// An interpolation was reported in it.
    pasted: bool,
    /// A concatenation behind a string waits for its other side.
    concatenation: Option<(usize, usize)>,
    last: Seen,
    before: Seen,
    earlier: Seen,
}

impl<'a, 'b> Walk<'a, 'b> {
    fn new(
        settings: &'a Settings,
        lexer: Lexer<'a>,
        level: u8,
        reading: &'b mut Reading,
        unclosed: &'b mut Vec<(usize, usize)>,
        ranges: &'b mut Vec<(usize, usize, u8)>,
    ) -> Self {
        let masked = (!settings.patterns.is_empty()).then(Masked::default);
        Self {
            settings,
            lexer,
            level,
            reading,
            unclosed,
            ranges,
            pending: Vec::new(),
            masked,
            depth: 0,
            at_start: true,
            prefix: false,
            sql: false,
            head: 0,
            executes: false,
            pasted: false,
            concatenation: None,
            last: NOTHING,
            before: NOTHING,
            earlier: NOTHING,
        }
    }

    fn run(mut self) {
        while let Some(token) = self.lexer.token() {
            match token.kind {
                Kind::Comment | Kind::Hint => {
                    if token.kind == Kind::Comment && self.level == 0 {
                        self.reading.comments.push((token.start, token.end));
                    }
                    continue;
                }
                Kind::Semi => self.end_statement(),
                _ => self.take(&token),
            }
            let op = if token.kind == Kind::Op { self.lexer.byte(token.start) } else { 0 };
            if self.settings.parameterized {
                self.earlier = self.before;
                self.before = self.last;
            }
            self.last = Seen { kind: Some(token.kind), class: token.class, start: token.start, end: token.end, op };
        }
        self.end_statement();
        self.reading.ambiguous |= self.lexer.ambiguous;
    }

    fn take(&mut self, token: &Token) {
        if let Some(masked) = &mut self.masked {
            masked.take(&self.lexer, token);
        }
        match token.kind {
            Kind::Word => self.word(token),
            Kind::Open => self.depth += 1,
            Kind::Close => {
                self.depth = self.depth.saturating_sub(1);
                self.report_pending(self.depth + 1);
                self.at_start &= self.prefix;
            }
            // An unclosed comment may hide the WHERE behind it from the database, or not.
            Kind::Op if token.unclosed => self.open_end(token),
            Kind::Op | Kind::Comma | Kind::Number | Kind::Param if self.prefix => {}
            Kind::String | Kind::Dollar => {
                self.at_start &= self.prefix;
                self.executed(token);
            }
            _ => self.at_start = false,
        }
        if self.settings.parameterized && self.sql && !self.pasted {
            self.interpolation(token);
        }
    }

    fn open_end(&mut self, token: &Token) {
        if self.lexer.text(token) == b"/" {
            self.report_pending(0);
        }
        if self.level == 0 {
            self.unclosed.push((token.start, token.end));
        }
    }

    fn word(&mut self, token: &Token) {
        let class = token.class;
        if self.last.kind == Some(Kind::Dot) {
            self.at_start = false;
            return;
        }
        let here = self.pending.last().is_some_and(|pending| pending.depth == self.depth);
        if here && class & WHERE != 0 {
            self.pending.pop();
        } else if here && class & (SELECT | DELETE | UPDATE) != 0 {
            self.report_pending(self.depth);
        }
        self.executes |= class & EXECUTES != 0;
        if self.at_start {
            self.first_word(token);
        } else if self.sql {
            // REVOKE GRANT OPTION FOR
            let option = class & self.last.class & GRANT != 0;
            if class & HEAD != 0 && !option && shape::holds(token, self.lexer, false) {
                self.verb(token);
            } else if self.head & ALTER != 0 || (self.head & MERGE != 0 && self.last.class & THEN != 0) {
                self.blocked(token);
            }
        }
    }

    fn first_word(&mut self, token: &Token) {
        let class = token.class;
        if class & EXPLAIN != 0 || (self.prefix && class & PREFIX != 0) {
            self.prefix = true;
            return;
        }
        let holds = if class & HEAD == 0 { self.is_blocked(token) } else { shape::holds(token, self.lexer, true) };
        self.at_start = false;
        self.prefix = false;
        if holds {
            self.sql = true;
            self.reading.sql = true;
            self.head = class;
            self.verb(token);
        } else if class & HEAD == 0 && !self.reading.sql && self.masked.is_none() {
            self.lexer.skip_last();
        }
    }

    fn verb(&mut self, token: &Token) {
        self.blocked(token);
        let rule = match token.class {
            class if class & DELETE != 0 && self.settings.delete => Fixed::Delete,
            class if class & UPDATE != 0 && self.settings.update => Fixed::Update,
            _ => return,
        };
        let hit = Hit { start: token.start, end: token.end, rule: self.settings.number(rule) };
        self.pending.push(Pending { hit, depth: self.depth });
    }

    fn is_blocked(&self, token: &Token) -> bool {
        let text = self.lexer.text(token);
        self.settings.verbs.iter().any(|(verb, _)| text.eq_ignore_ascii_case(verb.as_bytes()))
    }

    fn blocked(&mut self, token: &Token) {
        let text = self.lexer.text(token);
        for (verb, rule) in &self.settings.verbs {
            if text.eq_ignore_ascii_case(verb.as_bytes()) {
                self.reading.hits.push(Hit { start: token.start, end: token.end, rule: *rule });
            }
        }
    }

    /// Reports what waits for a WHERE at `depth` or deeper: it will meet none.
    fn report_pending(&mut self, depth: usize) {
        while self.pending.last().is_some_and(|pending| pending.depth >= depth) {
            if let Some(pending) = self.pending.pop() {
                self.reading.hits.push(pending.hit);
            }
        }
    }

    fn end_statement(&mut self) {
        self.report_pending(0);
        if let Some(masked) = &mut self.masked {
            masked.search(&self.settings.patterns, &mut self.reading.hits);
        }
        self.depth = 0;
        self.at_start = true;
        self.prefix = false;
        self.sql = false;
        self.head = 0;
        self.executes = false;
        self.pasted = false;
        self.concatenation = None;
    }

    /// A string that a statement executes is read like a text of its own.
    fn executed(&mut self, token: &Token) {
        let body = match token.kind {
            Kind::Dollar => self.head & (CHANGE | FOLLOW | EXEC) != 0,
            _ => self.executes && self.head & (EXEC | FOLLOW) != 0,
        };
        if body && self.level < DEEPEST && token.body.0 < token.body.1 {
            self.ranges.push((token.body.0, token.body.1, self.level + 1));
        }
    }

    fn interpolation(&mut self, token: &Token) {
        let (last, before) = (self.last, self.before);
        if let Some((start, end)) = self.concatenation.take()
            && is_pasted(Some(token.kind))
        {
            return self.paste(start, end);
        }
        let adjacent = last.kind == Some(Kind::Op) && last.end == token.start;
        let text = self.lexer.text(token);
        match token.kind {
            Kind::String | Kind::Dollar => {
                let double = last.op == b'|' && before.op == b'|' && before.end == last.start;
                if (last.op == b'+' && is_pasted(before.kind)) || (double && is_pasted(self.earlier.kind)) {
                    return self.paste(last.start, last.end);
                }
                let (start, end) = token.body;
                if self.lexer.placeholder(start) == Some(end) || self.lexer.body(token).starts_with(b"${") {
                    self.paste(start, end);
                }
            }
            Kind::Op if text == b"+" && last.kind == Some(Kind::String) => self.concatenation = Some((token.start, token.end)),
            Kind::Op if text == b"|" && last.op == b'|' && adjacent && before.kind == Some(Kind::String) => {
                self.concatenation = Some((token.start, token.end));
            }
            Kind::Op if text == b"{" => {
                if let Some(end) = self.lexer.placeholder(token.start) {
                    self.paste(token.start, end);
                }
            }
            Kind::Word | Kind::Open if adjacent && last.op == b'%' && is_format(token, text) && !is_operand(&before) => {
                self.paste(last.start, token.end);
            }
            _ => {}
        }
    }

    fn paste(&mut self, start: usize, end: usize) {
        self.pasted = true;
        self.reading.hits.push(Hit { start, end, rule: self.settings.number(Fixed::Interpolation) });
    }
}

/// The other side of a concatenation with a string: anything but another literal.
fn is_pasted(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Word | Kind::Quoted | Kind::Param | Kind::Open | Kind::Close))
}

/// What makes a format of a `%` before it.
fn is_format(token: &Token, text: &[u8]) -> bool {
    token.kind == Kind::Open || matches!(text, b"s" | b"d" | b"i" | b"f")
}

/// Behind it `%` is the remainder.
fn is_operand(seen: &Seen) -> bool {
    match seen.kind {
        Some(Kind::Word) => seen.class & !(ARTICLE | TYPED) == 0 || seen.class & OPERAND != 0,
        Some(kind) => matches!(kind, Kind::Number | Kind::String | Kind::Quoted | Kind::Param | Kind::Close),
        None => false,
    }
}
