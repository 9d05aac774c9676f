//! Step `email`.

use gwplugins_core::text::Text;

use crate::scan::Scan;
use crate::tables::{Tables, rule};

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
    let class = match tables.ideograph(character) {
        None => Class::Other,
        Some(false) => Class::Letter,
        Some(true) => Class::Ideograph,
    };
    (class, length)
}

/// Classes of the bytes around an `@`, as bits: before it the nearest highest, behind it the nearest lowest.
pub struct Around {
    /// Letters, digits and `._-` before it.
    pub local: u64,
    /// Dots before it.
    pub local_dots: u64,
    /// Letters, digits and `.-` behind it.
    pub domain: u64,
    pub dots: u64,
    pub dashes: u64,
    pub letters: u64,
}

impl Around {
    /// Lengths of local part and domain, and where its last label begins, for an address without anything unusual: one that ends
    /// in a label of letters, perhaps with a digit right behind them.
    fn plain(&self, text: Text<'_>, at: usize) -> Option<(usize, usize, usize)> {
        const MOST: u32 = 60;
        let (before, mut behind) = (self.local.leading_ones(), self.domain.trailing_ones());
        if !(1..=MOST).contains(&before) || !(1..=MOST).contains(&behind) {
            return None;
        }
        let local_dots = self.local_dots & (u64::MAX << (u64::BITS - before));
        let (local, domain) = (before as usize, behind as usize);
        let beside = |byte: u8| !byte.is_ascii() || matches!(byte, b'%' | b'+' | b'\'' | b'\\');
        let odd_local = local_dots & local_dots << 1 != 0 || text.before(at, local) == b'.' || beside(text.before(at, local + 1));
        if odd_local || !text.at(at + 1 + domain).is_ascii() {
            return None;
        }
        behind -= (self.dots >> (behind - 1) & 1) as u32;
        let within = !(u64::MAX << behind);
        let (dots, dashes) = (self.dots & within, self.dashes & within);
        let edges = dots << 1 | dots >> 1 | 1 | 1 << (behind.max(1) - 1);
        if dots == 0 || (dots | dashes) & edges != 0 {
            return None;
        }
        let top = u64::BITS - dots.leading_zeros();
        let letters = (self.letters >> top).trailing_ones().min(behind - top);
        let parted = self.dashes >> (top + letters) & 1 == 0;
        (letters >= 2 && parted).then_some((local, (top + letters) as usize, top as usize))
    }
}

/// Step *email*: the address around the `@` at `at`. Returns where it ends.
#[inline(never)]
pub fn find(scan: &mut Scan<'_>, at: usize, around: &Around) -> Option<usize> {
    let (text, tables) = (scan.text, scan.tables);
    // Most `@` of machine text fail here: nothing that can end a local part before, or begin a domain behind.
    if text.before(at, 1) == b'.' {
        return None;
    }
    let (start, end) = if let Some((local, domain, top)) = around.plain(text, at) {
        let end = at + 1 + domain;
        (!is_file_ending(text, tables, at + 1 + top, end)).then_some((at - local, end))?
    } else {
        let end = domain_end(text, tables, at + 1)?;
        (local_start(text, tables, at)?, end)
    };
    if scan.wants(rule::EMAIL) {
        scan.add(rule::EMAIL, start, end, false);
    }
    Some(end)
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
    (!is_file_ending(text, tables, top, end)).then_some(end)
}

fn is_file_ending(text: Text<'_>, tables: &Tables, start: usize, end: usize) -> bool {
    tables.not_top_level.have(text.slice(start, end))
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
