//! Step `email`.

use gwplugins_core::text::Text;

use crate::tables::Tables;

/// RFC 5321 4.5.3.1.1
const MOST_LOCAL: usize = 64;
/// Most letters of a JSON escape before it, and a leading dot.
const MOST_ESCAPED: usize = 6;
/// Longest domain in bytes (RFC 1035 2.3.4).
pub const MOST_DOMAIN: usize = 253;
const MOST_LABEL: usize = 63;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Ideograph,
    Other,
}

/// What a character beyond ASCII is to an address, and its length.
fn class(tables: &Tables, character: Option<(char, usize)>) -> (Class, usize) {
    let Some((character, length)) = character else { return (Class::Other, 0) };
    let code = character as u32;
    if let Some(class) = tables.low_letters.get(code as usize) {
        return (
            if *class == 1 {
                Class::Letter
            } else if *class == 2 {
                Class::Ideograph
            } else {
                Class::Other
            },
            length,
        );
    }
    let range = tables.letters.partition_point(|(_, last, _)| *last < code);
    match tables.letters.get(range) {
        Some((first, _, ideograph)) if *first <= code => (if *ideograph { Class::Ideograph } else { Class::Letter }, length),
        _ => (Class::Other, length),
    }
}

/// The address around the `@` at `at`.
#[inline(never)]
pub fn find(text: Text<'_>, tables: &Tables, at: usize) -> Option<(usize, usize)> {
    // Most `@` of machine text fail here: nothing that can end a local part before, or begin a domain behind.
    if text.before(at, 1) == b'.' {
        return None;
    }
    let end = domain_end(text, tables, at + 1)?;
    Some((local_start(text, tables, at)?, end))
}

fn local_start(text: Text<'_>, tables: &Tables, at: usize) -> Option<usize> {
    let ideographs = !text.before(at, 1).is_ascii() && class(tables, text.char_before(at)).0 == Class::Ideograph;
    let mut start = at;
    loop {
        let length = match text.before(start, 1) {
            b'.' if text.at(start) == b'.' => 0,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'%' | b'+' | b'-' => 1,
            b'\''
                if text.before(start, 2).is_ascii_alphabetic()
                    && text.at(start).is_ascii_alphabetic()
                    && text.escape_before(start - 1) == 0 =>
            {
                1
            }
            byte if byte.is_ascii() => 0,
            _ => match class(tables, text.char_before(start)) {
                (Class::Letter, length) => length,
                (Class::Ideograph, length) if ideographs => length,
                _ => 0,
            },
        };
        if length == 0 {
            break;
        }
        start -= length;
        if at - start > MOST_LOCAL + MOST_ESCAPED {
            return None;
        }
    }
    start = text.behind_escape(start);
    start += usize::from(text.at(start) == b'.');
    (start < at && at - start <= MOST_LOCAL).then_some(start)
}

/// One label of a domain.
struct Part {
    end: usize,
    /// Length and hyphens are in order.
    valid: bool,
    /// Characters, if all of them are letters.
    letters: Option<usize>,
}

fn read_part(text: Text<'_>, tables: &Tables, start: usize) -> Part {
    let first = if text.at(start).is_ascii() { Class::Other } else { class(tables, text.char_at(start)).0 };
    let (mut end, mut characters, mut all_letters) = (start, 0, true);
    while end - start <= MOST_LABEL {
        let byte = text.at(end);
        let (fits, letter, length) = if byte.is_ascii() {
            let letter = byte.is_ascii_alphabetic();
            (byte.is_ascii_digit() || (first != Class::Ideograph && (letter || byte == b'-')), letter, 1)
        } else {
            let (kind, length) = class(tables, text.char_at(end));
            let fits = if first == Class::Ideograph { kind == Class::Ideograph } else { kind == Class::Letter };
            (fits, true, length)
        };
        if !fits {
            break;
        }
        all_letters &= letter;
        characters += 1;
        end += length;
    }
    let hyphens = text.at(start) == b'-' || (end > start && text.before(end, 1) == b'-');
    let valid = end > start && end - start <= MOST_LABEL && !hyphens;
    Part { end, valid, letters: all_letters.then_some(characters) }
}

fn domain_end(text: Text<'_>, tables: &Tables, start: usize) -> Option<usize> {
    let mut best = None;
    let mut at = start;
    loop {
        let part = read_part(text, tables, at);
        if part.end - start > MOST_DOMAIN {
            break;
        }
        if at > start {
            best = top_level_end(text, at, &part).map(|end| (at, end)).or(best);
        }
        if !part.valid || text.at(part.end) != b'.' {
            break;
        }
        at = part.end + 1;
    }
    let (top, end) = best?;
    let name = text.slice(top, end).to_ascii_lowercase();
    let is_file = tables.not_top_level.iter().any(|ending| ending.as_bytes() == name);
    (!is_file).then_some(end)
}

/// Where the domain ends if this label is its top level.
fn top_level_end(text: Text<'_>, start: usize, part: &Part) -> Option<usize> {
    if part.valid && (part.letters.is_some_and(|count| count >= 2) || text.slice(start, start + 4).eq_ignore_ascii_case(b"xn--")) {
        return Some(part.end);
    }
    let letters = (start..part.end).take_while(|&at| text.at(at).is_ascii_alphabetic()).count();
    let parted = matches!(text.at(start + letters), b'0'..=b'9' | b'-');
    (letters >= 2 && start + letters < part.end && parted).then_some(start + letters)
}
