//! Reading the files of `rules/`: every leaf with the keys above it. They hold nothing but objects, lists, texts without escapes and
//! numbers, so this costs a tenth of the code that a JSON value does. Tests: below.

/// Keys above a leaf.
const DEEPEST: usize = 3;

/// A text or number of a file. Keys that are not there are empty.
pub struct Entry {
    pub keys: [&'static str; DEEPEST],
    pub value: &'static str,
}

/// The leaves of a file, in order.
pub fn entries(json: &'static str) -> impl Iterator<Item = Entry> {
    Entries { rest: json, keys: [""; DEEPEST], depth: 0 }
}

struct Entries {
    rest: &'static str,
    keys: [&'static str; DEEPEST],
    /// Of objects.
    depth: usize,
}

impl Iterator for Entries {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            let text = self.rest.trim_start_matches([' ', '\n', ',', '[', ']', ':']);
            let first = text.bytes().next()?;
            let behind = text.get(1..)?;
            match first {
                b'{' => self.depth += 1,
                b'}' => {
                    self.depth -= 1;
                    if let Some(key) = self.keys.get_mut(self.depth) {
                        *key = "";
                    }
                }
                b'"' => {
                    let (value, rest) = behind.split_once('"')?;
                    self.rest = rest;
                    if !rest.starts_with(':') {
                        return Some(Entry { keys: self.keys, value });
                    }
                    *self.keys.get_mut(self.depth.wrapping_sub(1))? = value;
                    continue;
                }
                _ => {
                    let end = text.find([' ', ',', ']', '\n', '}']).unwrap_or(text.len());
                    let (value, rest) = text.split_at(end);
                    self.rest = rest;
                    return Some(Entry { keys: self.keys, value });
                }
            }
            self.rest = behind;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_and_their_keys() {
        let file = "{\n  \"a\": [\"x\", -1],\n  \"b\": {\"c\": {\"\": [\"y\"]}, \"d\": 2},\n  \"e\": 3\n}\n";
        let told: Vec<_> = entries(file).map(|entry| (entry.keys.join("/"), entry.value)).collect();
        let expected = [("a//", "x"), ("a//", "-1"), ("b/c/", "y"), ("b/d/", "2"), ("e//", "3")];
        assert_eq!(told, expected.map(|(keys, value)| (keys.to_owned(), value)));
    }
}
