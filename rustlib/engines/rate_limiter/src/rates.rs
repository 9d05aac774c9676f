//! Rates as people write them: `10/s, 1000/h burst 50`. The Python twin is `pyplugins/rate_limiter/_rates.py`.

use gwplugins_core::fault::Fault;

/// One rate of a text, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How much in one period.
    pub count: u64,
    /// The period in microseconds.
    pub period_us: u64,
    /// How much at once, where that was said.
    pub burst: Option<u64>,
}

/// Most rates in one text.
pub const MAX_RATES: usize = 8;
/// Longest period, 31 days, in microseconds.
pub const MAX_PERIOD_US: u64 = 31 * 86_400_000_000;
const MAX_COUNT: (u64, usize) = (1_000_000_000, 10);
const MAX_MULTIPLE: (u64, usize) = (1_000_000, 7);

const UNITS: &[(&str, u64)] = &[
    ("ms", 1_000),
    ("s", 1_000_000),
    ("sec", 1_000_000),
    ("second", 1_000_000),
    ("seconds", 1_000_000),
    ("m", 60_000_000),
    ("min", 60_000_000),
    ("minute", 60_000_000),
    ("minutes", 60_000_000),
    ("h", 3_600_000_000),
    ("hr", 3_600_000_000),
    ("hour", 3_600_000_000),
    ("hours", 3_600_000_000),
    ("d", 86_400_000_000),
    ("day", 86_400_000_000),
    ("days", 86_400_000_000),
];

/// Reads a text of rates; `unlimited` gives none. The fault names the rate by its place, from 0.
pub fn parse(text: &str) -> Result<Vec<Rate>, Fault> {
    if trim(text).eq_ignore_ascii_case("unlimited") {
        return Ok(Vec::new());
    }
    let refused = |index: usize| Fault::with("config_rate", index as u64, 0);
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > MAX_RATES {
        return Err(refused(MAX_RATES));
    }
    parts.iter().enumerate().map(|(index, part)| one(part).ok_or_else(|| refused(index))).collect()
}

fn one(text: &str) -> Option<Rate> {
    let (count, rest) = number(trim(text), MAX_COUNT)?;
    let rest = trim(trim(rest).strip_prefix('/')?);
    let (multiple, rest) = if rest.starts_with(|c: char| c.is_ascii_digit()) { number(rest, MAX_MULTIPLE)? } else { (1, rest) };
    let rest = trim(rest);
    let (unit, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let (_, unit_us) = UNITS.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name))?;
    let period_us = multiple * unit_us;
    let burst = burst(rest)?;
    (period_us <= MAX_PERIOD_US).then_some(Rate { count, period_us, burst })
}

/// What may follow a unit: nothing, or white space and a burst.
fn burst(rest: &str) -> Option<Option<u64>> {
    let text = trim(rest);
    if text.is_empty() {
        return Some(None);
    }
    let (word, number_text) = text.split_at_checked("burst".len())?;
    let parted = rest.len() > text.len();
    let (count, rest) = number(trim(number_text), MAX_COUNT)?;
    (parted && word.eq_ignore_ascii_case("burst") && rest.is_empty()).then_some(Some(count))
}

/// Decimal digits at the start: their value, 1 to a limit, and what follows.
fn number(text: &str, (most, digits): (u64, usize)) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let value = text[..end].parse().ok()?;
    (end <= digits && (1..=most).contains(&value)).then_some((value, &text[end..]))
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        let rate = |count, period_us, burst| Rate { count, period_us, burst };
        assert_eq!(parse("10/s"), Ok(vec![rate(10, 1_000_000, None)]));
        assert_eq!(parse(" 5 / 2 Hours\tBURST 7 ,1/ms"), Ok(vec![rate(5, 7_200_000_000, Some(7)), rate(1, 1_000, None)]));
        assert_eq!(parse(" Unlimited "), Ok(vec![]));
        assert_eq!(parse("1/31d"), Ok(vec![rate(1, MAX_PERIOD_US, None)]));
        assert_eq!(parse("0000000001/s"), Ok(vec![rate(1, 1_000_000, None)]));
    }

    #[test]
    fn what_is_no_rate_is_named_by_its_place() {
        let many = ["1/s"; 9].join(",");
        for (text, place) in [
            ("", 0),
            ("10", 0),
            ("0/s", 0),
            ("-1/s", 0),
            ("1.5/s", 0),
            ("1/s,", 1),
            ("1/s, 2/x", 1),
            ("1/32d", 0),
            ("1000000001/s", 0),
            ("00000000001/s", 0),
            ("1/0s", 0),
            ("1/1000001ms", 0),
            ("1/sburst 2", 0),
            ("1/s burst", 0),
            ("1/s burst 2 3", 0),
            ("1/s bürst 2", 0),
            ("\u{661}/s", 0),
            (&many, 8),
        ] {
            assert_eq!(parse(text), Err(Fault::with("config_rate", place, 0)), "{text}");
        }
    }
}
