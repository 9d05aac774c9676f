//! Labels before a value: `RULES.md`, "label". Read backwards, so that a text without values costs nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use gwplugins_core::text::Text;
use serde::Deserialize;

use crate::class;

/// Most separators skipped at a time, and most fillers.
const MOST_SEPARATORS: usize = 8;
const MOST_FILLERS: usize = 2;

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

/// A label found before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    pub says: Says,
    /// Least number of digits of a value it may introduce.
    pub min_digits: u32,
}

impl Label {
    /// True when the label names the type `rule`.
    pub fn is(label: Option<Label>, rule: u32) -> bool {
        label.is_some_and(|label| label.says == Says::Type(rule))
    }
}

/// Labels and fillers that end in the same two bytes, each list longest first.
#[derive(Default)]
struct Bucket {
    types: Vec<(Vec<u8>, Label)>,
    others: Vec<(Vec<u8>, Label)>,
    fillers: Vec<Vec<u8>>,
}

/// All labels and fillers, found by the last two bytes in lower case.
pub struct Labels {
    /// Pairs that end a filler or the label of a type.
    typed: PairSet,
    /// Pairs that end anything.
    any: PairSet,
    /// One for each pair of `any`, in order.
    buckets: Vec<Bucket>,
    /// Labels and fillers (`None`) of one byte: they are words of their own.
    single: Vec<(u8, Option<Label>)>,
    /// What says behind a date that it is a birth.
    birth_after: Vec<Vec<u8>>,
}

/// What the caller wants to know of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Only labels of types matter; `None` is also the answer for others.
    Type,
    /// Any label.
    Any,
}

/// A set of byte pairs that knows the rank of each.
struct PairSet {
    bits: Box<[u64; 1024]>,
    /// How many pairs stand before each word of `bits`.
    before: Box<[u16; 1024]>,
}

impl PairSet {
    fn new(pairs: impl Iterator<Item = u16>) -> Self {
        let mut bits = Box::new([0u64; 1024]);
        for pair in pairs {
            bits[usize::from(pair) / 64] |= 1 << (pair % 64);
        }
        let mut before = Box::new([0; 1024]);
        for word in 1..bits.len() {
            before[word] = before[word - 1] + bits[word - 1].count_ones() as u16;
        }
        Self { bits, before }
    }

    #[inline]
    fn holds(&self, pair: u16) -> bool {
        self.bits[usize::from(pair) / 64] >> (pair % 64) & 1 == 1
    }

    /// The rank of a pair that is in the set.
    fn rank(&self, pair: u16) -> usize {
        let word = usize::from(pair) / 64;
        let below = self.bits[word] & ((1 << (pair % 64)) - 1);
        usize::from(self.before[word]) + below.count_ones() as usize
    }
}

#[derive(Deserialize)]
struct File {
    fillers: Vec<String>,
    birth_labels_after: Vec<String>,
    labels: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    r#type: String,
    min_digits: u32,
    labels: Vec<String>,
}

