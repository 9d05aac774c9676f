//! One entry of a value into a query, parsed: does what follows continue an expression, and what would it do?
//!
//! An automaton over tokens, with a frame for each parenthesis; prose fails after two or three words. It must never read more than the
//! entry is given. The Python twin is `pyplugins/sql_sanitizer/_parse.py`. Tests: `../tests.rs`, `tests/vectors/sql_sanitizer.jsonl`.

mod frames;
mod words;

use super::evidence::{Evidence, Set};
use crate::data::*;
use crate::lex::{Kind, Lexer, Token};
use crate::shape;

/// Parentheses in each other.
const DEEPEST: usize = 32;
/// Words of a comment that make it prose, and the characters that are looked at.
const REMARK: usize = 3;
const MOST_REMARK: usize = 40;

/// Classes that begin no operand.
const RESERVED: Class = LOGIC | CLAUSE | BY_CLAUSE | BY | JOIN | UNION | BINARY_WORD | IS | END | AS | FROM | INTO;
/// Classes that a bare value may begin with, as if something stood before it.
const CONTINUES: Class = LOGIC | UNION | BY_CLAUSE | CLAUSE | COMPARES | IS;

/// What is expected next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Operand,
    After,
    Negated,
    Is,
    Union,
    Join,
    By,
    Alias,
    Member,
    Statement,
    Free,
}

/// One level of parentheses, or of CASE.
#[derive(Clone, Default)]
struct Frame {
    /// Between CASE and END.
    case: bool,
    /// Of a function's arguments: its result is as constant as they are.
    literal: Option<bool>,
    /// A name may follow a name.
    select: bool,
    aliased: bool,
    between: bool,
    /// All of it is constant.
    constant: bool,
    /// Behind AND, OR, WHERE ...
    led: bool,
    compared: bool,
    /// A function is called; it holds more than a plain literal.
    called: bool,
    computed: bool,
    /// Where the AND or OR before the condition is.
    at: Option<usize>,
    /// Left and right of a comparison: operands, whether all are constant, where the only one is.
    count: [u32; 2],
    constants: [bool; 2],
    span: [Option<(usize, usize)>; 2],
}

impl Frame {
    fn new(led: bool, case: bool, literal: Option<bool>) -> Self {
        let mut frame = Self { case, literal, constant: true, ..Self::default() };
        frame.begin(led);
        frame
    }

    /// A new condition.
    fn begin(&mut self, led: bool) {
        self.led = led;
        self.compared = false;
        self.called = false;
        self.computed = false;
        self.count = [0, 0];
        self.constants = [true, true];
        self.span = [None, None];
    }

    fn side(&self) -> usize {
        usize::from(self.compared)
    }

    /// Adds an operand to the side that is being read.
    fn operand(&mut self, constant: bool, span: Option<(usize, usize)>) {
        let side = self.side();
        self.count[side] = self.count[side].saturating_add(1);
        self.constants[side] &= constant;
        self.constant &= constant;
        self.span[side] = if self.count[side] == 1 { span } else { None };
    }
}

/// The last token, as far as it matters.
#[derive(Clone, Copy)]
struct Last {
    token: Token,
    /// Its byte when it is an operator of one.
    op: u8,
}

/// Reads tokens and collects evidence.
pub struct Parse<'a> {
    lexer: Lexer<'a>,
    /// The quote that the entry closes; 0 for a bare value.
    pub quote: u8,
    state: State,
    base: Frame,
    deeper: Vec<Frame>,
    pub evidence: Set,
    /// The quote, or the first evidence of a bare value.
    pub start: Option<usize>,
    pub end: usize,
    /// The database product that a name gives away; its number, 0 for none.
    pub product: u8,
    /// The whole value is a statement.
    pub statement: bool,
    steps: usize,
    last: Last,
    /// A SELECT behind UNION comes; a selection was plausible.
    union: bool,
    selected: bool,
    /// A SELECT in parentheses waits for the same.
    subquery: Option<(Token, Evidence)>,
    probing: bool,
    /// An operator is the first thing behind the quote.
    operator: bool,
    /// A bare value begins with a number.
    number: bool,
    /// A name stands for a value.
    column: bool,
}

const NOTHING: Token = Token { kind: Kind::Hint, class: 0, start: 0, end: 0, body: (0, 0), unclosed: false };

