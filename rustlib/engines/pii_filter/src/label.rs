//! Labels before a value: `RULES.md`, "label". Read backwards, so that a text without values costs nothing.

use gwplugins_core::text::Text;
use serde::Deserialize;

use crate::class;

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

/// All labels and fillers.
pub struct Labels {
    /// Labels of types, and fillers.
    typed: Phrases,
    /// Labels that say what a number is not.
    others: Phrases,
    /// What says behind a date that it is a birth.
    birth_after: Vec<Vec<u8>>,
    /// Names of the tags that part a label from its value.
    markup: Vec<Vec<u8>>,
}

/// What the caller wants to know of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Only labels of types matter; `None` is also the answer for others.
    Type,
    /// Any label.
    Any,
}

/// What a phrase is: a label, or (`None`) a filler; and its length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Phrase {
    length: usize,
    label: Option<Label>,
}

/// Phrases as a tree that is walked backwards through a text.
struct Phrases {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    /// The bytes (to the left) that go on, as a set.
    bytes: [u64; 4],
    /// How many of them stand before each word of the set.
    ranks: [u8; 4],
    /// The next node for each of them, in the order of the bytes.
    next: Vec<usize>,
    /// The node behind a blank of the phrase, which is one of ` _-` or nothing in the text.
    gap: Option<usize>,
    phrase: Option<Phrase>,
}

/// The longest label and the longest filler that end at a place, the filler with its start.
#[derive(Default)]
struct Found {
    label: Option<Phrase>,
    filler: Option<(usize, usize)>,
}

impl Phrases {
    fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    fn add(&mut self, text: &str, label: Option<Label>) {
        let mut node = 0;
        for byte in text.bytes().rev().map(|byte| byte.to_ascii_lowercase()) {
            let next = if byte == b' ' { self.nodes[node].gap } else { self.nodes[node].edge(byte) };
            node = next.unwrap_or_else(|| {
                self.nodes.push(Node::default());
                let new = self.nodes.len() - 1;
                if byte == b' ' {
                    self.nodes[node].gap = Some(new)
                } else {
                    self.nodes[node].link(byte, new)
                }
                new
            });
        }
        self.nodes[node].phrase = Some(Phrase { length: text.len(), label });
    }

    /// Adds to `found` what ends at `end`.
    fn find(&self, text: Text<'_>, end: usize, found: &mut Found) {
        if text.before(end, 1) != 0 {
            self.walk(&self.nodes[0], text, end, found);
        }
    }

    fn walk<'a>(&'a self, mut node: &'a Node, text: Text<'_>, mut at: usize, found: &mut Found) {
        loop {
            if let Some(phrase) = node.phrase {
                found.take(phrase, text, at);
            }
            let byte = text.before(at, 1).to_ascii_lowercase();
            if let Some(gap) = node.gap {
                let joiner = usize::from(matches!(byte, b' ' | b'_' | b'-'));
                self.walk(&self.nodes[gap], text, at - joiner, found);
            }
            match node.edge(byte) {
                Some(next) => node = &self.nodes[next],
                None => return,
            }
            at -= 1;
        }
    }
}

impl Node {
    fn link(&mut self, byte: u8, node: usize) {
        let rank = self.rank(byte);
        let word = usize::from(byte >> 6);
        self.bytes[word] |= 1 << (byte & 63);
        self.ranks[word + 1..].iter_mut().for_each(|rank| *rank += 1);
        self.next.insert(rank, node);
    }

    /// How many bytes of the set are smaller.
    fn rank(&self, byte: u8) -> usize {
        let word = usize::from(byte >> 6);
        let below = self.bytes[word] & ((1 << (byte & 63)) - 1);
        usize::from(self.ranks[word]) + below.count_ones() as usize
    }

    #[inline]
    fn edge(&self, byte: u8) -> Option<usize> {
        let held = self.bytes[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1;
        if held { self.next.get(self.rank(byte)).copied() } else { None }
    }
}

impl Found {
    fn take(&mut self, phrase: Phrase, text: Text<'_>, start: usize) {
        if text.in_escape(start) {
            return;
        }
        let word = !text.before(start, 1).is_ascii_alphanumeric() || text.escape_before(start) > 0;
        if phrase.label.is_some() {
            if word || (phrase.length > 1 && is_hump(text, start)) {
                self.label = self.label.max(Some(phrase));
            }
        } else if word || phrase.length > 1 {
            self.filler = self.filler.max(Some((phrase.length, start)));
        }
    }
}

#[derive(Deserialize)]
struct File {
    fillers: Vec<String>,
    birth_labels_after: Vec<String>,
    markup: Vec<String>,
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
        let mut labels = Self {
            typed: Phrases::new(),
            others: Phrases::new(),
            markup: file.markup.iter().map(|name| name.clone().into_bytes()).collect(),
            birth_after: file.birth_labels_after.iter().map(|text| text.to_ascii_lowercase().into_bytes()).collect(),
        };
        for row in &file.labels {
            let label = Label { says: says(&row.r#type), min_digits: row.min_digits };
            let phrases = if matches!(label.says, Says::Type(_)) { &mut labels.typed } else { &mut labels.others };
            row.labels.iter().for_each(|text| phrases.add(text, Some(label)));
        }
        file.fillers.iter().for_each(|text| labels.typed.add(text, None));
        labels
    }

    /// The label before `value`, the first byte of a value.
    pub fn before(&self, text: Text<'_>, value: usize, ask: Ask) -> Option<Label> {
        let mut at = value;
        for _ in 0..=MOST_FILLERS {
            let mut end = skip_separators(text, at, &self.markup);
            if at == value && end < value {
                end = skip_field_number(text, end);
            }
            let mut found = Found::default();
            self.typed.find(text, end, &mut found);
            if ask == Ask::Type && found.label.is_none() && found.filler.is_none() {
                return None;
            }
            self.others.find(text, end, &mut found);
            if let Some(label) = found.label.and_then(|phrase| phrase.label) {
                let glued = end == value && text.before(end, 1).is_ascii();
                return (!glued).then_some(label);
            }
            at = found.filler?.1;
        }
        None
    }

    /// A date that ends at `end` is said to be a birth by what follows, perhaps behind a space.
    pub fn birth_follows(&self, text: Text<'_>, end: usize) -> bool {
        let start = end + usize::from(text.at(end) == b' ');
        let lower = |at: usize| text.at(at).to_ascii_lowercase();
        self.birth_after.iter().any(|phrase| phrase.iter().enumerate().all(|(place, byte)| lower(start + place) == *byte))
    }
}

/// Skips back over up to eight separators.
fn skip_separators(text: Text<'_>, from: usize, markup: &[Vec<u8>]) -> usize {
    let mut at = from;
    for _ in 0..MOST_SEPARATORS {
        let length = separator_before(text, at, markup);
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

/// A capital behind a small letter begins a word of `camelCase`.
fn is_hump(text: Text<'_>, start: usize) -> bool {
    text.before(start, 1).is_ascii_lowercase() && text.at(start).is_ascii_uppercase()
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
            let length = separator_before(Text::new(text.as_bytes()), text.len(), &[]);
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
