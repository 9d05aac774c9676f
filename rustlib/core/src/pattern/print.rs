//! Prints a tree as a pattern for `regex::bytes`, with nothing left to its flags or its Unicode data.
//!
//! The text it will meet was prepared by [`super::text::clean`]: an invalid byte is 0xFF there. It must never print what
//! the crate could refuse. Tests: `tests/vectors/patterns.jsonl`.

use std::fmt::Write;

use super::charset::CharSet;
use super::tree::{Look, Node};

/// An invalid byte, or a surrogate encoded as if it were a character.
const INVALID: &str = r"(?-u:\xFF|\xED[\xA0-\xBF][\x80-\xBF])";

/// The crate's pattern; capturing groups keep their numbers and names.
pub(super) fn to_regex(node: &Node) -> String {
    let mut out = String::new();
    print(node, &mut out);
    out
}

fn print(node: &Node, out: &mut String) {
    match node {
        Node::Empty => out.push_str("(?:)"),
        Node::Chars(chars) => print_chars(chars, out),
        Node::Assertion(look) => out.push_str(match look {
            Look::TextStart => r"\A",
            Look::TextEnd => r"\z",
            Look::LineStart => "(?m:^)",
            Look::LineEnd => "(?m:$)",
            Look::WordBoundary => r"(?-u:\b)",
            Look::NotWordBoundary => r"(?-u:\B)",
            Look::NoWordBefore => r"(?-u:\b{start-half})",
            Look::NoWordBehind => r"(?-u:\b{end-half})",
            // The crate is built without Unicode tables; the program decides these, the crate finds where to look.
            Look::UnicodeBoundary | Look::NotUnicodeBoundary | Look::NoUnicodeWordBefore | Look::NoUnicodeWordBehind => "(?:)",
        }),
        Node::Concat(items) => items.iter().for_each(|item| print(item, out)),
        Node::Alternation(branches) => {
            for (index, branch) in branches.iter().enumerate() {
                out.push_str(if index == 0 { "(?:" } else { "|" });
                print(branch, out);
            }
            out.push(')');
        }
        Node::Capture { body, name, .. } => {
            match name {
                Some(name) => _ = write!(out, "(?P<{name}>"),
                None => out.push('('),
            }
            print(body, out);
            out.push(')');
        }
        Node::Repeat { body, least, most, greedy } => {
            out.push_str("(?:");
            print(body, out);
            // Writing to a String cannot fail.
            _ = match most {
                Some(most) => write!(out, "){{{least},{most}}}"),
                None => write!(out, "){{{least},}}"),
            };
            if !greedy {
                out.push('?');
            }
        }
    }
}

fn print_chars(chars: &CharSet, out: &mut String) {
    if let Some(one) = chars.as_single() {
        _ = write!(out, r"\x{{{:X}}}", u32::from(one));
        return;
    }
    if chars.invalid {
        out.push_str("(?:");
    }
    if !chars.ranges.is_empty() {
        out.push('[');
        for &(low, high) in &chars.ranges {
            _ = write!(out, r"\x{{{low:X}}}-\x{{{high:X}}}");
        }
        out.push(']');
    }
    if chars.invalid {
        out.push_str(if chars.ranges.is_empty() { "" } else { "|" });
        out.push_str(INVALID);
        out.push(')');
    }
}
