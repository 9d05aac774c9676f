//! Runs of well-formed members and items, taken at once: most of a broken document is not broken.
//!
//! What is taken here, the steps of the machine would read alike, only slower. The twin is a pattern each in
//! `pyplugins/json_repair/_machine.py`. Tests: parity, `tests/properties.rs`.

use crate::chars::Family;
use crate::machine::{Comma, Machine, Mark};
use crate::valid::number;

impl Machine<'_> {
    /// Takes members that end with a comma and a key behind it.
    pub fn run_of_members(&mut self) {
        let Some(mut value) = self.plain_key(self.at) else { return };
        while let Some(end) = self.plain_value(self.plain_white(value)) {
            let comma = self.plain_white(end);
            if self.text.at(comma) != b',' {
                return;
            }
            let Some(next) = self.plain_key(comma + 1) else { return };
            self.taken(comma);
            value = next;
        }
    }

    /// Takes items that end with a comma and an item behind it that leaves no doubt.
    pub fn run_of_items(&mut self) {
        while let Some(end) = self.plain_value(self.plain_white(self.at)) {
            let comma = self.plain_white(end);
            if self.text.at(comma) != b',' || self.text.at(end - 1) == b'"' && !self.plain_item_ahead(comma + 1) {
                return;
            }
            self.taken(comma);
        }
    }

    /// Everything up to this comma has been read.
    #[inline(always)]
    fn taken(&mut self, comma: usize) {
        self.at = comma + 1;
        self.comma = Some(Comma { mark: Mark { at: comma, edits: self.edits.len() }, length: 1, added: false });
        self.run_was_taken();
    }

    #[inline(always)]
    fn plain_white(&self, mut at: usize) -> usize {
        while matches!(self.text.at(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        at
    }

    /// The end of a string without escapes and control characters, whose inside begins at `inside`.
    #[inline(never)]
    fn plain_string(&self, inside: usize) -> Option<usize> {
        let end = self.plain_end(inside, self.text.len(), Family::Straight);
        (self.text.at(end) == b'"').then_some(end + 1)
    }

    /// The place behind a plain key and its colon.
    fn plain_key(&self, at: usize) -> Option<usize> {
        let at = self.plain_white(at);
        if self.text.at(at) != b'"' {
            return None;
        }
        let colon = self.plain_white(self.plain_string(at + 1)?);
        (self.text.at(colon) == b':').then_some(colon + 1)
    }

    /// The end of a plain string, a number or a constant.
    fn plain_value(&self, at: usize) -> Option<usize> {
        let rest = self.text.0.get(at..).unwrap_or_default();
        match rest.first()? {
            b'"' => self.plain_string(at + 1),
            b'-' | b'0'..=b'9' => Some(at + number(rest)).filter(|&end| end > at),
            b't' if rest.starts_with(b"true") => Some(at + 4),
            b'f' if rest.starts_with(b"false") => Some(at + 5),
            b'n' if rest.starts_with(b"null") => Some(at + 4),
            _ => None,
        }
    }

    /// What follows the comma of a string leaves no doubt that the string ended: a line end, a bracket, or a plain item and its end.
    fn plain_item_ahead(&self, behind: usize) -> bool {
        let white = |mut at: usize| {
            while matches!(self.text.at(at), b' ' | b'\r' | b'\t') {
                at += 1;
            }
            at
        };
        let at = white(behind);
        let end = match self.text.at(at) {
            b'\n' | b'[' | b'{' => return true,
            b'"' => match self.plain_string(at + 1) {
                Some(end) => end,
                None => return false,
            },
            b'0'..=b'9' | b'-' => {
                let mut end = at + 1;
                while matches!(self.text.at(end), b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
                    end += 1;
                }
                end
            }
            _ => return false,
        };
        matches!(self.text.at(white(end)), b',' | b']')
    }
}
