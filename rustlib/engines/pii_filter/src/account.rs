//! Step `bank_account`: IBAN and labelled accounts.

use gwplugins_core::text::is_word;

use crate::class;
use crate::scan::{MOST_DIGITS, Number, Scan};
use crate::tables::rule;

const LABELLED: std::ops::RangeInclusive<usize> = 7..=20;

/// A first group this long may be followed by others.
const MOST_FIRST_GROUP: usize = 7;

/// Step *iban*.
#[inline(never)]
pub fn iban(scan: &mut Scan<'_>, number: &Number) {
    if !scan.wants(rule::BANK_ACCOUNT) {
        return;
    }
    let letter = |byte: u8| usize::from(byte.to_ascii_uppercase() - b'A');
    let country = letter(scan.text.at(number.w)) * 26 + letter(scan.text.at(number.w + 1));
    let length = usize::from(scan.tables.iban_length[country]);
    if length == 0 {
        return;
    }
    if let Some(end) = checked_end(scan, number.w, length)
        && !scan.joined_left(number, number.w, rule::BANK_ACCOUNT)
    {
        scan.add(rule::BANK_ACCOUNT, number.w, end, false);
    }
}

/// Where the IBAN of `length` characters ends, if its check digits (ISO 7064 mod 97-10) are right.
fn checked_end(scan: &Scan<'_>, start: usize, length: usize) -> Option<usize> {
    let mut at = start;
    let (mut head, mut rest) = ([0; 4], 0);
    for place in 0..length {
        if place > 0 && place % 4 == 0 && matches!(scan.text.at(at), b' ' | b'-') {
            at += 1;
        }
        let byte = scan.text.at(at);
        let fits = if place == 2 || place == 3 { byte.is_ascii_digit() } else { class::is(byte, class::ALNUM) };
        fits.then_some(())?;
        match head.get_mut(place) {
            Some(slot) => *slot = byte,
            None => rest = appended(rest, byte),
        }
        at += 1;
    }
    let number = head.into_iter().fold(rest, appended);
    (number % 97 == 1 && !is_word(scan.text.at(at))).then_some(at)
}

/// The number with one more character, digits as they are, letters as 10..=35; modulo 97 before it would be too large.
fn appended(number: u64, byte: u8) -> u64 {
    let number = if number >> 56 == 0 { number } else { number % 97 };
    match byte {
        b'0'..=b'9' => number * 10 + u64::from(byte - b'0'),
        _ => number * 100 + u64::from(byte.to_ascii_uppercase() - b'A') + 10,
    }
}

/// Step *labelled*.
#[inline(never)]
pub fn labelled(scan: &mut Scan<'_>, number: &Number) {
    if number.w != number.a {
        return;
    }
    let (mut digits, mut end) = (number.run, number.run_end());
    let grouped = (2..=MOST_FIRST_GROUP).contains(&digits);
    while grouped && matches!(scan.text.at(end), b'-' | b' ') {
        let group = scan.text.digit_run(end + 1, MOST_DIGITS);
        if group < 2 || digits + group > *LABELLED.end() {
            break;
        }
        digits += group;
        end += 1 + group;
    }
    // A check character of its own, as Brazilian banks write it.
    let check = scan.text.at(end) == b'-' && matches!(scan.text.at(end + 1), b'0'..=b'9' | b'X' | b'x') && !is_word(scan.text.at(end + 2));
    end += if check { 2 } else { 0 };
    if LABELLED.contains(&digits) && scan.free_right(end) {
        scan.add(rule::BANK_ACCOUNT, number.a, end, true);
    }
}
