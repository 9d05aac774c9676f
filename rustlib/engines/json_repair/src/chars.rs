//! Reading the text: classes of characters, white space, and looking ahead without changing anything.
//!
//! A place is a byte offset. Characters beyond ASCII matter only where they are quotes, white space or signs; all others are taken in
//! runs, so that bytes that are no UTF-8 are read like any. It must never read past the text. Tests: `tests/vectors.rs`, `tests/properties.rs`.

/// Which quotes can close a string, by the quote that opened it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// `"`
    Straight,
    /// `“ ” „ ‟ ＂`, closed by any of them or by `"`.
    Double,
    /// `'`
    Apostrophe,
    /// `` ` ´ ‘ ’ ‚ ‛ ＇ ``, closed by any of them or by `'`.
    Single,
    /// `\"`
    Escaped,
}

/// What a character beyond ASCII means outside strings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wide {
    Double,
    Single,
    Space,
    Comma,
    Colon,
    Ellipsis,
    Other,
}

/// The text under repair.
#[derive(Clone, Copy)]
pub struct Text<'a>(pub &'a [u8]);

/// Longest run of white space, then what follows it.
pub struct Next {
    /// Where it stands; the end of the text if nothing follows.
    pub at: usize,
    /// A line feed was crossed.
    pub newline: bool,
}

