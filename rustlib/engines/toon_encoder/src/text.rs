//! How strings and keys are spelt on both sides: what TOON must quote, what is escaped, what is a number.
//!
//! Strings are UTF-8, and a lone surrogate is three bytes as in UTF-8 it would be. Tests: `../tests/`, the vectors.

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

/// The classes of all bytes of a string together.
pub fn classes(text: &[u8]) -> u8 {
    text.iter().fold(0, |all, &byte| all | CLASSES[byte as usize])
}

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
    let edges = (text[0], text[text.len() - 1]);
    if edges.0.is_ascii() && edges.1.is_ascii() {
        return edges.0 == b' ' || edges.1 == b' ';
    }
    String::from_utf8_lossy(text).trim().len() != String::from_utf8_lossy(text).len()
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
pub fn quote(text: &[u8], surrogates: bool, output: &mut Vec<u8>) {
    output.push(b'"');
    let mut from = 0;
    for (at, &byte) in text.iter().enumerate() {
        let lone = surrogates && byte == 0xED && text.get(at + 1).is_some_and(|&next| next >= 0xA0);
        if CLASSES[byte as usize] & ESCAPED == 0 && !lone {
            continue;
        }
        output.extend_from_slice(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' | b'\\' => output.extend_from_slice(&[b'\\', byte]),
            b'\n' => output.extend_from_slice(b"\\n"),
            b'\r' => output.extend_from_slice(b"\\r"),
            b'\t' => output.extend_from_slice(b"\\t"),
            0xED => {
                let unit = u16::from(text[at + 1] & 0x3F) << 6 | u16::from(text[at + 2] & 0x3F) | 0xD000;
                push_unit(unit, output);
                from = at + 3;
            }
            _ => push_unit(byte.into(), output),
        }
    }
    output.extend_from_slice(&text[from..]);
    output.push(b'"');
}

fn push_unit(unit: u16, output: &mut Vec<u8>) {
    output.extend_from_slice(b"\\u");
    output.extend((0..4).rev().map(|place| b"0123456789abcdef"[usize::from(unit >> (4 * place) & 15)]));
}

/// The string that the text between two quotes stands for. `None` for an escape that does not exist; `json` knows more of them.
pub fn unescape(text: &[u8], json: bool, output: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        output.extend_from_slice(&rest[..at]);
        let escape = *rest.get(at + 1)?;
        rest = &rest[at + 2..];
        match escape {
            b'"' | b'\\' => output.push(escape),
            b'n' => output.push(b'\n'),
            b'r' => output.push(b'\r'),
            b't' => output.push(b'\t'),
            b'/' if json => output.push(b'/'),
            b'b' if json => output.push(8),
            b'f' if json => output.push(12),
            b'u' => {
                let first = unit(rest)?;
                rest = &rest[4..];
                let second = rest.strip_prefix(b"\\u").and_then(unit);
                let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
                match pair.filter(|_| (0xD800..0xDC00).contains(&first)) {
                    Some(wide) => {
                        output.extend_from_slice(wide.encode_utf8(&mut [0; 4]).as_bytes());
                        rest = &rest[6..];
                    }
                    None => push_wide(first, output),
                }
            }
            _ => return None,
        }
    }
    output.extend_from_slice(rest);
    Some(())
}

/// The code unit that four hexadecimal digits name.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)? as u16))
}

/// A code unit in the bytes of UTF-8, also where it is a surrogate.
fn push_wide(unit: u16, output: &mut Vec<u8>) {
    let tail = |shift: u16| 0x80 | (unit >> shift & 0x3F) as u8;
    match unit {
        0..0x80 => output.push(unit as u8),
        0x80..0x800 => output.extend_from_slice(&[0xC0 | (unit >> 6) as u8, tail(0)]),
        _ => output.extend_from_slice(&[0xE0 | (unit >> 12) as u8, tail(6), tail(0)]),
    }
}
