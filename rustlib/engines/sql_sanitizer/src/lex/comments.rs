//! Comments and hints, by the rules of a dialect: steps of [`super::Lexer`]. Tests: `tests.rs`.

use super::*;

impl Lexer<'_> {
    pub(super) fn line_comment(&mut self, start: usize) -> Token {
        let rest = self.text.get(start..).unwrap_or_default();
        let end = memchr2(b'\n', b'\r', rest).map_or(self.text.len(), |found| start + found);
        self.plain(Kind::Comment, start, end)
    }

    pub(super) fn dashes(&mut self, start: usize) -> Token {
        let third = self.byte(start + 2);
        let spaced = start + 2 >= self.text.len() || is(third, SPACE);
        if !spaced {
            if self.dialect.dash_space {
                return self.op(start, false);
            }
            self.ambiguous |= COMMENT;
        }
        self.line_comment(start)
    }

    pub(super) fn hash(&mut self, start: usize, next: u8) -> Token {
        let names = usize::from(next == b'#');
        let named = self.starts_word(start + 1 + names);
        let comment = match self.dialect.hash {
            Hash::None => return self.op(start, false),
            Hash::Comment => true,
            Hash::Word => false,
            Hash::Names => !(matches!(next, b'>' | b'-' | b'=' | b'#') || named && self.table_place),
        };
        if comment {
            self.ambiguous |= COMMENT;
            return self.line_comment(start);
        }
        if named { self.plain(Kind::Word, start, self.word_end(start + 1 + names)) } else { self.op(start, false) }
    }

    pub(super) fn block(&mut self, start: usize) -> Option<Token> {
        let third = self.byte(start + 2);
        if self.dialect.conditional && (third == b'!' || (third == b'M' && self.byte(start + 3) == b'!')) {
            self.at = start + if third == b'!' { 3 } else { 4 };
            while is(self.byte(self.at), DIGIT) {
                self.at += 1;
            }
            self.conditional = true;
            return None;
        }
        if self.dead & DEAD_COMMENT == 0 {
            if let Some(end) = if start < self.last_close { self.block_end(start + 2) } else { None } {
                let kind = if third == b'+' && self.dialect.hints { Kind::Hint } else { Kind::Comment };
                return Some(self.plain(kind, start, end));
            }
            self.dead |= DEAD_COMMENT;
            return Some(self.op(start, true));
        }
        Some(self.op(start, false))
    }

    pub(super) fn block_end(&mut self, from: usize) -> Option<usize> {
        let (mut at, mut depth) = (from, 1);
        loop {
            let found = at + memchr2(b'*', b'/', self.text.get(at..)?)?;
            match (self.byte(found), self.byte(found + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    at = found + 2;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                (b'/', b'*') => {
                    self.ambiguous |= COMMENT;
                    depth += usize::from(self.dialect.nested);
                    at = found + 2;
                }
                _ => at = found + 1,
            }
        }
    }
}
