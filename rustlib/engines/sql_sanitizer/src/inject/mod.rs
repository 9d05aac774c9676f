//! Does a value carry an injection? Its entries into a query, in no quotes, in single and in double ones, are parsed.
//!
//! It must never read a long text more than a fixed number of times. The Python twin is `pyplugins/sql_sanitizer/_injection.py`. Tests:
//! `../tests.rs`, `tests/vectors/sql_sanitizer.jsonl`.

mod decode;
mod evidence;
mod parse;

use memchr::{memchr, memchr2, memrchr};

use crate::data::{Dialect, Hash, data};
use crate::lex::Lexer;
use decode::Form;
use evidence::Set;
use parse::Parse;

pub use evidence::Evidence;

/// Quotes of one text that are tried.
const MOST_ENTRIES: usize = 64;
/// Tokens that an entry behind a later quote may read.
const MOST_LATER: usize = 64;
/// Parameters of an address that are tried, and the length of their names.
const MOST_PARAMETERS: usize = 16;
const MOST_NAME: usize = 64;

/// White space before a text of a JSON document.
const MOST_BLANKS: usize = 8;

/// What was found. Offsets are bytes of the value.
pub struct Injection {
    pub score: u32,
    pub start: usize,
    pub end: usize,
    /// It was found in a decoded form.
    pub derived: bool,
    evidence: Set,
    main: Evidence,
    quote: u8,
    product: u8,
}

/// The dialect as it reads a value: nothing that ends far away, and `#` is a comment when nobody says otherwise.
pub fn value_dialect(dialect: &Dialect) -> Dialect {
    Dialect {
        backslash: false,
        e_strings: false,
        raw_strings: false,
        triple: false,
        fence: false,
        hash: if dialect.name == "generic" { Hash::Comment } else { dialect.hash },
        ..dialect.clone()
    }
}

/// The first injection that reaches the threshold, else the one with the highest score, if there is any evidence.
pub fn find(text: &[u8], dialect: &Dialect, threshold: u32) -> Option<Injection> {
    let mut search = Search { dialect, threshold, best: None };
    let mut form: Option<Form> = None;
    let mut marks = Set::default();
    for mark in [Some(Evidence::Decoded), Some(Evidence::DecodedTwice), Some(Evidence::DecodedTwice), None] {
        let before = form.as_ref();
        let current = before.map_or(text, |form| &form.text);
        search.form(current, before, marks);
        if let Some(other) = search.unless_done(|| decode::joined(current, before)) {
            let mut marks = marks;
            marks.add(Evidence::Split);
            search.form(&other.text, Some(&other), marks);
        }
        let Some(other) = search.unless_done(|| mark.and_then(|_| decode::decoded(current, before))) else { break };
        marks = Set::default();
        mark.iter().for_each(|&mark| marks.add(mark));
        form = Some(other);
    }
    search.best
}

struct Search<'a> {
    dialect: &'a Dialect,
    threshold: u32,
    best: Option<Injection>,
}

