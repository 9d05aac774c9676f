//! Step `date_of_birth`.

use gwplugins_core::text::{Eight, Text};

use crate::class;
use crate::label::{Label, Says};
use crate::scan::{Number, Scan};
use crate::tables::{Tables, rule};
use crate::tax::value;

const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;
const GAP: usize = 4;

/// What may stand between day, month and year, with the space behind it.
const OF_WORDS: [&[u8]; 3] = [b"de ", b"del ", b"of "];

/// Step *bare*: `d{1,2}/d{1,2}/dddd` without a label.
#[inline(never)]
pub fn bare(scan: &mut Scan<'_>, number: &Number) {
    let text = scan.text;
    if number.before() == b'/' || numeric_tail(number.tail, LONG_YEAR).is_none() {
        return;
    }
    let Some((end, year_digits)) = numeric(text, number, b'/') else { return };
    let beside = matches!(text.at(end), b'/' | b':');
    if year_digits != 4 || beside || !scan.free_right(end) || followed_by_time(text, end) {
        return;
    }
    let labelled = scan.label(number).map(Label::says);
    let other = matches!(labelled, Some(Says::Machine | Says::NotBirth)) || labelled == Some(Says::Type(rule::DATE_OF_BIRTH));
    if !other && !scan.joined_left(number, number.w, rule::DATE_OF_BIRTH) {
        scan.add(rule::DATE_OF_BIRTH, number.a, end, false);
    }
}

/// The day or year at this anchor may be that of a date: a gate before [`written`].
#[inline(always)]
pub fn may_be_written(tables: &Tables, text: Text<'_>, number: &Number) -> bool {
    let tail = number.tail;
    let next = tail.byte(0);
    match number.run {
        1 | 2 => numeric_tail(tail, YEAR).is_some() || may_have_month(tables, text, number.a, tail),
        4 => numeric_tail(tail, DAY).is_some() || !next.is_ascii() || (next == b' ' && !tail.byte(1).is_ascii()),
        8 => !class::is(next, class::ALNUM) || next == b'T',
        _ => false,
    }
}

/// Behind the first number of a date stand a separator, one or two digits, the separator and the last number, of one of `lengths`
/// (bit n: n digits; four may be more): how many bytes all these are.
#[inline(always)]
pub fn numeric_tail(tail: Eight, lengths: u32) -> Option<usize> {
    let separator = tail.byte(0);
    if !is_separator(separator) {
        return None;
    }
    let second = 1 + usize::from(tail.byte(2) != separator);
    let last = tail.from(second + 2).digits().min(4);
    let fits = tail.from(1).digits() == second && tail.byte(second + 1) == separator && lengths >> last & 1 == 1;
    fits.then_some(second + 2 + last)
}

/// Digits of a year behind day and month, and of the day behind year and month.
pub const YEAR: u32 = 1 << 2 | LONG_YEAR;
const LONG_YEAR: u32 = 1 << 4;
const DAY: u32 = 1 << 1 | 1 << 2;

/// One or two digits at `start` may be the day of a date with the month's name.
#[inline(always)]
pub fn may_be_day(tables: &Tables, text: Text<'_>, start: usize) -> bool {
    let length = 1 + usize::from(text.at(start + 1).is_ascii_digit());
    may_have_month(tables, text, start, text.eight_at(start + length))
}

/// Behind the digits at `start` there may stand a month, or a year and the month before them.
#[inline(always)]
fn may_have_month(tables: &Tables, text: Text<'_>, start: usize, tail: Eight) -> bool {
    if !class::is(tail.byte(0), class::AFTER_DAY) {
        return false;
    }
    let ordinal = if is_ordinal(tail.byte(0), tail.byte(1)) { 2 } else { 0 };
    let behind = (ordinal..ordinal + GAP).find(|&n| !is_gap(tail.byte(n))).unwrap_or(ordinal + GAP);
    let first = tail.byte(behind);
    if behind == ordinal {
        return false;
    }
    if first.is_ascii_digit() {
        let year = behind > GAP || (1..4).all(|n| tail.byte(behind + n).is_ascii_digit());
        return year && is_gap(text.before(start, 1)) && !text.before(start, 2).is_ascii_digit();
    }
    let month = behind + of_word(tail.from(behind));
    month > 5 || tables.months_begin(tail.from(month))
}

