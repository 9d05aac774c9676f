//! From bytes to candidates: the anchors of `RULES.md`, and the steps tried at each.

use gwplugins_core::guard::{Action, SCORE_SHIFT};
use gwplugins_core::masks::{BLOCK, Masks, Path, padded};
use gwplugins_core::overlap::Candidate;
use gwplugins_core::text::{Text, is_word, note_reads};

use crate::class;
use crate::label::{Ask, Label, Says};
use crate::tables::{Tables, rule};
use crate::{account, card, date, email, ids, ip, phone, tax};

/// Most digits a run is counted to: one more than the longest shape (an account of 20 digits).
pub const MOST_DIGITS: usize = 21;

/// Most letters before the first digit of a value.
const MOST_LETTERS: usize = 8;

/// Most letters of a JSON escape before them.
const MOST_ESCAPED: usize = 5;

/// A place where a value may begin: anchor 1 and 2 of `RULES.md`.
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
}

impl Number {
    /// One past the digit run.
    pub fn run_end(self) -> usize {
        self.a + self.run
    }
}

/// What a scan looks for and where it puts what it finds.
pub struct Scan<'a> {
    pub text: Text<'a>,
    pub tables: &'a Tables,
    /// Bit r set: rule r is wanted.
    pub enabled: u32,
    pub action: Action,
    pub found: &'a mut Vec<Candidate>,
    /// Colons before this place belong to a run that step *v6* has examined.
    pub colons_done: usize,
}

