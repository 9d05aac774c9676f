//! Offset units: UTF-8 bytes, Unicode code points, UTF-16 units.
//!
//! The rule holds for any bytes, valid UTF-8 or not: a byte that is no continuation byte (0x80..=0xBF) is one code point and one
//! UTF-16 unit, a byte from 0xF0 on one UTF-16 unit more. It must never allocate for findings that do not overlap. Tests: below.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::guard::Finding;
use crate::masks;

/// What offsets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// UTF-8 bytes.
    #[default]
    Bytes,
    /// Unicode code points, as Python counts.
    CodePoints,
    /// UTF-16 units, as Java and JavaScript count.
    Utf16,
}

/// Number of units in `text`. Counts may be added: `count(ab) == count(a) + count(b)`, wherever the cut is.
pub fn count(text: &[u8], unit: Unit) -> u64 {
    match unit {
        Unit::Bytes => text.len() as u64,
        Unit::CodePoints => starts::<false>(text),
        Unit::Utf16 => starts::<true>(text),
    }
}

/// True inside a character of valid UTF-8.
pub fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The last character boundary at or before `at`. In bytes that are no UTF-8 it may be `at` itself.
pub fn boundary(text: &[u8], at: usize) -> usize {
    let inside = |&back: &usize| text.get(at - back).is_none_or(|&byte| !is_continuation(byte));
    (0..=at.min(3)).find(inside).map_or(at, |back| at - back)
}

/// Characters in `text`; with `WIDE`, those from U+10000 count twice.
fn starts<const WIDE: bool>(text: &[u8]) -> u64 {
    let (blocks, rest) = text.as_chunks();
    let weight = |&byte: &u8| u64::from(!is_continuation(byte)) + u64::from(WIDE && byte >= 0xF0);
    masks::count_starts::<WIDE>(blocks) + rest.iter().map(weight).sum::<u64>()
}

/// Turns byte offsets in `text` into units, of which `before` lie before `text[first]`. One pass when the findings are in order and
/// apart from each other; overlapping ones cost a sort of their ends.
pub fn convert(text: &[u8], first: usize, before: u64, unit: Unit, findings: &mut [Finding]) {
    if unit == Unit::Bytes && before == first as u64 {
        return;
    }
    let last = findings.iter().map(|finding| clip(finding.end, text)).max().unwrap_or(0);
    if unit == Unit::Bytes || text[first.min(last)..last].is_ascii() {
        for finding in findings {
            finding.start = (finding.start + before).saturating_sub(first as u64);
            finding.end = (finding.end + before).saturating_sub(first as u64);
        }
        return;
    }
    let mut cursor = Cursor { text, unit, at: first.min(text.len()), units: before };
    if findings.windows(2).all(|pair| pair[0].end <= pair[1].start) {
        for finding in findings {
            finding.start = cursor.units_at(finding.start);
            finding.end = cursor.units_at(finding.end);
        }
        return;
    }
    let mut ends = cursor.clone();
    // A heap, because a sort is 5 KB of the library for what hardly happens.
    let mut by_end: BinaryHeap<_> = findings.iter().enumerate().map(|(index, finding)| Reverse((finding.end, index))).collect();
    while let Some(Reverse((end, index))) = by_end.pop() {
        findings[index].end = ends.units_at(end);
    }
    findings.iter_mut().for_each(|finding| finding.start = cursor.units_at(finding.start));
}

fn clip(offset: u64, text: &[u8]) -> usize {
    usize::try_from(offset).map_or(text.len(), |offset| offset.min(text.len()))
}

/// A place in a text, known in bytes and in units.
#[derive(Clone)]
struct Cursor<'a> {
    text: &'a [u8],
    unit: Unit,
    at: usize,
    units: u64,
}

