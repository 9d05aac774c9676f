//! Labels before a value: `RULES.md`, "label". Read backwards, so that a text without values costs nothing.

use gwplugins_core::text::Text;
use serde::Deserialize;

/// Most separators skipped at a time, and most fillers.
const MOST_SEPARATORS: usize = 8;
const MOST_FILLERS: usize = 2;

/// What a label says of the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It is of the type with this rule number.
    Type(u32),
    /// It is a machine's number.
    Machine,
    /// It is a date, but of no birth.
    NotBirth,
}

/// A label found before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

struct Phrase {
    text: Vec<u8>,
    label: Option<Label>,
}

/// All labels and fillers, found by the last two bytes.
pub struct Labels {
    /// Set of the lower-cased byte pairs that end a filler or the label of a type.
    typed: PairSet,
    /// The same for every phrase.
    any: PairSet,
    /// Sorted by ending; longest first within one ending.
    phrases: Vec<(u16, Phrase)>,
}

/// What the caller wants to know of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Only labels of types matter; `None` is also the answer for others.
    Type,
    /// Any label.
    Any,
}

/// A bit set over byte pairs.
struct PairSet(Box<[u64; 1024]>);

impl PairSet {
    fn new(pairs: impl Iterator<Item = u16>) -> Self {
        let mut bits = Box::new([0; 1024]);
        for pair in pairs {
            bits[usize::from(pair) / 64] |= 1 << (pair % 64);
        }
        Self(bits)
    }

    fn holds(&self, pair: u16) -> bool {
        self.0[usize::from(pair) / 64] >> (pair % 64) & 1 == 1
    }
}

#[derive(Deserialize)]
struct File {
    fillers: Vec<String>,
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
        let mut phrases = Vec::new();
        for row in &file.labels {
            let label = Label { says: says(&row.r#type), min_digits: row.min_digits };
            phrases.extend(row.labels.iter().map(|text| phrase(text, Some(label))));
        }
        phrases.extend(file.fillers.iter().map(|text| phrase(text, None)));
        phrases.sort_by_key(|(ending, phrase)| (*ending, std::cmp::Reverse(phrase.text.len())));
        let typed = |phrase: &Phrase| phrase.label.is_none_or(|label| matches!(label.says, Says::Type(_)));
        Self {
            typed: PairSet::new(phrases.iter().filter(|(_, phrase)| typed(phrase)).map(|(ending, _)| *ending)),
            any: PairSet::new(phrases.iter().map(|(ending, _)| *ending)),
            phrases,
        }
    }

    /// The label before `value`, the first byte of a value.
    pub fn before(&self, text: Text<'_>, value: usize, ask: Ask) -> Option<Label> {
        let endings = if ask == Ask::Type { &self.typed } else { &self.any };
        let mut at = value;
        for _ in 0..=MOST_FILLERS {
            let end = skip_separators(text, at);
            let pair = u16::from_be_bytes([text.before(end, 2).to_ascii_lowercase(), text.before(end, 1).to_ascii_lowercase()]);
            if !endings.holds(pair) {
                return None;
            }
            let first = self.phrases.partition_point(|(ending, _)| *ending < pair);
            let here = || self.phrases[first..].iter().take_while(|(ending, _)| *ending == pair).map(|(_, phrase)| phrase);
            let glued = end == value && text.before(end, 1).is_ascii();
            let label = here().find_map(|phrase| phrase.label.filter(|_| matches(text, end, &phrase.text).is_some_and(|start| is_boundary(text, start))));
            if label.is_some() {
                return label.filter(|_| !glued);
            }
            let filler = here().filter(|phrase| phrase.label.is_none()).find_map(|phrase| matches(text, end, &phrase.text));
            at = filler?;
        }
        None
    }
}

fn phrase(text: &str, label: Option<Label>) -> (u16, Phrase) {
    let bytes = text.as_bytes();
    let [.., last_but_one, last] = bytes else { panic!("a label or filler has at least two bytes") };
    assert!(*last_but_one != b' ', "the last word of a label has at least two bytes");
    (u16::from_be_bytes([*last_but_one, *last]), Phrase { text: bytes.to_vec(), label })
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

/// Length in bytes of the separator that ends at `end`, 0 for none. The set is `separators` of `rules/labels.json`, held by a test.
fn separator_before(text: Text<'_>, end: usize) -> usize {
    match text.before(end, 1) {
        b' ' | b'\t' | b'\n' | b'\r' | b'_' | b':' | b'=' | b'#' | b'-' | b'"' | b'\'' | b'(' | b')' | b'.' | b'>' | b'[' | b']' | b'*' | b'`' | b'\\' | b'|' => 1,
        0xA0 if text.before(end, 2) == 0xC2 => 2,
        0x80 if text.ends_with(end, "\u{3000}".as_bytes()) => 3,
        0x9A if text.ends_with(end, "\u{ff1a}".as_bytes()) => 3,
        _ => 0,
    }
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
