//! The tables of `rules/`, read once per process.

use std::sync::OnceLock;

use gwplugins_core::rules::{fields, list, number, parse, text, texts};
use gwplugins_core::text::Eight;
use serde_json::Value;

use crate::label::Labels;

/// One personal-data type; its index is its rule number and its priority.
pub struct Type {
    pub name: String,
    pub key: String,
    pub partial: String,
    pub score: u32,
    pub labelled_score: u32,
}

/// Rule numbers of the built-in types, in the order of `rules/types.json`.
pub mod rule {
    pub const CREDIT_CARD: u32 = 0;
    pub const SSN: u32 = 1;
    pub const BSN: u32 = 2;
    pub const BANK_ACCOUNT: u32 = 3;
    pub const PHONE: u32 = 4;
    pub const DATE_OF_BIRTH: u32 = 5;
    pub const PASSPORT: u32 = 6;
    pub const DRIVER_LICENSE: u32 = 7;
    pub const MEDICAL_RECORD: u32 = 8;
    pub const IP_ADDRESS: u32 = 9;
    pub const EMAIL: u32 = 10;
    /// How many there are; custom pattern i has the rule number `BUILT_IN + i`.
    pub const BUILT_IN: u32 = 11;
}

/// An issuer range: the first [`PREFIX`] digits, and the lengths (bit n set = n digits).
pub struct Issuer {
    pub from: u32,
    pub to: u32,
    pub lengths: u32,
}

/// Digits that issuers are told by.
pub const PREFIX: usize = 6;

/// Everything the steps read.
pub struct Tables {
    pub types: Vec<Type>,
    pub issuers: Vec<Issuer>,
    pub layouts: Vec<Vec<usize>>,
    /// Bit n set: the two digits of n may begin a card.
    pub card_starts: u128,
    /// Length of an IBAN by `26 * first + second` letter of the country, 0 for unknown.
    pub iban_length: [u8; 26 * 26],
    /// (least, most) digits by country code 1..=999, (0, 0) for unassigned ones.
    pub phone_digits: Vec<(u8, u8)>,
    pub example_area: u32,
    /// Month names in lower case with the month 1..=12, sorted by their first two bytes, longest first.
    pub months: Vec<(Vec<u8>, u32)>,
    /// Where the names begin that begin with each byte or a later one.
    months_from: [u8; 257],
    /// Bits of hashes of the first three bytes of months' names.
    month_starts: [u64; 1 << (START_BITS - 6)],
    /// Bit b of row a: a month's name, in lower case, ends in the bytes a, b.
    pub month_ends: Vec<[u64; 4]>,
    /// Excluded IPv4 networks: (network, mask).
    pub excluded: Vec<(u32, u32)>,
    pub not_top_level: Names,
    /// Inclusive code point ranges; true = ideograph.
    letters: Vec<(u32, u32, bool)>,
    /// The same for code points below [`LOW`], two bits for each: 1 a letter, 2 an ideograph.
    low_letters: Vec<u64>,
    pub labels: Labels,
}

/// The tables of this library. They are part of it, so a broken one is a defect found by the first test.
pub fn tables() -> &'static Tables {
    // In a box: a static of their size would be in the library, all zero.
    static TABLES: OnceLock<Box<Tables>> = OnceLock::new();
    TABLES.get_or_init(|| Box::new(read()))
}

