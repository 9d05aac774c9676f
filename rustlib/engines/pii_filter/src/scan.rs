//! From bytes to findings: the anchors of `RULES.md`, and the steps tried at each.

use std::cell::Cell;

use gwplugins_core::guard::{Action, Finding, SCORE_SHIFT};
use gwplugins_core::masks::{BLOCK, Masks, Path};
use gwplugins_core::text::{Eight, Text, is_word, note_reads};

use crate::class;
use crate::email::Around;
use crate::label::{Label, Says};
use crate::tables::{Tables, rule};
use crate::{account, card, date, email, ids, ip, phone, tax};

/// Most digits a run is counted to: one more than the longest shape (an account of 20 digits).
pub const MOST_DIGITS: usize = 21;

/// Places at the end of a block that pass the gates of a block: these look at eight bytes, and never into the next one.
const UNGATED: u64 = !(u64::MAX >> 8);

/// Blocks whose masks are made at a time.
const AHEAD: usize = 4;

/// Most letters before the first digit of a value.
const MOST_LETTERS: usize = 8;

/// A place where a value may begin: anchor 1 and 2 of `RULES.md`, and the bytes around it, read once.
#[derive(Clone, Copy)]
pub struct Number {
    /// First byte of the token.
    pub w: usize,
    /// Its first digit; `a - w` letters stand before it.
    pub a: usize,
    /// Digits from `a` on, counted up to [`MOST_DIGITS`].
    pub run: usize,
    /// The token stands right behind an e-mail: no label, free left side.
    pub after_email: bool,
    /// The eight bytes before `w`.
    pub head: Eight,
    /// The eight bytes behind the digit run.
    pub tail: Eight,
}

impl Number {
    #[inline(always)]
    fn new(text: Text<'_>, w: usize, a: usize, run: usize) -> Self {
        Self { w, a, run, after_email: false, head: text.eight_before(w), tail: text.eight_at(a + run) }
    }

    /// One past the digit run.
    pub fn run_end(&self) -> usize {
        self.a + self.run
    }

    /// The byte before `w`.
    pub fn before(&self) -> u8 {
        self.head.back(1)
    }

    /// No letters stand before the first digit.
    pub fn digit_led(&self) -> bool {
        self.w == self.a
    }

    /// The digit run may be the first of several groups.
    pub fn is_grouped(&self) -> bool {
        class::is(self.tail.byte(0), class::GAP) && class::is(self.tail.byte(1), class::GAP_GOES_ON)
    }
}

/// What a scan looks for and where it puts what it finds.
pub struct Scan<'a> {
    pub text: Text<'a>,
    pub tables: &'a Tables,
    /// Bit r set: rule r is wanted.
    pub enabled: u32,
    pub action: Action,
    /// Findings may be dropped before overlaps are resolved, so that others win.
    pub whitelisted: bool,
    /// Number of the item, for the findings.
    pub item: u32,
    pub found: &'a mut Vec<Finding>,
    /// Colons before this place belong to a run that step *v6* has examined.
    pub colons_done: usize,
    /// The anchor of the last NANP number.
    pub last_nanp: usize,
    /// The last place whose label was looked for, and that label.
    pub last_label: Cell<(usize, Option<Label>)>,
}