impl<'a> Parse<'a> {
    /// `lexer` stands behind the quote at `at`, or at the start of a bare value.
    pub fn new(lexer: Lexer<'a>, quote: u8, at: usize) -> Self {
        let bare = quote == 0;
        let mut parse = Self {
            lexer,
            quote,
            state: if bare { State::Start } else { State::After },
            base: Frame::new(false, false, None),
            deeper: Vec::new(),
            evidence: Set::default(),
            start: (!bare).then_some(at),
            end: 0,
            product: 0,
            statement: false,
            steps: 0,
            last: Last { token: NOTHING, op: 0 },
            union: false,
            selected: false,
            subquery: None,
            probing: false,
            operator: false,
            number: false,
            column: false,
        };
        if !bare {
            parse.unknown();
        }
        parse
    }

    /// Something of the query stands before this place.
    fn unknown(&mut self) {
        self.base.begin(false);
        self.base.operand(false, None);
    }

    fn frame(&mut self) -> &mut Frame {
        self.deeper.last_mut().unwrap_or(&mut self.base)
    }

    /// Notes evidence that `token` gives.
    fn add(&mut self, evidence: Evidence, token: &Token) {
        self.add_span(evidence, token.start, token.end);
    }

    fn add_span(&mut self, evidence: Evidence, start: usize, end: usize) {
        self.evidence.add(evidence);
        self.start = Some(self.start.map_or(start, |first| first.min(start)));
        self.end = self.end.max(end);
    }

    /// Reads at most `most` tokens, until the end, or until it is no SQL.
    pub fn run(&mut self, most: usize) {
        for _ in 0..most {
            let Some(token) = self.lexer.token() else { return self.finish() };
            if matches!(token.kind, Kind::Comment | Kind::Hint) || (token.unclosed && self.is(&token, b"/")) {
                if self.comment(&token) {
                    return self.finish();
                }
                continue;
            }
            if token.kind == Kind::Semi && self.evidence.has(Evidence::Stacked) {
                // One statement more is enough.
                return;
            }
            if !self.step(&token) {
                if !self.evidence.is_empty() {
                    self.evidence.add(Evidence::Broken);
                }
                return;
            }
            if self.steps == 0 {
                self.operator = self.quote != 0 && token.kind == Kind::Op && (self.start == Some(0) || self.closes_word());
                self.number = self.quote == 0 && (token.kind == Kind::Number || self.is_sign(&token));
            }
            let op = if token.kind == Kind::Op && token.end == token.start + 1 { self.lexer.byte(token.start) } else { 0 };
            self.last = Last { token, op };
            self.steps += 1;
        }
    }

    fn is(&self, token: &Token, op: &[u8]) -> bool {
        token.kind == Kind::Op && self.lexer.text(token) == op
    }

    /// Whether a token of this kind comes next.
    fn next_is(&self, kind: Kind) -> bool {
        { self.lexer }.code().is_some_and(|next| next.kind == kind)
    }

    fn is_sign(&self, token: &Token) -> bool {
        token.kind == Kind::Op && matches!(self.lexer.text(token), b"-" | b"+") && { self.lexer }
            .code()
            .is_some_and(|next| next.kind == Kind::Number)
    }

    /// A comment is white space, or the end. True for the end.
    fn comment(&mut self, token: &Token) -> bool {
        let ends = token.end >= self.lexer.len();
        if self.state == State::Start && self.steps == 0 && self.quote == 0 {
            // A bare value that begins with a comment.
            return ends || token.unclosed;
        }
        let block = self.lexer.byte(token.start) == b'/';
        if token.unclosed || (ends && !block) {
            let remark = self.is_remark(token);
            self.add(if remark { Evidence::Remark } else { Evidence::Comment }, token);
            if self.number && !remark && self.ends_number(token) {
                self.add(Evidence::Numeric, token);
            }
            return true;
        }
        if !block && matches!(self.state, State::After | State::Alias) {
            // What follows the line may be anything.
            let last = self.last.token;
            self.boundary(&last);
            if !self.evidence.is_empty() {
                self.add(Evidence::Comment, token);
                return true;
            }
        }
        if block {
            let before = if token.start == 0 { 0 } else { self.lexer.byte(token.start - 1) };
            if before > b' ' && self.lexer.byte(token.end) > b' ' {
                self.add(Evidence::Split, token);
            }
            if ends {
                self.add(if self.is_remark(token) { Evidence::Remark } else { Evidence::Comment }, token);
                return true;
            }
        }
        false
    }

