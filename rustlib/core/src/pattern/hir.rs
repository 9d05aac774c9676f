//! Makes of a tree what `regex-automata` compiles, with nothing left to flags or to Unicode data.
//!
//! The text it will meet was prepared by [`super::text::clean`]: an invalid byte is 0xFF there. Nothing is printed and read
//! again, so that no parser of the crate is in the library. Names of groups stay here: the crate numbers them.
//! Tests: `tests/vectors/patterns.jsonl`.

use regex_automata::{MatchKind, meta, nfa::thompson::WhichCaptures};
use regex_syntax::hir::{self, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir};

use super::charset::CharSet;
use super::tree::{Look, Node};

/// What the lazy automata of one search may remember, in bytes.
const CACHE_BYTES: usize = 2 << 20;

/// Finds the leftmost match of one tree, and its groups.
pub(super) fn one(node: &Node) -> meta::Regex {
    build(meta::Config::new().match_kind(MatchKind::LeftmostFirst), &[translated(node)])
}

/// The tree in the crate's own syntax, for the tests' other reader.
#[cfg(test)]
pub(super) fn printed(node: &Node) -> String {
    let mut text = String::new();
    hir::print::Printer::new().print(&translated(node), &mut text).expect("a String takes everything");
    text
}

/// Finds which of several trees match anywhere; their groups are not kept.
pub(super) fn many<'a>(nodes: impl Iterator<Item = &'a Node>) -> meta::Regex {
    let config = meta::Config::new().match_kind(MatchKind::All).which_captures(WhichCaptures::None);
    build(config, &nodes.map(translated).collect::<Vec<_>>())
}

/// No limit of size: [`super::Options`] has limited the tree.
fn build(config: meta::Config, trees: &[Hir]) -> meta::Regex {
    let config = config.nfa_size_limit(None).hybrid_cache_capacity(CACHE_BYTES).utf8_empty(false);
    meta::Builder::new().configure(config).build_many_from_hir(trees).expect("the grammar has nothing the crate could refuse")
}

/// The parser bounds the depth, so recursion is safe.
fn translated(node: &Node) -> Hir {
    match node {
        Node::Empty => Hir::empty(),
        Node::Chars(chars) => of_chars(chars),
        Node::Assertion(look) => of_look(*look),
        Node::Concat(items) => Hir::concat(items.iter().map(translated).collect()),
        Node::Alternation(branches) => Hir::alternation(branches.iter().map(translated).collect()),
        Node::Capture { body, index, .. } => {
            // The parser counts to 32.
            Hir::capture(hir::Capture { index: *index as u32, name: None, sub: Box::new(translated(body)) })
        }
        Node::Repeat { body, least, most, greedy } => {
            Hir::repetition(hir::Repetition { min: *least, max: *most, greedy: *greedy, sub: Box::new(translated(body)) })
        }
    }
}

fn of_look(look: Look) -> Hir {
    Hir::look(match look {
        Look::TextStart => hir::Look::Start,
        Look::TextEnd => hir::Look::End,
        Look::LineStart => hir::Look::StartLF,
        Look::LineEnd => hir::Look::EndLF,
        Look::WordBoundary => hir::Look::WordAscii,
        Look::NotWordBoundary => hir::Look::WordAsciiNegate,
        Look::NoWordBefore => hir::Look::WordStartHalfAscii,
        Look::NoWordBehind => hir::Look::WordEndHalfAscii,
        // The crate is built without Unicode tables; the program decides these, the crate finds where to look.
        Look::UnicodeBoundary | Look::NotUnicodeBoundary | Look::NoUnicodeWordBefore | Look::NoUnicodeWordBehind => {
            return Hir::empty();
        }
    })
}

fn of_chars(chars: &CharSet) -> Hir {
    // No range holds a surrogate or ends behind the last code point.
    let scalar = |code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    let ranges = chars.ranges.iter().map(|&(low, high)| ClassUnicodeRange::new(scalar(low), scalar(high)));
    let valid = Hir::class(Class::Unicode(ClassUnicode::new(ranges)));
    match (chars.invalid, chars.ranges.is_empty()) {
        (false, _) => valid,
        (true, true) => invalid(),
        (true, false) => Hir::alternation(vec![valid, invalid()]),
    }
}

/// An invalid byte, or a surrogate encoded as if it were a character.
fn invalid() -> Hir {
    let bytes = |low, high| Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(low, high)])));
    let surrogate = Hir::concat(vec![bytes(0xED, 0xED), bytes(0xA0, 0xBF), bytes(0x80, 0xBF)]);
    Hir::alternation(vec![bytes(0xFF, 0xFF), surrogate])
}
