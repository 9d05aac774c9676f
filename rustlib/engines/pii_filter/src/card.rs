//! Step `credit_card`.

use gwplugins_core::text::{Eight, Text};

use crate::label::{Label, Says};
use crate::scan::{Number, Scan};
use crate::tables::{Issuer, PREFIX, rule};

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
    let end = match number.run {
        4 => grouped(scan, number),
        run if BARE.contains(&run) => bare(scan, number),
        _ => None,
    };
    if let Some(end) = end
        && !scan.joined_left(number, number.w, rule::CREDIT_CARD)
    {
        scan.add(rule::CREDIT_CARD, number.a, end, false);
    }
}

/// A gate before [`find`] behind four digits: a gap, and four or six more.
#[inline(always)]
pub fn may_go_on(tail: Eight) -> bool {
    is_gap(tail.byte(0)) && matches!(tail.from(1).digits(), 4 | 6)
}

fn bare(scan: &Scan<'_>, number: &Number) -> Option<usize> {
    let end = number.run_end();
    let digits = Digits::read(scan.text, &[(number.a, number.run)]);
    if !digits.is_card(number.run, &scan.tables.issuers) || !scan.free_right(end) {
        return None;
    }
    let machine = Label::says_it(scan.label(number), Says::Machine);
    (!machine).then_some(end)
}

fn grouped(scan: &Scan<'_>, number: &Number) -> Option<usize> {
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
    let (text, Some(start)) = (scan.text, end.checked_sub(GROUPED + 1)) else { return false };
    let groups = [0, 1, 2, 3].map(|n| (start + 5 * n, 4));
    let parted = |at: usize| at == start || is_gap(text.before(at, 1));
    groups.iter().all(|&(at, length)| text.eight_at(at).digits() == length && parted(at))
        && Digits::read(text, &groups).is_card(16, &scan.tables.issuers)
        && !text.in_escape(start)
}

/// What parts the groups of a card.
fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.')
}

/// Start and length of up to five groups of digits with one character in each gap; `None` when they are too few for a card.
fn read_groups(text: Text<'_>, start: usize) -> Option<[(usize, usize); MOST_GROUPS]> {
    let mut groups = [(0, 0); MOST_GROUPS];
    let (mut at, mut count) = (start, 0);
    for group in &mut groups {
        *group = (at, text.digit_run(at, MOST - count));
        at += group.1;
        count += group.1;
        if group.1 == 0 || !is_gap(text.at(at)) {
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

/// The digits of a number that may be a card, behind zeros.
struct Digits([u8; ZEROS + MOST + SPARE]);

/// Digits are looked at by eights, the last one last.
const ZEROS: usize = 24;
/// Groups are copied by eights.
const SPARE: usize = 8;

impl Digits {
    fn read(text: Text<'_>, groups: &[(usize, usize)]) -> Self {
        let mut read = Self([0; ZEROS + MOST + SPARE]);
        let mut count = ZEROS;
        for &(start, length) in groups {
            for done in (0..length).step_by(8) {
                let digits = text.eight_at(start + done).values().to_le_bytes();
                read.0[count + done..count + done + 8].copy_from_slice(&digits);
            }
            count += length;
        }
        read
    }

    /// The first `count` digits have an issuer that issues this length, and a right check digit.
    fn is_card(&self, count: usize, issuers: &[Issuer]) -> bool {
        let prefix = self.0[ZEROS..ZEROS + PREFIX].iter().fold(0, |value, digit| value * 10 + u32::from(*digit));
        let issued = |issuer: &Issuer| issuer.lengths >> count & 1 == 1 && (issuer.from..=issuer.to).contains(&prefix);
        issuers.iter().any(issued) && self.luhn_sum(count).is_multiple_of(10)
    }

    /// ISO/IEC 7812-1 annex B over the first `count` digits: every second digit from the right doubled, digit sums added.
    fn luhn_sum(&self, count: usize) -> u64 {
        const DOUBLED: u64 = ONES / 257;
        let eights = self.0[count..count + ZEROS].chunks_exact(8);
        eights.fold(0, |sum, eight| {
            let digits = eight.iter().rfold(0, |bits, digit| bits << 8 | u64::from(*digit));
            let doubled = digits & (DOUBLED * 0xFF);
            // Nine less for each of them that is five or more.
            let large = (doubled + DOUBLED * 0x7B) >> 7 & DOUBLED;
            let digit_sums = digits + doubled - large * 9;
            sum + (digit_sums.wrapping_mul(ONES) >> 56)
        })
    }
}

const ONES: u64 = u64::MAX / 255;

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
