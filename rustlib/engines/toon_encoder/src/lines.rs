//! `lines`: the lines of a TOON document, and the tokens of a line. Tests: `../tests/`, the vectors.

use crate::Stop;
use crate::text::unescape;

/// Spaces that a level is indented by.
const INDENT: usize = 2;
/// Most digits of the length in a header: more would count past all memory.
const MOST_DIGITS: usize = 18;

/// A line that is not blank.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: usize,
    /// Levels of indentation; more than any there can be where the indentation is wrong.
    pub depth: usize,
    /// Without indentation and trailing spaces.
    pub content: &'a [u8],
    /// The line before it is blank.
    pub after_blank: bool,
}

/// The lines of a document, one after the other.
pub struct Lines<'a> {
    rest: Option<&'a [u8]>,
    number: usize,
    /// The next line.
    next: Option<Line<'a>>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        let mut lines = Self { rest: Some(text), number: 0, next: None };
        lines.advance();
        lines
    }

    pub fn peek(&self) -> Option<Line<'a>> {
        self.next
    }

    /// Goes on to the line behind the next.
    pub fn advance(&mut self) {
        let mut after_blank = false;
        self.next = None;
        while let Some(text) = self.rest {
            let end = text.iter().position(|&byte| byte == b'\n');
            self.rest = end.map(|end| &text[end + 1..]);
            self.number += 1;
            let line = &text[..end.unwrap_or(text.len())];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let content = trim(line);
            if !content.is_empty() {
                self.next = Some(Line { number: self.number, depth: depth(line), content, after_blank });
                return;
            }
            after_blank = true;
        }
    }
}

fn depth(line: &[u8]) -> usize {
    let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
    if spaces % INDENT == 0 && line.get(spaces) != Some(&b'\t') { spaces / INDENT } else { usize::MAX }
}

/// Without the spaces at both ends.
pub fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().take_while(|&&byte| byte == b' ').count();
    let end = text[start..].iter().rev().take_while(|&&byte| byte == b' ').count();
    &text[start..text.len() - end]
}

/// The end of the quoted token that the text begins with, behind its closing quote.
pub fn quoted_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A key: its name in the text, whether in quotes, and what follows, which begins with a colon or bracket. `None`: the line has no key.
pub fn split_key(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = match content.first() {
        Some(b'"') => quoted_end(content)?,
        _ => content.iter().position(|byte| matches!(byte, b':' | b'['))?,
    };
    let (key, rest) = (trim(&content[..end]), trim(&content[end..]));
    let follows = matches!(rest.first(), Some(b':' | b'['));
    // Without a colon it is no key, whatever else it is.
    (follows && !key.is_empty() && rest.contains(&b':')).then_some((key, rest))
}

/// The content of a token; in quotes it must end with the closing quote. `scratch` takes what escapes stand for.
pub fn token<'a>(text: &'a [u8], line: usize, scratch: &'a mut Vec<u8>) -> Result<&'a [u8], Stop> {
    if text.first() != Some(&b'"') {
        return Ok(text);
    }
    if quoted_end(text) != Some(text.len()) {
        return Err(Stop::NotToon(line));
    }
    let inner = &text[1..text.len() - 1];
    if !inner.contains(&b'\\') {
        return Ok(inner);
    }
    scratch.clear();
    unescape(inner, false, scratch).ok_or(Stop::NotToon(line))?;
    Ok(scratch)
}

/// The header of an array.
pub struct Header<'a> {
    pub count: u64,
    pub delimiter: u8,
    /// Names of the columns as they are spelt; none when it is no table.
    pub columns: Vec<&'a [u8]>,
    /// What stands behind the colon.
    pub rest: &'a [u8],
}

/// Reads what begins with `[`.
pub fn header(text: &[u8], line: usize) -> Result<Header<'_>, Stop> {
    parse_header(text).ok_or(Stop::NotToon(line))
}

fn parse_header(text: &[u8]) -> Option<Header<'_>> {
    let digits = text[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > MOST_DIGITS {
        return None;
    }
    let count = text[1..=digits].iter().fold(0, |count, digit| count * 10 + u64::from(digit - b'0'));
    let mut rest = &text[1 + digits..];
    let mut delimiter = b',';
    if let Some(named @ (b'|' | b'\t')) = rest.first() {
        (delimiter, rest) = (*named, &rest[1..]);
    }
    rest = trim(rest.strip_prefix(b"]")?);
    let mut columns = Vec::new();
    if let Some(fields) = rest.strip_prefix(b"{") {
        rest = trim(split_columns(fields, delimiter, &mut columns)?);
    }
    Some(Header { count, delimiter, columns, rest: trim(rest.strip_prefix(b":")?) })
}

/// The names up to the closing brace; what follows it is returned.
fn split_columns<'a>(text: &'a [u8], delimiter: u8, columns: &mut Vec<&'a [u8]>) -> Option<&'a [u8]> {
    let mut rest = text;
    loop {
        let start = rest.iter().take_while(|&&byte| byte == b' ').count();
        rest = &rest[start..];
        let end = match rest.first()? {
            b'"' => quoted_end(rest)?,
            _ => rest.iter().position(|&byte| byte == delimiter || matches!(byte, b'{' | b'}'))?,
        };
        let name = trim(&rest[..end]);
        if name.is_empty() {
            return None;
        }
        columns.push(name);
        let blanks = rest[end..].iter().take_while(|&&byte| byte == b' ').count();
        rest = &rest[end + blanks..];
        match *rest.first()? {
            b'}' => return Some(&rest[1..]),
            byte if byte == delimiter => rest = &rest[1..],
            _ => return None,
        }
    }
}

/// The values of a row; one that is empty too. `None`: a quoted one has no end.
pub fn split_row<'a>(text: &'a [u8], delimiter: u8, values: &mut Vec<&'a [u8]>) -> Option<()> {
    values.clear();
    let mut start = 0;
    loop {
        let blanks = text[start..].iter().take_while(|&&byte| byte == b' ').count();
        let from = start + blanks;
        let quoted = if text.get(from) == Some(&b'"') { quoted_end(&text[from..])? } else { 0 };
        let end = text[from + quoted..].iter().position(|&byte| byte == delimiter);
        let end = end.map_or(text.len(), |end| from + quoted + end);
        values.push(trim(&text[start..end]));
        if end == text.len() {
            return Some(());
        }
        start = end + 1;
    }
}
