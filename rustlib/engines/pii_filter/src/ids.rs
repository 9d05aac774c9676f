//! Steps `passport`, `driver_license` and `medical_record`: labelled identifiers.

use gwplugins_core::text::Text;

use crate::label::Label;
use crate::scan::{Number, Scan};
use crate::tables::rule;

/// Step `passport`.
#[inline(never)]
pub fn passport(scan: &mut Scan<'_>, number: Number) {
    let text = scan.text;
    let length = (0..10).take_while(|&n| text.at(number.w + n).is_ascii_alphanumeric()).count();
    let end = if (6..=9).contains(&length) { Some(number.w + length) } else { grouped_passport(text, number) };
    if let Some(end) = end.filter(|&end| scan.free_right(end)) {
        scan.add(rule::PASSPORT, number.w, end, true);
    }
}

/// Digits in groups 4+6 or 2+2+6, parted by spaces.
fn grouped_passport(text: Text<'_>, number: Number) -> Option<usize> {
    if number.w != number.a {
        return None;
    }
    let read = |groups: &[usize]| {
        let mut at = number.a;
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
    read(&[4, 6]).or_else(|| read(&[2, 2, 6]))
}

/// Step `driver_license`.
pub fn driver_license(scan: &mut Scan<'_>, number: Number, label: Label) {
    identifier(scan, number, label, rule::DRIVER_LICENSE, 5..=20);
}

/// Step `medical_record`.
pub fn medical_record(scan: &mut Scan<'_>, number: Number, label: Label) {
    identifier(scan, number, label, rule::MEDICAL_RECORD, 6..=12);
}

/// Alphanumeric groups parted by single `-`.
#[inline(never)]
fn identifier(scan: &mut Scan<'_>, number: Number, label: Label, rule: u32, lengths: std::ops::RangeInclusive<usize>) {
    let text = scan.text;
    let (mut length, mut digits, mut at) = (0, 0, number.w);
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
    if lengths.contains(&length) && digits >= label.min_digits.max(1) && scan.free_right(at) {
        scan.add(rule, number.w, at, true);
    }
}
