//! The tables of `rules/`: words and their classes, dialects, what may follow a word, weights.
//!
//! They are part of the library, so a broken one is a defect that the first test finds. The Python twin is
//! `pyplugins/sql_sanitizer/_tables.py`. Tests: below.

use std::sync::OnceLock;

use crate::inject::Evidence;
use crate::rules::{Entry, entries};

const VALID: &str = "the rules directory holds valid tables";

/// The classes of a word, one bit each: those of `rules/keywords.json`.
pub type Class = u64;

macro_rules! classes {
    ($($name:ident),* $(,)?) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Bit { $($name),* }
        $(pub const $name: Class = 1 << Bit::$name as u32;)*
        /// The names in the order of their bits.
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

classes!(
    OBJECT,
    PRIVILEGE,
    SELECT,
    DELETE,
    UPDATE,
    INSERT,
    REPLACE,
    MERGE,
    CHANGE,
    ALTER,
    TRUNCATE,
    GRANT,
    EXEC,
    WITH,
    VALUES,
    FOLLOW,
    PREFIX,
    EXPLAIN,
    WHERE,
    FROM,
    SET,
    INTO,
    TO,
    ON,
    AS,
    THEN,
    USING,
    RECURSIVE,
    TABLE,
    MODIFIER,
    AFTER_TRUNCATE,
    AFTER_DELETE,
    ARTICLE,
    TABLE_PLACE,
    EXECUTES,
    EXPRESSION,
    OPERAND,
    CONSTANT,
    UNARY,
    LOGIC,
    BINARY_WORD,
    COMPARES,
    BETWEEN,
    IS,
    IF,
    AFTER_IS,
    NOT,
    CLAUSE,
    BY_CLAUSE,
    BY,
    JOIN,
    UNION,
    UNION_TAIL,
    CASE,
    END,
    TRAILING,
    HAVING,
    TYPED,
);

/// The words that begin statements and whose shape is examined.
pub const HEAD: Class = SELECT | DELETE | UPDATE | INSERT | REPLACE | MERGE | CHANGE | TRUNCATE | GRANT | EXEC | WITH | VALUES | FOLLOW;

/// No word of the table is longer.
const LONGEST: usize = 16;
const SLOTS: usize = 2048;

/// What `[` begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// Nothing.
    None,
    /// A quoted name when what it holds looks like one.
    Names,
    /// A quoted name.
    Quotes,
}

/// What `#` begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// Nothing.
    None,
    /// A comment, or a name where a table is named.
    Names,
    /// A name.
    Word,
    /// A comment.
    Comment,
}

/// How a dialect reads strings, names and comments; the features of `rules/dialects.json`.
#[derive(Clone)]
pub struct Dialect {
    /// Its name in the configuration.
    pub name: &'static str,
    pub backslash: bool,
    pub e_strings: bool,
    pub raw_strings: bool,
    pub q_strings: bool,
    pub dollar: bool,
    pub triple: bool,
    pub backtick: bool,
    pub bracket: Bracket,
    pub hash: Hash,
    pub dash_space: bool,
    pub nested: bool,
    pub conditional: bool,
    pub hints: bool,
    pub fence: bool,
    /// Words behind a DELETE without FROM: 0 it needs FROM, 1 a name alone, 2 also with another one.
    pub bare_delete: usize,
}

/// All tables.
pub struct Data {
    slots: Box<[(u128, Class); SLOTS]>,
    /// By the first letter: bit n says that a word of n letters is in the table.
    lengths: [u32; 32],
    pub dialects: Vec<Dialect>,
    /// A word, and what may come next.
    follow: Vec<(&'static str, &'static str)>,
    pub injection: Injection,
}

