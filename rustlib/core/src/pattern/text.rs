//! Any bytes as the text that patterns match: what is one character when they are not UTF-8.
//!
//! A character is a valid UTF-8 sequence; or a surrogate encoded in three bytes as if it were one (what a Python `str`
//! with a lone surrogate becomes); or else one byte. Tests: below, `tests/vectors/patterns.jsonl`.

use std::borrow::Cow;

use super::unicode;

/// Stands for an invalid byte; UTF-8 never contains it.
const INVALID: u8 = 0xFF;

/// The text with every invalid byte replaced by 0xFF, so that offsets stay; the text itself when it has none.
pub(super) fn clean(text: &[u8]) -> Cow<'_, [u8]> {
    let Err(error) = std::str::from_utf8(text) else { return Cow::Borrowed(text) };
    let mut at = error.valid_up_to();
    let mut cleaned = text.to_vec();
    while let Some(byte) = cleaned.get_mut(at) {
        if matches!(text[at..], [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..]) {
            at += 3;
        } else {
            *byte = INVALID;
            at += 1;
        }
        at += std::str::from_utf8(&text[at..]).map_or_else(|error| error.valid_up_to(), str::len);
    }
    Cow::Owned(cleaned)
}

/// Whether a character starts (or the text ends) at this byte of a cleaned text.
pub(super) fn is_boundary(cleaned: &[u8], at: usize) -> bool {
    cleaned.get(at).is_none_or(|byte| byte & 0xC0 != 0x80)
}

/// The code point that starts at this byte of a cleaned text, `None` for an invalid character, and its length in bytes;
/// nothing at the end.
pub(super) fn char_at(cleaned: &[u8], at: usize) -> Option<(Option<u32>, usize)> {
    let rest = cleaned.get(at..)?;
    let length = match *rest.first()? {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    // Only invalid characters of a cleaned text are not UTF-8: 0xFF, and surrogates of three bytes.
    let found = rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some((found.and_then(|found| found.chars().next()).map(u32::from), length))
}

/// The character that starts at this byte of any text, `None` for an invalid one, and its length in bytes; nothing at the end.
pub fn char_behind(text: &[u8], at: usize) -> Option<(Option<u32>, usize)> {
    let rest = text.get(at..)?;
    let first = *rest.first()?;
    let length = match first {
        ..0x80 => return Some((Some(u32::from(first)), 1)),
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    let found = rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match found.and_then(|found| found.chars().next()) {
        Some(found) => Some((Some(u32::from(found)), length)),
        None if matches!(rest, [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..]) => Some((None, 3)),
        None => Some((None, 1)),
    }
}

/// Whether this is a word character of ASCII.
pub(super) fn is_ascii_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a word character starts at this byte of any text.
pub fn is_word_behind(text: &[u8], at: usize, unicode: bool) -> bool {
    match text.get(at) {
        Some(0x80..) if unicode => char_behind(text, at).is_some_and(|(code, _)| unicode::tables().word.contains(code)),
        Some(&byte) => is_ascii_word(byte),
        None => false,
    }
}

/// Whether a word character ends at this byte of any text.
pub fn is_word_before(text: &[u8], at: usize, unicode: bool) -> bool {
    match at.checked_sub(1).and_then(|last| text.get(last)) {
        // A lead byte is no continuation byte, so a valid sequence that ends here is the character that ends here.
        Some(0x80..) if unicode => (2..=4.min(at)).any(|length| {
            char_behind(text, at - length).is_some_and(|(code, long)| long == length && unicode::tables().word.contains(code))
        }),
        Some(&byte) => is_ascii_word(byte),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_become_ff_and_nothing_moves() {
        let rows: &[(&str, &[u8], &[u8])] = &[
            ("plain", b"a\xC3\xA9", b"a\xC3\xA9"),
            ("single", b"\x80a\xFE", b"\xFFa\xFF"),
            ("cut sequence", b"\xE2\x82A", b"\xFF\xFFA"),
            ("cut at the end", b"a\xF0\x9F\x98", b"a\xFF\xFF\xFF"),
            ("overlong", b"\xC0\xAF", b"\xFF\xFF"),
            ("surrogate", b"\xED\xA0\x80\xED\xBF\xBFz", b"\xED\xA0\x80\xED\xBF\xBFz"),
            ("surrogate cut", b"\xED\xA0z", b"\xFF\xFFz"),
            ("above Unicode", b"\xF4\x90\x80\x80", b"\xFF\xFF\xFF\xFF"),
        ];
        for (name, text, cleaned) in rows {
            assert_eq!(&*clean(text), *cleaned, "{name}");
        }
        assert!(matches!(clean("é".as_bytes()), Cow::Borrowed(_)));
    }
}