fn read() -> Tables {
    let cards = parse(include_str!("../rules/cards.json"));
    let phone = parse(include_str!("../rules/phone.json"));
    let months = parse(include_str!("../rules/months.json"));
    let months: Vec<Vec<&str>> = list(&months["months"]).iter().map(|names| texts(names).collect()).collect();
    let names = month_names(&months);
    let types: Vec<Type> = list(&parse(include_str!("../rules/types.json"))).iter().map(Type::read).collect();
    let issuers: Vec<_> = list(&cards["issuers"]).iter().map(issuer).collect();
    let letters = letters(&parse(include_str!("../rules/email_letters.json")));
    let email = parse(include_str!("../rules/email.json"));
    let ip = parse(include_str!("../rules/ip.json"));
    Tables {
        low_letters: low_letters(&letters),
        letters,
        card_starts: issuers.iter().fold(0, |bits, issuer| bits | issuer.starts()),
        issuers,
        layouts: list(&cards["layouts"]).iter().map(|groups| list(groups).iter().map(|group| number(group) as usize).collect()).collect(),
        iban_length: iban_lengths(&parse(include_str!("../rules/iban.json"))["lengths"]),
        phone_digits: phone_digits(&phone["codes"]),
        example_area: text(&phone["nanp_example_area"]).parse().expect("an area code"),
        month_starts: month_starts(&months),
        month_ends: month_ends(&months),
        months_from: std::array::from_fn(|byte| names.partition_point(|(name, _)| usize::from(name[0]) < byte) as u8),
        months: names,
        excluded: texts(&ip["excluded"]).map(|network| parse_network(network).expect("a network")).collect(),
        not_top_level: Names::new(texts(&email["not_top_level"])),
        labels: Labels::read(&parse(include_str!("../rules/labels.json")), &types),
        types,
    }
}

impl Type {
    fn read(row: &Value) -> Self {
        let field = |name: &str| text(&row[name]).to_owned();
        let (name, key, partial) = (field("name"), field("key"), field("partial"));
        Self { name, key, partial, score: number(&row["score"]), labelled_score: number(&row["labelled_score"]) }
    }
}

fn letters(file: &Value) -> Vec<(u32, u32, bool)> {
    let row = |row: &Value| (number(&row[0]), number(&row[1]), text(&row[2]) == "i");
    list(&file["ranges"]).iter().map(row).collect()
}

fn issuer(row: &Value) -> Issuer {
    let unit = 10u32.pow((PREFIX - text(&row["from"]).len()) as u32);
    let first = |field: &str| text(&row[field]).parse::<u32>().expect("issuers are told by digits") * unit;
    let lengths = list(&row["lengths"]).iter().fold(0, |bits, length| bits | 1 << number(length));
    Issuer { from: first("from"), to: first("to") + unit - 1, lengths }
}

impl Issuer {
    /// The two-digit numbers that begin a number of this range.
    fn starts(&self) -> u128 {
        const REST: u32 = 10u32.pow(PREFIX as u32 - 2);
        (self.from / REST..=self.to / REST).fold(0, |bits, start| bits | 1 << start)
    }
}

fn iban_lengths(lengths: &Value) -> [u8; 26 * 26] {
    let mut table = [0; 26 * 26];
    for (country, length) in fields(lengths) {
        if let [first, second] = country.as_bytes() {
            table[usize::from(first - b'A') * 26 + usize::from(second - b'A')] = number(length) as u8;
        }
    }
    table
}

fn phone_digits(codes: &Value) -> Vec<(u8, u8)> {
    let mut table = vec![(0, 0); 1000];
    for (code, digits) in fields(codes) {
        if let Some(row) = code.parse::<usize>().ok().and_then(|code| table.get_mut(code)) {
            *row = (number(&digits[0]) as u8, number(&digits[1]) as u8);
        }
    }
    table
}

fn month_names(months: &[Vec<&str>]) -> Vec<(Vec<u8>, u32)> {
    let rows = months.iter().zip(1..).flat_map(|(names, month)| names.iter().map(move |name| (name.as_bytes().to_vec(), month)));
    let all = sorted(rows, |(name, _)| (name[0], name[1], std::cmp::Reverse(name.len())));
    assert!(all.len() <= usize::from(u8::MAX), "places of months are kept in bytes");
    all
}

/// Rows by their keys, equal ones in the order they came in. They are few: a sort of the standard library is 5 KB for each type.
fn sorted<T, K: Ord>(rows: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    rows.fold(Vec::new(), |mut all, row| {
        let place = all.partition_point(|other| key(other) <= key(&row));
        all.insert(place, row);
        all
    })
}

impl Tables {
    /// What a character beyond ASCII is to an address: whether it is an ideograph, `None` for no letter.
    pub fn ideograph(&self, character: char) -> Option<bool> {
        let code = character as u32;
        if code < LOW {
            return match self.low_letters[code as usize / 32] >> (2 * (code % 32)) & 3 {
                0 => None,
                kind => Some(kind == 2),
            };
        }
        let range = self.letters.partition_point(|(_, last, _)| *last < code);
        self.letters.get(range).filter(|(first, ..)| *first <= code).map(|(_, _, ideograph)| *ideograph)
    }

