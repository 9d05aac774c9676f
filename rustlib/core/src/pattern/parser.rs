//! Reads a pattern of the portable grammar (docs/patterns.md) into a tree, or refuses it with reason and place.
//!
//! The same steps in the same order as `pyplugins/core/pattern/parser.py`, so that both refuse at the same byte for the
//! same reason. It must never accept what docs/patterns.md does not define. Recursion is bounded by [`MAX_DEPTH`].
//! Tests: `tests/vectors/patterns.jsonl`.

use super::charset::{self, CharSet, SURROGATES};
use super::reason::{PatternError, Reason};
use super::tree::{Look, Node};

/// Nested groups; keeps every recursion over the tree shallow.
const MAX_DEPTH: usize = 32;
/// The largest number in `{n,m}`: far above any sensible identifier.
const MAX_REPEAT: u32 = 1000;

/// What the writer of a configuration may allow; the same fields and defaults as in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of a pattern.
    pub max_bytes: usize,
    /// `|` signs.
    pub max_alternatives: usize,
    /// Quantifiers.
    pub max_quantifiers: usize,
    /// The formula of docs/patterns.md.
    pub max_size: u64,
    /// As if the pattern began with `(?i)`.
    pub ignore_case: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { max_bytes: 256, max_alternatives: 16, max_quantifiers: 24, max_size: 5_000, ignore_case: false }
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    i: bool,
    m: bool,
    s: bool,
}

/// An escape of characters: a class, or one code point.
enum Escaped {
    Class(CharSet),
    Code(u32),
}

type Refusable<T> = Result<T, PatternError>;

fn refused<T>(reason: Reason, offset: usize) -> Refusable<T> {
    Err(PatternError { reason, offset, size: 0 })
}

/// One pass over one pattern.
pub(super) struct Parser<'a> {
    text: &'a str,
    options: &'a Options,
    names: Vec<&'a str>,
    at: usize,
    alternatives: usize,
    quantifiers: usize,
}

impl<'a> Parser<'a> {
    /// The tree, or why there is none.
    pub fn parse(text: &'a str, options: &'a Options) -> Refusable<Node> {
        if text.len() > options.max_bytes {
            return refused(Reason::TooLong, options.max_bytes);
        }
        let mut parser = Parser { text, options, names: Vec::new(), at: 0, alternatives: 0, quantifiers: 0 };
        let flags = parser.leading_flags()?;
        let node = parser.alternation(flags, 0)?;
        if parser.at < text.len() {
            return refused(Reason::UnopenedGroup, parser.at);
        }
        Ok(node)
    }

