//! Step `phone`.

use gwplugins_core::text::{Eight, Text};

use crate::class;
use crate::ip;
use crate::label::Label;
use crate::scan::{Number, Scan};
use crate::tables::{Tables, rule};

/// Most digits of a number (E.164).
const MOST: usize = 15;

/// Fewest digits of a labelled number.
const LEAST_LABELLED: usize = 7;

/// Digits read in groups.
struct Groups {
    /// With room for the last eight bytes that are copied.
    digits: [u8; MOST + 8],
    total: usize,
    /// Length of the first groups and the gap character before each.
    shape: [(u8, u8); 4],
    count: usize,
    end: usize,
    /// The parenthesis before the first group was closed between two groups.
    closed_first: bool,
}

impl Groups {
    /// Reads groups from the anchor on: none that would pass `most`; once `least` is reached only such of two digits or more behind a
    /// gap of one character.
    #[inline(always)]
    fn read(text: Text<'_>, number: &Number, opened: bool, least: usize, most: usize) -> Option<Self> {
        let mut groups = Self { digits: [0; MOST + 8], total: 0, shape: [(0, 0); 4], count: 0, end: number.a, closed_first: false };
        if number.run > most {
            return None;
        }
        groups.take(text, number.a, number.run, 0);
        let mut open = if opened { Open::First } else { Open::No };
        loop {
            let behind = text.eight_at(groups.end);
            let (gap, now_open) = gap(behind, open);
            let start = groups.end + gap;
            // Most groups end within the eight bytes.
            let seen = behind.from(gap).digits();
            let length = if gap + seen < 8 { seen } else { text.digit_run(start, most + 1) };
            let enough = groups.total >= least;
            if gap == 0 || groups.total + length > most || (enough && (gap > 1 || length < 2)) {
                return Some(groups);
            }
            groups.closed_first |= open == Open::First && now_open != Open::First;
            open = now_open;
            groups.take(text, start, length, if gap == 1 { behind.byte(0) } else { 0 });
        }
    }

    #[inline(always)]
    fn take(&mut self, text: Text<'_>, start: usize, length: usize, gap: u8) {
        self.copy(text, start, 0);
        if length > 8 {
            self.copy(text, start, 8);
        }
        if let Some(slot) = self.shape.get_mut(self.count) {
            *slot = (length as u8, gap);
        }
        self.total += length;
        self.count += 1;
        self.end = start + length;
    }

    #[inline(always)]
    fn copy(&mut self, text: Text<'_>, start: usize, done: usize) {
        let digits = text.eight_at(start + done).values().to_le_bytes();
        self.digits[self.total + done..][..8].copy_from_slice(&digits);
    }

    /// The number of digits `from..to`.
    fn value(&self, from: usize, to: usize) -> u32 {
        self.digits[from..to].iter().fold(0, |value, &digit| value * 10 + u32::from(digit))
    }

    /// The first three groups write a date: 4-2-2, or 1-2, 1-2, 4.
    fn is_date(&self) -> bool {
        let [(first, _), (second, gap), (third, other_gap), _] = self.shape;
        let parted = |gaps: &[u8]| gaps.contains(&gap) && gaps.contains(&other_gap);
        let year_first = (first, second, third) == (4, 2, 2) && parted(b"-/.");
        let year_last = first <= 2 && second <= 2 && third == 4 && parted(b"/.");
        self.count >= 3 && (year_first || year_last)
    }
}

/// Which parenthesis is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    /// The one before the first group.
    First,
    /// One between groups.
    Later,
}

/// Length of `(0)`, perhaps between spaces, before a digit: the trunk prefix, which is not dialled with a country code.
fn trunk_zero(bytes: Eight) -> Option<usize> {
    let start = usize::from(bytes.byte(0) == b' ');
    let zero = bytes.byte(start) == b'(' && bytes.byte(start + 1) == b'0' && bytes.byte(start + 2) == b')';
    let end = start + 3 + usize::from(bytes.byte(start + 3) == b' ');
    (zero && bytes.byte(end).is_ascii_digit()).then_some(end)
}

/// Length of the gap that these bytes begin with (one to three characters, then a digit; 0 for none) and which parenthesis is open
/// behind it.
#[inline(always)]
fn gap(bytes: Eight, mut open: Open) -> (usize, Open) {
    let length = (0..3).take_while(|&n| class::is(bytes.byte(n), class::GAP)).count();
    let next = bytes.byte(length);
    if next == b'0'
        && let Some(length) = trunk_zero(bytes)
    {
        return (length, open);
    }
    if length == 0 || !next.is_ascii_digit() {
        return (0, open);
    }
    for byte in (0..length).map(|n| bytes.byte(n)) {
        let (opens, closes) = (byte == b'(', byte == b')');
        if (opens && open != Open::No) || (closes && open == Open::No) {
            return (0, open);
        }
        open = if opens {
            Open::Later
        } else if closes {
            Open::No
        } else {
            open
        };
    }
    (length, open)
}

/// Step *international*: `text[w-1]` is `+`.
#[inline(never)]
pub fn international(scan: &mut Scan<'_>, number: &Number) {
    let plus = number.w - 1;
    let before = scan.text.before(plus, 1);
    if !scan.wants(rule::PHONE) || scan.text.word_before(plus) || before == b'+' {
        return;
    }
    let Some((code, least, most)) = country(scan.tables, scan.text, number) else { return };
    let Some(groups) = Groups::read(scan.text, number, before == b'(', least, most) else { return };
    let valid = groups.total >= least && (code != 1 || is_nanp(scan.tables, groups.value(1, 4), groups.value(4, 7)));
    if valid && scan.loose_right(groups.end) {
        let start = if groups.closed_first { plus - 1 } else { plus };
        scan.add(rule::PHONE, start, groups.end, true);
    }
}

