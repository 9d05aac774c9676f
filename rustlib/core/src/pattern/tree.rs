//! The tree a pattern is parsed to, its size, and the facts computed on it.
//!
//! Each function has a twin of the same name in `pyplugins/core/pattern/tree.py`; both must give the same numbers. The
//! parser bounds the depth, so recursion is safe. Tests: `tests/vectors/patterns.jsonl`.

use super::charset::CharSet;

/// Sums and products stop here, on both sides, long before any integer type does.
pub(super) const CAP: u64 = 1_000_000_000;
/// More literal prefix than this helps no search.
const MAX_PREFIX: usize = 32;

/// What an assertion asks of the place it stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
    UnicodeBoundary,
    NotUnicodeBoundary,
    NoWordBefore,
    NoWordBehind,
    NoUnicodeWordBefore,
    NoUnicodeWordBehind,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Matches the empty string.
    Empty,
    /// One character of a set; a literal is a set of one.
    Chars(CharSet),
    /// A condition on a place; consumes nothing.
    Assertion(Look),
    /// Two or more in sequence.
    Concat(Vec<Node>),
    /// Two or more branches, the earlier preferred.
    Alternation(Vec<Node>),
    /// `least` to `most` times the body; `most` `None` is unbounded.
    Repeat { body: Box<Node>, least: u32, most: Option<u32>, greedy: bool },
    /// A capturing group, counted from 1; a `name` is that of `(?P<name>...)`.
    Capture { body: Box<Node>, index: usize, name: Option<String> },
}

/// The formula of docs/patterns.md: how much a compiled pattern costs, before anything compiles it.
pub(super) fn size(node: &Node) -> u64 {
    let size = match node {
        Node::Empty | Node::Assertion(_) => 1,
        Node::Chars(chars) => {
            let wide = chars.ranges.iter().filter(|range| range.1 > 0x7F).count() as u64 + u64::from(chars.invalid);
            1 + 2 * wide.min(8) + wide.saturating_sub(8) / 4
        }
        Node::Concat(parts) | Node::Alternation(parts) => 1 + parts.iter().map(size).sum::<u64>(),
        Node::Capture { body, .. } => 2 + size(body),
        Node::Repeat { body, least, most, .. } => {
            let copies = most.map_or(u64::from(*least) + 1, u64::from);
            1 + copies * (1 + size(body))
        }
    };
    size.min(CAP)
}

/// Least and greatest length of a match, in code points and in UTF-8 bytes; `None` is unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Least, in code points.
    pub min_chars: u64,
    /// Greatest, in code points.
    pub max_chars: Option<u64>,
    /// Least, in bytes.
    pub min_bytes: u64,
    /// Greatest, in bytes.
    pub max_bytes: Option<u64>,
}

impl Lengths {
    fn exactly(chars: u64, min_bytes: u64, max_bytes: u64) -> Lengths {
        Lengths { min_chars: chars, max_chars: Some(chars), min_bytes, max_bytes: Some(max_bytes) }
    }

    fn then(self, next: Lengths) -> Lengths {
        let sum = |a: Option<u64>, b: Option<u64>| Some((a? + b?).min(CAP));
        Lengths {
            min_chars: (self.min_chars + next.min_chars).min(CAP),
            max_chars: sum(self.max_chars, next.max_chars),
            min_bytes: (self.min_bytes + next.min_bytes).min(CAP),
            max_bytes: sum(self.max_bytes, next.max_bytes),
        }
    }

    fn or(self, other: Lengths) -> Lengths {
        let most = |a: Option<u64>, b: Option<u64>| Some(a?.max(b?));
        Lengths {
            min_chars: self.min_chars.min(other.min_chars),
            max_chars: most(self.max_chars, other.max_chars),
            min_bytes: self.min_bytes.min(other.min_bytes),
            max_bytes: most(self.max_bytes, other.max_bytes),
        }
    }

    fn times(self, least: u32, most: Option<u32>) -> Lengths {
        let at_least = |length: u64| (length * u64::from(least)).min(CAP);
        let at_most = |length: Option<u64>| match (length, most) {
            (Some(0), _) => Some(0),
            (length, most) => Some((length? * u64::from(most?)).min(CAP)),
        };
        Lengths {
            min_chars: at_least(self.min_chars),
            max_chars: at_most(self.max_chars),
            min_bytes: at_least(self.min_bytes),
            max_bytes: at_most(self.max_bytes),
        }
    }
}

/// Lengths the tree allows; an assertion may still rule some out.
pub(super) fn lengths(node: &Node) -> Lengths {
    match node {
        Node::Empty | Node::Assertion(_) => Lengths::exactly(0, 0, 0),
        Node::Chars(chars) => {
            let (least, most) = byte_lengths(chars);
            Lengths::exactly(1, least, most)
        }
        Node::Capture { body, .. } => lengths(body),
        Node::Concat(parts) => parts.iter().map(lengths).fold(Lengths::exactly(0, 0, 0), Lengths::then),
        Node::Alternation(branches) => branches.iter().map(lengths).reduce(Lengths::or).unwrap_or_default(),
        Node::Repeat { body, least, most, .. } => lengths(body).times(*least, *most),
    }
}