    // -- reading ------------------------------------------------------------------------------------------------------

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character behind the next one.
    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn next(&mut self) -> Option<char> {
        let found = self.peek();
        self.at += found.map_or(0, char::len_utf8);
        found
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    // -- structure ----------------------------------------------------------------------------------------------------

    fn alternation(&mut self, flags: Flags, depth: usize) -> Refusable<Node> {
        let mut branches = Vec::new();
        let mut items = Vec::new();
        while let Some(found) = self.peek().filter(|&found| found != ')') {
            if found != '|' {
                items.push(self.piece(flags, depth)?);
                continue;
            }
            self.alternatives += 1;
            if self.alternatives > self.options.max_alternatives {
                return refused(Reason::TooManyAlternatives, self.at);
            }
            branches.push(sequence(std::mem::take(&mut items)));
            self.at += 1;
        }
        let last = sequence(items);
        if branches.is_empty() {
            return Ok(last);
        }
        branches.push(last);
        Ok(Node::Alternation(branches))
    }

    fn piece(&mut self, flags: Flags, depth: usize) -> Refusable<Node> {
        let grouped = self.peek() == Some('(');
        let node = self.atom(flags, depth)?;
        if matches!(node, Node::Assertion(_)) && !grouped {
            if let Some('*' | '+' | '?' | '{') = self.peek() {
                return refused(Reason::NothingToRepeat, self.at);
            }
            return Ok(node);
        }
        self.quantified(node)
    }

    fn atom(&mut self, flags: Flags, depth: usize) -> Refusable<Node> {
        let start = self.at;
        match self.peek() {
            Some('(') => return self.group(flags, depth),
            Some('[') => return Ok(Node::Chars(self.class(flags)?)),
            Some('\\') => return self.escape(flags),
            Some('*' | '+' | '?') => return refused(Reason::NothingToRepeat, start),
            Some('{') => return refused(Reason::BadBrace, start),
            _ => {}
        }
        Ok(match self.next() {
            Some('.') => Node::Chars(if flags.s { charset::any() } else { charset::dot() }),
            Some('^') => Node::Assertion(if flags.m { Look::LineStart } else { Look::TextStart }),
            Some('$') => Node::Assertion(if flags.m { Look::LineEnd } else { Look::TextEnd }),
            Some(found) => literal(u32::from(found), flags),
            None => Node::Empty,
        })
    }

    // -- quantifiers --------------------------------------------------------------------------------------------------

    fn quantified(&mut self, node: Node) -> Refusable<Node> {
        let start = self.at;
        let Some((least, most)) = self.bounds()? else { return Ok(node) };
        self.quantifiers += 1;
        if self.quantifiers > self.options.max_quantifiers {
            return refused(Reason::TooManyQuantifiers, start);
        }
        let lazy = self.take("?");
        match self.peek() {
            Some('+') if !lazy => refused(Reason::Possessive, self.at),
            Some('*' | '+' | '?' | '{') => refused(Reason::MultipleRepeat, self.at),
            _ => Ok(Node::Repeat { body: Box::new(node), least, most, greedy: !lazy }),
        }
    }

    fn bounds(&mut self) -> Refusable<Option<(u32, Option<u32>)>> {
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(bounds))
    }

    fn counted(&mut self) -> Refusable<(u32, Option<u32>)> {
        let start = self.at;
        self.at += 1;
        let first = self.number();
        let most = if first.is_some() && self.take(",") { self.number() } else { first };
        let Some(least) = first.filter(|_| self.take("}")) else {
            return refused(Reason::BadBrace, start);
        };
        if least.max(most.unwrap_or(0)) > MAX_REPEAT {
            return refused(Reason::RepeatTooLarge, start);
        }
        if most.is_some_and(|most| most < least) {
            return refused(Reason::RepeatOrder, start);
        }
        if most == Some(0) {
            return refused(Reason::RepeatZero, start);
        }
        Ok((least, most))
    }

    /// The decimal number here; anything over the limit is one more than the limit.
    fn number(&mut self) -> Option<u32> {
        let mut value = None;
        while let Some(digit) = self.peek().and_then(|found| found.to_digit(10)) {
            value = Some((value.unwrap_or(0) * 10 + digit).min(MAX_REPEAT + 1));
            self.at += 1;
        }
        value
    }

    // -- groups -------------------------------------------------------------------------------------------------------

    fn leading_flags(&mut self) -> Refusable<Flags> {
        let mut flags = Flags { i: self.options.ignore_case, ..Flags::default() };
        loop {
            let start = self.at;
            if !self.take("(?") || !matches!(self.peek(), Some('i' | 'm' | 's' | '-')) {
                self.at = start;
                return Ok(flags);
            }
            let changed = self.flags(flags, start)?;
            if self.peek() == Some(':') {
                self.at = start;
                return Ok(flags);
            }
            if self.text.as_bytes()[start..self.at].contains(&b'-') {
                return refused(Reason::BadFlags, start);
            }
            self.at += 1;
            flags = changed;
        }
    }

    /// Reads `im-s` up to the `:` or `)` behind it, which stays.
    fn flags(&mut self, mut flags: Flags, start: usize) -> Refusable<Flags> {
        let mut seen = Vec::new();
        let mut value = true;
        let mut last = ' ';
        loop {
            let found = match self.peek() {
                Some(':' | ')') if !seen.is_empty() && last != '-' => return Ok(flags),
                Some(found) if !seen.contains(&found) => found,
                _ => return refused(Reason::BadFlags, start),
            };
            match found {
                '-' if value => value = false,
                'i' => flags.i = value,
                'm' => flags.m = value,
                's' => flags.s = value,
                _ => return refused(Reason::BadFlags, start),
            }
            if found != '-' {
                seen.push(found);
            }
            last = found;
            self.at += 1;
        }
    }

