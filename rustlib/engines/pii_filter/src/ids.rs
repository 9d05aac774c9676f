//! Steps `passport`, `driver_license` and `medical_record`: labelled identifiers.

use std::ops::RangeInclusive;

use gwplugins_core::text::{Text, is_word};

use crate::label::{Label, Says};
use crate::scan::{Number, Scan};
use crate::tables::rule;

/// Alphanumeric characters of a licence and of a medical record.
const LICENSE: RangeInclusive<usize> = 5..=20;
const RECORD: RangeInclusive<usize> = 6..=12;

/// Longest run before `-` that is looked at: three letters behind a JSON escape, and one more.
const MOST_RUN: usize = 1 + 5 + 3 + 1;

/// Step `passport`.
#[inline(never)]
pub fn passport(scan: &mut Scan<'_>, number: &Number) {
    let text = scan.text;
    let length = (0..10).take_while(|&n| text.at(number.w + n).is_ascii_alphanumeric()).count();
    let whole = (6..=9).contains(&length).then_some(number.w + length);
    let digits = if number.w == number.a { grouped(text, number.a, &[&[4, 6], &[2, 2, 6]]) } else { None };
    let end = whole.or(digits);
    if let Some(end) = end.filter(|&end| scan.free_right(end)) {
        scan.add(rule::PASSPORT, number.w, end, true);
    }
}

/// Where one of these layouts of digit groups, parted by spaces, ends.
fn grouped(text: Text<'_>, start: usize, layouts: &[&[usize]]) -> Option<usize> {
    let read = |groups: &&[usize]| {
        let mut at = start;
        for (index, &length) in groups.iter().enumerate() {
            if index > 0 {
                (text.at(at) == b' ').then_some(())?;
                at += 1;
            }
            (text.digit_run(at, length + 1) == length).then_some(())?;
            at += length;
        }
        Some(at)
    };
    layouts.iter().find_map(read)
}

/// Step `driver_license`.
pub fn driver_license(scan: &mut Scan<'_>, number: &Number, label: Label) {
    if number.w == number.a
        && let Some(end) = grouped(scan.text, number.a, &[&[4, 6], &[2, 2, 6], &[3, 3, 3]]).filter(|&end| scan.free_right(end))
    {
        scan.add(rule::DRIVER_LICENSE, number.w, end, true);
    } else {
        identifier(scan, number.w, label, rule::DRIVER_LICENSE, LICENSE);
    }
}

/// Step `medical_record`.
pub fn medical_record(scan: &mut Scan<'_>, number: &Number, label: Label) {
    identifier(scan, number.w, label, rule::MEDICAL_RECORD, RECORD);
}

/// Both, for a value that begins at `prefix`, before the anchor. True when a label of theirs stands before it.
pub fn lettered(scan: &mut Scan<'_>, prefix: Option<usize>) -> bool {
    let Some(start) = prefix else { return false };
    let Some(label) = scan.tables.labels.typed_before(scan.text, start, scan.text.eight_before(start)) else { return false };
    let (rule, lengths) = match label.says() {
        Says::Type(rule::DRIVER_LICENSE) => (rule::DRIVER_LICENSE, LICENSE),
        Says::Type(rule::MEDICAL_RECORD) => (rule::MEDICAL_RECORD, RECORD),
        _ => return false,
    };
    if scan.wants(rule) {
        identifier(scan, start, label, rule, lengths);
    }
    true
}

/// Where the letters begin that stand before `-` and the anchor, one to three.
#[inline(always)]
pub fn prefix(text: Text<'_>, number: &Number) -> Option<usize> {
    let head = number.head;
    if !number.digit_led() || head.back(1) != b'-' {
        return None;
    }
    let letters = (2..8).take_while(|&n| head.back(n).is_ascii_alphabetic()).count();
    // Behind no alphanumeric character they are a word; else an escape may reach into it.
    let before = head.back(letters + 2);
    if letters < 6 && before != b'\\' && !is_word(before) {
        return (1..=3).contains(&letters).then(|| number.w - 1 - letters);
    }
    escaped_prefix(text, number)
}

#[inline(never)]
fn escaped_prefix(text: Text<'_>, number: &Number) -> Option<usize> {
    let letters = (2..=MOST_RUN).take_while(|&n| text.before(number.w, n).is_ascii_alphanumeric()).count();
    let start = text.behind_escape(number.w - 1 - letters);
    let prefix = text.slice(start, number.w - 1);
    let fits = (1..=3).contains(&prefix.len()) && prefix.iter().all(u8::is_ascii_alphabetic) && !text.word_before(start);
    fits.then_some(start)
}

/// Alphanumeric groups parted by single `-`.
#[inline(never)]
fn identifier(scan: &mut Scan<'_>, start: usize, label: Label, rule: u32, lengths: RangeInclusive<usize>) {
    let text = scan.text;
    let (mut length, mut digits, mut at) = (0, 0, start);
    while length <= *lengths.end() {
        let byte = text.at(at);
        if byte.is_ascii_alphanumeric() {
            length += 1;
            digits += u32::from(byte.is_ascii_digit());
        } else if byte != b'-' || !text.at(at + 1).is_ascii_alphanumeric() {
            break;
        }
        at += 1;
    }
    if lengths.contains(&length) && digits >= label.min_digits().max(1) && scan.free_right(at) {
        scan.add(rule, start, at, true);
    }
}
