//! Labels before a value: `RULES.md`, "label". Read backwards, so that a text without values costs nothing.

use std::collections::BTreeMap;

use gwplugins_core::text::{Eight, Text};
use serde_json::Value;

use crate::class;
use crate::rules::{list, number, text, texts};
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
    phrases: Phrases,
    /// What says behind a date that it is a birth.
    birth_after: Vec<Vec<u8>>,
    /// The bytes that it begins with, as a set.
    birth_starts: [u64; 4],
    /// Names of the tags that part a label from its value.
    markup: Vec<Vec<u8>>,
}

/// What a phrase is: a label, or (`None`) a filler; and its length in bytes.
#[derive(Clone, Copy)]
struct Phrase {
    length: usize,
    label: Option<Label>,
}

/// Phrases as a tree that is walked backwards through a text.
struct Phrases {
    nodes: Vec<Node>,
    /// The byte (to the left) that leads to each node; those that follow one node stand together.
    keys: Vec<u8>,
    /// Number of the node that each last byte leads to; 0 for none, as no byte leads to the root.
    last: Vec<u32>,
    /// The bytes (to the left) of all nodes.
    chains: Vec<u8>,
    phrases: Vec<Phrase>,
    endings: Endings,
}

#[derive(Default, Clone, Copy)]
struct Node {
    /// The first of the nodes that follow, and how many do.
    first: u32,
    count: u32,
    /// The node behind a blank of the phrase, which is one of ` _-` or nothing in the text; 0 for none.
    gap: u32,
    /// One more than the index of the phrase that begins here; 0 for none.
    phrase: u32,
    /// Where the bytes stand that the text must hold first, and how many do.
    chain: u32,
    chained: u32,
}

/// The longest label and the longest filler that end at a place.
#[derive(Default)]
struct Found {
    label: Option<Label>,
    label_length: usize,
    /// Where the filler begins.
    filler: usize,
    filler_length: usize,
}

impl Phrases {
    fn new<'a>(rows: impl Iterator<Item = (&'a str, Option<Label>)>) -> Self {
        let mut root = Branch::default();
        let mut phrases = Vec::new();
        let mut endings = Endings::new();
        for (text, label) in rows {
            let lower = text.to_ascii_lowercase();
            phrases.push(Phrase { length: text.len(), label });
            root.add(lower.as_bytes(), phrases.len() as u32);
            endings.add(lower.as_bytes(), &mut Vec::new(), label);
        }
        let mut all = Self { nodes: vec![Node::default()], keys: vec![0], last: Vec::new(), chains: Vec::new(), phrases, endings };
        root.lay_out(0, &mut all);
        all.last = (0..=u8::MAX).map(|byte| all.edge(0, byte.to_ascii_lowercase()).map_or(0, |node| node as u32)).collect();
        all
    }

    /// The node that `byte` leads to. Keys are compared by eight.
    #[inline(always)]
    fn edge(&self, node: usize, byte: u8) -> Option<usize> {
        let Node { first, count, .. } = self.nodes[node];
        let (mut next, end) = (first as usize, (first + count) as usize);
        while next < end {
            if let Some(place) = Text::new(&self.keys).eight_at(next).find(byte) {
                return Some(next + place).filter(|&next| next < end);
            }
            next += 8;
        }
        None
    }

    /// Something `wanted` may end at `end`. (Behind a JSON escape a word may begin that seems to go on.)
    fn may_end(&self, text: Text<'_>, end: usize, wanted: u8) -> bool {
        let bytes = text.eight_before(end);
        bytes.hold(b'\\') || self.endings.refined(self.endings.of(bytes, wanted), bytes) != 0
    }

    /// What ends at `end`.
    fn find(&self, text: Text<'_>, end: usize) -> Found {
        let mut found = Found::default();
        let node = self.last[usize::from(text.before(end, 1))] as usize;
        if node > 0 {
            self.walk(node, text, end - 1, &mut found);
        }
        found
    }

    fn walk(&self, mut node: usize, text: Text<'_>, mut at: usize, found: &mut Found) {
        loop {
            let here = self.nodes[node];
            for &byte in &self.chains[here.chain as usize..(here.chain + here.chained) as usize] {
                if text.before(at, 1).to_ascii_lowercase() != byte {
                    return;
                }
                at -= 1;
            }
            if here.phrase > 0 {
                found.take(self.phrases[here.phrase as usize - 1], text, at);
            }
            let byte = text.before(at, 1).to_ascii_lowercase();
            if here.gap > 0 {
                let joiner = usize::from(matches!(byte, b' ' | b'_' | b'-'));
                self.walk(here.gap as usize, text, at - joiner, found);
            }
            match self.edge(node, byte) {
                Some(next) => node = next,
                None => return,
            }
            at -= 1;
        }
    }
}

