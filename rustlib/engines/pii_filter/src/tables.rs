//! The tables of `rules/`, read once per process.

use std::sync::OnceLock;

use gwplugins_core::text::Eight;
use serde::Deserialize;
use serde_json::from_str;

use crate::label::Labels;

/// One personal-data type; its index is its rule number and its priority.
#[derive(Deserialize)]
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
    /// Bits of hashes of the first three bytes of months' names.
    month_starts: [u64; 1 << (START_BITS - 6)],
    /// Bit b of row a: a month's name, in lower case, ends in the bytes a, b.
    pub month_ends: Vec<[u64; 4]>,
    /// Excluded IPv4 networks: (network, mask).
    pub excluded: Vec<(u32, u32)>,
    pub not_top_level: Names,
    /// Inclusive code point ranges; true = ideograph.
    pub letters: Vec<(u32, u32, bool)>,
    /// The same for code points below [`LOW`], a bit for each: letters, ideographs.
    pub low_letters: [Vec<u64>; 2],
    pub labels: Labels,
}

#[derive(Deserialize)]
struct CardsFile {
    issuers: Vec<IssuerRow>,
    layouts: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
struct IssuerRow {
    from: String,
    to: String,
    lengths: Vec<u32>,
}

#[derive(Deserialize)]
struct IbanFile {
    lengths: std::collections::BTreeMap<String, u8>,
}

#[derive(Deserialize)]
struct PhoneFile {
    codes: std::collections::BTreeMap<String, (u8, u8)>,
    nanp_example_area: String,
}

#[derive(Deserialize)]
struct MonthsFile {
    months: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct IpFile {
    excluded: Vec<String>,
}

#[derive(Deserialize)]
struct EmailFile {
    not_top_level: Vec<String>,
}

#[derive(Deserialize)]
struct LettersFile {
    ranges: Vec<(u32, u32, String)>,
}

/// The tables of this library. They are part of it, so a broken one is a defect found by the first test.
pub fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(read)
}

fn read() -> Tables {
    const VALID: &str = "the rules directory holds valid tables";
    let cards: CardsFile = from_str(include_str!("../rules/cards.json")).expect(VALID);
    let iban: IbanFile = from_str(include_str!("../rules/iban.json")).expect(VALID);
    let phone: PhoneFile = from_str(include_str!("../rules/phone.json")).expect(VALID);
    let months: MonthsFile = from_str(include_str!("../rules/months.json")).expect(VALID);
    let ip: IpFile = from_str(include_str!("../rules/ip.json")).expect(VALID);
    let email: EmailFile = from_str(include_str!("../rules/email.json")).expect(VALID);
    let letters: LettersFile = from_str(include_str!("../rules/email_letters.json")).expect(VALID);
    let issuers: Vec<_> = cards.issuers.iter().map(issuer).collect();
    let ranges: Vec<_> = letters.ranges.into_iter().map(|(first, last, class)| (first, last, class == "i")).collect();
    Tables {
        low_letters: low_letters(&ranges),
        letters: ranges,
        card_starts: issuers.iter().fold(0, |bits, issuer| bits | issuer.starts()),
        types: from_str(include_str!("../rules/types.json")).expect(VALID),
        issuers,
        layouts: cards.layouts,
        iban_length: iban_lengths(&iban),
        phone_digits: phone_digits(&phone),
        example_area: phone.nanp_example_area.parse().expect(VALID),
        month_starts: month_starts(&months),
        month_ends: month_ends(&months),
        months: month_names(&months),
        excluded: ip.excluded.iter().map(|network| parse_network(network).expect(VALID)).collect(),
        not_top_level: Names::new(&email.not_top_level),
        labels: Labels::read(include_str!("../rules/labels.json")),
    }
}

fn issuer(row: &IssuerRow) -> Issuer {
    let unit = 10u32.pow((PREFIX - row.from.len()) as u32);
    let first = |digits: &str| digits.parse::<u32>().expect("issuers are told by digits") * unit;
    Issuer { from: first(&row.from), to: first(&row.to) + unit - 1, lengths: row.lengths.iter().fold(0, |bits, length| bits | 1 << length) }
}

impl Issuer {
    /// The two-digit numbers that begin a number of this range.
    fn starts(&self) -> u128 {
        const REST: u32 = 10u32.pow(PREFIX as u32 - 2);
        (self.from / REST..=self.to / REST).fold(0, |bits, start| bits | 1 << start)
    }
}

fn iban_lengths(file: &IbanFile) -> [u8; 26 * 26] {
    let mut table = [0; 26 * 26];
    for (country, length) in &file.lengths {
        if let [first, second] = country.as_bytes() {
            table[usize::from(first - b'A') * 26 + usize::from(second - b'A')] = *length;
        }
    }
    table
}

fn phone_digits(file: &PhoneFile) -> Vec<(u8, u8)> {
    let mut table = vec![(0, 0); 1000];
    for (code, digits) in &file.codes {
        if let Some(row) = code.parse::<usize>().ok().and_then(|code| table.get_mut(code)) {
            *row = *digits;
        }
    }
    table
}

fn month_names(file: &MonthsFile) -> Vec<(Vec<u8>, u32)> {
    let names = |(names, month): (&Vec<String>, u32)| names.iter().map(move |name| (name.clone().into_bytes(), month)).collect::<Vec<_>>();
    let mut all: Vec<_> = file.months.iter().zip(1..).flat_map(names).collect();
    all.sort_by_key(|(name, _)| (name[0], name[1], std::cmp::Reverse(name.len())));
    all
}

impl Tables {
    /// A month's name may begin with the first three of these bytes; none is shorter.
    #[inline(always)]
    pub fn months_begin(&self, bytes: Eight) -> bool {
        let hash = start_hash(bytes.number());
        self.month_starts[hash >> 6] >> (hash & 63) & 1 == 1
    }

