//! Replacement templates: the grammar of Python's `re.sub`, read once when the guard is made.
//!
//! The same steps as `pyplugins/regex_filter/_template.py`. It must never be found wrong while a text is scanned.
//! Tests: below, `tests/vectors/regex_filter.jsonl`.

use gwplugins_core::fault::Fault;
use gwplugins_core::pattern::Span;

/// Largest number of a group, as many digits as a template may use.
const MAX_GROUP: usize = 9_999;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Group(usize),
}

/// What takes the place of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Plain text.
    pub fn plain(text: &str) -> Self {
        Self { parts: vec![Part::Text(text.as_bytes().to_vec())] }
    }

    /// Reads a template for a pattern with these groups; index 0 of `names` is the match itself.
    ///
    /// # Errors
    /// `template_escape`, `template_syntax`, `template_group`, with the byte of the backslash.
    pub fn parse(text: &str, names: &[Option<&str>]) -> Result<Self, Fault> {
        let mut reader = Reader { rest: text.as_bytes(), length: text.len(), text: Vec::new(), parts: Vec::new(), names };
        while let [first, rest @ ..] = reader.rest {
            let at = reader.length - reader.rest.len();
            reader.rest = rest;
            if *first == b'\\' {
                reader.escape().map_err(|id| Fault::with(id, at as u64, 0))?;
            } else {
                reader.text.push(*first);
            }
        }
        reader.close();
        Ok(Self { parts: reader.parts })
    }

    /// Whether it names a group other than the match itself.
    pub fn uses_groups(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Group(1..)))
    }

    /// Appends what the template makes of a match; a group that took no part is empty.
    pub fn expand(&self, text: &[u8], found: Span, groups: &[Option<Span>], out: &mut Vec<u8>) {
        for part in &self.parts {
            let span = match part {
                Part::Text(plain) => {
                    out.extend_from_slice(plain);
                    continue;
                }
                Part::Group(0) => Some(found),
                Part::Group(index) => groups.get(*index).copied().flatten(),
            };
            out.extend_from_slice(span.and_then(|(start, end)| text.get(start..end)).unwrap_or_default());
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
    /// Plain text that no part holds yet.
    text: Vec<u8>,
    parts: Vec<Part>,
    names: &'a [Option<&'a str>],
}

impl Reader<'_> {
    fn close(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
    }

    fn take(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// The next byte as a digit of that base, read if it is one.
    fn digit(&mut self, base: u32) -> Option<usize> {
        let value = char::from(*self.rest.first()?).to_digit(base)?;
        self.rest = &self.rest[1..];
        Some(value as usize)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), &'static str> {
        match self.take().ok_or("template_escape")? {
            b'g' => self.named(),
            b'0' => {
                let value = (0..2).map_while(|_| self.digit(8)).fold(0, |value, digit| value * 8 + digit);
                self.code(value)
            }
            first @ b'1'..=b'9' => self.numbered(usize::from(first - b'0')),
            b'\\' => self.code(usize::from(b'\\')),
            b'a' => self.code(0x07),
            b'b' => self.code(0x08),
            b't' => self.code(0x09),
            b'n' => self.code(0x0A),
            b'v' => self.code(0x0B),
            b'f' => self.code(0x0C),
            b'r' => self.code(0x0D),
            other if other.is_ascii_alphabetic() => Err("template_escape"),
            other => {
                self.text.extend([b'\\', other]);
                Ok(())
            }
        }
    }

    fn code(&mut self, code: usize) -> Result<(), &'static str> {
        let found = u32::try_from(code).ok().and_then(char::from_u32).ok_or("template_escape")?;
        self.text.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    /// One or two digits are a group; three octal ones a character.
    fn numbered(&mut self, first: usize) -> Result<(), &'static str> {
        let Some(second) = self.digit(10) else { return self.group(first) };
        if first < 8
            && second < 8
            && let Some(third) = self.digit(8)
        {
            let value = (first * 8 + second) * 8 + third;
            return if value > 0o377 { Err("template_escape") } else { self.code(value) };
        }
        self.group(first * 10 + second)
    }

    /// `\g<name>` or `\g<number>`.
    fn named(&mut self) -> Result<(), &'static str> {
        let inside = self.rest.strip_prefix(b"<").ok_or("template_syntax")?;
        let length = inside.iter().position(|&byte| byte == b'>').ok_or("template_syntax")?;
        let name = &inside[..length];
        self.rest = &inside[length + 1..];
        if !name.is_empty() && name.iter().all(u8::is_ascii_digit) {
            let value = name.iter().fold(0, |value, digit| (value * 10 + usize::from(digit - b'0')).min(MAX_GROUP + 1));
            return self.group(value);
        }
        let starts = name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
        if !starts || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return Err("template_syntax");
        }
        let index = self.names.iter().position(|known| known.is_some_and(|known| known.as_bytes() == name));
        self.group(index.ok_or("template_group")?)
    }

    fn group(&mut self, index: usize) -> Result<(), &'static str> {
        if index >= self.names.len() {
            return Err("template_group");
        }
        self.close();
        self.parts.push(Part::Group(index));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[Option<&str>] = &[None, None, Some("year")];

    fn expanded(template: &str) -> Result<String, String> {
        let parsed = Template::parse(template, NAMES).map_err(|fault| fault.id().to_owned())?;
        let mut out = Vec::new();
        parsed.expand(b"ab2020", (0, 6), &[Some((0, 6)), None, Some((2, 6))], &mut out);
        Ok(String::from_utf8(out).expect("templates are text"))
    }

    #[test]
    fn templates_mean_what_python_means() {
        let rows = [
            ("plain é", Ok("plain é")),
            (r"<\2>", Ok("<2020>")),
            (r"<\g<year>-\g<2>-\g<0>-\g<02>>", Ok("<2020-2020-ab2020-2020>")),
            (r"[\1]", Ok("[]")),
            (r"\n\t\\\a\b\f\r\v", Ok("\n\t\\\x07\x08\x0C\r\x0B")),
            (r"\.\é\ ", Ok(r"\.\é\ ")),
            (r"\0\01\018\101\377", Ok("\0\x01\x018A\u{FF}")),
            (r"\28", Err("template_group")),
            (r"\400", Err("template_escape")),
            (r"\q", Err("template_escape")),
            (r"\x41", Err("template_escape")),
            ("\\", Err("template_escape")),
            (r"\g", Err("template_syntax")),
            (r"\g<", Err("template_syntax")),
            (r"\g<>", Err("template_syntax")),
            (r"\g<year", Err("template_syntax")),
            (r"\g<1a>", Err("template_syntax")),
            (r"\g<é>", Err("template_syntax")),
            (r"\g<month>", Err("template_group")),
            (r"\g<99999999999999999999>", Err("template_group")),
            (r"\3", Err("template_group")),
        ];
        for (template, expected) in rows {
            assert_eq!(expanded(template), expected.map(str::to_owned).map_err(str::to_owned), "{template}");
        }
        assert_eq!(Template::parse(r"ab\q", NAMES), Err(Fault::with("template_escape", 2, 0)));
    }
}