/// Length of one of [`OF_WORDS`] that they begin with, 0 for none.
#[inline(always)]
fn of_word(bytes: Eight) -> usize {
    let lower = bytes.number() | 0x20_2020;
    let begins = |word: &&&[u8]| word.iter().zip(0..).all(|(byte, n)| (lower >> (8 * n)) as u8 == *byte);
    if matches!(lower as u8, b'd' | b'o') { OF_WORDS.iter().find(begins).map_or(0, |word| word.len()) } else { 0 }
}

/// What parts the numbers of a date.
pub fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'-' | b'.')
}

/// The number of one or two digits from place `n` of `eight` on, and how many; no digit follows.
fn short(eight: Eight, n: usize) -> Option<(u32, usize)> {
    let digit = |n: usize| Some(eight.byte(n).wrapping_sub(b'0')).filter(|digit| *digit <= 9);
    let first = u32::from(digit(n)?);
    let Some(second) = digit(n + 1) else { return Some((first, 1)) };
    digit(n + 2).is_none().then_some((first * 10 + u32::from(second), 2))
}

/// Step *labelled* without the label: the date written around this anchor, if it exists.
#[inline(never)]
pub fn written(tables: &Tables, text: Text<'_>, number: &Number) -> Option<(usize, usize)> {
    let separator = text.at(number.run_end());
    let numeric_gap = is_separator(separator);
    let (start, end) = match number.run {
        4 if numeric_gap => (number.a, year_month_day(text, number, separator)?),
        4 => (number.a, cjk(text, number)?),
        8 => (number.a, bare_year_month_day(text, number)?),
        _ => {
            let parted = if numeric_gap { numeric(text, number, separator) } else { None };
            match parted {
                Some((end, _)) => (number.a, end),
                None if !may_have_month(tables, text, number.a, number.tail) => return None,
                None => day_month_year(tables, text, number).map(|end| (number.a, end)).or_else(|| month_day_year(tables, text, number))?,
            }
        }
    };
    ends_well(text, end).then_some((start, end))
}

/// The form that begins with a month: the anchor is the day.
fn month_day_year(tables: &Tables, text: Text<'_>, number: &Number) -> Option<(usize, usize)> {
    let blanks = (0..=GAP).take_while(|&n| is_gap(text.before(number.w, n + 1))).count();
    let letter = text.before(number.w, blanks + 1);
    let plausible = (1..=GAP).contains(&blanks) && class::is(letter, class::MONTH);
    plausible.then_some(())?;
    let year_at = skip_gap(text, after_ordinal(text, number.run_end()), false)?;
    let (year, end) = year(text, year_at).filter(|(year, _)| YEARS.contains(year))?;
    let (start, month) = month_before(tables, text, number.w - blanks)?;
    exists(year, month, value(text, number.a, number.run)).then_some((start, end))
}

/// `d{1,2} s d{1,2} s` and two or four digits: where it ends and how many digits the year has, if the date exists.
fn numeric(text: Text<'_>, number: &Number, separator: u8) -> Option<(usize, usize)> {
    let (second, length) = short(number.tail, 1)?;
    let year_at = number.run_end() + length + 2;
    let digits = text.digit_run(year_at, 5);
    let shape = number.tail.byte(length + 1) == separator && (digits == 2 || digits == 4);
    shape.then_some(())?;
    let first = value(text, number.a, number.run);
    // A leap year stands for a year of two digits.
    let year = if digits == 4 { value(text, year_at, 4) } else { 2000 };
    (exists(year, first, second) || exists(year, second, first)).then_some((year_at + digits, digits))
}

/// `dddd s d{1,2} s d{1,2}`.
fn year_month_day(text: Text<'_>, number: &Number, separator: u8) -> Option<usize> {
    let (month, length) = short(number.tail, 1)?;
    (number.tail.byte(length + 1) == separator).then_some(())?;
    let (day, day_length) = short(number.tail, length + 2)?;
    let end = number.run_end() + length + day_length + 2;
    exists(value(text, number.a, 4), month, day).then_some(end)
}

/// `dddd年d{1,2}月d{1,2}日`, a space before or behind each number or none.
fn cjk(text: Text<'_>, number: &Number) -> Option<usize> {
    let unit = |at: usize, unit: &str| {
        let at = at + usize::from(text.at(at) == b' ');
        begins_with(text, at, unit.as_bytes()).then_some(at + unit.len())
    };
    let number_at = |at: usize| {
        let at = at + usize::from(text.at(at) == b' ');
        let digits = text.digit_run(at, 3);
        (1..=2).contains(&digits).then(|| (value(text, at, digits), at + digits))
    };
    let (month, end) = number_at(unit(number.run_end(), "年")?)?;
    let (day, end) = number_at(unit(end, "月")?)?;
    exists(value(text, number.a, 4), month, day).then_some(unit(end, "日")?)
}

