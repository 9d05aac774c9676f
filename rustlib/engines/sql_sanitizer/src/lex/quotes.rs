//! Strings and quoted names, by the rules of a dialect: the steps of [`super::Lexer`] that look for an end. Tests: `tests.rs`.

use super::*;

impl Lexer<'_> {
    /// A string with letters before its quote: `E'..'`, `N'..'`, `q'[..]'`.
    pub(super) fn prefixed(&mut self, start: usize, quote: usize) -> Option<Token> {
        let dialect = self.dialect;
        let single = self.byte(quote) == b'\'';
        let (first, last) = (self.byte(start) | 0x20, self.byte(quote - 1) | 0x20);
        let short = quote - start == 1;
        let backslash = match first {
            b'e' if short && single && dialect.e_strings => true,
            b'r' if short && dialect.raw_strings => false,
            b'n' | b'x' if short && single => dialect.backslash,
            b'b' if short && (single || dialect.raw_strings) => dialect.backslash,
            b'q' | b'n' if single && dialect.q_strings && last == b'q' && (short || first == b'n') => {
                return self.q_string(start, quote + 1);
            }
            _ => return None,
        };
        let dead = self.dead;
        let token = self.quoted(start, quote, backslash, Kind::String);
        if token.kind == Kind::Op {
            // The quote alone will be found unclosed.
            self.dead = dead;
            return None;
        }
        Some(token)
    }

    /// `q'[..]'`; `at` is its delimiter.
    pub(super) fn q_string(&mut self, start: usize, at: usize) -> Option<Token> {
        let open = self.byte(at);
        if self.dead & DEAD_Q != 0 || open >= 0x80 || is(open, SPACE) {
            return None;
        }
        let close = match open {
            b'[' => b']',
            b'(' => b')',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        let Some(found) = memmem::find(self.text.get(at + 1..)?, &[close, b'\'']) else {
            self.dead |= DEAD_Q;
            return None;
        };
        let end = at + 1 + found;
        Some(Token { body: (at + 1, end), ..self.plain(Kind::String, start, end + 2) })
    }

    /// What `text[quote]` begins; an operator when it does not end.
    pub(super) fn quoted(&mut self, start: usize, quote: usize, backslash: bool, kind: Kind) -> Token {
        let mark = self.byte(quote);
        let dead = dead_bit(mark);
        let triple = self.dialect.triple && mark != b'`' && self.byte(quote + 1) == mark && self.byte(quote + 2) == mark;
        if triple && let Some(found) = memmem::find(self.text.get(quote + 3..).unwrap_or_default(), &[mark; 3]) {
            let end = quote + 3 + found;
            return Token { body: (quote + 3, end), ..self.plain(kind, start, end + 3) };
        }
        if self.dead & dead == 0 {
            if let Some(end) = self.close(quote + 1, mark, backslash) {
                return Token { body: (quote + 1, end - 1), ..self.plain(kind, start, end) };
            }
            if self.open_strings {
                let end = self.text.len();
                return Token { body: (quote + 1, end), unclosed: true, ..self.plain(kind, start, end) };
            }
            self.dead |= dead;
            return self.op(quote, true);
        }
        self.op(quote, false)
    }

    /// Behind the quote that ends what begins at `from`; a doubled one does not.
    pub(super) fn close(&mut self, from: usize, mark: u8, backslash: bool) -> Option<usize> {
        let mut at = from;
        loop {
            let quote = at + memchr(mark, self.text.get(at..)?)?;
            let slashes = self.text[from..quote].iter().rev().take_while(|&&byte| byte == b'\\').count();
            if slashes % 2 == 1 && mark != b'`' && mark != b']' {
                self.ambiguous |= BACKSLASH;
                if backslash {
                    at = quote + 1;
                    continue;
                }
            }
            if self.byte(quote + 1) != mark {
                return Some(quote + 1);
            }
            at = quote + 2;
        }
    }

    pub(super) fn backtick(&mut self, start: usize) -> Token {
        if self.dialect.fence && self.byte(start + 1) == b'`' && self.byte(start + 2) == b'`' {
            let mut end = start + 3;
            while matches!(self.byte(end), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'+' | b'-') {
                end += 1;
            }
            return self.plain(Kind::Semi, start, end);
        }
        if self.dialect.backtick { self.quoted(start, start, false, Kind::Quoted) } else { self.op(start, false) }
    }

    pub(super) fn bracket(&mut self, start: usize) -> Token {
        match self.dialect.bracket {
            Bracket::None => self.op(start, false),
            Bracket::Names => {
                let mut end = start + 1;
                let first = self.byte(end);
                if self.starts_word(end) || first == b'#' {
                    loop {
                        end = self.word_end(end);
                        if !matches!(self.byte(end), b' ' | b'-' | b'.' | b'#' | b'@') {
                            break;
                        }
                        end += 1;
                    }
                }
                if end > start + 1 && self.byte(end) == b']' {
                    return Token { body: (start + 1, end), ..self.plain(Kind::Quoted, start, end + 1) };
                }
                self.op(start, false)
            }
            Bracket::Quotes => {
                if self.dead & DEAD_BRACKET == 0 {
                    if let Some(end) = self.close(start + 1, b']', false) {
                        return Token { body: (start + 1, end - 1), ..self.plain(Kind::Quoted, start, end) };
                    }
                    self.dead |= DEAD_BRACKET;
                    return self.op(start, true);
                }
                self.op(start, false)
            }
        }
    }

    pub(super) fn dollar(&mut self, start: usize) -> Token {
        let mut end = start + 1;
        while end < self.text.len() && self.byte(end) != b'$' && is(self.byte(end), WORD) && space_at(self.text, end) == 0 {
            end += 1;
        }
        let digits = is(self.byte(start + 1), DIGIT);
        if self.dialect.dollar && !digits && self.byte(end) == b'$' {
            let tag = &self.text[start..=end];
            if self.dead & DEAD_DOLLAR == 0 {
                if let Some(found) = memmem::find(&self.text[end + 1..], tag) {
                    let close = end + 1 + found;
                    return Token { body: (end + 1, close), ..self.plain(Kind::Dollar, start, close + tag.len()) };
                }
                self.dead |= DEAD_DOLLAR;
                return self.op(start, true);
            }
            return self.op(start, false);
        }
        if digits { self.plain(Kind::Param, start, end) } else { self.op(start, false) }
    }
}

fn dead_bit(mark: u8) -> u8 {
    match mark {
        b'\'' => 1,
        b'"' => 2,
        _ => 4,
    }
}