impl Scan<'_> {
    /// Finds the built-in types that start at or after `from`, and some before it.
    pub fn run(&mut self, bytes: &[u8], from: usize, path: Path) {
        // A value may begin right behind an e-mail, whose anchor then lies before it.
        let from = from.saturating_sub(email::MOST_DOMAIN + 1);
        let mut masks = [Masks::default(); AHEAD + 2];
        let fill = |masks: &mut [Masks], block: usize| {
            note_reads(masks.len() * BLOCK);
            path.fill(bytes, block, masks);
        };
        let mut block = from / BLOCK * BLOCK;
        while block < bytes.len() {
            fill(&mut masks[1..2], block);
            if masks[1].has_anchor()
                && let Some(before) = block.checked_sub(BLOCK)
            {
                fill(&mut masks[..1], before);
            }
            while masks[1].has_anchor() && block < bytes.len() {
                let count = (bytes.len() - block).div_ceil(BLOCK).min(AHEAD);
                if block + BLOCK < bytes.len() {
                    fill(&mut masks[2..count + 2], block + BLOCK);
                } else {
                    masks[2] = Masks::default();
                }
                for (place, view) in masks[..count + 2].windows(3).enumerate() {
                    let [before, here, after] = view else { unreachable!("windows of three") };
                    if here.has_anchor() {
                        let block = block + place * BLOCK;
                        self.visit(block, &View { before, here, after }, from.saturating_sub(block));
                    }
                }
                (masks[0], masks[1]) = (masks[AHEAD], masks[AHEAD + 1]);
                block += AHEAD * BLOCK;
            }
            let next = path.skip_plain(bytes, block + BLOCK);
            note_reads(next - block);
            block = next;
        }
    }

    /// The anchors of one block from `first` on.
    fn visit(&mut self, block: usize, view: &View<'_>, first: usize) {
        let numbers = view.numbers();
        let colons = if view.may_hold_v6() { view.colons() } else { 0 };
        let ats = view.ats();
        let all = numbers.values | numbers.days | ats | colons;
        let mut rest = all & u64::MAX.checked_shl(first as u32).unwrap_or(0);
        while rest != 0 {
            let lane = rest.trailing_zeros();
            let bit = rest & rest.wrapping_neg();
            let place = block + lane as usize;
            rest ^= bit;
            let day = numbers.days & bit != 0 && date::may_be_day(self.tables, self.text, place);
            if day || numbers.values & bit != 0 {
                self.number(place, view, lane);
            } else if numbers.days & bit != 0 {
                continue;
            } else if ats & bit != 0 {
                self.at_sign(place, &view.around(lane));
            } else if place >= self.colons_done && self.wants(rule::IP_ADDRESS) {
                self.colons_done = ip::v6(self, place);
            }
        }
    }

    #[inline(always)]
    fn number(&mut self, a: usize, view: &View<'_>, lane: u32) {
        let here = view.here;
        let w = a - until(here.letter, view.before.letter, lane).leading_ones() as usize;
        let run = from(here.digit, view.after.digit, lane).trailing_ones() as usize;
        let number = Number::new(self.text, w, a, run.min(MOST_DIGITS));
        if number.before() == b'\\' {
            self.escaped_number(w, a);
        } else if a - w <= MOST_LETTERS {
            self.steps(&number);
        }
    }

    /// The rest of a JSON escape may stand before the value.
    #[cold]
    fn escaped_number(&mut self, w: usize, a: usize) {
        let behind = self.text.behind_escape(w);
        let a = if behind > a {
            behind + (0..=MOST_LETTERS).take_while(|&n| self.text.at(behind + n).is_ascii_alphabetic()).count()
        } else {
            a
        };
        if self.text.at(a).is_ascii_digit() && a - behind <= MOST_LETTERS {
            self.steps_apart(&Number::new(self.text, behind, a, self.text.digit_run(a, MOST_DIGITS)));
        }
    }

    fn at_sign(&mut self, at: usize, around: &Around) {
        let Some(end) = email::find(self, at, around) else { return };
        if self.text.at(end).is_ascii_digit() {
            let run = self.text.digit_run(end, MOST_DIGITS);
            self.steps_apart(&Number { after_email: true, ..Number::new(self.text, end, end, run) });
        }
    }

    /// [`Scan::steps`] at anchors that are rare.
    #[inline(never)]
    fn steps_apart(&mut self, number: &Number) {
        self.steps(number);
    }

    /// All steps at one anchor. The gates look at the few bytes around the digit run; most anchors of machine text end here.
    #[inline(always)]
    fn steps(&mut self, number: &Number) {
        let grouped = number.is_grouped();
        let first = self.found.len();
        let (mut dated, mut settled) = (false, false);
        if number.digit_led() {
            if number.run >= 13 || (number.run == 4 && card::may_go_on(number.tail)) {
                card::find(self, number);
            }
            dated = self.wants(rule::DATE_OF_BIRTH) && date::may_be_written(self.tables, self.text, number);
            if number.run <= 3 && grouped {
                self.grouped_steps(number, dated);
            }
            if number.before() == b'+' {
                phone::international(self, number);
            }
            settled = self.found.len() > first && !dated && self.is_settled(first, number);
        } else if number.a - number.w == 2 && number.run >= 2 {
            account::iban(self, number);
        }
        let prefix = ids::prefix(self.text, number);
        if number.after_email || (settled && prefix.is_none()) {
            return;
        }
        // The value of a label has five characters at least, in groups seven digits.
        let next = number.tail.byte(0);
        let labelled =
            prefix.is_some() || grouped || number.run >= 5 || !number.digit_led() || class::is(next, class::ALNUM) || next == b'-';
        let label = if labelled || dated { self.typed_label(number) } else { None };
        if dated {
            self.dated_step(number, label);
        }
        if label.is_some() || prefix.is_some() {
            self.labelled_steps(number, label, prefix);
        }
    }

    /// One of the findings from number `first` on would win over all that a label can say here: of a type before those of labels, and
    /// nothing behind it that a longer value could go on with.
    #[inline(never)]
    fn is_settled(&self, first: usize, number: &Number) -> bool {
        let goes_on = |end: usize| {
            let [next, second] = [0, 1].map(|n| self.text.at(end + n));
            let part = class::is(second, class::GAP_GOES_ON) || (next != b' ' && class::is(second, class::ALNUM));
            class::is(next, class::ALNUM) || (class::is(next, class::GAP) && part)
        };
        let wins = |found: &Finding| found.rule <= rule::SSN && found.start == number.w as u64 && !goes_on(found.end as usize);
        !self.whitelisted && self.found[first..].last().is_some_and(wins)
    }

    /// A label may end before the value, by the three bytes that stand there: a separator, and no number before it but that of a field
    /// (`phone1=`) or of a tag.
    #[inline(always)]
    fn may_follow_label(&self, number: &Number) -> bool {
        let [before, second, third] = [1, 2, 3].map(|distance| number.head.back(distance));
        if before.is_ascii_alphanumeric() {
            return self.text.escape_before(number.w) > 0;
        }
        class::is(before, class::BEFORE_LABELLED)
            && (!second.is_ascii_digit()
                || (number.head.back(7) == b'\\' && self.text.escape_before(number.w - 1) > 0)
                || class::is(third, class::MONTH)
                || matches!(third, b'_' | b'-')
                || before == b'>')
    }

    /// The steps that read groups of digits, each behind what the eight bytes behind the first one say.
    fn grouped_steps(&mut self, number: &Number, dated: bool) {
        let (next, tail) = (number.tail.byte(0), number.tail);
        if number.run == 3 && tail.byte(3) == next && matches!(next, b'-' | b' ') {
            tax::ssn_parted(self, number);
        }
        if self.wants(rule::PHONE) && phone::may_be_nanp(self.text, number) {
            phone::nanp(self, number);
        }
        // The second number of an address has one to three digits and a dot behind it.
        if next == b'.' && (2..5).any(|n| tail.byte(n) == b'.') {
            ip::v4(self, number);
        }
        if dated && next == b'/' {
            date::bare(self, number);
        }
    }

    /// `label` is the one before the anchor; a date may begin at a month before it.
    fn dated_step(&mut self, number: &Number, label: Option<Label>) {
        let labels = &self.tables.labels;
        // Most dates in figures are no births, by the bytes behind them: those that begin with the year end 8 to 10 bytes on.
        let year_first = number.run == 8 || (number.run == 4 && date::is_separator(number.tail.byte(0)));
        let ends = match date::numeric_tail(number.tail, date::YEAR) {
            _ if year_first => Some((8, true)),
            Some(length) if number.run <= 2 => Some((number.run + length, false)),
            _ => None,
        };
        if let Some((first, more)) = ends
            && !Label::is(label, rule::DATE_OF_BIRTH)
        {
            let behind = self.text.eight_at(number.a + first);
            let says = |n| labels.may_say_birth(behind.byte(n));
            if !(says(0) || says(1) || more && (says(2) || says(3))) {
                return;
            }
        }
        let Some((start, end)) = date::written(self.tables, self.text, number) else { return };
        let label = if start == number.w { label } else { labels.typed_before(self.text, start, self.text.eight_before(start)) };
        if Label::is(label, rule::DATE_OF_BIRTH) || labels.birth_follows(self.text, end) {
            self.add(rule::DATE_OF_BIRTH, start, end, true);
        }
    }

    /// The steps that need a label. `prefix` is where the letters begin that may belong to an identifier.
    #[inline(never)]
    fn labelled_steps(&mut self, number: &Number, label: Option<Label>, prefix: Option<usize>) {
        let Some((label, Says::Type(kind))) = label.map(|label| (label, label.says())) else {
            ids::lettered(self, prefix);
            return;
        };
        let one_letter = prefix.filter(|&start| number.w - start == 2);
        if ids::lettered(self, one_letter) || !self.wants(kind) {
            return;
        }
        match kind {
            rule::SSN => tax::ssn_labelled(self, number),
            rule::BSN => tax::bsn(self, number),
            rule::BANK_ACCOUNT => account::labelled(self, number),
            rule::PHONE => phone::labelled(self, number, label),
            rule::PASSPORT => ids::passport(self, number),
            rule::DRIVER_LICENSE => ids::driver_license(self, number, label),
            rule::MEDICAL_RECORD => ids::medical_record(self, number, label),
            _ => {}
        }
    }

    /// True when findings of `rule` are wanted.
    pub fn wants(&self, rule: u32) -> bool {
        self.enabled >> rule & 1 == 1
    }

    /// Adds a finding.
    pub fn add(&mut self, rule: u32, start: usize, end: usize, labelled: bool) {
        let kind = &self.tables.types[rule as usize];
        let score = if labelled { kind.labelled_score } else { kind.score };
        let flags = self.action as u32 | score << SCORE_SHIFT;
        self.found.push(Finding { start: start as u64, end: end as u64, item: self.item, rule, flags, detail: 0 });
    }

    /// The label before `number`, none behind an e-mail.
    pub fn label(&self, number: &Number) -> Option<Label> {
        if number.after_email || !self.may_follow_label(number) {
            return None;
        }
        let label = self.tables.labels.before(self.text, number.w, number.head);
        self.last_label.set((number.w, label));
        label
    }

    /// The same where only labels of types matter: for others it may be `None`.
    #[inline(always)]
    pub fn typed_label(&self, number: &Number) -> Option<Label> {
        match self.last_label.get() {
            (place, label) if place == number.w => label,
            _ if number.after_email || !self.may_follow_label(number) => None,
            _ => self.tables.labels.typed_before(self.text, number.w, number.head),
        }
    }

    /// "joined left" of `RULES.md` for a value of type `rule` at `start`.
    pub fn joined_left(&self, number: &Number, start: usize, rule: u32) -> bool {
        let joined = !number.after_email && matches!(self.text.before(start, 1), b'-' | b'.') && self.text.word_before(start - 1);
        joined && !Label::is(self.typed_label(number), rule)
    }

    /// "free right"
    pub fn free_right(&self, end: usize) -> bool {
        !self.text.at(end).is_ascii_alphabetic() && self.loose_right(end)
    }

    /// "loose right"
    pub fn loose_right(&self, end: usize) -> bool {
        match self.text.at(end) {
            b'0'..=b'9' | b'_' => false,
            b'-' => !is_word(self.text.at(end + 1)),
            b'.' => !self.text.at(end + 1).is_ascii_digit(),
            _ => true,
        }
    }

    /// "alone": no number stands beside the value, parted by one space.
    pub fn alone(&self, number: &Number, end: usize, rule: u32) -> bool {
        let left = self.text.before(number.w, 1) == b' '
            && self.text.before(number.w, 2).is_ascii_digit()
            && self.text.escape_before(number.w - 1) == 0;
        let right = self.text.at(end) == b' ' && self.text.at(end + 1).is_ascii_digit();
        !right && (!left || Label::is(self.typed_label(number), rule))
    }
}

