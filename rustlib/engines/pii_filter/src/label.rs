//! Labels before a value: `RULES.md`, "label". Read backwards, so that a text without values costs nothing.

use std::num::NonZeroU32;

use gwplugins_core::rules::{list, number, text, texts};
use gwplugins_core::text::{Eight, Text};
use serde_json::Value;

use crate::class;
use crate::phrases::{Phrases, ending};
use crate::tables::Type;

/// Most separators skipped at a time, and most fillers.
const MOST_SEPARATORS: usize = 8;
const MOST_FILLERS: usize = 2;
const MOST_TAG_NAME: usize = 32;

/// What a label says of the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// It is of the type with this rule number.
    Type(u32),
    /// It is a machine's number.
    Machine,
    /// It is a date, but of no birth.
    NotBirth,
}

/// A label found before a value: what it says, and the least number of digits of a value it may introduce; in one register, because
/// it is handed on at every anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(NonZeroU32);

impl Label {
    const MACHINE: u32 = 0xFE;
    const NOT_BIRTH: u32 = 0xFF;

    const fn code(says: Says) -> u32 {
        match says {
            Says::Type(rule) => rule + 1,
            Says::Machine => Self::MACHINE,
            Says::NotBirth => Self::NOT_BIRTH,
        }
    }

    fn new(says: Says, min_digits: u32) -> Self {
        Self(NonZeroU32::new(Self::code(says) | min_digits << 8).expect("no code is 0"))
    }

    pub fn says(self) -> Says {
        match self.0.get() & 0xFF {
            Self::MACHINE => Says::Machine,
            Self::NOT_BIRTH => Says::NotBirth,
            code => Says::Type(code - 1),
        }
    }

    pub fn min_digits(self) -> u32 {
        self.0.get() >> 8
    }

    /// True when the label says `says`.
    pub fn says_it(label: Option<Label>, says: Says) -> bool {
        label.is_some_and(|label| label.0.get() & 0xFF == Self::code(says))
    }

    /// True when the label names the type `rule`.
    pub fn is(label: Option<Label>, rule: u32) -> bool {
        Self::says_it(label, Says::Type(rule))
    }
}

/// All labels and fillers.
pub struct Labels {
    phrases: Phrases,
    /// What says behind a date that it is a birth.
    birth_after: Vec<Vec<u8>>,
    /// The bytes that it begins with, as a set.
    birth_starts: [u64; 4],
    /// Names of the tags that part a label from its value.
    markup: Vec<Vec<u8>>,
}