/// An invalid character is one byte, or three when it is a surrogate encoded as if it were a character.
fn byte_lengths(chars: &CharSet) -> (u64, u64) {
    let ends = chars.ranges.iter().flat_map(|&(low, high)| [utf8_length(low), utf8_length(high)]);
    let invalid = if chars.invalid { &[1, 3][..] } else { &[] };
    ends.chain(invalid.iter().copied()).fold((4, 1), |(least, most), length| (least.min(length), most.max(length)))
}

fn utf8_length(code: u32) -> u64 {
    match code {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x10000 => 3,
        _ => 4,
    }
}

/// The literal text every match starts with, at most [`MAX_PREFIX`] characters; often empty.
pub(super) fn prefix(node: &Node) -> String {
    exact_prefix(node, CharSet::as_single).0.into_iter().collect()
}

/// The same with ASCII letters in any case, as capitals: what every match starts with when its letters are made capitals.
pub(super) fn capital_prefix(node: &Node) -> String {
    exact_prefix(node, CharSet::as_capital).0.into_iter().collect()
}

/// The prefix, and whether it is all the node can match.
fn exact_prefix(node: &Node, one: fn(&CharSet) -> Option<char>) -> (Vec<char>, bool) {
    match node {
        Node::Empty | Node::Assertion(_) => (Vec::new(), true),
        Node::Chars(chars) => one(chars).map_or((Vec::new(), false), |one| (vec![one], true)),
        Node::Capture { body, .. } => exact_prefix(body, one),
        Node::Concat(parts) => {
            let mut text = Vec::new();
            for part in parts {
                let (more, exact) = exact_prefix(part, one);
                text.extend(more);
                if !exact {
                    return (cut(text).0, false);
                }
            }
            cut(text)
        }
        Node::Alternation(branches) => {
            let rows: Vec<_> = branches.iter().map(|branch| exact_prefix(branch, one)).collect();
            let shared = rows.iter().map(|row| row.0.clone()).reduce(shared).unwrap_or_default();
            let exact = rows.iter().all(|(text, exact)| *exact && *text == shared);
            (shared, exact)
        }
        Node::Repeat { least: 0, .. } => (Vec::new(), false),
        Node::Repeat { body, least, most, .. } => {
            let (text, exact) = exact_prefix(body, one);
            if !exact {
                return (text, false);
            }
            let (text, whole) = cut(text.repeat((*least as usize).min(MAX_PREFIX + 1)));
            (text, whole && *most == Some(*least))
        }
    }
}

fn cut(mut text: Vec<char>) -> (Vec<char>, bool) {
    let whole = text.len() <= MAX_PREFIX;
    text.truncate(MAX_PREFIX);
    (text, whole)
}

fn shared(a: Vec<char>, b: Vec<char>) -> Vec<char> {
    a.iter().zip(&b).take_while(|(x, y)| x == y).map(|(x, _)| *x).collect()
}

/// The characters a match can start with, and whether it can be empty.
pub(super) fn first_chars(node: &Node) -> (CharSet, bool) {
    match node {
        Node::Empty | Node::Assertion(_) => (CharSet::default(), true),
        Node::Chars(chars) => (chars.clone(), false),
        Node::Capture { body, .. } => first_chars(body),
        Node::Repeat { body, least, .. } => {
            let (chars, empty) = first_chars(body);
            (chars, empty || *least == 0)
        }
        Node::Alternation(branches) => {
            let rows: Vec<_> = branches.iter().map(first_chars).collect();
            let empty = rows.iter().any(|row| row.1);
            (CharSet::union(&rows.into_iter().map(|row| row.0).collect::<Vec<_>>()), empty)
        }
        Node::Concat(parts) => {
            let mut sets = Vec::new();
            for part in parts {
                let (chars, empty) = first_chars(part);
                sets.push(chars);
                if !empty {
                    return (CharSet::union(&sets), false);
                }
            }
            (CharSet::union(&sets), true)
        }
    }
}

/// Calls `found` with the name of every capturing group, in the order of their numbers.
pub(super) fn each_group<'a>(node: &'a Node, found: &mut impl FnMut(Option<&'a str>)) {
    match node {
        Node::Empty | Node::Assertion(_) | Node::Chars(_) => {}
        Node::Concat(parts) | Node::Alternation(parts) => parts.iter().for_each(|part| each_group(part, found)),
        Node::Repeat { body, .. } => each_group(body, found),
        Node::Capture { body, name, .. } => {
            found(name.as_deref());
            each_group(body, found);
        }
    }
}

/// Whether some part of the tree is as asked.
pub(super) fn any(node: &Node, asked: &impl Fn(&Node) -> bool) -> bool {
    asked(node)
        || match node {
            Node::Empty | Node::Assertion(_) | Node::Chars(_) => false,
            Node::Concat(parts) | Node::Alternation(parts) => parts.iter().any(|part| any(part, asked)),
            Node::Repeat { body, .. } | Node::Capture { body, .. } => any(body, asked),
        }
}
