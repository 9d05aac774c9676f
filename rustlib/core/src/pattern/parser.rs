//! Reads a pattern of the portable grammar (docs/patterns.md) into a tree, or refuses it with reason and place.
//!
//! The same steps in the same order as `pyplugins/core/pattern/parser.py`, so that both refuse at the same byte for the
//! same reason. It must never accept what docs/patterns.md does not define. Recursion is bounded by [`MAX_DEPTH`].
//! Tests: `tests/vectors/patterns.jsonl`.

use super::charset;
use super::options::Options;
use super::reader::{Reader, Refusable, refused};
use super::reason::Reason;
use super::tree::{Look, Node};

/// Nested groups; keeps every recursion over the tree shallow.
const MAX_DEPTH: usize = 32;
/// The largest number in `{n,m}`: far above any sensible identifier.
const MAX_REPEAT: u32 = 1000;

#[derive(Clone, Copy)]
struct Flags {
    i: bool,
    m: bool,
    s: bool,
}

/// One pass over one pattern.
pub(super) struct Parser<'a> {
    reader: Reader<'a>,
    options: &'a Options,
    names: Vec<&'a str>,
    groups: usize,
    alternatives: usize,
    quantifiers: usize,
}

impl<'a> Parser<'a> {
    /// The tree, or why there is none.
    pub fn parse(text: &'a str, options: &'a Options) -> Refusable<Node> {
        if text.len() > options.max_bytes {
            return refused(Reason::TooLong, options.max_bytes);
        }
        let reader = Reader { text, unicode: options.unicode, at: 0 };
        let mut parser = Parser { reader, options, names: Vec::new(), groups: 0, alternatives: 0, quantifiers: 0 };
        let flags = parser.leading_flags()?;
        let node = parser.alternation(flags, 0)?;
        if parser.reader.at < text.len() {
            return refused(Reason::UnopenedGroup, parser.reader.at);
        }
        if !options.whole_word {
            return Ok(node);
        }
        let (before, behind) = match options.unicode {
            false => (Look::NoWordBefore, Look::NoWordBehind),
            true => (Look::NoUnicodeWordBefore, Look::NoUnicodeWordBehind),
        };
        Ok(Node::Concat(vec![Node::Assertion(before), node, Node::Assertion(behind)]))
    }

    // -- structure ----------------------------------------------------------------------------------------------------

    fn alternation(&mut self, flags: Flags, depth: usize) -> Refusable<Node> {
        let mut branches = Vec::new();
        let mut items = Vec::new();
        while let Some(found) = self.reader.peek().filter(|&found| found != ')') {
            if found != '|' {
                items.push(self.piece(flags, depth)?);
                continue;
            }
            self.alternatives += 1;
            if self.alternatives > self.options.max_alternatives {
                return refused(Reason::TooManyAlternatives, self.reader.at);
            }
            branches.push(sequence(std::mem::take(&mut items)));
            self.reader.at += 1;
        }
        let last = sequence(items);
        if branches.is_empty() {
            return Ok(last);
        }
        branches.push(last);
        Ok(Node::Alternation(branches))
    }

    fn piece(&mut self, flags: Flags, depth: usize) -> Refusable<Node> {
        let grouped = self.reader.peek() == Some('(');
        let node = self.atom(flags, depth)?;
        if matches!(node, Node::Assertion(_)) && !grouped {
            if let Some('*' | '+' | '?' | '{') = self.reader.peek() {
                return refused(Reason::NothingToRepeat, self.reader.at);
            }
            return Ok(node);
        }
        self.quantified(node)
    }

    fn atom(&mut self, flags: Flags, depth: usize) -> Refusable<Node> {
        let start = self.reader.at;
        match self.reader.peek() {
            Some('(') => return self.group(flags, depth),
            Some('[') => return Ok(Node::Chars(self.reader.class(flags.i)?)),
            Some('\\') => return self.reader.escape(flags.i),
            Some('*' | '+' | '?') => return refused(Reason::NothingToRepeat, start),
            Some('{') => return refused(Reason::BadBrace, start),
            _ => {}
        }
        Ok(match self.reader.next() {
            Some('.') => Node::Chars(if flags.s { charset::any() } else { charset::dot() }),
            Some('^') => Node::Assertion(if flags.m { Look::LineStart } else { Look::TextStart }),
            Some('$') => Node::Assertion(if flags.m { Look::LineEnd } else { Look::TextEnd }),
            Some(found) => self.reader.literal(u32::from(found), flags.i),
            None => Node::Empty,
        })
    }

    // -- quantifiers --------------------------------------------------------------------------------------------------