    /// The comment stands right behind a bare number, or behind its DESC.
    fn ends_number(&self, token: &Token) -> bool {
        let last = self.last.token;
        let opener = if self.lexer.byte(token.start) == b'#' { 1 } else { 2 };
        match self.steps {
            2 => last.is(TRAILING) && last.is(EXPLAIN),
            1 => last.end == token.start && !is_word(self.lexer.byte(token.start + opener)),
            _ => false,
        }
    }

    /// Prose behind a dash or a number sign: words, a name, a quote, or `#1`.
    fn is_remark(&self, token: &Token) -> bool {
        let rest = self.lexer.slice(token.start, self.lexer.len());
        let window = &rest[..rest.iter().take(MOST_REMARK).take_while(|byte| byte.is_ascii()).count()];
        let at = |at: usize| window.get(at).copied().unwrap_or(0);
        let count = |from: usize, of: fn(&u8) -> bool| window.iter().skip(from).take_while(|byte| of(byte)).count();
        let something = |place: usize| {
            let (one, two) = (at(place), at(place + 1));
            let lower = count(place + 2, u8::is_ascii_lowercase);
            let name = two.is_ascii_uppercase() && lower >= 2 && !is_word(at(place + 2 + lower));
            let size = two.is_ascii_digit() && at(place + 2).is_ascii_uppercase() && !is_word(at(place + 3));
            let quoted = matches!(two, b'\'' | b'"') && place + 1 < window.len() && !matches!(one, b' ' | b'\t' | b'\r' | b'\n');
            matches!(one, b' ' | b'\'' | b'"') && (name || size) || quoted
        };
        let tag = count(1, u8::is_ascii_lowercase).max(count(1, u8::is_ascii_digit));
        let tagged = at(0) == b'#' && tag > 0 && !is_word(at(1 + tag));
        let opener = if at(0) == b'#' { 1 } else { 2 };
        let strange = opener < window.len() && !is_word(at(opener)) && !b" \t\r\n*/#;+-".contains(&at(opener));
        let words = (0..window.len()).filter(|&place| is_word(at(place)) && (place == 0 || !is_word(at(place - 1)))).count();
        tagged || strange || words >= REMARK || (0..window.len()).any(something)
    }

    /// The end of the value.
    fn finish(&mut self) {
        let last = self.last.token;
        if matches!(self.state, State::After | State::Alias) {
            while !self.deeper.is_empty() {
                self.pop(&last);
            }
            self.boundary(&last);
        }
        let empty = self.operator && last.body.0 == last.body.1;
        if self.quote != 0 && last.unclosed && self.lexer.byte(last.start) == self.quote {
            if !self.evidence.is_empty() {
                self.add(Evidence::Balanced, &last);
            }
            if empty && !self.column {
                self.add(Evidence::Operators, &last);
            }
        } else if empty && self.steps == 2 && matches!(last.kind, Kind::String | Kind::Quoted) {
            self.add(Evidence::Operators, &last);
        }
        if self.state == State::Statement && self.quote != 0 && self.evidence.has(Evidence::Condition) {
            self.add(Evidence::Balanced, &last);
        }
        if self.number && (self.evidence.has(Evidence::Condition) || self.evidence.has(Evidence::Truth)) {
            self.evidence.add(Evidence::Numeric);
        }
        if self.evidence.has(Evidence::Union) && !self.selected && !self.evidence.has(Evidence::Comment) {
            self.evidence.add(Evidence::Broken);
        }
    }

    fn step(&mut self, token: &Token) -> bool {
        match self.state {
            State::Start => self.begin(token),
            State::Operand => self.operand(token),
            State::After => self.after(token),
            State::Free => self.free(token),
            State::Statement => self.stacked(token),
            State::Union => self.behind_union(token),
            State::Member => self.member(token),
            State::By => {
                self.state = State::Operand;
                self.probing = true;
                token.is(BY)
            }
            State::Is => {
                self.state = State::Operand;
                token.is(AFTER_IS) && self.operand(token)
            }
            State::Negated => {
                self.state = State::After;
                token.is(COMPARES | CONSTANT | BINARY_WORD) && self.after_word(token)
            }
            State::Alias => {
                self.state = State::After;
                matches!(token.kind, Kind::Word | Kind::Quoted | Kind::String)
            }
            // Behind LEFT, INNER, JOIN.
            State::Join => token.is(JOIN) || self.operand(token),
        }
    }