/// In which bytes phrases end, without regard to bit 5, by which the cases of letters differ. Most words end in none of them.
struct Endings {
    /// By the last two bytes, the last one highest: bits of [`ending`].
    pairs: Vec<u8>,
    /// Hashes of the last three or four bytes: of labels of types and fillers, and of other labels.
    long: [Hashes; 2],
    /// Hashes of the last six bytes, or of the last three or four of phrases of three to five bytes: the same.
    longer: [Hashes; 2],
}

/// A set of bytes, by a bit for each hash.
struct Hashes([u64; 1 << (Hashes::BITS - 6)]);

impl Hashes {
    const BITS: u32 = 15;

    fn new() -> Self {
        Self([0; 1 << (Self::BITS - 6)])
    }

    #[inline(always)]
    fn of(bytes: u64) -> usize {
        (bytes.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - Self::BITS)) as usize
    }

    fn add(&mut self, bytes: u64) {
        let hash = Self::of(bytes);
        self.0[hash >> 6] |= 1 << (hash & 63);
    }

    #[inline(always)]
    fn have(&self, bytes: u64) -> bool {
        let hash = Self::of(bytes);
        self.0[hash >> 6] >> (hash & 63) & 1 == 1
    }
}

/// What may end in two bytes.
mod ending {
    /// A label of a type or a filler, of three bytes or more.
    pub const LONG: u8 = 1;
    /// A label of a type of two bytes.
    pub const LABEL: u8 = 2;
    /// A filler of two bytes.
    pub const FILLER: u8 = 4;
    /// A label of a type or a filler of one byte.
    pub const ONE: u8 = 8;
    /// All of these.
    pub const TYPED: u8 = LONG | LABEL | FILLER | ONE;
    /// By this the bits of other labels are higher.
    pub const OTHER: u8 = 4;
    /// Whatever there is.
    pub const ANY: u8 = TYPED | TYPED << OTHER;
}

impl Endings {
    /// Most bytes that are looked at.
    const MOST: usize = 6;

    fn new() -> Self {
        Self { pairs: vec![0; 1 << 16], long: [Hashes::new(), Hashes::new()], longer: [Hashes::new(), Hashes::new()] }
    }

    /// The last `count` of eight bytes, without regard to case.
    #[inline(always)]
    fn last(bytes: u64, count: u32) -> u64 {
        (bytes | (u64::MAX / 255 * 0x20)) >> (u64::BITS - 8 * count)
    }

    /// Notes a phrase, of which `rest` stands before the bytes `read`, the last one first.
    fn add(&mut self, rest: &[u8], read: &mut Vec<u8>, label: Option<Label>) {
        let length = read.len();
        match rest.split_last().filter(|_| length < Self::MOST) {
            None => self.note(read, label),
            Some((b' ', rest)) => {
                self.add(rest, read, label);
                for joiner in [b' ', b'_', b'-'] {
                    read.push(joiner);
                    self.add(rest, read, label);
                    read.truncate(length);
                }
            }
            Some((byte, rest)) => {
                read.push(*byte);
                self.add(rest, read, label);
                read.truncate(length);
            }
        }
    }

    fn note(&mut self, read: &[u8], label: Option<Label>) {
        let other = label.is_some_and(|label| !matches!(label.says, Says::Type(_)));
        let shift = if other { ending::OTHER } else { 0 };
        let mut eight = [0; 8];
        eight.iter_mut().rev().zip(read).for_each(|(slot, byte)| *slot = *byte);
        let bytes = u64::from_le_bytes(eight);
        let pair = Self::last(bytes, 2) as usize;
        match read.len() {
            // It is a word of its own.
            1 => (0..=u8::MAX)
                .filter(|byte| !class::is(*byte, class::ALNUM))
                .for_each(|before| self.pairs[pair & 0xFF00 | usize::from(before | 0x20)] |= ending::ONE << shift),
            2 => self.pairs[pair] |= if label.is_some() { ending::LABEL } else { ending::FILLER } << shift,
            length => {
                self.pairs[pair] |= ending::LONG << shift;
                self.long[usize::from(other)].add(Self::last(bytes, length.min(4) as u32));
                self.longer[usize::from(other)].add(Self::last(bytes, if length < Self::MOST { length.min(4) } else { Self::MOST } as u32));
            }
        }
    }

    #[inline(always)]
    fn is_long(&self, other: usize, bytes: u64) -> bool {
        self.long[other].have(Self::last(bytes, 4)) | self.long[other].have(Self::last(bytes, 3))
    }