impl Cursor<'_> {
    /// Moves to a byte offset, normally forward, and says its units.
    fn units_at(&mut self, offset: u64) -> u64 {
        let to = clip(offset, self.text);
        if to >= self.at {
            self.units += count(&self.text[self.at..to], self.unit);
        } else {
            self.units = self.units.saturating_sub(count(&self.text[to..self.at], self.unit));
        }
        self.at = to;
        self.units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "aä€😀b";

    fn spans(all: &[(u64, u64)]) -> Vec<Finding> {
        all.iter().map(|&(start, end)| Finding { start, end, item: 0, rule: 0, flags: 0, detail: 0 }).collect()
    }

    fn converted(text: &[u8], unit: Unit, all: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let mut findings = spans(all);
        convert(text, 0, 0, unit, &mut findings);
        findings.iter().map(|finding| (finding.start, finding.end)).collect()
    }

    #[test]
    fn counts_are_those_of_std() {
        let long = MIXED.repeat(3000);
        for text in ["", "a", MIXED, long.as_str()] {
            assert_eq!(count(text.as_bytes(), Unit::Bytes), text.len() as u64);
            assert_eq!(count(text.as_bytes(), Unit::CodePoints), text.chars().count() as u64);
            assert_eq!(count(text.as_bytes(), Unit::Utf16), text.encode_utf16().count() as u64);
        }
    }

    #[test]
    fn counts_of_anything_add_up_at_every_cut() {
        let text: Vec<u8> = (0u32..600).map(|n| (n * 167 % 256) as u8).collect();
        for unit in [Unit::Bytes, Unit::CodePoints, Unit::Utf16] {
            let whole = count(&text, unit);
            assert!((0..=text.len()).all(|cut| count(&text[..cut], unit) + count(&text[cut..], unit) == whole));
        }
    }

    #[test]
    fn a_lone_surrogate_in_three_bytes_is_one() {
        assert_eq!(count(b"\xED\xA0\x80", Unit::CodePoints), 1);
        assert_eq!(count(b"\xED\xA0\x80", Unit::Utf16), 1);
    }

    #[test]
    fn spans_in_each_unit() {
        let all = [(0, 1), (1, 3), (3, 6), (6, 10), (10, 11)];
        assert_eq!(converted(MIXED.as_bytes(), Unit::Bytes, &all), all);
        assert_eq!(converted(MIXED.as_bytes(), Unit::CodePoints, &all), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]);
        assert_eq!(converted(MIXED.as_bytes(), Unit::Utf16, &all), [(0, 1), (1, 2), (2, 3), (3, 5), (5, 6)]);
    }

    #[test]
    fn overlapping_nested_and_empty_spans() {
        let all = [(0, 11), (1, 10), (1, 3), (3, 3), (3, 6), (11, 11)];
        assert_eq!(converted(MIXED.as_bytes(), Unit::CodePoints, &all), [(0, 5), (1, 4), (1, 2), (2, 2), (2, 3), (5, 5)]);
    }

    #[test]
    fn nested_spans_are_not_quadratic() {
        let text = "ä".repeat(200_000);
        let all: Vec<_> = (0..100_000u64).map(|n| (2 * n, 400_000 - 2 * n)).collect();
        let begun = std::time::Instant::now();
        assert_eq!(converted(text.as_bytes(), Unit::CodePoints, &all)[99_999], (99_999, 100_001));
        assert!(begun.elapsed().as_secs() < 5, "quadratic: 4e10 bytes would have been counted");
    }

    #[test]
    fn a_window_counts_from_its_first_byte() {
        for (text, expected) in [("ääxäx", 101), ("--xx-", 101)] {
            let at = text.find('x').unwrap_or(0);
            let mut findings = spans(&[(at as u64, at as u64 + 1)]);
            let first = at - text[..at].chars().last().map_or(0, char::len_utf8);
            convert(text.as_bytes(), first, 100, Unit::CodePoints, &mut findings);
            assert_eq!((findings[0].start, findings[0].end), (expected, expected + 1));
        }
    }

    #[test]
    fn boundaries() {
        assert_eq!((0..=11).map(|at| boundary(MIXED.as_bytes(), at)).collect::<Vec<_>>(), [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11]);
        assert_eq!(boundary(&[0x80; 9], 7), 7, "no boundary near: stay");
    }
}