    /// A month's name may begin with the first three of these bytes; none is shorter.
    #[inline(always)]
    pub fn months_begin(&self, bytes: Eight) -> bool {
        let hash = start_hash(bytes.number());
        self.month_starts[hash >> 6] >> (hash & 63) & 1 == 1
    }

    /// The months whose names begin with this byte, in any case; of those that begin alike the longest first.
    pub fn months_from(&self, first: u8) -> &[(Vec<u8>, u32)] {
        let byte = usize::from(first.to_ascii_lowercase());
        &self.months[usize::from(self.months_from[byte])..usize::from(self.months_from[byte + 1])]
    }
}

/// Short names, ASCII letters in any case.
pub struct Names {
    /// Sorted, in lower case.
    all: Vec<u128>,
    /// A bit for the last five bits of the first byte and the length; most other names have none of these.
    seen: [u32; Self::MOST + 1],
}

impl Names {
    /// Longest name in bytes.
    const MOST: usize = 16;

    fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut seen = [0; Self::MOST + 1];
        let names = names.map(str::as_bytes).inspect(|name| seen[name.len()] |= 1 << (name[0] & 31));
        let all = sorted(names.map(Self::packed), |name| *name);
        Self { all, seen }
    }

    fn packed(name: &[u8]) -> u128 {
        name.iter().fold(0, |all, byte| all << 8 | u128::from(byte.to_ascii_lowercase()))
    }

    /// `name` is one of them.
    pub fn have(&self, name: &[u8]) -> bool {
        let [first, ..] = name else { return false };
        let seen = self.seen.get(name.len()).is_some_and(|bits| bits >> (first & 31) & 1 == 1);
        seen && self.all.binary_search(&Self::packed(name)).is_ok()
    }
}

const START_BITS: u32 = 12;

/// A hash of the three lowest bytes, without regard to bit 5, by which the cases of letters differ.
#[inline(always)]
fn start_hash(bytes: u64) -> usize {
    let three = (bytes as u32 | 0x20_2020) << 8;
    (three.wrapping_mul(0x9E37_79B1) >> (u32::BITS - START_BITS)) as usize
}

fn month_starts(months: &[Vec<&str>]) -> [u64; 1 << (START_BITS - 6)] {
    let mut table = [0; 1 << (START_BITS - 6)];
    for name in months.iter().flatten().map(|name| name.as_bytes()) {
        let hash = start_hash(name.iter().take(3).rfold(0, |bytes, byte| bytes << 8 | u64::from(*byte)));
        table[hash >> 6] |= 1 << (hash & 63);
    }
    table
}

fn month_ends(months: &[Vec<&str>]) -> Vec<[u64; 4]> {
    let mut table = vec![[0; 4]; 256];
    for name in months.iter().flatten().map(|name| name.as_bytes()) {
        if let [.., before, last] = name {
            table[usize::from(*before)][usize::from(last >> 6)] |= 1 << (last & 63);
        }
    }
    table
}

/// Code points of up to three bytes.
const LOW: u32 = 0x1_0000;

fn low_letters(ranges: &[(u32, u32, bool)]) -> Vec<u64> {
    let mut bits = vec![0; LOW as usize / 32];
    for (first, last, ideograph) in ranges.iter().filter(|(first, ..)| *first < LOW) {
        (*first..=(*last).min(LOW - 1)).for_each(|code| bits[code as usize / 32] |= (1 + u64::from(*ideograph)) << (2 * (code % 32)));
    }
    bits
}

fn parse_network(text: &str) -> Option<(u32, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let mask = u32::MAX.checked_shl(32 - bits.parse::<u32>().ok()?).unwrap_or(0);
    Some((u32::from(address), mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_numbers_follow_the_types_file() {
        let names: Vec<_> = tables().types.iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!(names[rule::CREDIT_CARD as usize], "credit_card");
        assert_eq!(names[rule::PHONE as usize], "phone");
        assert_eq!(names[rule::EMAIL as usize], "email");
        assert_eq!(names.len() as u32, rule::BUILT_IN);
    }
}