/// `rules/injection.json`.
pub struct Injection {
    /// Name and weights of each kind of evidence: in no quotes, in quotes, in a value that is a statement itself.
    pub evidence: Vec<(&'static str, [i32; 3])>,
    /// How many of them may name a finding.
    pub main: usize,
    /// In order.
    names: Vec<(&'static str, Name)>,
    /// By the first letter: bit n says that there is a name of n letters.
    lengths: [u32; 32],
    products: Vec<&'static str>,
}

/// The tables, read once.
pub fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(Data::read)
}

impl Data {
    fn read() -> Self {
        let mut table = Self {
            slots: Box::new([(0, 0); SLOTS]),
            lengths: [0; 32],
            dialects: Vec::new(),
            follow: Vec::new(),
            injection: Injection { evidence: Vec::new(), main: 0, names: Vec::new(), lengths: [0; 32], products: vec![""] },
        };
        for Entry { keys: [class, ..], value } in entries(include_str!("../rules/keywords.json")) {
            let bit = NAMES.iter().position(|known| known.eq_ignore_ascii_case(class)).expect(VALID);
            table.add(value.as_bytes(), 1 << bit);
        }
        for Entry { keys: [name, ..], value } in entries(include_str!("../rules/dialects.json")) {
            if table.dialects.last().is_none_or(|last| last.name != name) {
                table.dialects.push(Dialect::named(name));
            }
            if let Some(dialect) = table.dialects.last_mut() {
                dialect.add(value);
            }
        }
        table.follow = entries(include_str!("../rules/follow.json")).map(|Entry { keys: [word, ..], value }| (word, value)).collect();
        for entry in entries(include_str!("../rules/injection.json")) {
            table.injection.add(&entry);
        }
        table
    }

    fn add(&mut self, word: &[u8], class: Class) {
        let key = key(word);
        self.lengths[usize::from(word[0] & 31)] |= 1 << word.len();
        let mut slot = slot(key);
        while self.slots[slot].0 != 0 && self.slots[slot].0 != key {
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot].0 = key;
        self.slots[slot].1 |= class;
    }

    /// The classes of the word `text[start..end]`, ASCII letters in any case; 0 for a word that means nothing.
    #[inline(always)]
    pub fn class_at(&self, text: &[u8], start: usize, end: usize) -> Class {
        let length = end - start;
        let Some(&first) = text.get(start) else { return 0 };
        if length > LONGEST || self.lengths[usize::from(first & 31)] >> length & 1 == 0 {
            return 0;
        }
        let key = match text.get(start..).and_then(|rest| rest.first_chunk()) {
            // The bytes behind the word go.
            Some(bytes) => lowered(u128::from_le_bytes(*bytes) & u128::MAX >> (128 - 8 * length)),
            None => key(&text[start..end]),
        };
        self.find(key)
    }