impl Labels {
    /// Reads the value of `rules/labels.json`.
    pub fn read(file: &Value, types: &[Type]) -> Self {
        let says = |name: &str| match name {
            "machine" => Says::Machine,
            "not_birth" => Says::NotBirth,
            _ => Says::Type(types.iter().position(|kind| kind.name == name).expect("labels.json names known types") as u32),
        };
        let fillers = texts(&file["fillers"]).map(|text| (text, None));
        let labels = list(&file["labels"]).iter().flat_map(|row| {
            let label = Label::new(says(text(&row["type"])), number(&row["min_digits"]));
            texts(&row["labels"]).map(move |text| (text, Some(label)))
        });
        let mut birth_starts = [0; 4];
        for first in texts(&file["birth_labels_after"]).map(|text| text.as_bytes()[0]) {
            for byte in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                birth_starts[usize::from(byte >> 6)] |= 1 << (byte & 63);
            }
        }
        Self {
            birth_starts,
            phrases: Phrases::new(fillers.chain(labels)),
            markup: texts(&file["markup"]).map(|name| name.as_bytes().to_vec()).collect(),
            birth_after: texts(&file["birth_labels_after"]).map(|text| text.to_ascii_lowercase().into_bytes()).collect(),
        }
    }

    /// The label before `value`, the first byte of a value; `head` are the bytes before it.
    pub fn before(&self, text: Text<'_>, value: usize, head: Eight) -> Option<Label> {
        self.wanted_before(text, value, head, ending::ANY)
    }

    /// The same where only labels of types matter: for others it may be `None`.
    pub fn typed_before(&self, text: Text<'_>, value: usize, head: Eight) -> Option<Label> {
        self.wanted_before(text, value, head, ending::TYPED)
    }

    /// Most places have no label, by the few bytes there.
    #[inline(always)]
    fn wanted_before(&self, text: Text<'_>, value: usize, head: Eight, wanted: u8) -> Option<Label> {
        let endings = &self.phrases.endings;
        let (end, bytes) = match plain_separators(text, value, head) {
            Before::Word(end, bytes) => (end, bytes),
            Before::Field(end) => (end, text.eight_before(end)),
            Before::Number => return None,
            Before::Unknown => {
                let end = skip_separators(text, value, &self.markup);
                let end = if end < value { skip_field_number(text, end) } else { end };
                return if self.phrases.may_end(text, end, wanted) { self.find(text, value, end, wanted) } else { None };
            }
        };
        let (mut place, mut bytes) = (end, bytes);
        for fillers in 0.. {
            match endings.refined(endings.of(bytes, wanted), bytes) {
                0 => return None,
                // Nothing but a filler: a label or another filler must end before it.
                ending::FILLER if fillers == MOST_FILLERS => return None,
                ending::FILLER => match plain_separators(text, place - 2, text.eight_before(place - 2)) {
                    Before::Word(end, before) => (place, bytes) = (end, before),
                    _ => break,
                },
                _ => break,
            }
        }
        self.find(text, value, end, wanted)
    }

    /// The label before `value` that ends at `end`, where one may, or before fillers there.
    #[inline(never)]
    fn find(&self, text: Text<'_>, value: usize, mut end: usize, wanted: u8) -> Option<Label> {
        for _ in 0..=MOST_FILLERS {
            let found = self.phrases.find(text, end);
            if found.label.is_some() {
                let glued = end == value && text.before(end, 1).is_ascii();
                return found.label.filter(|_| !glued);
            }
            if found.filler_length == 0 {
                return None;
            }
            end = skip_separators(text, found.filler, &self.markup);
            if !self.phrases.may_end(text, end, wanted) {
                return None;
            }
        }
        None
    }

    /// What says that a date is a birth may begin with this byte.
    pub fn may_say_birth(&self, first: u8) -> bool {
        self.birth_starts[usize::from(first >> 6)] >> (first & 63) & 1 == 1
    }

    /// A date that ends at `end` is said to be a birth by what follows, perhaps behind a space.
    pub fn birth_follows(&self, text: Text<'_>, end: usize) -> bool {
        let start = end + usize::from(text.at(end) == b' ');
        if !self.may_say_birth(text.at(start)) {
            return false;
        }
        let lower = |at: usize| text.at(at).to_ascii_lowercase();
        self.birth_after.iter().any(|phrase| phrase.iter().enumerate().all(|(place, byte)| lower(start + place) == *byte))
    }
}

/// What stands before a place, by the eight bytes before it.
enum Before {
    /// A word: where it ends, and the bytes before that place.
    Word(usize, Eight),
    /// A number, not that of a field: no label ends in a digit.
    Number,
    /// The number of a field, and where the word before it ends.
    Field(usize),
    /// More than four separators, a tag, perhaps a separator beyond ASCII, or a JSON escape.
    Unknown,
}

/// What stands before `from`; `bytes` are those before it.
#[inline(always)]
fn plain_separators(text: Text<'_>, from: usize, bytes: Eight) -> Before {
    const MOST_PLAIN: usize = 4;
    let count = (0..MOST_PLAIN).find(|&n| !class::is(bytes.back(n + 1), class::PLAIN_SEPARATOR)).unwrap_or(MOST_PLAIN);
    let word = text.eight_before(from.wrapping_sub(count));
    let (last, before) = (word.back(1), word.back(2));
    // An escape may end where the word does, or where its last letters begin.
    if bytes.hold(b'\\') || word.hold(b'\\') {
        Before::Unknown
    } else if class::is(last, class::LABEL_END) {
        Before::Word(from - count, word)
    } else if !last.is_ascii_digit() {
        Before::Unknown
    } else {
        let joiner = usize::from(matches!(before, b'_' | b'-'));
        let is_field = count > 0 && class::is(word.back(2 + joiner), class::MONTH);
        if is_field { Before::Field(from - count - 1 - joiner) } else { Before::Number }
    }
}

/// Skips back over up to eight separators.
fn skip_separators(text: Text<'_>, from: usize, markup: &[Vec<u8>]) -> usize {
    let mut at = from;
    for _ in 0..MOST_SEPARATORS {
        let byte = text.before(at, 1);
        let length = if class::is(byte, class::PLAIN_SEPARATOR) { 1 } else { separator_before(text, at, markup) };
        if length == 0 {
            break;
        }
        at -= length;
    }
    at
}

/// Before the one digit that numbers a field (`phone1`, `phone_2`), else `end`.
fn skip_field_number(text: Text<'_>, end: usize) -> usize {
    let numbered = text.before(end, 1).is_ascii_digit();
    let joiner = usize::from(matches!(text.before(end, 2), b'_' | b'-'));
    if numbered && class::is(text.before(end, 2 + joiner), class::MONTH) { end - 1 - joiner } else { end }
}