    fn begin(&mut self, token: &Token) -> bool {
        // IF( is a function, IF ( is not.
        let function = token.is(FOLLOW) && self.lexer.byte(token.end) == b'(';
        if token.is(HEAD) && !function && shape::holds(token, self.lexer, true) {
            self.statement = true;
            if token.is(SELECT) {
                self.select(token);
            } else {
                self.state = State::Free;
                self.named(token, Names::All);
            }
            return true;
        }
        let continues = matches!(token.kind, Kind::Close | Kind::Semi) || token.is(CONTINUES);
        if continues || (token.kind == Kind::Op && matches!(self.lexer.text(token), b"=" | b"|" | b"&" | b"<" | b">" | b"*" | b"/")) {
            self.unknown();
            self.state = State::After;
            return self.after(token);
        }
        self.operand(token)
    }

    /// Where an operand is expected.
    fn operand(&mut self, token: &Token) -> bool {
        match token.kind {
            Kind::Word => return self.operand_word(token),
            Kind::Number | Kind::String | Kind::Dollar | Kind::Param | Kind::Quoted => {
                let expected = self.frame().compared || self.operator || self.last.token.kind == Kind::Op || !self.evidence.is_empty();
                if token.unclosed && token.body.0 == token.body.1 && !expected {
                    // Only the quote that the query brings.
                    return false;
                }
                let name = token.kind == Kind::Quoted && self.lexer.byte(token.start) != b'"';
                let constant = token.kind != Kind::Param && !name;
                if token.kind == Kind::Param {
                    self.named(token, Names::All);
                }
                if token.kind == Kind::Number && !self.lexer.text(token).iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
                    self.frame().computed = true;
                }
                let zero = self.last.op == b'/' && self.lexer.text(token) == b"0";
                if zero && token.kind == Kind::Number && (self.frame().led || self.quote != 0) {
                    self.add(Evidence::Error, token);
                }
                self.plausible();
                if self.probing && token.kind == Kind::Number && self.deeper.is_empty() {
                    self.add(Evidence::Probe, token);
                }
                self.probing = false;
                self.frame().operand(constant, (!constant).then_some((token.start, token.end)));
                self.state = State::After;
                return true;
            }
            _ => self.probing = false,
        }
        match token.kind {
            Kind::Open => {
                let frame = self.frame();
                let led = frame.led && !frame.compared && frame.count[0] == 0;
                self.push(Frame::new(led, false, None))
            }
            Kind::Close => (self.last.token.kind == Kind::Open || self.is_star()) && self.close(token),
            Kind::Comma | Kind::Semi => self.is_star() && self.after(token),
            Kind::Op => self.unary(token),
            _ => false,
        }
    }

    /// What looked like a multiplication was all columns.
    fn is_star(&self) -> bool {
        self.last.op == b'*'
    }

    fn unary(&mut self, token: &Token) -> bool {
        let (op, last) = (self.lexer.text(token), self.last);
        if last.token.kind == Kind::Op && last.token.end == token.start && matches!(op, b"=" | b"<" | b">" | b"|" | b"&" | b"!" | b"~") {
            let op = op.first().copied().unwrap_or(0);
            if op == last.op && matches!(op, b'|' | b'&') {
                self.boundary(&last.token);
                self.frame().begin(true);
                self.frame().at = Some(last.token.start);
            } else if matches!(op, b'=' | b'<' | b'>' | b'~') {
                self.frame().compared = true;
            }
            return true;
        }
        if op == b"*" && last.op == b'~' && last.token.end == token.start {
            return true;
        }
        if op == b"*" {
            self.plausible();
            return matches!(last.token.kind, Kind::Open | Kind::Dot | Kind::Comma) || last.token.is(SELECT | UNARY);
        }
        self.frame().computed = true;
        matches!(op, b"-" | b"+" | b"~" | b"!" | b"@")
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Which names count.
#[derive(Clone, Copy)]
enum Names {
    All,
    /// Those that need not be called.
    Anywhere,
    /// Those that count inside a statement that is not parsed.
    Free,
}

fn is_named(word: &[u8]) -> bool {
    data().injection.named(word).is_some_and(|name| name.anywhere)
}