    #[inline(always)]
    fn find(&self, key: u128) -> Class {
        let mut slot = slot(key);
        loop {
            let (found, class) = self.slots[slot];
            if found == key {
                return class;
            }
            if found == 0 {
                return 0;
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// What may follow a word of class [`FOLLOW`].
    pub fn follow<'a>(&'a self, word: &'a [u8]) -> impl Iterator<Item = &'static str> + Clone + 'a {
        self.follow.iter().filter(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map(|(_, next)| *next)
    }

    /// The dialect of this name.
    pub fn dialect(&self, name: &str) -> &Dialect {
        self.dialects.iter().find(|dialect| dialect.name == name).expect("the schema knows the dialects")
    }
}

/// What a name tells.
#[derive(Clone, Copy)]
pub struct Name {
    pub kind: Evidence,
    /// The number of the database product that knows it, 0 for none.
    pub product: u8,
    /// It counts wherever it stands, not only when it is called.
    pub anywhere: bool,
}

impl Injection {
    /// What a name tells, ASCII letters in any case.
    pub fn named(&self, word: &[u8]) -> Option<Name> {
        let first = usize::from(word.first()? & 31);
        if word.len() > 31 || self.lengths[first] >> word.len() & 1 == 0 {
            return None;
        }
        let at = self.names.binary_search_by(|(name, _)| compare(name.as_bytes(), word)).ok()?;
        self.names.get(at).map(|(_, name)| *name)
    }

    fn add(&mut self, entry: &Entry) {
        let Entry { keys: [section, kind, product], value } = *entry;
        match section {
            "evidence" => match value.parse() {
                // The weights stand behind their name.
                Ok(weight) => {
                    let row = self.evidence.last_mut().expect(VALID);
                    row.1.rotate_left(1);
                    row.1[2] = weight;
                }
                Err(_) => self.evidence.push((value, [0; 3])),
            },
            "main" => self.main = value.parse().expect(VALID),
            _ => self.add_name(kind, product, value),
        }
    }

    fn add_name(&mut self, kind: &str, product: &'static str, text: &'static str) {
        // A kind with parentheses counts only when it is called.
        let evidence = kind.trim_end_matches("()");
        let kind_number = self.evidence.iter().position(|(known, _)| *known == evidence).expect(VALID);
        let number = self.products.iter().position(|known| *known == product).unwrap_or_else(|| {
            self.products.push(product);
            self.products.len() - 1
        });
        let evidence_kind = Evidence::ALL[kind_number];
        let anywhere = evidence == kind && matches!(evidence_kind, Evidence::Delay | Evidence::System | Evidence::Schema);
        let name = Name { kind: evidence_kind, product: number as u8, anywhere };
        self.lengths[usize::from(text.as_bytes()[0] & 31)] |= 1 << text.len();
        // In order. A sort would cost more code than all of this.
        let place = self.names.partition_point(|(known, _)| *known < text);
        self.names.insert(place, (text, name));
    }

    /// The name of a product; number 0 has none.
    pub fn product(&self, number: u8) -> &str {
        self.products.get(usize::from(number)).copied().unwrap_or_default()
    }
}

/// Order of a lower-case name and a word in any case.
fn compare(name: &[u8], word: &[u8]) -> std::cmp::Ordering {
    name.iter().copied().cmp(word.iter().map(u8::to_ascii_lowercase))
}

/// Up to sixteen bytes as one number, ASCII letters lowered.
#[inline]
fn key(word: &[u8]) -> u128 {
    let mut bytes = [0; LONGEST];
    bytes[..word.len()].copy_from_slice(word);
    lowered(u128::from_le_bytes(bytes))
}

/// ASCII letters lowered.
#[inline(always)]
fn lowered(number: u128) -> u128 {
    const ONES: u128 = u128::MAX / 255;
    let seven = number & (ONES * 0x7F);
    let (over_z, from_a) = (seven + ONES * (0x7F - b'Z') as u128, seven + ONES * (0x80 - b'A') as u128);
    let upper = !number & (from_a ^ over_z) & (ONES * 0x80);
    number | upper >> 2
}

#[inline]
fn slot(key: u128) -> usize {
    let mixed = (key as u64 ^ ((key >> 64) as u64).rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 53) as usize % SLOTS
}

impl Dialect {
    fn named(name: &'static str) -> Self {
        Self {
            name,
            backslash: false,
            e_strings: false,
            raw_strings: false,
            q_strings: false,
            dollar: false,
            triple: false,
            backtick: false,
            bracket: Bracket::None,
            hash: Hash::None,
            dash_space: false,
            nested: false,
            conditional: false,
            hints: false,
            fence: false,
            bare_delete: 0,
        }
    }

    fn add(&mut self, feature: &str) {
        match feature {
            "backslash" => self.backslash = true,
            "e_strings" => self.e_strings = true,
            "raw_strings" => self.raw_strings = true,
            "q_strings" => self.q_strings = true,
            "dollar" => self.dollar = true,
            "triple" => self.triple = true,
            "backtick" => self.backtick = true,
            "bracket_names" => self.bracket = Bracket::Names,
            "bracket_quotes" => self.bracket = Bracket::Quotes,
            "hash_comment" => self.hash = Hash::Comment,
            "hash_names" => self.hash = Hash::Names,
            "hash_word" => self.hash = Hash::Word,
            "dash_space" => self.dash_space = true,
            "nested" => self.nested = true,
            "conditional" => self.conditional = true,
            "hints" => self.hints = true,
            "fence" => self.fence = true,
            "bare_delete_1" => self.bare_delete = 1,
            "bare_delete_2" => self.bare_delete = 2,
            _ => unreachable!("{VALID}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_file() {
        let mut names: Vec<_> = entries(include_str!("../rules/keywords.json")).map(|entry| entry.keys[0]).collect();
        names.dedup();
        assert_eq!(names, NAMES.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>());
    }

    #[test]
    fn words_are_found_in_any_case() {
        for word in ["select", "SELECT", "SeLeCt"] {
            for text in [word.to_owned(), format!("{word} and sixteen bytes more")] {
                assert_eq!(data().class_at(text.as_bytes(), 0, word.len()) & SELECT, SELECT);
            }
        }
        for word in ["selec", "select_", "", "@elect", "\u{e9}", "a_word_that_is_longer_than_any"] {
            assert_eq!(data().class_at(word.as_bytes(), 0, word.len()), 0, "{word}");
        }
    }
}
