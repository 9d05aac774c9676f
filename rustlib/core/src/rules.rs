//! Reading the files of `rules/`, here and in the engines. They are part of the library, so a broken one is a defect that the first test
//! finds; reading them as plain values, by one parser for all crates, costs a tenth of the code that derived readers do. Tests: what reads
//! them.

use serde_json::Value;

const VALID: &str = "the rules directory holds valid tables";

/// The value of a file.
#[inline(never)]
pub fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect(VALID)
}

/// A list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect(VALID)
}

/// A text.
pub fn text(value: &Value) -> &str {
    value.as_str().expect(VALID)
}

/// A list of texts.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    list(value).iter().map(text)
}

/// A whole number.
pub fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| number.try_into().ok()).expect(VALID)
}

/// Names and their values.
pub fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().expect(VALID).iter().map(|(name, value)| (name.as_str(), value))
}