    /// The months whose names begin with these bytes, in any case, longest first.
    pub fn months_from(&self, first: u8, second: u8) -> &[(Vec<u8>, u32)] {
        let wanted = [first.to_ascii_lowercase(), second.to_ascii_lowercase()];
        let from = self.months.partition_point(|(name, _)| name[..2] < wanted[..]);
        let rest = &self.months[from..];
        &rest[..rest.partition_point(|(name, _)| name[..2] == wanted[..])]
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

    fn new(names: &[String]) -> Self {
        let mut seen = [0; Self::MOST + 1];
        names.iter().for_each(|name| seen[name.len()] |= 1 << (name.as_bytes()[0] & 31));
        let mut all: Vec<_> = names.iter().map(|name| Self::packed(name.as_bytes())).collect();
        all.sort_unstable();
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

fn month_starts(file: &MonthsFile) -> [u64; 1 << (START_BITS - 6)] {
    let mut table = [0; 1 << (START_BITS - 6)];
    for name in file.months.iter().flatten().map(String::as_bytes) {
        let hash = start_hash(name.iter().take(3).rfold(0, |bytes, byte| bytes << 8 | u64::from(*byte)));
        table[hash >> 6] |= 1 << (hash & 63);
    }
    table
}

fn month_ends(file: &MonthsFile) -> Vec<[u64; 4]> {
    let mut table = vec![[0; 4]; 256];
    for name in file.months.iter().flatten().map(String::as_bytes) {
        if let [.., before, last] = name {
            table[usize::from(*before)][usize::from(last >> 6)] |= 1 << (last & 63);
        }
    }
    table
}

/// Code points of up to three bytes.
pub const LOW: u32 = 0x1_0000;

fn low_letters(ranges: &[(u32, u32, bool)]) -> [Vec<u64>; 2] {
    let mut bits = [vec![0; LOW as usize / 64], vec![0; LOW as usize / 64]];
    for (first, last, ideograph) in ranges.iter().filter(|(first, ..)| *first < LOW) {
        let bits = &mut bits[usize::from(*ideograph)];
        (*first..=(*last).min(LOW - 1)).for_each(|code| bits[code as usize / 64] |= 1 << (code % 64));
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
