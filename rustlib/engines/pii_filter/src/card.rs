//! Step `credit_card`.

use gwplugins_core::text::Text;

use crate::label::{Label, Says};
use crate::scan::{Number, Scan};
use crate::tables::{Issuer, rule};

const BARE: std::ops::RangeInclusive<usize> = 13..=19;
const MOST: usize = 19;
const MOST_GROUPS: usize = 5;
/// Longest run before a card that is looked at: a group of four behind a JSON escape, and one more.
const MOST_RUN: usize = 1 + 5 + 4 + 1;

/// Steps *bare* and *grouped*.
#[inline(never)]
pub fn find(scan: &mut Scan<'_>, number: &Number) {
    let start = crate::tax::value(scan.text, number.a, 2);
    if scan.tables.card_starts >> start & 1 == 0 || !scan.wants(rule::CREDIT_CARD) {
        return;
    }
    let end = if BARE.contains(&number.run) { bare(scan, number) } else { grouped(scan, number) };
    if let Some(end) = end
        && !scan.joined_left(number, number.w, rule::CREDIT_CARD)
    {
        scan.add(rule::CREDIT_CARD, number.a, end, false);
    }
}

fn bare(scan: &Scan<'_>, number: &Number) -> Option<usize> {
    let end = number.run_end();
    let digits = Digits::read(scan.text, &[(number.a, number.run)]);
    if !digits.is_card(number.run, &scan.tables.issuers) || !scan.free_right(end) {
        return None;
    }
    let machine = matches!(scan.label(number), Some(Label { says: Says::Machine, .. }));
    (!machine).then_some(end)
}

fn grouped(scan: &Scan<'_>, number: &Number) -> Option<usize> {
    let second = scan.text.digit_run(number.run_end() + 1, 7);
    if number.run != 4 || !(second == 4 || second == 6) {
        return None;
    }
    if in_row(scan, number) {
        return None;
    }
    let groups = read_groups(scan.text, number.a)?;
    let digits = Digits::read(scan.text, &groups);
    let fits = |layout: &Vec<usize>| {
        let (count, end) = end_of(layout, &groups)?;
        let whole = layout.last().is_some_and(|&last| last >= 4);
        let stray = whole && scan.text.digit_run(end, 2) == 1;
        let free = stray || scan.free_right(end);
        (free && digits.is_card(count, &scan.tables.issuers)).then_some(end)
    };
    scan.tables.layouts.iter().find_map(fits)
}

/// The first group goes on a row of numbers: a group of four with a digit stands before it, parted as it is from the next, or a dot.
/// A card of four groups may stand there: then another may follow it.
fn in_row(scan: &Scan<'_>, number: &Number) -> bool {
    let (text, start) = (scan.text, number.w);
    let before = text.before(start, 1);
    if before == b'.' {
        return true;
    }
    if before != text.at(number.run_end()) {
        return false;
    }
    let run = (2..=MOST_RUN).take_while(|&n| text.before(start, n).is_ascii_alphanumeric()).count();
    let group = text.slice(text.behind_escape(start - 1 - run), start - 1);
    group.len() == 4 && group.iter().any(u8::is_ascii_digit) && !card_before(scan, start)
}

/// A card in four groups of four ends one character before `end`.
fn card_before(scan: &Scan<'_>, end: usize) -> bool {
    const GROUPED: usize = 4 * 4 + 3;
    let Some(start) = end.checked_sub(GROUPED + 1) else { return false };
    if scan.text.in_escape(start) {
        return false;
    }
    let groups = read_groups(scan.text, start);
    groups.is_some_and(|groups| {
        end_of(&[4, 4, 4, 4], &groups).is_some() && Digits::read(scan.text, &groups).is_card(16, &scan.tables.issuers)
    })
}

/// Start and length of up to five groups of digits with one character in each gap; `None` when they are too few for a card.
fn read_groups(text: Text<'_>, start: usize) -> Option<[(usize, usize); MOST_GROUPS]> {
    let mut groups = [(0, 0); MOST_GROUPS];
    let (mut at, mut count) = (start, 0);
    for group in &mut groups {
        *group = (at, text.digit_run(at, MOST - count));
        at += group.1;
        count += group.1;
        if group.1 == 0 || !matches!(text.at(at), b' ' | b'-' | b'.') {
            break;
        }
        at += 1;
    }
    (count >= *BARE.start()).then_some(groups)
}

/// How many digits `layout` takes of `groups` and where they end; the last group may go on.
fn end_of(layout: &[usize], groups: &[(usize, usize); MOST_GROUPS]) -> Option<(usize, usize)> {
    let (&last, whole) = layout.split_last()?;
    let fits = whole.iter().zip(groups).all(|(length, group)| *length == group.1);
    let (start, length) = groups[whole.len()];
    (fits && length >= last).then_some((layout.iter().sum(), start + last))
}

/// The digits of a number that may be a card, with what is needed to judge each of its lengths at once.
struct Digits {
    digits: [u8; MOST],
    /// Luhn sum of the first n digits, the last of them not doubled.
    sums: [u8; MOST + 1],
}

impl Digits {
    /// ISO/IEC 7812-1 annex B: every second digit from the right doubled, digit sums added.
    fn read(text: Text<'_>, groups: &[(usize, usize)]) -> Self {
        const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        let mut read = Self { digits: [0; MOST], sums: [0; MOST + 1] };
        // The sums with the digits at even and at odd places doubled.
        let (mut even, mut odd, mut count) = (0, 0, 0);
        for at in groups.iter().flat_map(|&(start, length)| start..start + length) {
            let digit = text.at(at) - b'0';
            let doubled = DOUBLED[usize::from(digit)];
            (even, odd) = if count % 2 == 0 { (even + doubled, odd + digit) } else { (even + digit, odd + doubled) };
            read.digits[count] = digit;
            count += 1;
            read.sums[count] = if count % 2 == 0 { even } else { odd };
        }
        read
    }

    /// The first `count` digits have an issuer that issues this length, and a right check digit.
    fn is_card(&self, count: usize, issuers: &[Issuer]) -> bool {
        let issued = |issuer: &Issuer| issuer.lengths >> count & 1 == 1 && issuer.begins(&self.digits);
        self.sums[count].is_multiple_of(10) && issuers.iter().any(issued)
    }
}

impl Issuer {
    /// The range holds the prefix of these digits.
    fn begins(&self, digits: &[u8]) -> bool {
        let prefix = digits[..self.digits].iter().fold(0, |value, digit| value * 10 + u32::from(*digit));
        (self.from..=self.to).contains(&prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tables;

    #[test]
    fn issuers_lengths_and_check_digits() {
        let rows = [
            ("4111111111111111", true),
            ("4111111111111112", false),
            ("2223003122003222", true),
            ("378282246310005", true),
            ("30569309025904", true),
            ("6011000990139424", true),
            ("1111111111111117", false),
            ("4222222222222", true),
        ];
        for (digits, expected) in rows {
            let read = Digits::read(Text::new(digits.as_bytes()), &[(0, digits.len())]);
            assert_eq!(read.is_card(digits.len(), &tables().issuers), expected, "{digits}");
        }
    }
}
