//! The phrases of `rules/labels.json` as a tree that is read backwards, and what tells most words from their ends.
//!
//! A filter here may let a walk begin that finds nothing; it must never keep one from beginning. Tests: `label.rs`.

use std::collections::BTreeMap;

use gwplugins_core::text::{Eight, Text};

use crate::class;
use crate::label::{Label, Says};

/// What a phrase is: a label, or (`None`) a filler; and its length in bytes.
#[derive(Clone, Copy)]
struct Phrase {
    length: usize,
    label: Option<Label>,
}

/// Phrases as a tree that is walked backwards through a text.
pub struct Phrases {
    nodes: Vec<Node>,
    /// The byte (to the left) that leads to each node; those that follow one node stand together.
    keys: Vec<u8>,
    /// Number of the node that each last byte leads to; 0 for none, as no byte leads to the root.
    last: Vec<u32>,
    phrases: Vec<Phrase>,
    pub endings: Endings,
}

#[derive(Default, Clone, Copy)]
struct Node {
    /// The bytes that the text must hold first, the nearest highest, and how many they are.
    chain: u64,
    chained: u32,
    /// The first of the nodes that follow, and how many do.
    first: u32,
    count: u32,
    /// The node behind a blank of the phrase, which is one of ` _-` or nothing in the text; 0 for none.
    gap: u32,
    /// One more than the index of the phrase that begins here; 0 for none.
    phrase: u32,
}

/// The longest label and the longest filler that end at a place.
#[derive(Default)]
pub struct Found {
    pub label: Option<Label>,
    label_length: usize,
    /// Where the filler begins.
    pub filler: usize,
    pub filler_length: usize,
}

impl Phrases {
    pub fn new<'a>(rows: impl Iterator<Item = (&'a str, Option<Label>)>) -> Self {
        let mut root = Branch::default();
        let mut phrases = Vec::new();
        let mut endings = Endings::new();
        for (text, label) in rows {
            let lower = text.to_ascii_lowercase();
            phrases.push(Phrase { length: text.len(), label });
            root.add(lower.as_bytes(), phrases.len() as u32);
            endings.add(lower.as_bytes(), &mut Vec::new(), label);
        }
        let mut all = Self { nodes: vec![Node::default()], keys: vec![0], last: Vec::new(), phrases, endings };
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
    pub fn may_end(&self, text: Text<'_>, end: usize, wanted: u8) -> bool {
        let bytes = text.eight_before(end);
        bytes.hold(b'\\') || self.endings.refined(self.endings.of(bytes, wanted), bytes) != 0
    }

    /// What ends at `end`.
    pub fn find(&self, text: Text<'_>, end: usize) -> Found {
        let mut found = Found::default();
        let node = self.last[usize::from(text.before(end, 1))] as usize;
        if node > 0 {
            self.walk(node, text, end - 1, &mut found);
        }
        found
    }

    fn walk(&self, mut node: usize, text: Text<'_>, at: usize, found: &mut Found) {
        let mut reader = Reader::new(text, at);
        loop {
            let here = self.nodes[node];
            if !reader.take(here.chain, here.chained) {
                return;
            }
            if here.phrase > 0 {
                found.take(self.phrases[here.phrase as usize - 1], text, reader.at);
            }
            let byte = reader.next();
            if here.gap > 0 {
                let joiner = usize::from(matches!(byte, b' ' | b'_' | b'-'));
                self.walk(here.gap as usize, text, reader.at - joiner, found);
            }
            match self.edge(node, byte) {
                Some(next) => node = next,
                None => return,
            }
            reader.skip(1);
        }
    }
}

/// Reads a text backwards in lower case, from a register.
struct Reader<'a> {
    text: Text<'a>,
    at: usize,
    /// The bytes before `at`, the nearest highest, of which `left` are there.
    bytes: u64,
    left: u32,
}

impl<'a> Reader<'a> {
    #[inline(always)]
    fn new(text: Text<'a>, at: usize) -> Self {
        Self { text, at, bytes: text.eight_before(at).lower().number(), left: 8 }
    }

    /// The byte before the place.
    #[inline(always)]
    fn next(&mut self) -> u8 {
        if self.left == 0 {
            *self = Self::new(self.text, self.at);
        }
        (self.bytes >> 56) as u8
    }

    /// Goes `count` bytes on, of those left.
    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.at -= count as usize;
        self.left -= count;
        self.bytes = self.bytes.checked_shl(8 * count).unwrap_or(0);
    }

    /// Goes behind these bytes, 8 at most, if they stand there.
    #[inline(always)]
    fn take(&mut self, bytes: u64, count: u32) -> bool {
        if count == 0 {
            return true;
        }
        if count > self.left {
            *self = Self::new(self.text, self.at);
        }
        let stand_there = (self.bytes ^ bytes) >> (u64::BITS - 8 * count) == 0;
        if stand_there {
            self.skip(count);
        }
        stand_there
    }
}

/// In which bytes phrases end, without regard to bit 5, by which the cases of letters differ. Most words end in none of them.
pub struct Endings {
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
pub mod ending {
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
        let other = label.is_some_and(|label| !matches!(label.says(), Says::Type(_)));
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
    pub fn of(&self, bytes: Eight, wanted: u8) -> u8 {
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
    pub fn refined(&self, found: u8, bytes: Eight) -> u8 {
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

/// Most bytes of a chain.
const MOST_CHAINED: u32 = 8;

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
        let (mut end, mut chain, mut chained) = (self, 0, 0);
        while let (true, 0, None, 1, Some((byte, next))) =
            (chained < MOST_CHAINED, end.phrase, &end.gap, end.next.len(), end.next.first_key_value())
        {
            chained += 1;
            chain |= u64::from(*byte) << (u64::BITS - 8 * chained);
            end = next;
        }
        let (first, count) = (all.nodes.len(), end.next.len());
        all.keys.extend(end.next.keys());
        all.keys.extend(end.gap.iter().map(|_| 0));
        all.nodes.resize(all.keys.len(), Node::default());
        let gap = if end.gap.is_some() { (first + count) as u32 } else { 0 };
        all.nodes[place] = Node { chain, chained, first: first as u32, count: count as u32, gap, phrase: end.phrase };
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

/// A capital behind a small letter begins a word of `camelCase`.
fn is_hump(text: Text<'_>, start: usize) -> bool {
    text.before(start, 1).is_ascii_lowercase() && text.at(start).is_ascii_uppercase()
}