/// The masks of a block and of its neighbours.
struct View<'a> {
    before: &'a Masks,
    here: &'a Masks,
    after: &'a Masks,
}

impl View<'_> {
    /// Anchor *number*, without those of which no step can make anything.
    #[inline(never)]
    fn numbers(&self) -> Numbers {
        let (here, before) = (self.here, self.before);
        let start = here.word() & !up(here.word(), before.word(), 1);
        let continued = up(here.dash | here.dot, before.dash | before.dot, 1) & up(here.digit, before.digit, 2);
        // Adding the start of a run of letters to it carries a bit to the place behind it.
        let run_before = before.letter.leading_ones();
        let goes_on = run_before > 0 && run_before < 64 && before.word() >> (63 - run_before) & 1 == 0;
        let behind_letters = here.letter.wrapping_add(here.letter & start | u64::from(goes_on)) & !here.letter;
        let first = here.digit & start & !continued;
        let led = here.digit & behind_letters;
        // One anchor alone is looked at for less than what the gates of a block cost.
        if first & first.wrapping_sub(1) == 0 {
            return Numbers { values: led | first, days: 0 };
        }
        let values = led | first & (self.may_be_value() | UNGATED);
        Numbers { values, days: first & self.may_be_day() & !values }
    }

    /// Where a value that begins with a digit may stand, if a number does: the gates of most steps, for a whole block at once.
    #[inline(always)]
    fn may_be_value(&self) -> u64 {
        let (digit, gap) = (self.here.digit, self.here.gap());
        // An identifier, or a number without groups; groups of at least seven digits; three groups of fewer.
        let plain = run(self.here.alnum() | self.here.dash, 5);
        let six = run(gap | digit, 6);
        let long = six & six >> 2;
        let ends = gap & digit >> 1;
        let grouped = long | six & (ends >> 1 & (ends >> 3 | ends >> 4) | ends >> 2 & (ends >> 4 | ends >> 5));
        // Four digits, and behind them the unit of a year.
        let year = self.here.wide >> 4 | self.here.wide >> 5;
        // The letters and the hyphen that an identifier begins with.
        let lettered = up(self.here.dash, self.before.dash, 1) & up(self.here.letter, self.before.letter, 2);
        plain | grouped | year | lettered
    }

    /// Where the day of a date may stand: one or two digits, and behind them a year, a month, its ordinal or a gap before it.
    #[inline(always)]
    fn may_be_day(&self) -> u64 {
        let (digit, letter) = (self.here.digit, self.here.letter);
        let gap = self.here.gap() | self.here.comma;
        let year = gap & run(digit, 4) >> 1;
        let month = (gap | letter) & (gap | letter | self.here.wide) >> 1;
        let behind = year | month;
        behind >> 1 | digit >> 1 & behind >> 2
    }

    /// Anchor *colon*: those next to another, or between two characters of words. What lies in the next block counts, too.
    fn colons(&self) -> u64 {
        let inside = |masks: &Masks| masks.digit | masks.letter | masks.colon;
        let (here, before, after) = (inside(self.here), inside(self.before), inside(self.after));
        self.here.colon & up(here, before, 1) & down(here, after, 1)
    }

    /// Anchor *at*, without those that no local part or no domain stands beside.
    fn ats(&self) -> u64 {
        if self.here.at == 0 {
            return 0;
        }
        let ends = |masks: &Masks| masks.at | masks.colon | masks.dot | masks.comma | masks.blank;
        let begins = |masks: &Masks| masks.alnum() | masks.wide;
        self.here.at & !up(ends(self.here), ends(self.before), 1) & down(begins(self.here), begins(self.after), 1)
    }

    /// What lies around the `@` at `lane`.
    fn around(&self, lane: u32) -> Around {
        let before = |pick: fn(&Masks) -> u64| until(pick(self.here), pick(self.before), lane);
        let behind = |pick: fn(&Masks) -> u64| from(pick(self.here), pick(self.after), lane) >> 1;
        Around {
            local: before(|masks| masks.word() | masks.dash | masks.dot),
            local_dots: before(|masks| masks.dot),
            domain: behind(|masks| masks.alnum() | masks.dash | masks.dot),
            dots: behind(|masks| masks.dot),
            dashes: behind(|masks| masks.dash),
            letters: behind(|masks| masks.letter),
        }
    }

    /// An address may begin in this block: two colons together, or six of them. Times end here.
    fn may_hold_v6(&self) -> bool {
        let (here, after) = (self.here.colon, self.after.colon);
        if here == 0 {
            return false;
        }
        let together = here & up(here, self.before.colon, 1) | after & up(after, here, 1);
        // (Counting is dear where no instruction does it; most blocks hold a time of day or two.)
        let most = |bits: u64, count: u32| (0..count).fold(bits, |left, _| left & left.wrapping_sub(1)) == 0;
        together != 0 || !(most(here, 3) && most(after, 2)) && here.count_ones() + after.count_ones() >= 6
    }
}

/// Anchors *number* of a block.
struct Numbers {
    /// All steps may find something there.
    values: u64,
    /// Nothing but the day of a date with the month's name.
    days: u64,
}

/// The places that begin a run of `length` bits, 4 to 8.
#[inline(always)]
fn run(bits: u64, length: u32) -> u64 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    four & four >> (length - 4)
}

/// Each bit moved `by` places up, with the last bits of the block before coming in.
fn up(here: u64, before: u64, by: u32) -> u64 {
    here << by | before >> (u64::BITS - by)
}

/// Each bit moved `by` places down, with the first bits of the block behind coming in.
fn down(here: u64, after: u64, by: u32) -> u64 {
    here >> by | after << (u64::BITS - by)
}

/// The bits of the 64 places from `lane` on, the first of them lowest.
#[inline(always)]
fn from(here: u64, after: u64, lane: u32) -> u64 {
    here >> lane | after << 1 << (u64::BITS - 1 - lane)
}

/// The bits of the 64 places before `lane`, the last of them highest.
#[inline(always)]
fn until(here: u64, before: u64, lane: u32) -> u64 {
    before >> lane | here << 1 << (u64::BITS - 1 - lane)
}
