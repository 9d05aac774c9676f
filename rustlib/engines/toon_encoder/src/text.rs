//! How strings and keys are spelt on both sides: what TOON must quote, what is escaped, what is a number.
//!
//! Strings are UTF-8, and a lone surrogate is three bytes as in UTF-8 it would be. Tests: `../tests/`, the vectors.

use gwplugins_core::text::Text;

/// Must be quoted wherever it stands in a string.
pub const STRUCTURE: u8 = 1;
pub const COMMA: u8 = 2;
pub const TAB: u8 = 4;
pub const PIPE: u8 = 8;
/// A quote, a backslash or a control character: ends a run of plain characters.
pub const ESCAPED: u8 = 16;

/// What each byte of a string means.
pub static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b':' | b'[' | b']' | b'{' | b'}' => STRUCTURE,
            b',' => COMMA,
            b'|' => PIPE,
            b'\t' => TAB | ESCAPED,
            b'"' | b'\\' | 0..=0x1F => ESCAPED,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// `needs_quotes`: the string would not be read back as itself. `found` are its classes.
pub fn needs_quotes(text: &[u8], found: u8, delimiter: u8) -> bool {
    found & (STRUCTURE | ESCAPED | CLASSES[delimiter as usize]) != 0
        || text.is_empty()
        || matches!(text[0], b'-' | b'#')
        || matches!(text, b"true" | b"false" | b"null")
        || text.starts_with("\u{FEFF}".as_bytes())
        || has_blank_edge(text)
        || is_numeric(text)
}

/// White space of Unicode at either end: some readers strip it.
fn has_blank_edge(text: &[u8]) -> bool {
    let (first, last) = (text[0], text[text.len() - 1]);
    if first.is_ascii() && last.is_ascii() {
        // The others of ASCII are control characters.
        return first == b' ' || last == b' ';
    }
    let characters = Text::new(text);
    let edges = [characters.char_at(0), characters.char_before(text.len())];
    edges.into_iter().flatten().any(|(edge, _)| is_blank(edge))
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}')
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// Looks like a number, leading zeros and a plus included.
fn is_numeric(text: &[u8]) -> bool {
    let unsigned = if matches!(text[0], b'-' | b'+') { &text[1..] } else { text };
    unsigned.first().is_some_and(u8::is_ascii_digit) && number_end(unsigned, true) == Some(unsigned.len())
}

/// An unquoted value that is a number of JSON.
pub fn is_number(text: &[u8]) -> bool {
    number_end(text, false) == Some(text.len())
}

/// Where the number ends that the text begins with. `zeros` allows more digits behind a leading zero.
pub fn number_end(text: &[u8], zeros: bool) -> Option<usize> {
    let digits = |from: usize| from + text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let start = usize::from(text.first() == Some(&b'-'));
    let mut end = digits(start);
    if end == start || !zeros && text[start] == b'0' && end > start + 1 {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == end + 1 {
            return None;
        }
        end = fraction;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits((end + 1 + sign).min(text.len()));
        if exponent <= end + 1 + sign {
            return None;
        }
        end = exponent;
    }
    Some(end)
}

/// A key that needs no quotes: a letter or `_`, then letters, digits, `_` and `.`.
pub fn is_plain_key(text: &[u8]) -> bool {
    let head = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    text.first().is_some_and(head) && text[1..].iter().all(|byte| head(byte) || byte.is_ascii_digit() || *byte == b'.')
}

/// Writes a string in quotes, escaped as both JSON and TOON understand it; lone surrogates as `\ud800`.
pub fn quote(text: &[u8], output: &mut Vec<u8>) {
    output.push(b'"');
    let mut from = 0;
    for (at, &byte) in text.iter().enumerate() {
        if CLASSES[byte as usize] & ESCAPED == 0 && !(byte == 0xED && is_surrogate(&text[at..])) {
            continue;
        }
        output.extend_from_slice(&text[from..at]);
        from = at + 1;
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0xED => {
                push_unit(0xD000 | u16::from(text[at + 1] & 0x3F) << 6 | u16::from(text[at + 2] & 0x3F), output);
                from = at + 3;
                continue;
            }
            _ => {
                push_unit(byte.into(), output);
                continue;
            }
        };
        output.extend_from_slice(&[b'\\', short]);
    }
    output.extend_from_slice(&text[from..]);
    output.push(b'"');
}

/// Of a text that begins with the byte ED: its first character is a surrogate.
fn is_surrogate(text: &[u8]) -> bool {
    text.get(1).is_some_and(|&second| second >= 0xA0)
}

fn push_unit(unit: u16, output: &mut Vec<u8>) {
    output.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        output.push(b"0123456789abcdef"[usize::from(unit >> shift & 15)]);
    }
}

/// Appends the string that the text between two quotes stands for. `None` for an escape that does not exist; `json` knows more of them.
/// A lone surrogate is told by `true`.
pub fn unescape(text: &[u8], json: bool, output: &mut Vec<u8>) -> Option<bool> {
    let (mut rest, mut lone) = (text, false);
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        output.extend_from_slice(&rest[..at]);
        let escape = *rest.get(at + 1)?;
        rest = &rest[at + 2..];
        let character = match escape {
            b'"' | b'\\' => escape.into(),
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'/' if json => escape.into(),
            b'b' if json => 8,
            b'f' if json => 12,
            b'u' => {
                let first = unit(rest)?;
                rest = &rest[4..];
                match rest.strip_prefix(b"\\u").and_then(unit) {
                    Some(second) if first >> 10 == 0x36 && second >> 10 == 0x37 => {
                        rest = &rest[6..];
                        0x1_0000 + ((first & 0x3FF) << 10 | second & 0x3FF)
                    }
                    _ => first,
                }
            }
            _ => return None,
        };
        lone |= character >> 11 == 0x1B;
        push_character(character, output);
    }
    output.extend_from_slice(rest);
    Some(lone)
}

/// The code unit that four hexadecimal digits name.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

/// A character in UTF-8, or a surrogate in the bytes that it would have there.
fn push_character(code: u32, output: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..0x80 => output.push(code as u8),
        0x80..0x800 => output.extend_from_slice(&[0xC0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => output.extend_from_slice(&[0xE0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => output.extend_from_slice(&[0xF0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}