impl Text<'_> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The byte at a place; NUL at and behind the end.
    #[inline(always)]
    pub fn at(&self, place: usize) -> u8 {
        self.0.get(place).copied().unwrap_or(0)
    }

    /// The mark of a code block stands at `place`.
    #[inline(always)]
    pub fn fence(&self, place: usize) -> bool {
        self.at(place) == b'`' && self.at(place + 1) == b'`' && self.at(place + 2) == b'`'
    }

    /// Meaning and length of the character beyond ASCII at `place`.
    pub fn wide(&self, place: usize) -> (Wide, usize) {
        let (second, third) = (self.at(place + 1), self.at(place + 2));
        match (self.at(place), second, third) {
            (0xC2, 0x85 | 0xA0, _) => (Wide::Space, 2),
            (0xC2, 0xB4, _) => (Wide::Single, 2),
            (0xE1, 0x9A, 0x80) | (0xE1, 0xA0, 0x8E) | (0xE3, 0x80, 0x80) | (0xEF, 0xBB, 0xBF) => (Wide::Space, 3),
            (0xE2, 0x80, 0x80..=0x8F | 0xA8 | 0xA9 | 0xAF) | (0xE2, 0x81, 0x9F | 0xA0) => (Wide::Space, 3),
            (0xE2, 0x80, 0x98..=0x9B) | (0xEF, 0xBC, 0x87) => (Wide::Single, 3),
            (0xE2, 0x80, 0x9C..=0x9F) | (0xEF, 0xBC, 0x82) => (Wide::Double, 3),
            (0xE2, 0x80, 0xA6) => (Wide::Ellipsis, 3),
            (0xEF, 0xBC, 0x8C) => (Wide::Comma, 3),
            (0xEF, 0xBC, 0x9A) => (Wide::Colon, 3),
            _ => (Wide::Other, 1),
        }
    }

    /// Length of the white space that JSON does not know at `place`: control characters and Unicode's; 0 if it is none.
    pub fn odd_space(&self, place: usize) -> usize {
        match self.at(place) {
            b'\t' | b'\n' | b'\r' => 0,
            0..=0x1F | 0x7F => usize::from(place < self.len()),
            0x80.. => match self.wide(place) {
                (Wide::Space, length) => length,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// What follows the white space at `place`.
    #[inline]
    pub fn next(&self, place: usize) -> Next {
        let mut next = Next { at: place, newline: false };
        while let Some(&byte) = self.0.get(next.at) {
            match byte {
                b'\n' => {
                    next.newline = true;
                    next.at += 1;
                }
                b' ' | b'\t' | b'\r' => next.at += 1,
                0..=0x1F | 0x7F.. => match self.odd_space(next.at) {
                    0 => break,
                    length => next.at += length,
                },
                _ => break,
            }
        }
        next
    }

    /// The end of what lies before the plain white space that ends at `place`, not before `floor`.
    pub fn trimmed(&self, floor: usize, place: usize) -> Next {
        let mut next = Next { at: place, newline: false };
        while next.at > floor && matches!(self.at(next.at - 1), b' ' | b'\t' | b'\r' | b'\n') {
            next.at -= 1;
            next.newline |= self.at(next.at) == b'\n';
        }
        next
    }

    /// The quote that opens a string at `place`: its family and length.
    #[inline]
    pub fn opens(&self, place: usize) -> Option<(Family, usize)> {
        match self.at(place) {
            b'"' => Some((Family::Straight, 1)),
            b'\'' => Some((Family::Apostrophe, 1)),
            b'`' if !self.fence(place) => Some((Family::Single, 1)),
            b'\\' if self.at(place + 1) == b'"' => Some((Family::Escaped, 2)),
            0x80.. => match self.wide(place) {
                (Wide::Double, length) => Some((Family::Double, length)),
                (Wide::Single, length) => Some((Family::Single, length)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Length of a quote that can close a string of `family` at `place`; 0 if none can. An escaped quote is read with its escape.
    #[inline]
    pub fn closing(&self, place: usize, family: Family) -> usize {
        let byte = self.at(place);
        match family {
            Family::Straight | Family::Escaped => usize::from(byte == b'"'),
            Family::Apostrophe => usize::from(byte == b'\''),
            Family::Double if byte == b'"' => 1,
            Family::Single if byte == b'\'' || byte == b'`' => 1,
            _ if byte < 0x80 => 0,
            _ => match (self.wide(place), family) {
                ((Wide::Double, length), Family::Double) | ((Wide::Single, length), Family::Single) => length,
                _ => 0,
            },
        }
    }

    /// The end of a string whose inside begins at `place`, by its next quote on the line; `None` if the line has none.
    pub fn string_end(&self, place: usize, family: Family) -> Option<usize> {
        let mut at = place;
        loop {
            at = match family {
                Family::Straight | Family::Escaped => at + memchr::memchr3(b'"', b'\\', b'\n', self.0.get(at..)?)?,
                Family::Apostrophe => at + memchr::memchr3(b'\'', b'\\', b'\n', self.0.get(at..)?)?,
                _ => at,
            };
            let byte = *self.0.get(at)?;
            match byte {
                b'\n' => return None,
                b'\\' if family == Family::Escaped && self.at(at + 1) == b'"' => return Some(at + 2),
                // What may be escaped inside a string; before other quotes a backslash means nothing there either.
                b'\\' => at += 1 + usize::from(matches!(self.at(at + 1), b'"' | b'\'' | b'\\')),
                _ => match self.closing(at, family) {
                    0 => at += 1,
                    _ if family == Family::Escaped => return None,
                    length => return Some(at + length),
                },
            }
        }
    }

    /// Length of the quote that ends at `place`.
    pub fn quote_before(&self, place: usize) -> usize {
        let wide = (2..=3).find(|&length| place >= length && self.at(place - length) >= 0xC2 && self.wide(place - length).1 == length);
        if self.at(place.wrapping_sub(1)) < 0x80 { 1 } else { wide.unwrap_or(1) }
    }

    /// What follows the white space at `place`, and the escapes of white space.
    pub fn after_escapes(&self, place: usize) -> usize {
        let mut at = self.next(place).at;
        while self.at(at) == b'\\' && matches!(self.at(at + 1), b'n' | b'r' | b't') {
            at = self.next(at + 2).at;
        }
        at
    }

    /// True for what may be part of a bare name: `A-Za-z0-9_$-` and characters beyond ASCII without a meaning of their own.
    #[inline]
    pub fn in_name(&self, place: usize) -> bool {
        match self.at(place) {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | b'-' => true,
            0x80.. => self.wide(place).0 == Wide::Other,
            _ => false,
        }
    }

    /// The end of the bare name at `place`; `place` itself if there is none.
    pub fn name_end(&self, place: usize) -> usize {
        let mut at = place;
        while self.in_name(at) {
            at += 1;
        }
        at
    }

    /// Length of a colon, or of what stands for one (`=`, `=>`, `：`), at `place`; 0 if none does.
    pub fn colon(&self, place: usize) -> usize {
        match self.at(place) {
            b':' => 1,
            b'=' if self.at(place + 1) == b'>' => 2,
            b'=' => 1,
            0xEF if self.wide(place).0 == Wide::Colon => 3,
            _ => 0,
        }
    }

    /// Length of a comma, or of what stands for one (`;`, `，`), at `place`; 0 if none does.
    #[inline]
    pub fn comma(&self, place: usize) -> usize {
        match self.at(place) {
            b',' | b';' => 1,
            0xEF if self.wide(place).0 == Wide::Comma => 3,
            _ => 0,
        }
    }

    /// Length of an ellipsis at `place`: two dots or more, or `…`; 0 if there is none.
    pub fn ellipsis(&self, place: usize) -> usize {
        match self.at(place) {
            b'.' => match self.0[place..].iter().take_while(|&&byte| byte == b'.').count() {
                1 => 0,
                dots => dots,
            },
            0xE2 if self.wide(place).0 == Wide::Ellipsis => 3,
            _ => 0,
        }
    }

    /// A key and its colon stand at `place`: a string or a bare name, then a colon.
    pub fn key_at(&self, place: usize) -> bool {
        let end = match self.opens(place) {
            Some((family, length)) => self.string_end(place + length, family),
            None => Some(self.name_end(place)).filter(|&end| end > place),
        };
        end.is_some_and(|end| self.colon(self.next(end).at) > 0)
    }

    /// The end of the comment that begins at `place`.
    pub fn comment_end(&self, place: usize) -> usize {
        let rest = self.0.get(place..).unwrap_or_default();
        let length = if self.at(place + 1) == b'*' && self.at(place) == b'/' {
            memchr::memmem::find(rest.get(2..).unwrap_or_default(), b"*/").map(|found| found + 4)
        } else {
            memchr::memchr(b'\n', rest)
        };
        place + length.unwrap_or(rest.len())
    }

    /// What follows white space and comments at `place`.
    pub fn after_comments(&self, place: usize) -> usize {
        let mut at = self.next(place).at;
        while self.comment(at) {
            at = self.next(self.comment_end(at)).at;
        }
        at
    }

    /// A comment begins at `place`: `//`, `/*`, or a `#` that no letter or digit follows.
    pub fn comment(&self, place: usize) -> bool {
        match self.at(place) {
            b'/' => matches!(self.at(place + 1), b'/' | b'*'),
            b'#' => !self.at(place + 1).is_ascii_alphanumeric(),
            _ => false,
        }
    }
}
