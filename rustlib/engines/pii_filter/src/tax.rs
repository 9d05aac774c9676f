//! Steps `ssn` and `bsn`.

use gwplugins_core::text::Text;

use crate::scan::{Number, Scan};
use crate::tables::rule;

/// Step *parted*: `ddd-dd-dddd`, or with spaces.
#[inline(never)]
pub fn ssn_parted(scan: &mut Scan<'_>, number: &Number) {
    if !scan.wants(rule::SSN) {
        return;
    }
    let (start, gap) = (number.a, scan.text.at(number.run_end()));
    let end = start + 11;
    let shape = scan.text.digit_run(start + 4, 3) == 2 && scan.text.at(start + 6) == gap && scan.text.digit_run(start + 7, 5) == 4;
    if !shape || !scan.free_right(end) {
        return;
    }
    let valid = is_ssn(value(scan.text, start, 3), value(scan.text, start + 4, 2), value(scan.text, start + 7, 4));
    let alone = gap != b' ' || scan.alone(number, end, rule::SSN);
    if valid && alone && !scan.joined_left(number, number.w, rule::SSN) {
        scan.add(rule::SSN, start, end, false);
    }
}

/// Step *labelled*: nine digits.
#[inline(never)]
pub fn ssn_labelled(scan: &mut Scan<'_>, number: &Number) {
    let start = number.a;
    let nine = number.w == start && number.run == 9 && scan.free_right(number.run_end());
    if nine && is_ssn(value(scan.text, start, 3), value(scan.text, start + 3, 2), value(scan.text, start + 5, 4)) {
        scan.add(rule::SSN, start, number.run_end(), true);
    }
}

/// Step `bsn`: nine digits, bare or in groups.
#[inline(never)]
pub fn bsn(scan: &mut Scan<'_>, number: &Number) {
    if number.w != number.a {
        return;
    }
    for groups in [&[9][..], &[4, 2, 3], &[3, 3, 3]] {
        if let Some((digits, end)) = grouped(scan.text, number.a, groups)
            && scan.free_right(end)
            && eleven_test(&digits)
        {
            scan.add(rule::BSN, number.a, end, true);
            return;
        }
    }
}

/// Nine digits in exactly these groups, parted by `.` or a space.
fn grouped(text: Text<'_>, start: usize, groups: &[usize]) -> Option<([u32; 9], usize)> {
    let mut digits = [0; 9];
    let (mut count, mut at) = (0, start);
    for (index, &length) in groups.iter().enumerate() {
        if index > 0 {
            matches!(text.at(at), b'.' | b' ').then_some(())?;
            at += 1;
        }
        if text.digit_run(at, length + 1) != length {
            return None;
        }
        for place in 0..length {
            digits[count] = u32::from(text.at(at + place) - b'0');
            count += 1;
        }
        at += length;
    }
    Some((digits, at))
}

/// SSA: area not 000, 666 or 900-999, group not 00, serial not 0000.
fn is_ssn(area: u32, group: u32, serial: u32) -> bool {
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
}

/// The Dutch "elfproef".
fn eleven_test(digits: &[u32; 9]) -> bool {
    let sum: u32 = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
    digits.iter().any(|&digit| digit != 0) && sum % 11 == digits[8] % 11
}

/// The number of `count` digits at `start`.
pub fn value(text: Text<'_>, start: usize, count: usize) -> u32 {
    (start..start + count).fold(0, |value, at| value * 10 + u32::from(text.at(at).wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_test_rows() {
        assert!(eleven_test(&[1, 1, 1, 2, 2, 2, 3, 3, 3]));
        assert!(!eleven_test(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
        assert!(!eleven_test(&[0; 9]));
    }
}