    /// What of `wanted` may end in the last of eight bytes, as bits of [`ending`], by the last four of them.
    #[inline(always)]
    fn of(&self, bytes: Eight, wanted: u8) -> u8 {
        let mut found = self.pairs[Self::last(bytes.number(), 2) as usize] & wanted;
        if found == 0 {
            return 0;
        }
        for (other, shift) in [(0, 0), (1, ending::OTHER)] {
            if found & ending::LONG << shift != 0 && !self.is_long(other, bytes.number()) {
                found ^= ending::LONG << shift;
            }
        }
        // A label begins where a word does.
        let (before, first) = (bytes.back(3), bytes.back(2));
        if class::is(before, class::ALNUM) && !(before.is_ascii_lowercase() && first.is_ascii_uppercase()) {
            found &= !(ending::LABEL | ending::LABEL << ending::OTHER);
        }
        found
    }

    /// What remains of `found` by the last six bytes.
    #[inline(always)]
    fn refined(&self, found: u8, bytes: Eight) -> u8 {
        let mut refined = found;
        for (other, shift) in [(0, 0), (1, ending::OTHER)] {
            if found & ending::LONG << shift != 0 {
                let [six, four, three] = [6, 4, 3].map(|count| self.longer[other].have(Self::last(bytes.number(), count)));
                refined ^= if six | four | three { 0 } else { ending::LONG << shift };
            }
        }
        refined
    }
}

/// A node while the tree grows.
#[derive(Default)]
struct Branch {
    next: BTreeMap<u8, Branch>,
    gap: Option<Box<Branch>>,
    phrase: u32,
}

impl Branch {
    fn add(&mut self, text: &[u8], phrase: u32) {
        match text.split_last() {
            None => self.phrase = phrase,
            Some((b' ', rest)) => self.gap.get_or_insert_default().add(rest, phrase),
            Some((byte, rest)) => self.next.entry(*byte).or_default().add(rest, phrase),
        }
    }

    /// Fills in the node at `place` and adds all behind it. Where only one byte can follow, no node stands.
    fn lay_out(&self, place: usize, all: &mut Phrases) {
        let (mut end, chain) = (self, all.chains.len());
        while let (0, None, 1, Some((byte, next))) = (end.phrase, &end.gap, end.next.len(), end.next.first_key_value()) {
            all.chains.push(*byte);
            end = next;
        }
        let (first, count) = (all.nodes.len(), end.next.len());
        all.keys.extend(end.next.keys());
        all.keys.extend(end.gap.iter().map(|_| 0));
        all.nodes.resize(all.keys.len(), Node::default());
        let gap = if end.gap.is_some() { (first + count) as u32 } else { 0 };
        let (chain, chained) = (chain as u32, (all.chains.len() - chain) as u32);
        all.nodes[place] = Node { first: first as u32, count: count as u32, gap, phrase: end.phrase, chain, chained };
        let branches = end.next.values().chain(end.gap.as_deref());
        branches.zip(first..).for_each(|(branch, place)| branch.lay_out(place, all));
    }
}

impl Found {
    /// Takes a phrase that begins at `start`, if it may begin there and is the longest of its kind.
    #[inline]
    fn take(&mut self, phrase: Phrase, text: Text<'_>, start: usize) {
        let before = text.before(start, 1);
        let escapes = text.eight_before(start).hold(b'\\');
        if escapes && text.in_escape(start) {
            return;
        }
        let word = !class::is(before, class::ALNUM) || (escapes && text.escape_before(start) > 0);
        let begins = word || (phrase.length > 1 && (phrase.label.is_none() || is_hump(text, start)));
        match phrase.label {
            Some(_) if begins && phrase.length > self.label_length => (self.label, self.label_length) = (phrase.label, phrase.length),
            None if begins && phrase.length > self.filler_length => (self.filler, self.filler_length) = (start, phrase.length),
            _ => {}
        }
    }
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
            let label = Label { says: says(text(&row["type"])), min_digits: number(&row["min_digits"]) };
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
        match endings.refined(endings.of(bytes, wanted), bytes) {
            0 => return None,
            // Nothing but a filler: a label or another filler must end before it.
            ending::FILLER => {
                if let Before::Word(_, bytes) = plain_separators(text, end - 2, text.eight_before(end - 2))
                    && endings.of(bytes, wanted) == 0
                {
                    return None;
                }
            }
            _ => {}
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

/// A capital behind a small letter begins a word of `camelCase`.
fn is_hump(text: Text<'_>, start: usize) -> bool {
    text.before(start, 1).is_ascii_lowercase() && text.at(start).is_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{rule, tables};

    fn before(text: &str) -> Option<Says> {
        let bytes = Text::new(text.as_bytes());
        tables().labels.before(bytes, bytes.len(), bytes.eight_before(bytes.len())).map(|label| label.says)
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