    fn quantified(&mut self, node: Node) -> Refusable<Node> {
        let start = self.reader.at;
        let Some((least, most)) = self.bounds()? else { return Ok(node) };
        self.quantifiers += 1;
        if self.quantifiers > self.options.max_quantifiers {
            return refused(Reason::TooManyQuantifiers, start);
        }
        let lazy = self.reader.take("?");
        match self.reader.peek() {
            Some('+') if !lazy => refused(Reason::Possessive, self.reader.at),
            Some('*' | '+' | '?' | '{') => refused(Reason::MultipleRepeat, self.reader.at),
            _ => Ok(Node::Repeat { body: Box::new(node), least, most, greedy: !lazy }),
        }
    }

    fn bounds(&mut self) -> Refusable<Option<(u32, Option<u32>)>> {
        let bounds = match self.reader.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted().map(Some),
            _ => return Ok(None),
        };
        self.reader.at += 1;
        Ok(Some(bounds))
    }

    fn counted(&mut self) -> Refusable<(u32, Option<u32>)> {
        let start = self.reader.at;
        self.reader.at += 1;
        let first = self.number();
        let most = if first.is_some() && self.reader.take(",") { self.number() } else { first };
        let Some(least) = first.filter(|_| self.reader.take("}")) else {
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
        while let Some(digit) = self.reader.peek().and_then(|found| found.to_digit(10)) {
            value = Some((value.unwrap_or(0) * 10 + digit).min(MAX_REPEAT + 1));
            self.reader.at += 1;
        }
        value
    }

    // -- groups -------------------------------------------------------------------------------------------------------

    fn leading_flags(&mut self) -> Refusable<Flags> {
        let mut flags = Flags { i: self.options.ignore_case, m: self.options.multi_line, s: self.options.dot_all };
        loop {
            let start = self.reader.at;
            if !self.reader.take("(?") || !matches!(self.reader.peek(), Some('i' | 'm' | 's' | '-')) {
                self.reader.at = start;
                return Ok(flags);
            }
            let changed = self.flags(flags, start)?;
            if self.reader.peek() == Some(':') {
                self.reader.at = start;
                return Ok(flags);
            }
            if self.reader.text.as_bytes()[start..self.reader.at].contains(&b'-') {
                return refused(Reason::BadFlags, start);
            }
            self.reader.at += 1;
            flags = changed;
        }
    }

    /// Reads `im-s` up to the `:` or `)` behind it, which stays.
    fn flags(&mut self, mut flags: Flags, start: usize) -> Refusable<Flags> {
        let mut seen = Vec::new();
        let mut value = true;
        let mut last = ' ';
        loop {
            let found = match self.reader.peek() {
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
            self.reader.at += 1;
        }
    }

    fn group(&mut self, outer: Flags, depth: usize) -> Refusable<Node> {
        let start = self.reader.at;
        if depth == MAX_DEPTH {
            return refused(Reason::TooDeep, start);
        }
        self.reader.at += 1;
        let mut flags = outer;
        let mut capture = true;
        let mut name = None;
        if self.reader.take("?") {
            if let Some('i' | 'm' | 's' | '-') = self.reader.peek() {
                flags = self.flags(outer, start)?;
                if self.reader.peek() == Some(')') {
                    return refused(Reason::FlagsPosition, start);
                }
                self.reader.at += 1;
                capture = false;
            } else if self.reader.take(":") {
                capture = false;
            } else {
                name = Some(self.name(start)?);
            }
        }
        self.groups += usize::from(capture);
        let index = self.groups;
        let body = self.alternation(flags, depth + 1)?;
        if !self.reader.take(")") {
            return refused(Reason::UnclosedGroup, start);
        }
        let name = name.map(str::to_owned);
        Ok(if capture { Node::Capture { body: Box::new(body), index, name } } else { body })
    }

    fn name(&mut self, start: usize) -> Refusable<&'a str> {
        for (mark, reason) in REFUSED_GROUPS {
            if self.reader.rest().starts_with(mark) {
                return refused(*reason, start);
            }
        }
        if !(self.reader.take("P<") || self.reader.take("<")) {
            let flag = matches!(self.reader.peek(), Some('a' | 'u' | 'x' | 'L' | 'U' | 'R' | ')'));
            return refused(if flag { Reason::BadFlags } else { Reason::BadGroup }, start);
        }
        let name_at = self.reader.at;
        let rest = self.reader.rest();
        let is_name = |(at, byte): (usize, u8)| byte == b'_' || byte.is_ascii_alphabetic() || at > 0 && byte.is_ascii_digit();
        let length = rest.bytes().enumerate().take_while(|&pair| is_name(pair)).count();
        let name = &rest[..length];
        self.reader.at += length;
        if name.is_empty() || !self.reader.take(">") {
            return refused(Reason::BadGroupName, name_at);
        }
        if self.names.contains(&name) {
            return refused(Reason::DuplicateGroupName, name_at);
        }
        self.names.push(name);
        Ok(name)
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
