//! Strings: where they end, and what has to change inside them.
//!
//! The hard question is which quote closes a string. A quote does if what follows fits the place where the string stands; where that says
//! little, quotes inside a string come in pairs. A string that runs into the next one had no closing quote. Steps have the same names in
//! `pyplugins/json_repair/_string.py`. Tests: `tests/`, the vectors.

use crate::chars::{Family, Next};
use crate::edit::Kind;
use crate::machine::{Machine, Mark, Role};

/// What follows a quote says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Says {
    Closes,
    /// It closes the string if the quotes before it are pairs.
    Perhaps,
    Inside,
    /// A colon follows where no key is expected.
    Colon,
    /// The string is a key whose quote is missing: it ends here.
    EndsAt(usize),
}

impl Machine<'_> {
    /// Reads the string that a quote of this family opens at the current place.
    pub fn string(&mut self, family: Family, length: usize, role: Role) {
        let at = self.at;
        match family {
            Family::Straight | Family::Apostrophe if self.text.at(at + 1) == self.text.at(at) && self.doubled(family, role) => return,
            Family::Straight => {}
            Family::Escaped => self.edit(at, at + 1, Kind::EscapedJson, ""),
            _ => self.edit(at, at + length, Kind::QuoteStyle, "\""),
        }
        self.string_rest(at + length, family, role);
    }

    /// `""a""`, `''a''`, `""a"`: quotes are written twice. True if that stands here and is read.
    fn doubled(&mut self, family: Family, role: Role) -> bool {
        let at = self.at;
        if !self.text.in_name(at + 2) {
            return false;
        }
        let Some(end) = self.text.string_end(at + 2, family) else { return false };
        let twice = self.text.at(end) == self.text.at(at);
        let behind = end + usize::from(twice);
        let next = self.text.next(behind).at;
        let fits = match role {
            Role::Key => self.text.colon(next) > 0,
            _ => next >= self.text.len() || self.text.comma(next) > 0 || matches!(self.text.at(next), b'}' | b']' | b')'),
        };
        if fits && family == Family::Straight {
            self.edit(at + 1, at + 2, Kind::ExtraQuote, "");
            self.bare_inside(at + 2, end - 1);
            if twice {
                self.edit(end, behind, Kind::ExtraQuote, "");
            }
        } else if fits {
            self.edit(at, at + 2, Kind::QuoteStyle, "\"");
            self.bare_inside(at + 2, end - 1);
            self.edit(end - 1, behind, Kind::QuoteStyle, "\"");
        }
        if fits {
            self.at = behind;
            self.ended();
        }
        fits
    }

    /// Reads a string whose inside begins at `inside`.
    pub fn string_rest(&mut self, inside: usize, family: Family, role: Role) {
        let mut at = inside;
        let to = self.string_limit(inside, family, role);
        // Quotes that did not close it, the last of them, and where to look for a colon next.
        let (mut quotes, mut last_quote, mut colon_from) = (0usize, inside, inside);
        loop {
            at = self.plain_end(at, to, family);
            if at >= to {
                return if to < self.text.len() { self.string_ends_early(to) } else { self.string_without_end(inside, family, role) };
            }
            let byte = self.text.at(at);
            if byte == b'\\' {
                if family == Family::Escaped && self.text.at(at + 1) == b'"' {
                    return self.string_ends(at, 2, family);
                }
                at = self.escape(at, family);
                continue;
            }
            if byte < 0x20 {
                self.control(at);
                at += 1;
                continue;
            }
            let length = self.text.closing(at, family);
            if length == 0 {
                // A quote of another kind, or a sign beyond ASCII.
                if byte == b'"' {
                    self.edit(at, at, Kind::UnescapedQuote, "\\");
                }
                at += 1;
                continue;
            }
            let says =
                if role == Role::Key { self.key_quote(inside, at, length, &mut colon_from) } else { self.quote_says(at + length, role) };
            match says {
                Says::EndsAt(end) => return self.string_ends_early(end),
                Says::Colon if quotes == 0 => return self.string_ends(at, length, family),
                Says::Colon => {
                    if let Some(end) = self.restart(inside, last_quote) {
                        return self.string_ends_early(end);
                    }
                }
                Says::Closes | Says::Perhaps if quotes % 2 == 1 && role == Role::Item => {
                    if let Some(end) = self.restart(inside, last_quote) {
                        return self.string_ends_early(end);
                    }
                    if says == Says::Closes {
                        return self.string_ends(at, length, family);
                    }
                }
                Says::Closes => return self.string_ends(at, length, family),
                Says::Perhaps if quotes % 2 == 0 => return self.string_ends(at, length, family),
                Says::Perhaps | Says::Inside => {}
            }
            quotes += 1;
            last_quote = at;
            if byte == b'"' {
                self.guess(at, at, Kind::UnescapedQuote, "\\");
            }
            at += length;
        }
    }

    /// How far a string is read. Once a key of this family had no end, later ones are read to the next sign only: otherwise each of
    /// them would be read to the end of the text.
    fn string_limit(&self, inside: usize, family: Family, role: Role) -> usize {
        let sign = || memchr::memchr3(b':', b',', b'}', self.text.0.get(inside..).unwrap_or_default());
        let endless = role == Role::Key && self.endless[family as usize];
        endless.then(sign).flatten().map_or(self.text.len(), |sign| inside + sign)
    }

    // The ways in which a string ends.

    /// At its closing quote.
    fn string_ends(&mut self, at: usize, length: usize, family: Family) {
        let close = Mark { at, edits: self.edits.len() };
        if length == 2 && family == Family::Escaped {
            self.edit(at, at + 1, Kind::EscapedJson, "");
        } else if self.text.at(at) != b'"' {
            self.edit(at, at + length, Kind::QuoteStyle, "\"");
        }
        self.at = at + length;
        self.ended();
        self.string_close = Some(close);
    }

    /// Before its closing quote is found: what was changed behind `end` is taken back.
    fn string_ends_early(&mut self, end: usize) {
        while self.edits.last().is_some_and(|edit| edit.start >= end) {
            self.edits.pop();
        }
        // Of an escaped line end, the backslash goes; the line end is behind the string.
        if let Some(last) = self.edits.last_mut().filter(|edit| edit.end > end) {
            last.end = end;
        }
        self.guess(end, end, Kind::MissingQuote, "\"");
        self.at = end;
        self.ended();
    }

    /// The text ends first. Brackets at its end close what is open.
    fn string_without_end(&mut self, inside: usize, family: Family, role: Role) {
        let mut end = self.text.len();
        self.endless[family as usize] |= role == Role::Key;
        if role == Role::Key
            && let Some(colon) = memchr::memchr(b':', self.text.0.get(inside..end).unwrap_or_default())
        {
            return self.string_ends_early(inside + colon);
        }
        if self.fenced
            && let Some(fence) = memchr::memmem::rfind(self.text.0.get(inside..end).unwrap_or_default(), b"\n```")
        {
            end = inside + fence;
        }
        let last = self.text.trimmed(inside, end).at;
        // The fence of a code block may stand behind the brackets.
        let fence = last >= inside + 3 && self.text.fence(last - 3);
        let stop = if fence { self.text.trimmed(inside, last - 3).at } else { last };
        let mut from = stop;
        while from > inside && matches!(self.text.at(from - 1), b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n') {
            from -= 1;
        }
        let closing = from < stop && self.brackets_close(from, stop).is_some();
        if closing {
            return self.string_ends_early(self.text.trimmed(inside, from).at);
        }
        if end < self.text.len() {
            return self.string_ends_early(last);
        }
        self.edit(end, end, Kind::MissingQuote, "\"");
        self.at = end;
        self.ended();
    }

    /// Where the string ended if the quote at `quote` opens the next one: before a comma, at the end of a line, or before brackets.
    fn restart(&self, inside: usize, quote: usize) -> Option<usize> {
        let is = |place: usize, byte: u8| place > inside && self.text.at(place - 1) == byte;
        let Next { at: mut end, newline } = self.text.trimmed(inside, quote);
        let opened = is(end, b'{');
        if opened {
            end = self.text.trimmed(inside, end - 1).at;
        }
        let comma = is(end, b',');
        if comma {
            end = self.text.trimmed(inside, end - 1).at;
        }
        if !comma && (opened || !newline) {
            return None;
        }
        let mut from = end;
        while from > inside && matches!(self.text.at(from - 1), b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n') {
            from -= 1;
        }
        let fits = |count: usize| match self.level_under(count) {
            Some(level) => count > 0 && level.has_items() == opened,
            None => false,
        };
        if from < end && self.brackets_close(from, end).is_some_and(fits) {
            return Some(self.text.trimmed(inside, from).at);
        }
        (!opened).then_some(end)
    }

    // Which quotes close.

    /// The quote at `at` of a key that begins at `inside`.
    fn key_quote(&self, inside: usize, at: usize, length: usize, colon_from: &mut usize) -> Says {
        let Next { at: next, newline } = self.text.next(at + length);
        if next >= self.text.len() || self.text.colon(next) > 0 {
            return Says::Closes;
        }
        let between = self.text.0.get(*colon_from..at).unwrap_or_default();
        if let Some(colon) = memchr::memchr(b':', between) {
            return Says::EndsAt(*colon_from + colon);
        }
        *colon_from = at;
        let before = self.text.trimmed(inside, at).at;
        if before > inside && self.text.at(before - 1) == b',' {
            return Says::EndsAt(self.text.trimmed(inside, before - 1).at);
        }
        let adjacent = next == at + length && !newline;
        if adjacent && self.text.in_name(next) && self.text.at(next) != b'-' { Says::Inside } else { Says::Closes }
    }

    /// A bare word ends with this quote, which ends at `behind`.
    pub fn quote_ends_word(&self, behind: usize, role: Role) -> bool {
        let says = self.quote_says(behind, role);
        let next = self.text.next(behind).at;
        says == Says::Closes || says == Says::Perhaps && (self.text.comma(next) > 0 || matches!(self.text.at(next), b'}' | b']'))
    }

    /// The comma that ends at `behind` is followed by a member.
    pub fn member_follows(&self, behind: usize) -> bool {
        let says = self.member_ahead(behind);
        says == Says::Closes || says == Says::Perhaps && self.text.opens(self.text.next(behind).at).is_some()
    }

    /// The quote that ends at `behind`, of a string that is no key.
    fn quote_says(&self, behind: usize, role: Role) -> Says {
        let Next { at, newline } = self.text.next(behind);
        if at >= self.text.len() {
            return Says::Closes;
        }
        let byte = self.text.at(at);
        if byte == b':' {
            return if role == Role::Argument { Says::Inside } else { Says::Colon };
        }
        let comma = self.text.comma(at);
        if comma > 0 {
            return match role {
                Role::Member => self.member_ahead(at + comma),
                Role::Item => self.item_ahead(at + comma),
                _ => Says::Closes,
            };
        }
        if let Some((family, length)) = self.text.opens(at) {
            return self.string_ahead(at + length, family, newline, role);
        }
        match byte {
            b'}' | b']' | b')' => self.bracket_ahead(at, byte),
            b'+' => {
                let next = self.text.next(at + 1).at;
                let goes_on = self.text.opens(next).is_some() || self.text.comment(next);
                if next >= self.text.len() || goes_on { Says::Closes } else { Says::Inside }
            }
            b'/' if self.text.comment(at) => Says::Closes,
            b'/' => Says::Inside,
            b'#' if at > behind && self.text.comment(at) => Says::Perhaps,
            b'`' => Says::Closes,
            b'{' | b'[' if newline || role == Role::Item => Says::Closes,
            b'\\' => Says::Perhaps,
            b'.' | 0xE2 if self.text.ellipsis(at) > 0 => Says::Perhaps,
            _ if newline => match role {
                Role::Member if self.text.key_at(at) => Says::Closes,
                Role::Item => Says::Perhaps,
                Role::Root => Says::Closes,
                _ => Says::Inside,
            },
            _ if role == Role::Item && (self.word_is_item(at) || self.python && at > behind && self.words_are_item(at)) => Says::Perhaps,
            _ => Says::Inside,
        }
    }

    /// The end of the bare name or number at `at`.
    fn word_end(&self, at: usize) -> usize {
        let digit = matches!(self.text.at(at), b'0'..=b'9' | b'-');
        let mut end = self.text.name_end(at);
        while digit && self.text.at(end) == b'.' {
            end = self.text.name_end(end + 1);
        }
        end
    }

    /// A number or a constant stands at `at`, and the item ends with it.
    fn word_is_item(&self, at: usize) -> bool {
        let digit = matches!(self.text.at(at), b'0'..=b'9' | b'-');
        let end = self.word_end(at);
        let word = self.text.0.get(at..end).unwrap_or_default();
        let next = self.text.next(end).at;
        (digit || crate::bare::is_constant(word)) && (next >= self.text.len() || matches!(self.text.at(next), b',' | b']'))
    }

    /// Words without their first quote, or without both, stand at `at`, and the item ends with them: Python's library splits there.
    fn words_are_item(&self, at: usize) -> bool {
        let mut end = at;
        while self.text.in_name(end) || self.text.at(end) == b' ' {
            end += 1;
        }
        let quote = usize::from(self.text.at(end) == b'"');
        matches!(self.text.at(self.text.next(end + quote).at), b',' | b']')
    }

    /// What follows the comma behind a member's string.
    fn member_ahead(&self, behind: usize) -> Says {
        let Next { at, newline } = self.text.next(behind);
        if at >= self.text.len() || newline {
            return Says::Closes;
        }
        if let Some((family, length)) = self.text.opens(at) {
            let Some(end) = self.text.string_end(at + length, family) else { return Says::Closes };
            let next = self.text.next(end).at;
            let byte = self.text.at(next);
            if next >= self.text.len() || self.text.colon(next) > 0 {
                return Says::Closes;
            }
            let value = matches!(byte, b',' | b'}' | b'{' | b'[' | b'-' | b'0'..=b'9' | b'/' | b'#') || self.text.opens(next).is_some();
            // A key whose closing quote is missing: the colon stands before the next quote.
            let inside = self.text.trimmed(at, end - self.text.quote_before(end)).at;
            let value = value || inside > at && self.text.at(inside - 1) == b':';
            return if value { Says::Closes } else { Says::Perhaps };
        }
        match self.text.at(at) {
            b'}' | b']' | b'{' | b'[' | b'/' | b'#' | b':' | b'\\' => Says::Closes,
            _ if self.text.comma(at) > 0 || self.text.ellipsis(at) > 0 => Says::Closes,
            _ => {
                let end = self.word_end(at);
                let next = self.text.next(end).at;
                if end == at {
                    Says::Inside
                } else if next >= self.text.len()
                    || self.text.colon(next) > 0
                    || self.quote_then_colon(end)
                    || self.stray_word(at).is_some()
                {
                    Says::Closes
                } else if matches!(self.text.at(next), b',' | b'}') {
                    Says::Perhaps
                } else {
                    Says::Inside
                }
            }
        }
    }

    /// A word that means nothing stands before a key in quotes: where the key begins.
    pub fn stray_word(&self, at: usize) -> Option<usize> {
        let end = self.text.name_end(at);
        let next = self.text.next(end).at;
        (end > at && next > end && self.text.opens(next).is_some() && self.text.key_at(next)).then_some(next)
    }

    /// A quote stands at `place`, and a colon behind it: the end of a key.
    fn quote_then_colon(&self, place: usize) -> bool {
        self.text.opens(place).is_some_and(|(_, length)| self.text.colon(self.text.next(place + length).at) > 0)
    }

    /// What follows the comma behind an item's string.
    fn item_ahead(&self, behind: usize) -> Says {
        let Next { at, newline } = self.text.next(behind);
        if at >= self.text.len() || newline {
            return Says::Closes;
        }
        if let Some((family, length)) = self.text.opens(at) {
            let Some(end) = self.text.string_end(at + length, family) else { return Says::Closes };
            let next = self.text.next(end).at;
            let fits = next >= self.text.len()
                || matches!(self.text.at(next), b',' | b']' | b'}' | b':' | b'/' | b'#' | b'+' | b')')
                || self.text.opens(next).is_some();
            return if fits { Says::Closes } else { Says::Perhaps };
        }
        match self.text.at(at) {
            b'{' | b'[' | b']' | b'}' | b'/' | b'#' | b')' => Says::Closes,
            _ if self.text.comma(at) > 0 || self.text.ellipsis(at) > 0 => Says::Closes,
            _ => {
                let mut end = at;
                while end < self.text.len() && !matches!(self.text.at(end), b',' | b']' | b'\n') {
                    if self.text.opens(end).is_some() {
                        return Says::Perhaps;
                    }
                    end += 1;
                }
                Says::Closes
            }
        }
    }

    /// A string follows without a comma; its inside begins at `inside`.
    fn string_ahead(&self, inside: usize, family: Family, newline: bool, role: Role) -> Says {
        if role == Role::Argument {
            return Says::Inside;
        }
        if newline {
            return Says::Closes;
        }
        let Some(end) = self.text.string_end(inside, family) else { return Says::Perhaps };
        let next = self.text.next(end).at;
        let byte = self.text.at(next);
        let ends = next >= self.text.len() || matches!(byte, b',' | b']' | b'}') || self.text.opens(next).is_some();
        match role {
            Role::Member if self.text.colon(next) > 0 => Says::Closes,
            Role::Member | Role::Item if ends => Says::Perhaps,
            Role::Item if matches!(byte, b':' | b'+' | b'/' | b'#' | b')' | b'{' | b'[' | b'-' | b'0'..=b'9') => Says::Perhaps,
            _ => Says::Inside,
        }
    }

    /// A closing bracket follows.
    fn bracket_ahead(&self, at: usize, byte: u8) -> Says {
        if !self.is_open(byte) {
            return Says::Inside;
        }
        let Next { at: next, newline } = self.text.next(at + 1);
        if next >= self.text.len() || newline || self.text.comma(next) > 0 {
            return Says::Closes;
        }
        match self.text.at(next) {
            b'}' | b']' | b')' | b'{' | b'[' | b'/' | b'#' => Says::Closes,
            b'+' => Says::Inside,
            b'`' if self.text.fence(next) => Says::Closes,
            _ => Says::Perhaps,
        }
    }
}