impl Search<'_> {
    fn is_done(&self) -> bool {
        self.best.as_ref().is_some_and(|best| best.score >= self.threshold)
    }

    fn unless_done<T>(&self, make: impl FnOnce() -> Option<T>) -> Option<T> {
        if self.is_done() { None } else { make() }
    }

    /// Tries all entries of a form.
    fn form(&mut self, text: &[u8], form: Option<&Form>, marks: Set) {
        // So that no entry looks for it in vain.
        let last_close = last_close(text);
        let mut bare = Parse::new(Lexer::of_value(text, 0, self.dialect, last_close), 0, 0);
        bare.run(text.len() + 1);
        self.judge(&bare, false, form, marks);
        let document = matches!(text.first(), Some(b'{' | b'['));
        let mut from = 0;
        for _ in 0..MOST_PARAMETERS {
            if self.is_done() {
                return;
            }
            let Some((start, end)) = (if document { json_text(text, from) } else { parameter(text, from) }) else { break };
            let mut parse = Parse::new(Lexer::of_value(&text[..end], start, self.dialect, last_close), 0, 0);
            parse.run(MOST_LATER);
            self.judge(&parse, false, form, marks);
            if end < text.len() && !self.is_done() {
                self.quoted(&text[..end], start, form, marks);
            }
            from = if document { end + 1 } else { start };
        }
        self.quotes(text, (bare.statement, last_close), form, marks);
    }

    /// Tries the first single quote of a text in a document.
    fn quoted(&mut self, text: &[u8], start: usize, form: Option<&Form>, marks: Set) {
        let Some(found) = memchr(b'\'', &text[start..]) else { return };
        let mut parse = Parse::new(Lexer::of_value(text, start + found + 1, self.dialect, usize::MAX), b'\'', start + found);
        parse.run(MOST_LATER);
        self.judge(&parse, true, form, marks);
    }

    /// Tries the entries behind quotes.
    fn quotes(&mut self, text: &[u8], (statement, last_close): (bool, usize), form: Option<&Form>, marks: Set) {
        let mut seen = [false; 2];
        let mut entries = 0;
        let mut behind = 0;
        while let Some(found) = memchr2(b'\'', b'"', &text[behind..]) {
            if self.is_done() || entries > MOST_ENTRIES {
                return;
            }
            let at = behind + found;
            let quote = text[at];
            let run = text[at..].iter().take_while(|&&byte| byte == quote).count();
            behind = at + run;
            // Two quotes are one in a string.
            if run % 2 == 0 {
                continue;
            }
            let kind = &mut seen[usize::from(quote == b'"')];
            let first = !*kind;
            *kind = true;
            entries += 1;
            if entries > MOST_ENTRIES || (statement && !first) {
                continue;
            }
            let mut parse = Parse::new(Lexer::of_value(text, behind, self.dialect, last_close), quote, behind - 1);
            parse.run(if first { text.len() + 1 } else { MOST_LATER });
            self.judge(&parse, first, form, marks);
        }
    }

    fn judge(&mut self, parse: &Parse, first: bool, form: Option<&Form>, marks: Set) {
        let injection = &data().injection;
        let mut evidence = parse.evidence;
        let column = if parse.quote != 0 {
            1
        } else if parse.statement {
            2
        } else {
            0
        };
        let weight = |kind: Evidence| injection.evidence[kind as usize].1[column];
        let mut main: Option<Evidence> = None;
        for kind in evidence.iter().filter(|&kind| (kind as usize) < injection.main) {
            if main.is_none_or(|main| weight(kind) > weight(main)) {
                main = Some(kind);
            }
        }
        let (Some(main), Some(start)) = (main, parse.start) else { return };
        marks.iter().for_each(|mark| evidence.add(mark));
        if parse.quote != 0 && first {
            evidence.add(Evidence::Breakout);
        }
        let score = evidence.iter().map(weight).sum::<i32>().min(1000);
        if score <= 0 || self.best.as_ref().is_some_and(|best| best.score >= score.unsigned_abs()) {
            return;
        }
        let (start, end) = form.map_or((start, parse.end), |form| form.span(start, parse.end));
        let (quote, product) = (parse.quote, parse.product);
        self.best = Some(Injection { score: score.unsigned_abs(), start, end, derived: form.is_some(), evidence, main, quote, product });
    }
}

/// Where the last `*/` of a text is.
fn last_close(text: &[u8]) -> usize {
    let mut end = text.len();
    while let Some(slash) = memrchr(b'/', &text[..end]) {
        if slash > 0 && text[slash - 1] == b'*' {
            return slash;
        }
        end = slash;
    }
    0
}

/// What stands behind the next `?name=` or `&name=`.
fn parameter(text: &[u8], mut from: usize) -> Option<(usize, usize)> {
    loop {
        from += memchr2(b'?', b'&', text.get(from..)?)? + 1;
        let named = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'[' | b']' | b'-');
        let end = from + text[from..].iter().take(MOST_NAME).take_while(named).count();
        if end > from && text.get(end) == Some(&b'=') {
            return Some((end + 1, text.len()));
        }
    }
}

/// What the next text of a JSON document holds.
fn json_text(text: &[u8], mut from: usize) -> Option<(usize, usize)> {
    loop {
        from += memchr(b'"', text.get(from..)?)? + 1;
        let before = &text[..from - 1];
        let blanks = before.iter().rev().take(MOST_BLANKS).take_while(|byte| b" \t\r\n".contains(byte)).count();
        if matches!(before.iter().rev().nth(blanks), Some(b':' | b'[' | b',')) {
            return memchr(b'"', text.get(from..)?).map(|length| (from, from + length));
        }
    }
}

impl Injection {
    /// The detail, JSON.
    pub fn detail(&self, issue: &str) -> String {
        let injection = &data().injection;
        let name = |kind: Evidence| injection.evidence[kind as usize].0;
        let context = match self.quote {
            b'\'' => "single",
            b'"' => "double",
            _ => "none",
        };
        let mut json = String::with_capacity(256);
        // No name needs an escape.
        let mut push = |parts: &[&str]| parts.iter().for_each(|part| json.push_str(part));
        push(&[r#"{"issue":""#, issue, r#"","class":""#, name(self.main), r#"","context":""#, context, r#"","reasons":["#]);
        let mut comma = "";
        for kind in self.evidence.iter() {
            push(&[comma, "\"", name(kind), "\""]);
            comma = ",";
        }
        push(&["]"]);
        if self.product != 0 {
            push(&[r#","product":""#, injection.product(self.product), "\""]);
        }
        push(&["}"]);
        json
    }
}
