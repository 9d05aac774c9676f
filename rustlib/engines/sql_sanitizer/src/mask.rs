//! A statement as configured patterns see it: strings are `''`, quoted names `""`, comments a space.
//!
//! Tests: `tests/vectors/sql_sanitizer.jsonl`.

use gwplugins_core::pattern::Pattern;

use crate::lex::{Kind, Lexer, Token};
use crate::statement::Hit;

/// The masked text, and where its pieces come from.
#[derive(Default)]
pub struct Masked {
    text: Vec<u8>,
    pieces: Vec<Piece>,
    /// Where the last token ended.
    end: usize,
}

/// `text[masked..]` is `start..end` of the source, or stands for it.
struct Piece {
    masked: usize,
    start: usize,
    end: usize,
    whole: bool,
}

impl Masked {
    /// Adds a token, and the white space before it. Comments before it are one space.
    pub fn take(&mut self, lexer: &Lexer, token: &Token) {
        if !self.text.is_empty() && token.start > self.end {
            self.add(self.end, token.start, Some(b" "), lexer);
        }
        let mask: Option<&[u8]> = match token.kind {
            Kind::String | Kind::Dollar => Some(b"''"),
            Kind::Quoted => Some(b"\"\""),
            _ => None,
        };
        self.add(token.start, token.end, mask, lexer);
        self.end = token.end;
    }

    fn add(&mut self, start: usize, end: usize, mask: Option<&[u8]>, lexer: &Lexer) {
        self.pieces.push(Piece { masked: self.text.len(), start, end, whole: mask.is_some() });
        self.text.extend_from_slice(mask.unwrap_or_else(|| lexer.slice(start, end)));
    }

    /// Reports the first match of each pattern, and forgets the statement.
    pub fn search(&mut self, patterns: &[(Pattern, u32)], hits: &mut Vec<Hit>) {
        for (pattern, rule) in patterns {
            if let Some((start, end)) = pattern.find_at(&self.text, 0) {
                let (first, last) = (self.piece(start), self.piece(end.saturating_sub(1)));
                let inside = |piece: &Piece, at: usize| piece.start + (at - piece.masked);
                let start = if first.whole { first.start } else { inside(first, start) };
                let end = if last.whole { last.end } else { inside(last, end) };
                hits.push(Hit { start, end, rule: *rule });
            }
        }
        self.text.clear();
        self.pieces.clear();
    }

    fn piece(&self, at: usize) -> &Piece {
        let index = self.pieces.partition_point(|piece| piece.masked <= at);
        &self.pieces[index - 1]
    }
}