impl Labels {
    /// Reads `rules/labels.json`.
    pub fn read(json: &str) -> Self {
        let file: File = serde_json::from_str(json).expect("labels.json is valid");
        let types: Vec<super::tables::Type> = serde_json::from_str(include_str!("../rules/types.json")).expect("types.json is valid");
        let says = |name: &str| match name {
            "machine" => Says::Machine,
            "not_birth" => Says::NotBirth,
            _ => Says::Type(types.iter().position(|kind| kind.name == name).expect("labels.json names known types") as u32),
        };
        let mut buckets = BTreeMap::<u16, Bucket>::new();
        let mut single = Vec::new();
        for row in &file.labels {
            let label = Label { says: says(&row.r#type), min_digits: row.min_digits };
            for text in &row.labels {
                if let [byte] = text.as_bytes() {
                    single.push((*byte, Some(label)));
                    continue;
                }
                let bucket = buckets.entry(ending(text)).or_default();
                let list = if matches!(label.says, Says::Type(_)) { &mut bucket.types } else { &mut bucket.others };
                list.push((text.to_ascii_lowercase().into_bytes(), label));
            }
        }
        for text in &file.fillers {
            match text.as_bytes() {
                [byte] => single.push((*byte, None)),
                _ => buckets.entry(ending(text)).or_default().fillers.push(text.to_ascii_lowercase().into_bytes()),
            }
        }
        for bucket in buckets.values_mut() {
            bucket.types.sort_by_key(|(text, _)| Reverse(text.len()));
            bucket.others.sort_by_key(|(text, _)| Reverse(text.len()));
            bucket.fillers.sort_by_key(|text| Reverse(text.len()));
        }
        let typed = buckets.iter().filter(|(_, bucket)| !bucket.types.is_empty() || !bucket.fillers.is_empty());
        Self {
            typed: PairSet::new(typed.map(|(pair, _)| *pair)),
            any: PairSet::new(buckets.keys().copied()),
            buckets: buckets.into_values().collect(),
            single,
            birth_after: file.birth_labels_after.iter().map(|text| text.to_ascii_lowercase().into_bytes()).collect(),
        }
    }

    /// The label before `value`, the first byte of a value.
    pub fn before(&self, text: Text<'_>, value: usize, ask: Ask) -> Option<Label> {
        let endings = if ask == Ask::Type { &self.typed } else { &self.any };
        let mut at = value;
        for _ in 0..=MOST_FILLERS {
            let end = skip_separators(text, at);
            if !text.before(end, 2).is_ascii_alphanumeric()
                && let Some((_, label)) = self.single.iter().find(|(byte, _)| *byte == text.before(end, 1).to_ascii_lowercase())
            {
                if label.is_some() {
                    return label.filter(|_| end < at);
                }
                at = end - 1;
                continue;
            }
            let pair = u16::from_be_bytes([text.before(end, 2).to_ascii_lowercase(), text.before(end, 1).to_ascii_lowercase()]);
            if !endings.holds(pair) {
                return None;
            }
            let bucket = &self.buckets[self.any.rank(pair)];
            let kind = longest(text, end, &bucket.types);
            let filler = bucket.fillers.iter().find_map(|filler| matches(text, end, filler));
            if ask == Ask::Type && kind.is_none() && filler.is_none() {
                return None;
            }
            let label = kind.max(longest(text, end, &bucket.others));
            if let Some((_, label)) = label {
                let glued = end == value && text.before(end, 1).is_ascii();
                return (!glued).then_some(label);
            }
            at = filler?;
        }
        None
    }
}

impl Labels {
    /// A date that ends at `end` is said to be a birth by what follows, perhaps behind a space.
    pub fn birth_follows(&self, text: Text<'_>, end: usize) -> bool {
        let start = end + usize::from(text.at(end) == b' ');
        let lower = |at: usize| text.at(at).to_ascii_lowercase();
        self.birth_after.iter().any(|phrase| phrase.iter().enumerate().all(|(place, byte)| lower(start + place) == *byte))
    }
}

/// The longest label of the list that ends at `end` and begins at a boundary, with its length.
fn longest(text: Text<'_>, end: usize, labels: &[(Vec<u8>, Label)]) -> Option<(usize, Label)> {
    let fits = |label: &&(Vec<u8>, Label)| matches(text, end, &label.0).is_some_and(|start| is_boundary(text, start));
    labels.iter().find(fits).map(|(text, label)| (text.len(), *label))
}

/// The last two bytes of a label or filler in lower case; its last word is never shorter.
fn ending(text: &str) -> u16 {
    let [.., last_but_one, last] = text.as_bytes() else { panic!("a label or filler has at least two bytes") };
    assert!(*last_but_one != b' ', "the last word of a label has at least two bytes");
    u16::from_be_bytes([last_but_one.to_ascii_lowercase(), last.to_ascii_lowercase()])
}

/// Skips back over up to eight separators.
fn skip_separators(text: Text<'_>, from: usize) -> usize {
    let mut at = from;
    for _ in 0..MOST_SEPARATORS {
        let length = separator_before(text, at);
        if length == 0 {
            break;
        }
        at -= length;
    }
    at
}

/// Length in bytes of the separator that ends at `end`, 0 for none: one of `separators` of `rules/labels.json` (held by a test), or
/// an HTML tag without attributes.
fn separator_before(text: Text<'_>, end: usize) -> usize {
    let byte = text.before(end, 1);
    if byte == b'>' {
        return tag_before(text, end).unwrap_or(1);
    }
    if byte.is_ascii() {
        return usize::from(class::is(byte, class::SEPARATOR));
    }
    match text.char_before(end) {
        Some((character, length)) if OTHER_SEPARATORS.contains(&character) => length,
        _ => 0,
    }
}

/// The separators beyond ASCII: blanks, colons, quotation marks, brackets and dashes of the languages the labels are in.
const OTHER_SEPARATORS: [char; 18] = [
    '\u{a0}', '\u{ab}', '\u{bb}', '\u{2013}', '\u{2014}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{202f}', '\u{3000}', '\u{300c}',
    '\u{300d}', '\u{ff08}', '\u{ff09}', '\u{ff1a}', '\u{ff1d}',
];

/// Length of the tag (`<b>`, `</td>`: 1 to 8 letters and digits, perhaps behind `/`) that ends at `end`.
fn tag_before(text: Text<'_>, end: usize) -> Option<usize> {
    let name = (2..=9).take_while(|&n| text.before(end, n).is_ascii_alphanumeric()).count();
    let slash = usize::from(text.before(end, name + 2) == b'/');
    (name > 0 && text.before(end, name + slash + 2) == b'<').then_some(name + slash + 2)
}

/// Where `phrase` begins when it ends at `end`; a blank of the phrase is one of ` _-` or nothing in the text.
fn matches(text: Text<'_>, end: usize, phrase: &[u8]) -> Option<usize> {
    let mut at = end;
    for &byte in phrase.iter().rev() {
        let found = text.before(at, 1);
        if byte == b' ' {
            at -= usize::from(matches!(found, b' ' | b'_' | b'-'));
        } else if found.to_ascii_lowercase() == byte {
            at -= 1;
        } else {
            return None;
        }
    }
    Some(at)
}

/// A label begins here: nothing alphanumeric before it, or a camel hump.
fn is_boundary(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start, 1);
    !before.is_ascii_alphanumeric() || (before.is_ascii_lowercase() && text.at(start).is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{rule, tables};

    fn before(text: &str) -> Option<Says> {
        tables().labels.before(Text::new(text.as_bytes()), text.len(), Ask::Any).map(|label| label.says)
    }

    #[test]
    fn separators_are_those_of_the_table() {
        let file: serde_json::Value = serde_json::from_str(include_str!("../rules/labels.json")).expect("valid");
        let listed = file["separators"].as_str().expect("a string");
        for code in 0..0x1_0000u32 {
            let Some(character) = char::from_u32(code) else { continue };
            let text = character.to_string();
            let length = separator_before(Text::new(text.as_bytes()), text.len());
            let expected = if listed.contains(character) { text.len() } else { 0 };
            assert_eq!(length, expected, "U+{code:04X}");
        }
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