/// The country code that begins the first group, with the least and most digits.
fn country(tables: &Tables, text: Text<'_>, number: &Number) -> Option<(usize, usize, usize)> {
    let mut code = 0;
    for at in number.a..number.a + number.run.min(3) {
        code = code * 10 + usize::from(text.at(at) - b'0');
        if code == 0 {
            return None;
        }
        let (least, most) = tables.phone_digits[code];
        if most > 0 {
            return Some((code, least.into(), most.into()));
        }
    }
    None
}

/// NANP: area and exchange `[2-9]dd`, neither `d11`; the exchange of the example area is not examined.
fn is_nanp(tables: &Tables, area: u32, exchange: u32) -> bool {
    let assignable = |code: u32| code >= 200 && code % 100 != 11;
    assignable(area) && (area == tables.example_area || assignable(exchange))
}

/// Step *nanp*.
#[inline(never)]
pub fn nanp(scan: &mut Scan<'_>, number: &Number) {
    if let Some(shape) = nanp_at(scan, number) {
        scan.last_nanp = number.a;
        scan.add(rule::PHONE, shape.start, shape.end, false);
    }
}

/// A gate before [`nanp`]: three digits, perhaps in parentheses, and three more behind them; perhaps a country code first.
#[inline(always)]
pub fn may_be_nanp(text: Text<'_>, number: &Number) -> bool {
    let tail = number.tail;
    let is_gap = |n: usize| class::is(tail.byte(n), class::GAP);
    // Three digits from number `n` on, a gap and another digit behind them.
    let exchange = |n: usize| is_gap(n + 3) && tail.byte(n + 4).is_ascii_digit() && tail.from(n).digits() == 3;
    match number.run {
        3 if tail.byte(0) == b')' => exchange(if is_gap(1) { 2 } else { 1 }),
        3 => exchange(1),
        1 if text.at(number.a) == b'1' => {
            let open = usize::from(tail.byte(0) != b'(');
            (tail.byte(open) == b'(' && tail.byte(open + 4) == b')' && tail.from(open + 1).digits() == 3) || exchange(1)
        }
        _ => false,
    }
}

/// The NANP number at this anchor.
fn nanp_at(scan: &Scan<'_>, number: &Number) -> Option<Nanp> {
    let shape = Nanp::read(scan.text, number)?;
    let valid = is_nanp(scan.tables, shape.area, shape.exchange) && scan.loose_right(shape.end);
    let free = scan.text.before(number.w, 1) != b'+' && !scan.joined_left(number, shape.start, rule::PHONE);
    let alone = || !shape.spaces_only || scan.alone(number, shape.end, rule::PHONE);
    (valid && free && alone()).then_some(shape)
}

struct Nanp {
    start: usize,
    end: usize,
    area: u32,
    exchange: u32,
    spaces_only: bool,
}

impl Nanp {
    fn read(text: Text<'_>, number: &Number) -> Option<Self> {
        let parting = |at: usize| matches!(text.at(at), b' ' | b'-' | b'.');
        let (mut start, mut at) = (number.a, number.a);
        let mut spaces_only = true;
        let mut parentheses = false;
        if number.run == 1 {
            (text.at(at) == b'1').then_some(())?;
            at += 1;
            let gap = usize::from(parting(at));
            parentheses = text.at(at + gap) == b'(';
            (gap == 1 || parentheses).then_some(())?;
            spaces_only &= text.at(at) == b' ';
            at += gap + usize::from(parentheses);
        } else if text.before(number.w, 1) == b'(' && text.at(at + 3) == b')' {
            parentheses = true;
            start -= 1;
        }
        let area = three(text, at)?;
        at += 3;
        if parentheses {
            if text.at(at) != b')' {
                return None;
            }
            at += 1 + usize::from(parting(at + 1));
        } else {
            parting(at).then_some(())?;
            // Dots part all groups or none: `277.764 1035` is no number.
            ((text.at(at + 4) == b'.') == (text.at(at) == b'.')).then_some(())?;
            spaces_only &= text.at(at) == b' ';
            at += 1;
        }
        let exchange = three(text, at)?;
        at += 3;
        parting(at).then_some(())?;
        spaces_only &= text.at(at) == b' ' && !parentheses;
        (text.digit_run(at + 1, 5) == 4).then_some(Self { start, end: at + 5, area, exchange, spaces_only })
    }
}

/// The number of exactly three digits at `at`.
fn three(text: Text<'_>, at: usize) -> Option<u32> {
    let eight = text.eight_at(at);
    (eight.digits() == 3).then(|| eight.short_number(3))
}

/// Step *labelled*.
#[inline(never)]
pub fn labelled(scan: &mut Scan<'_>, number: &Number, label: Label) {
    let before = scan.text.before(number.w, 1);
    if number.w != number.a || before == b'+' || scan.last_nanp == number.a {
        return;
    }
    let least = LEAST_LABELLED.max(label.min_digits() as usize);
    if number.run < least && !number.is_grouped() {
        return;
    }
    let Some(groups) = Groups::read(scan.text, number, before == b'(', least, MOST) else { return };
    let is_v4 = || number.tail.byte(0) == b'.' && ip::is_v4(scan.text, number.a);
    if groups.total >= least && !groups.is_date() && !is_v4() && scan.loose_right(groups.end) {
        let start = if groups.closed_first { number.w - 1 } else { number.w };
        scan.add(rule::PHONE, start, groups.end, true);
    }
}