/// Length in bytes of the separator that ends at `end`, 0 for none: one of `separators` of `rules/labels.json` (held by a test), or
/// a tag, or a JSON escape.
fn separator_before(text: Text<'_>, end: usize, markup: &[Vec<u8>]) -> usize {
    let byte = text.before(end, 1);
    if byte == b'>' {
        return tag_before(text, end, markup).unwrap_or(1);
    }
    if byte.is_ascii() {
        return if class::is(byte, class::SEPARATOR) { 1 } else { text.escape_before(end) };
    }
    match text.char_before(end) {
        Some((character, length)) if OTHER_SEPARATORS.contains(&character) => length,
        _ => 0,
    }
}

/// The separators beyond ASCII: blanks, colons, quotation marks, brackets and dashes of the languages the labels are in.
const OTHER_SEPARATORS: [char; 18] = [
    '\u{a0}', '\u{ab}', '\u{bb}', '\u{2013}', '\u{2014}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{202f}',
    '\u{3000}', '\u{300c}', '\u{300d}', '\u{ff08}', '\u{ff09}', '\u{ff1a}', '\u{ff1d}',
];

/// Length of the tag that ends at `end`: a closing one, or one of `markup`. The name of any other tag may be a label.
fn tag_before(text: Text<'_>, end: usize, markup: &[Vec<u8>]) -> Option<usize> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
    let name = (0..=MOST_TAG_NAME).take_while(|&n| is_name(text.before(end, n + 2))).count();
    if !(1..=MOST_TAG_NAME).contains(&name) {
        return None;
    }
    let before = text.before(end, name + 2);
    if before == b'/' && text.before(end, name + 3) == b'<' {
        return Some(name + 3);
    }
    let found = text.slice(end - name - 1, end - 1);
    (before == b'<' && markup.iter().any(|tag| tag.eq_ignore_ascii_case(found))).then_some(name + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{rule, tables};

    fn before(text: &str) -> Option<Says> {
        let bytes = Text::new(text.as_bytes());
        tables().labels.before(bytes, bytes.len(), bytes.eight_before(bytes.len())).map(Label::says)
    }

    #[test]
    fn separators_are_those_of_the_table() {
        let file: serde_json::Value = serde_json::from_str(include_str!("../rules/labels.json")).expect("valid");
        let listed = file["separators"].as_str().expect("a string");
        for code in 0..0x1_0000u32 {
            let Some(character) = char::from_u32(code) else { continue };
            let text = character.to_string();
            let length = separator_before(Text::new(text.as_bytes()), text.len(), &[]);
            let expected = if listed.contains(character) { text.len() } else { 0 };
            assert_eq!(length, expected, "U+{code:04X}");
        }
    }

    #[test]
    fn other_separators_end_no_word() {
        for separator in OTHER_SEPARATORS {
            let text = separator.to_string();
            assert!(text.bytes().last().is_some_and(|last| !class::is(last, class::LABEL_END)), "U+{:04X}", separator as u32);
        }
    }

    #[test]
    fn no_label_ends_in_a_digit() {
        let file: serde_json::Value = serde_json::from_str(include_str!("../rules/labels.json")).expect("valid");
        let rows = file["labels"].as_array().expect("a list").iter().map(|row| &row["labels"]);
        let texts = rows.chain([&file["fillers"]]).flat_map(|list| list.as_array().expect("a list"));
        assert!(texts.filter_map(|text| text.as_str()).all(|text| !text.ends_with(|last: char| last.is_ascii_digit())));
    }

    #[test]
    fn labels_fillers_and_boundaries() {
        let rows = [
            ("SSN: ", Some(Says::Type(rule::SSN))),
            ("<td>Phone</td><td>", Some(Says::Type(rule::PHONE))),
            ("Passaporto n.: ", Some(Says::Type(rule::PASSPORT))),
            ("FÜHRERSCHEIN „", Some(Says::Type(rule::DRIVER_LICENSE))),
            ("\"ssn\": \"", Some(Says::Type(rule::SSN))),
            ("userSsn=", Some(Says::Type(rule::SSN))),
            ("userSSN=", Some(Says::Type(rule::SSN))),
            ("my passport number is ", Some(Says::Type(rule::PASSPORT))),
            ("passportNumber: ", Some(Says::Type(rule::PASSPORT))),
            ("Kontonummer ", Some(Says::Type(rule::BANK_ACCOUNT))),
            ("account id: ", Some(Says::Machine)),
            ("account_number=", Some(Says::Type(rule::BANK_ACCOUNT))),
            ("护照号码", Some(Says::Type(rule::PASSPORT))),
            ("护照号码：", Some(Says::Type(rule::PASSPORT))),
            ("ssn", None),
            ("lessn: ", None),
            ("ssn:         ", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(before(text), expected, "{text:?}");
        }
    }
}
