//! The tables of `rules/`: words and their classes, dialects, what may follow a word, weights.
//!
//! They are part of the library, so a broken one is a defect that the first test finds. The Python twin is
//! `pyplugins/sql_sanitizer/_tables.py`. Tests: below.

use std::sync::OnceLock;

use serde_json::Value;

use crate::inject::Evidence;

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

/// How a dialect reads strings, names and comments; the keys of `rules/dialects.json`.
#[derive(Clone)]
pub struct Dialect {
    /// Its name in the configuration.
    pub name: String,
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
    follow: Vec<(String, Vec<String>)>,
    pub injection: Injection,
}

/// `rules/injection.json`.
pub struct Injection {
    /// Name and weights of each kind of evidence: in no quotes, in quotes, in a value that is a statement itself.
    pub evidence: Vec<(String, [i32; 3])>,
    /// How many of them may name a finding.
    pub main: usize,
    /// In order.
    names: Vec<(String, Name)>,
    /// By the first letter: bit n says that there is a name of n letters.
    lengths: [u32; 32],
    products: Vec<String>,
}

/// The tables, read once.
pub fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(Data::read)
}

impl Data {
    fn read() -> Self {
        let words = parse(include_str!("../rules/keywords.json"));
        let mut table = Self {
            slots: Box::new([(0, 0); SLOTS]),
            lengths: [0; 32],
            dialects: fields(&parse(include_str!("../rules/dialects.json"))).map(dialect).collect(),
            follow: fields(&parse(include_str!("../rules/follow.json"))).map(|(word, next)| (word.to_owned(), texts(next))).collect(),
            injection: injection(&parse(include_str!("../rules/injection.json"))),
        };
        for (name, list) in fields(&words) {
            let bit = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name)).expect(VALID);
            for word in texts(list) {
                table.add(word.as_bytes(), 1 << bit);
            }
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
    pub fn follow(&self, word: &[u8]) -> &[String] {
        self.follow.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map_or(&[], |(_, next)| next)
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

    /// The name of a product; number 0 has none.
    pub fn product(&self, number: u8) -> &str {
        self.products.get(usize::from(number)).map_or("", String::as_str)
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

fn dialect((name, row): (&str, &Value)) -> Dialect {
    let flag = |key: &str| row[key].as_bool().expect(VALID);
    Dialect {
        name: name.to_owned(),
        backslash: flag("backslash"),
        e_strings: flag("e_strings"),
        raw_strings: flag("raw_strings"),
        q_strings: flag("q_strings"),
        dollar: flag("dollar"),
        triple: flag("triple"),
        backtick: flag("backtick"),
        bracket: match row["bracket"].as_str() {
            Some("quotes") => Bracket::Quotes,
            Some("names") => Bracket::Names,
            _ => Bracket::None,
        },
        hash: match row["hash"].as_str() {
            Some("comment") => Hash::Comment,
            Some("word") => Hash::Word,
            Some("names") => Hash::Names,
            _ => Hash::None,
        },
        dash_space: flag("dash_space"),
        nested: flag("nested"),
        conditional: flag("conditional"),
        hints: flag("hints"),
        fence: flag("fence"),
        bare_delete: row["bare_delete"].as_u64().expect(VALID) as usize,
    }
}

fn injection(file: &Value) -> Injection {
    let number = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok()).expect(VALID);
    let name = |row: &Value| row[0].as_str().expect(VALID).to_owned();
    let row = |row: &Value| (name(row), [1, 2, 3].map(|column| number(&row[column])));
    let evidence: Vec<_> = file["evidence"].as_array().expect(VALID).iter().map(row).collect();
    let kind = |name: &str| Evidence::ALL[evidence.iter().position(|(known, _)| known == name).expect(VALID)];
    let mut products = vec![String::new()];
    let mut names = Vec::new();
    for (evidence, lists) in fields(&file["names"]) {
        // A kind with parentheses counts only when it is called.
        let called = evidence.ends_with("()");
        for (product, list) in fields(lists) {
            let number = products.iter().position(|known| known == product).unwrap_or_else(|| {
                products.push(product.to_owned());
                products.len() - 1
            });
            let evidence = kind(evidence.trim_end_matches("()"));
            let anywhere = !called && matches!(evidence, Evidence::Delay | Evidence::System | Evidence::Schema);
            let name = Name { kind: evidence, product: number as u8, anywhere };
            names.extend(texts(list).into_iter().map(|text| (text, name)));
        }
    }
    names.sort_by(|one: &(String, Name), other| one.0.cmp(&other.0));
    let mut lengths = [0; 32];
    for (name, _) in &names {
        lengths[usize::from(name.as_bytes()[0] & 31)] |= 1u32 << name.len();
    }
    let main = file["main"].as_u64().expect(VALID) as usize;
    Injection { evidence, main, names, lengths, products }
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect(VALID)
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect(VALID).to_owned();
    value.as_array().expect(VALID).iter().map(text).collect()
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().expect(VALID).iter().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_file() {
        let file = parse(include_str!("../rules/keywords.json"));
        let mut names: Vec<_> = NAMES.iter().map(|name| name.to_lowercase()).collect();
        names.sort();
        // serde_json hands out the members in alphabetical order.
        assert_eq!(fields(&file).map(|(name, _)| name).collect::<Vec<_>>(), names);
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