impl Scan<'_> {
    /// Finds the built-in types that start at or after `from`, and some before it.
    pub fn run(&mut self, bytes: &[u8], from: usize, path: Path) {
        // A value may begin right behind an e-mail, whose anchor then lies before it.
        let from = from.saturating_sub(email::MOST_DOMAIN + 1);
        let mut block = from / BLOCK * BLOCK;
        let mut before = self.masks_before(bytes, block, path);
        while block < bytes.len() {
            note_reads(BLOCK);
            let masks = match bytes[block..].first_chunk() {
                Some(whole) => path.masks(whole),
                None => path.masks(&padded(bytes, block)),
            };
            let mut anchors = Anchors::of(masks, before);
            anchors.drop_before(from.saturating_sub(block));
            if anchors.all() == 0 && masks.digit | masks.at | masks.colon == 0 {
                let next = path.skip_plain(bytes, block + BLOCK).max(block + BLOCK);
                note_reads(next - block - BLOCK);
                before = if next > block + BLOCK { self.masks_before(bytes, next, path) } else { masks };
                block = next;
                continue;
            }
            self.visit(block, anchors);
            before = masks;
            block += BLOCK;
        }
    }

    fn masks_before(&self, bytes: &[u8], block: usize, path: Path) -> Masks {
        let previous = block.checked_sub(BLOCK).and_then(|start| bytes[start..].first_chunk());
        previous.map(|whole| path.masks(whole)).unwrap_or_default()
    }

    fn visit(&mut self, block: usize, anchors: Anchors) {
        let mut rest = anchors.all();
        while rest != 0 {
            let bit = rest & rest.wrapping_neg();
            let place = block + rest.trailing_zeros() as usize;
            rest ^= bit;
            if anchors.number & bit != 0 {
                self.number(place);
            } else if anchors.at & bit != 0 {
                self.at_sign(place);
            } else if place >= self.colons_done && self.wants(rule::IP_ADDRESS) {
                self.colons_done = ip::v6(self, place);
            }
        }
    }

    fn number(&mut self, a: usize) {
        let mut w = a;
        while self.text.before(w, 1).is_ascii_alphabetic() {
            w -= 1;
        }
        let behind = self.text.behind_escape(w);
        let a = if behind > a {
            behind + (0..=MOST_LETTERS).take_while(|&n| self.text.at(behind + n).is_ascii_alphabetic()).count()
        } else {
            a
        };
        let run = self.text.digit_run(a, MOST_DIGITS);
        if run > 0 && a - behind <= MOST_LETTERS {
            self.steps(Number { w: behind, a, run, after_email: false });
        }
    }

    fn at_sign(&mut self, at: usize) {
        let Some((start, end)) = email::find(self.text, self.tables, at) else { return };
        if self.wants(rule::EMAIL) {
            self.add(rule::EMAIL, start, end, false);
        }
        if self.text.at(end).is_ascii_digit() {
            let run = self.text.digit_run(end, MOST_DIGITS);
            self.steps(Number { w: end, a: end, run, after_email: true });
        }
    }

    /// All steps at one anchor. The gates look at the few bytes behind the digit run; most anchors of machine text end here.
    fn steps(&mut self, number: Number) {
        let digit_led = number.w == number.a;
        let end = number.run_end();
        let (before, next, second) = (self.text.before(number.w, 1), self.text.at(end), self.text.at(end + 1));
        let grouped = class::is(next, class::GAP) && class::is(second, class::GAP_GOES_ON);
        if digit_led {
            if number.run >= 13 || (number.run == 4 && grouped) {
                card::find(self, number);
            }
            if number.run <= 3 && grouped {
                self.grouped_steps(number, next);
            }
        } else if number.a - number.w == 2 && number.run >= 2 {
            account::iban(self, number);
        }
        if digit_led && !number.after_email && self.may_be_dated(number, next, second) {
            self.dated_steps(number);
        }
        let long = end - number.w >= 5 || class::is(next, class::ALNUM) || grouped || next == b'-' || before == b'-';
        if long && !number.after_email && self.may_follow_label(number.w, before) && self.may_be_labelled(number) {
            self.labelled_steps(number);
        }
        if digit_led && before == b'+' {
            phone::international(self, number);
        }
    }

    /// The day or year at this anchor may be that of a written date.
    fn may_be_dated(&self, number: Number, next: u8, second: u8) -> bool {
        match number.run {
            // Two numbers parted by a space are none, unless a month stands before the first.
            1 | 2 if next == b' ' && second.is_ascii_digit() => !self.text.before(number.w, 2).is_ascii_digit(),
            // Two numbers parted otherwise are a date if a third follows in the same way, or a month stands before.
            1 | 2 if second.is_ascii_digit() && next != b',' => {
                let third = number.run_end() + 2;
                let month_before = matches!(self.text.before(number.w, 1), b' ' | b'.' | b',' | b'-');
                (class::is(next, class::AFTER_DAY) && (self.text.at(third) == next || self.text.at(third + 1) == next)) || month_before
            }
            1 | 2 => class::is(next, class::AFTER_DAY),
            4 => class::is(next, class::AFTER_YEAR) || (next == b' ' && !second.is_ascii()),
            8 => true,
            _ => false,
        }
    }

    /// A label may end before `start`, by the three bytes that stand there: a separator, and no number before it but that of a field
    /// (`phone1=`) or of a tag.
    fn may_follow_label(&self, start: usize, before: u8) -> bool {
        if before.is_ascii_alphanumeric() {
            return self.text.escape_before(start) > 0;
        }
        let third = self.text.before(start, 3);
        class::is(before, class::BEFORE_LABELLED)
            && (!self.text.before(start, 2).is_ascii_digit()
                || self.text.escape_before(start - 1) > 0
                || class::is(third, class::MONTH)
                || matches!(third, b'_' | b'-')
                || before == b'>')
    }

    /// The value at this anchor may be long enough for a labelled type: five alphanumeric characters, bare or parted by `-`, or seven
    /// digits parted otherwise; no bare one has more than twenty.
    fn may_be_labelled(&self, number: Number) -> bool {
        let start = number.w;
        let bare = (0..=20).take_while(|&n| class::is(self.text.at(start + n), class::ALNUM)).count();
        let next = self.text.at(start + bare);
        // One to three letters and a hyphen may belong to the value.
        let lettered = self.text.before(start, 1) == b'-' && (3..=10).any(|n| !class::is(self.text.before(start, n), class::ALNUM));
        if bare >= 5 || next == b'-' || lettered {
            // Letters may follow a telephone number.
            return bare <= 20 || (7..=15).contains(&number.run);
        }
        if !class::is(next, class::GAP) || number.run < bare {
            return false;
        }
        let mut digits = bare;
        for at in start + bare..start + 3 * 7 {
            match self.text.at(at) {
                b'0'..=b'9' => digits += 1,
                byte if class::is(byte, class::GAP) => {}
                _ => break,
            }
        }
        digits >= 7
    }

    fn grouped_steps(&mut self, number: Number, next: u8) {
        if number.run == 3 && matches!(next, b'-' | b' ') {
            tax::ssn_parted(self, number);
        }
        if self.wants(rule::PHONE) && (number.run == 3 || (number.run == 1 && phone::may_lead(self.text, number))) {
            phone::nanp(self, number);
        }
        // The second number of an address has one to three digits and a dot behind it.
        let third = number.run_end() + 2;
        if next == b'.' && (third..third + 3).any(|at| self.text.at(at) == b'.') {
            ip::v4(self, number);
        }
        if next == b'/' && number.run <= 2 {
            date::bare(self, number);
        }
    }

    /// Dates are rarer than labels, so their shape is looked at first.
    fn dated_steps(&mut self, number: Number) {
        if !self.wants(rule::DATE_OF_BIRTH) {
            return;
        }
        if let Some((start, end)) = date::written(self.tables, self.text, number)
            && (Label::is(self.tables.labels.before(self.text, start, Ask::Type), rule::DATE_OF_BIRTH)
                || self.tables.labels.birth_follows(self.text, end))
        {
            self.add(rule::DATE_OF_BIRTH, start, end, true);
        }
    }

    #[inline(never)]
    fn labelled_steps(&mut self, number: Number) {
        let one_letter = self.text.before(number.w, 1) == b'-' && ids::prefix(self.text, number).is_some_and(|start| number.w - start == 2);
        if one_letter && ids::lettered(self, number) {
            return;
        }
        let label = self.tables.labels.before(self.text, number.w, Ask::Type);
        let Some(label @ Label { says: Says::Type(kind), .. }) = label else {
            ids::lettered(self, number);
            return;
        };
        if !self.wants(kind) {
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
        self.found.push(Candidate { start, end, rule, priority: rule, flags: self.action as u32 | score << SCORE_SHIFT });
    }

    /// The label before `number`, none behind an e-mail.
    pub fn label(&self, number: Number) -> Option<Label> {
        if number.after_email { None } else { self.tables.labels.before(self.text, number.w, Ask::Any) }
    }

    /// "joined left" of `RULES.md` for a value of type `rule` at `start`.
    pub fn joined_left(&self, number: Number, start: usize, rule: u32) -> bool {
        let joined = !number.after_email && matches!(self.text.before(start, 1), b'-' | b'.') && self.text.word_before(start - 1);
        joined && !Label::is(self.label(number), rule)
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
    pub fn alone(&self, number: Number, end: usize, rule: u32) -> bool {
        let left = self.text.before(number.w, 1) == b' '
            && self.text.before(number.w, 2).is_ascii_digit()
            && self.text.escape_before(number.w - 1) == 0;
        let right = self.text.at(end) == b' ' && self.text.at(end + 1).is_ascii_digit();
        !right && (!left || Label::is(self.label(number), rule))
    }
}

/// The anchors of one block.
#[derive(Clone, Copy)]
struct Anchors {
    number: u64,
    at: u64,
    colon: u64,
}

impl Anchors {
    /// From the masks of a block and of the one before it.
    fn of(masks: Masks, before: Masks) -> Self {
        let word = masks.digit | masks.letter | masks.underscore;
        let word_before = before.digit | before.letter | before.underscore;
        let start = word & !shifted(word, word_before, 1);
        // The block before matters only through its last bits, so its own starts may miss what lies before it.
        let start_before = word_before & !(word_before << 1);
        let continued = shifted(masks.joiner, before.joiner, 1) & shifted(masks.digit, before.digit, 2);
        let mut number = masks.digit & start & !continued;
        let (mut led, mut led_before) = (masks.letter & start, before.letter & start_before);
        for _ in 0..MOST_LETTERS + MOST_ESCAPED {
            let moved = shifted(led, led_before, 1);
            let moved_before = led_before << 1;
            number |= moved & masks.digit;
            led = moved & masks.letter;
            led_before = moved_before & before.letter;
        }
        Self { number, at: masks.at, colon: masks.colon & Self::beside(masks, before) }
    }

    /// Places whose left or right neighbour lets a colon be part of an IPv6 address. What lies in the next block is not known
    /// here, so the last place always qualifies.
    fn beside(masks: Masks, before: Masks) -> u64 {
        let inside = masks.digit | masks.letter | masks.colon;
        let inside_before = before.digit | before.letter | before.colon;
        (shifted(inside, inside_before, 1) | masks.colon >> 1 | 1 << 63) & (inside >> 1 | 1 << 63)
    }

    fn drop_before(&mut self, lane: usize) {
        let keep = u64::MAX.checked_shl(lane as u32).unwrap_or(0);
        self.number &= keep;
        self.at &= keep;
        self.colon &= keep;
    }

    fn all(&self) -> u64 {
        self.number | self.at | self.colon
    }
}

/// Each bit moved `by` places up, with the last bits of the block before coming in.
fn shifted(bits: u64, before: u64, by: u32) -> u64 {
    bits << by | before >> (64 - by)
}