/// Eight digits, the year first.
fn bare_year_month_day(text: Text<'_>, number: &Number) -> Option<usize> {
    let (year, month, day) = (value(text, number.a, 4), value(text, number.a + 4, 2), value(text, number.a + 6, 2));
    exists(year, month, day).then_some(number.run_end())
}

fn day_month_year(tables: &Tables, text: Text<'_>, number: &Number) -> Option<usize> {
    let month_at = skip_gap(text, after_ordinal(text, number.run_end()), true)?;
    let (month, month_end) = month_at_place(tables, text, month_at)?;
    let (year, end) = year(text, skip_gap(text, month_end, true)?)?;
    exists(year, month, value(text, number.a, number.run)).then_some(end)
}

fn begins_with(text: Text<'_>, at: usize, unit: &[u8]) -> bool {
    unit.iter().enumerate().all(|(place, byte)| text.at(at + place) == *byte)
}

/// Behind `st`, `nd`, `rd`, `th`.
fn after_ordinal(text: Text<'_>, at: usize) -> usize {
    if is_ordinal(text.at(at), text.at(at + 1)) { at + 2 } else { at }
}

fn is_ordinal(first: u8, second: u8) -> bool {
    matches!(&[first | 0x20, second | 0x20], b"st" | b"nd" | b"rd" | b"th")
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b',' | b'-')
}

/// Behind a gap of one to four characters, with `of_word` also behind one of [`OF_WORDS`].
fn skip_gap(text: Text<'_>, start: usize, of_word: bool) -> Option<usize> {
    let length = (0..=GAP).take_while(|&n| is_gap(text.at(start + n))).count();
    (1..=GAP).contains(&length).then_some(())?;
    let end = start + length;
    let blank = of_word && text.before(end, 1) == b' ';
    let linked = OF_WORDS.iter().find(|word| blank && text.slice(end, end + word.len()).eq_ignore_ascii_case(word));
    Some(end + linked.map_or(0, |word| word.len()))
}

fn month_at_place(tables: &Tables, text: Text<'_>, at: usize) -> Option<(u32, usize)> {
    // The shortest name has three bytes.
    (0..3).all(|n| class::is(text.at(at + n), class::MONTH)).then_some(())?;
    let names = tables.months_from(text.at(at));
    let (name, month) =
        names.iter().find(|(name, _)| name.iter().enumerate().all(|(n, byte)| text.at(at + n).to_ascii_lowercase() == *byte))?;
    let end = at + name.len();
    (!text.at(end).is_ascii_alphabetic()).then_some((*month, end))
}

fn month_before(tables: &Tables, text: Text<'_>, end: usize) -> Option<(usize, u32)> {
    let last = text.before(end, 1).to_ascii_lowercase();
    let before = usize::from(text.before(end, 2).to_ascii_lowercase());
    (tables.month_ends[before][usize::from(last >> 6)] >> (last & 63) & 1 == 1).then_some(())?;
    let start_of = |name: &[u8]| end.checked_sub(name.len()).filter(|&start| text.slice(start, end).eq_ignore_ascii_case(name));
    let longest = tables.months.iter().filter_map(|(name, month)| Some((start_of(name)?, *month))).min();
    let (start, month) = longest?;
    let begins = !text.before(start, 1).is_ascii_alphabetic() || text.escape_before(start) > 0;
    (begins && !text.in_escape(start)).then_some((start, month))
}

/// A year of four digits and where it ends.
fn year(text: Text<'_>, at: usize) -> Option<(u32, usize)> {
    (text.digit_run(at, 5) == 4).then(|| (value(text, at, 4), at + 4))
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    YEARS.contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// Up to two of ` ,T`, then `d{1,2}:dd`.
fn followed_by_time(text: Text<'_>, end: usize) -> bool {
    let gap = (0..2).take_while(|&n| matches!(text.at(end + n), b' ' | b',' | b'T')).count();
    let hours = text.digit_run(end + gap, 3);
    let minutes_at = end + gap + hours + 1;
    (1..=2).contains(&hours) && text.at(minutes_at - 1) == b':' && text.digit_run(minutes_at, 2) == 2
}

/// No digit or letter follows, except a `T` with a time.
fn ends_well(text: Text<'_>, end: usize) -> bool {
    let next = text.at(end);
    !next.is_ascii_alphanumeric() || (next == b'T' && text.at(end + 1).is_ascii_digit())
}
