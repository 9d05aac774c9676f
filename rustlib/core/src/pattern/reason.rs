//! Why a pattern is refused: the numbers and texts of `rules/pattern_reasons.json`, and the error that carries them.
//!
//! It must never quote a pattern or a scanned text. Tests: below, `tests/vectors/patterns.jsonl`.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use crate::rules;

const DATA: &str = include_str!("../../rules/pattern_reasons.json");

macro_rules! reasons {
    ($($variant:ident = $number:literal, $id:literal;)*) => {
        /// A reason for refusal; its number is the same in every implementation and never reused.
        #[allow(missing_docs, reason = "rules/pattern_reasons.json describes each")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Reason { $($variant = $number,)* }

        impl Reason {
            /// All of them, by number.
            pub const ALL: &[Reason] = &[$(Reason::$variant,)*];

            /// The name of the reason in data and in Python.
            pub fn id(self) -> &'static str {
                match self { $(Reason::$variant => $id,)* }
            }
        }
    };
}

reasons! {
    NotUnicode = 1, "not_unicode";
    TooLong = 2, "too_long";
    TooManyAlternatives = 3, "too_many_alternatives";
    TooManyQuantifiers = 4, "too_many_quantifiers";
    TooDeep = 5, "too_deep";
    TooBig = 6, "too_big";
    TrailingBackslash = 10, "trailing_backslash";
    BadEscape = 11, "bad_escape";
    BadHex = 12, "bad_hex";
    Surrogate = 13, "surrogate";
    Octal = 14, "octal";
    Backreference = 15, "backreference";
    UnicodeProperty = 16, "unicode_property";
    TextEnd = 17, "text_end";
    NothingToRepeat = 20, "nothing_to_repeat";
    MultipleRepeat = 21, "multiple_repeat";
    Possessive = 22, "possessive";
    BadBrace = 23, "bad_brace";
    RepeatOrder = 24, "repeat_order";
    RepeatTooLarge = 25, "repeat_too_large";
    RepeatZero = 26, "repeat_zero";
    UnclosedGroup = 30, "unclosed_group";
    UnopenedGroup = 31, "unopened_group";
    BadGroup = 32, "bad_group";
    Lookaround = 33, "lookaround";
    Atomic = 34, "atomic";
    BadGroupName = 35, "bad_group_name";
    DuplicateGroupName = 36, "duplicate_group_name";
    BadFlags = 40, "bad_flags";
    FlagsPosition = 41, "flags_position";
    UnclosedClass = 50, "unclosed_class";
    NestedClass = 51, "nested_class";
    ClassOperator = 52, "class_operator";
    ClassEscape = 53, "class_escape";
    BadRange = 54, "bad_range";
    EmptyClass = 55, "empty_class";
}

impl Reason {
    /// The reason in words.
    pub fn text(self) -> &'static str {
        static ROWS: OnceLock<Value> = OnceLock::new();
        let rows = ROWS.get_or_init(|| rules::parse(DATA));
        let row = rows.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == self.id()));
        row.and_then(|row| row["text"].as_str()).unwrap_or_default()
    }
}

/// The pattern is outside the portable grammar or over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// What is wrong.
    pub reason: Reason,
    /// Where in the pattern, in bytes.
    pub offset: usize,
    /// The pattern's size if the reason is [`Reason::TooBig`], else 0.
    pub size: u64,
}

impl fmt::Display for PatternError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "pattern refused at byte {}: {}", self.offset, self.reason.text())
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_code_name_the_same_reasons() {
        let rows: Vec<Value> = serde_json::from_str(DATA).expect("valid JSON");
        let data: Vec<_> = rows.iter().map(|row| (row["number"].as_u64(), row["id"].as_str())).collect();
        let code: Vec<_> = Reason::ALL.iter().map(|&one| (Some(one as u64), Some(one.id()))).collect();
        assert_eq!(data, code);
        assert!(Reason::ALL.iter().all(|one| !one.text().is_empty()));
    }
}
