//! What happens to the text that no edit touches: bytes that are no UTF-8, and, when asked for, characters beyond ASCII.
//!
//! Steps have the same names in `pyplugins/json_repair/_passes.py`. Tests: `tests/properties.rs`, the vectors.

use std::fmt::Write;

use crate::edit::{Edit, Kind};

/// Adds the edits that make what is kept of `text` UTF-8.
pub fn make_utf8(text: &[u8], edits: &mut Vec<Edit>) {
    if std::str::from_utf8(text).is_err() {
        in_gaps(text, edits, utf8_edits);
    }
}

/// Adds the edits that make what is kept of `text` ASCII. It is UTF-8 already but for what `make_utf8` has replaced.
pub fn make_ascii(text: &[u8], edits: &mut Vec<Edit>) {
    if !text.is_ascii() {
        in_gaps(text, edits, ascii_edits);
    }
}

/// Hands each stretch of the text between the edits to `work`, which adds its own.
fn in_gaps(text: &[u8], edits: &mut Vec<Edit>, work: fn(&[u8], usize, &mut Vec<Edit>)) {
    let mut all = Vec::with_capacity(edits.len() + 1);
    let mut last = 0;
    for edit in edits.drain(..) {
        work(text.get(last..edit.start).unwrap_or_default(), last, &mut all);
        last = edit.end;
        all.push(edit);
    }
    work(text.get(last..).unwrap_or_default(), last, &mut all);
    *edits = all;
}

/// A surrogate written in three bytes: its number.
fn surrogate(bytes: &[u8]) -> Option<u32> {
    match bytes {
        &[0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] => Some(0xD000 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F)),
        _ => None,
    }
}

fn utf8_edits(gap: &[u8], offset: usize, edits: &mut Vec<Edit>) {
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(gap.get(at..).unwrap_or_default()) {
        at += error.valid_up_to();
        let start = at;
        if let Some(number) = surrogate(gap.get(at..).unwrap_or_default()) {
            at += 3;
            edits.push(Edit::new(offset + start, offset + at, Kind::LoneSurrogate, format!("\\u{number:04x}")));
            continue;
        }
        let mut put = String::new();
        loop {
            let rest = gap.get(at..).unwrap_or_default();
            match std::str::from_utf8(rest) {
                Err(error) if error.valid_up_to() == 0 && surrogate(rest).is_none() => {
                    at += error.error_len().unwrap_or(rest.len());
                    put.push(char::REPLACEMENT_CHARACTER);
                }
                _ => break,
            }
        }
        edits.push(Edit::new(offset + start, offset + at, Kind::InvalidUtf8, put).guessed(true));
    }
}

fn ascii_edits(gap: &[u8], offset: usize, edits: &mut Vec<Edit>) {
    let mut at = 0;
    while let Some(start) = gap.get(at..).and_then(|rest| rest.iter().position(|byte| !byte.is_ascii())) {
        let start = at + start;
        let length = gap.get(start..).unwrap_or_default().iter().take_while(|byte| !byte.is_ascii()).count();
        at = start + length;
        let run = String::from_utf8_lossy(gap.get(start..at).unwrap_or_default());
        edits.push(Edit::new(offset + start, offset + at, Kind::NonAscii, escaped(&run)));
    }
}

/// The characters as escapes, in UTF-16.
pub fn escaped(run: &str) -> String {
    run.encode_utf16().fold(String::new(), |mut put, unit| {
        // A string takes everything.
        let _ = write!(put, "\\u{unit:04x}");
        put
    })
}

/// The same for the replacement characters that `make_utf8` put in.
pub fn escape_puts(edits: &mut [Edit]) {
    for edit in edits.iter_mut().filter(|edit| !edit.put.is_ascii()) {
        edit.put = escaped(&edit.put).into();
    }
}