    fn group(&mut self, outer: Flags, depth: usize) -> Refusable<Node> {
        let start = self.at;
        if depth == MAX_DEPTH {
            return refused(Reason::TooDeep, start);
        }
        self.at += 1;
        let mut flags = outer;
        let mut captures = true;
        let mut name = None;
        if self.take("?") {
            if let Some('i' | 'm' | 's' | '-') = self.peek() {
                flags = self.flags(outer, start)?;
                if self.peek() == Some(')') {
                    return refused(Reason::FlagsPosition, start);
                }
                self.at += 1;
                captures = false;
            } else if self.take(":") {
                captures = false;
            } else {
                name = Some(self.name(start)?);
            }
        }
        let body = self.alternation(flags, depth + 1)?;
        if !self.take(")") {
            return refused(Reason::UnclosedGroup, start);
        }
        Ok(if captures { Node::Capture { body: Box::new(body), name: name.map(str::to_owned) } } else { body })
    }

    fn name(&mut self, start: usize) -> Refusable<&'a str> {
        for (mark, reason) in REFUSED_GROUPS {
            if self.rest().starts_with(mark) {
                return refused(*reason, start);
            }
        }
        if !(self.take("P<") || self.take("<")) {
            let flag = matches!(self.peek(), Some('a' | 'u' | 'x' | 'L' | 'U' | 'R' | ')'));
            return refused(if flag { Reason::BadFlags } else { Reason::BadGroup }, start);
        }
        let name_at = self.at;
        let rest = self.rest();
        let is_name =
            |(at, byte): (usize, u8)| byte == b'_' || byte.is_ascii_alphabetic() || at > 0 && byte.is_ascii_digit();
        let length = rest.bytes().enumerate().take_while(|&pair| is_name(pair)).count();
        let name = &rest[..length];
        self.at += length;
        if name.is_empty() || !self.take(">") {
            return refused(Reason::BadGroupName, name_at);
        }
        if self.names.contains(&name) {
            return refused(Reason::DuplicateGroupName, name_at);
        }
        self.names.push(name);
        Ok(name)
    }

    // -- characters ---------------------------------------------------------------------------------------------------

    fn escape(&mut self, flags: Flags) -> Refusable<Node> {
        let look = match self.peek_second() {
            Some('b') => Look::WordBoundary,
            Some('B') => Look::NotWordBoundary,
            Some('A') => Look::TextStart,
            Some('z') => Look::TextEnd,
            _ => {
                return Ok(match self.escaped()? {
                    Escaped::Class(chars) => Node::Chars(chars),
                    Escaped::Code(code) => literal(code, flags),
                });
            }
        };
        self.at += 2;
        Ok(Node::Assertion(look))
    }

    /// What an escape of characters means, inside and outside a class.
    fn escaped(&mut self) -> Refusable<Escaped> {
        let start = self.at;
        self.at += 1;
        let Some(found) = self.next() else {
            return refused(Reason::TrailingBackslash, start);
        };
        Ok(match found {
            't' => Escaped::Code(0x09),
            'n' => Escaped::Code(0x0A),
            'v' => Escaped::Code(0x0B),
            'f' => Escaped::Code(0x0C),
            'r' => Escaped::Code(0x0D),
            'a' => Escaped::Code(0x07),
            'x' => Escaped::Code(self.hex(start, 2)?),
            'u' => Escaped::Code(self.hex(start, 4)?),
            'U' => Escaped::Code(self.hex(start, 8)?),
            'd' => Escaped::Class(charset::digit()),
            'w' => Escaped::Class(charset::word()),
            's' => Escaped::Class(charset::space()),
            'D' => Escaped::Class(charset::digit().negate()),
            'W' => Escaped::Class(charset::word().negate()),
            'S' => Escaped::Class(charset::space().negate()),
            'Z' => return refused(Reason::TextEnd, start),
            '0' => return refused(Reason::Octal, start),
            '1'..='9' | 'k' | 'g' => return refused(Reason::Backreference, start),
            'p' | 'P' | 'N' => return refused(Reason::UnicodeProperty, start),
            '<' | '>' => return refused(Reason::BadEscape, start),
            _ if !found.is_ascii() || found.is_ascii_alphanumeric() => return refused(Reason::BadEscape, start),
            _ => Escaped::Code(u32::from(found)),
        })
    }

    fn hex(&mut self, start: usize, length: usize) -> Refusable<u32> {
        let digits = self.rest().as_bytes().get(..length).unwrap_or_default();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return refused(Reason::BadHex, start);
        }
        // Eight digits just fit; the digits were checked.
        let code = digits.iter().fold(0, |code, &digit| code << 4 | char::from(digit).to_digit(16).unwrap_or(0));
        if (SURROGATES.0..=SURROGATES.1).contains(&code) {
            return refused(Reason::Surrogate, start);
        }
        if char::from_u32(code).is_none() {
            return refused(Reason::BadHex, start);
        }
        self.at += length;
        Ok(code)
    }

    fn class(&mut self, flags: Flags) -> Refusable<CharSet> {
        let start = self.at;
        self.at += 1;
        let negated = self.take("^");
        let first = self.at;
        let mut items = Vec::new();
        while self.peek() != Some(']') || self.at == first {
            if self.peek().is_none() {
                return refused(Reason::UnclosedClass, start);
            }
            items.push(self.class_item(start, flags)?);
        }
        self.at += 1;
        let mut chars = CharSet::union(&items);
        if negated {
            chars = chars.negate();
        }
        if chars.is_empty() {
            return refused(Reason::EmptyClass, start);
        }
        Ok(chars)
    }

    /// One character, class escape or range of the class that was opened there.
    fn class_item(&mut self, opened: usize, flags: Flags) -> Refusable<CharSet> {
        let start = self.at;
        let bracket = self.peek() == Some(']');
        let item = self.class_char()?;
        let is_range = self.peek() == Some('-') && self.peek_second() != Some(']');
        let low = match item {
            Escaped::Class(chars) if !is_range => return Ok(chars),
            // In "[]-a]" the engines see different things.
            Escaped::Code(code) if !(bracket && is_range) => code,
            _ => return refused(Reason::BadRange, start),
        };
        let mut high = low;
        if is_range {
            self.class_char()?;
            if self.peek().is_none() {
                return refused(Reason::UnclosedClass, opened);
            }
            high = match self.class_char()? {
                Escaped::Code(code) if code >= low => code,
                _ => return refused(Reason::BadRange, start),
            };
        }
        let chars = CharSet::of(&[(low, high)], false);
        Ok(if flags.i { chars.fold_ascii() } else { chars })
    }

    fn class_char(&mut self) -> Refusable<Escaped> {
        let start = self.at;
        match (self.peek(), self.peek_second()) {
            (Some('\\'), Some('b' | 'B' | 'A' | 'z')) => refused(Reason::ClassEscape, start),
            (Some('\\'), _) => self.escaped(),
            (Some('['), _) => refused(Reason::NestedClass, start),
            (Some(found @ ('&' | '-' | '~')), second) if second == Some(found) => refused(Reason::ClassOperator, start),
            _ => Ok(Escaped::Code(self.next().map_or(0, u32::from))),
        }
    }
}

/// What follows `(?` in groups that other engines know.
const REFUSED_GROUPS: &[(&str, Reason)] = &[
    ("=", Reason::Lookaround),
    ("!", Reason::Lookaround),
    ("<=", Reason::Lookaround),
    ("<!", Reason::Lookaround),
    (">", Reason::Atomic),
    ("P=", Reason::Backreference),
];

fn sequence(mut items: Vec<Node>) -> Node {
    match items.len() {
        0 => Node::Empty,
        1 => items.remove(0),
        _ => Node::Concat(items),
    }
}

fn literal(code: u32, flags: Flags) -> Node {
    let chars = CharSet::single(code);
    Node::Chars(if flags.i { chars.fold_ascii() } else { chars })
}
