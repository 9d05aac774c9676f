//! Step `credit_card`.

use crate::label::{Label, Says};
use crate::scan::{Number, Scan};
use crate::tables::{Issuer, rule};

const BARE: std::ops::RangeInclusive<usize> = 13..=19;
const MOST: usize = 19;

/// Steps *bare* and *grouped*.
pub fn find(scan: &mut Scan<'_>, number: Number) {
    if !scan.wants(rule::CREDIT_CARD) {
        return;
    }
    let end = if BARE.contains(&number.run) { bare(scan, number) } else { grouped(scan, number) };
    if let Some(end) = end
        && !scan.joined_left(number, number.w, rule::CREDIT_CARD)
    {
        scan.add(rule::CREDIT_CARD, number.a, end, false);
    }
}

fn bare(scan: &Scan<'_>, number: Number) -> Option<usize> {
    let end = number.run_end();
    let digits = scan.text.slice(number.a, end);
    if !is_card(&scan.tables.issuers, digits) || !scan.free_right(end) {
        return None;
    }
    let machine = matches!(scan.label(number), Some(Label { says: Says::Machine, .. }));
    (!machine).then_some(end)
}

fn grouped(scan: &Scan<'_>, number: Number) -> Option<usize> {
    if number.run != 4 {
        return None;
    }
    let fits = |layout: &Vec<usize>| {
        let (digits, count, end) = read_layout(scan, number.a, layout)?;
        let free = scan.text.at(end).is_ascii_digit() || scan.free_right(end);
        (free && is_card(&scan.tables.issuers, &digits[..count])).then_some(end)
    };
    scan.tables.layouts.iter().find_map(fits)
}

/// The digits of the groups of `layout`, how many they are, and where they end.
fn read_layout(scan: &Scan<'_>, start: usize, layout: &[usize]) -> Option<([u8; MOST], usize, usize)> {
    let mut digits = [0; MOST];
    let (mut count, mut at) = (0, start);
    for (index, &length) in layout.iter().enumerate() {
        if index > 0 {
            matches!(scan.text.at(at), b' ' | b'-' | b'.').then_some(())?;
            at += 1;
        }
        for _ in 0..length {
            let byte = scan.text.at(at);
            *digits.get_mut(count).filter(|_| byte.is_ascii_digit())? = byte;
            count += 1;
            at += 1;
        }
    }
    Some((digits, count, at))
}

/// Issuer, length and check digit.
fn is_card(issuers: &[Issuer], digits: &[u8]) -> bool {
    issuers.iter().any(|issuer| issued(issuer, digits)) && luhn(digits)
}

fn issued(issuer: &Issuer, digits: &[u8]) -> bool {
    let Some(prefix) = digits.get(..issuer.digits) else { return false };
    let prefix = prefix.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    issuer.lengths >> digits.len() & 1 == 1 && (issuer.from..=issuer.to).contains(&prefix)
}

/// ISO/IEC 7812-1 annex B: every second digit from the right doubled, digit sums added, a multiple of ten.
fn luhn(digits: &[u8]) -> bool {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let value = |(place, digit): (usize, &u8)| {
        let digit = digit - b'0';
        if place % 2 == 1 { DOUBLED[usize::from(digit)] } else { u32::from(digit) }
    };
    digits.iter().rev().enumerate().map(value).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tables;

    #[test]
    fn issuers_lengths_and_check_digits() {
        let rows: [(&[u8], bool); 8] = [
            (b"4111111111111111", true),
            (b"4111111111111112", false),
            (b"2223003122003222", true),
            (b"378282246310005", true),
            (b"30569309025904", true),
            (b"6011000990139424", true),
            (b"1111111111111117", false),
            (b"4222222222222", true),
        ];
        for (digits, expected) in rows {
            assert_eq!(is_card(&tables().issuers, digits), expected, "{}", digits.escape_ascii());
        }
    }
}
