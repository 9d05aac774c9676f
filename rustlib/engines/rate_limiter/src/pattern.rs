//! Patterns of values: `*` stands for any bytes. The Python twin is `pyplugins/rate_limiter/_patterns.py`.

use std::collections::HashMap;

/// A list of patterns, of which the first that fits a value counts. Exact ones are looked up, those with a star are tried.
#[derive(Debug, Default)]
pub struct Patterns {
    exact: HashMap<Box<[u8]>, usize>,
    starred: Vec<(Box<[u8]>, usize)>,
}

impl Patterns {
    /// Adds the pattern with number `index`; numbers ascend.
    pub fn add(&mut self, pattern: &str, index: usize) {
        let bytes: Box<[u8]> = pattern.as_bytes().into();
        if bytes.contains(&b'*') {
            self.starred.push((bytes, index));
        } else {
            self.exact.entry(bytes).or_insert(index);
        }
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.starred.is_empty()
    }

    /// The number of the first pattern that fits.
    pub fn find(&self, value: &[u8]) -> Option<usize> {
        let exact = if self.exact.is_empty() { None } else { self.exact.get(value).copied() };
        let most = exact.unwrap_or(usize::MAX);
        let starred = self.starred.iter().take_while(|(_, index)| *index < most).find(|(pattern, _)| fits(pattern, value));
        starred.map(|(_, index)| *index).or(exact)
    }
}

/// Whether the whole value fits. What stands between two stars is looked for from left to right, the first place counts: no more than
/// pattern times value steps.
fn fits(pattern: &[u8], value: &[u8]) -> bool {
    let (mut p, mut v, mut star, mut mark) = (0, 0, None, 0);
    while v < value.len() {
        if pattern.get(p) == Some(&b'*') {
            (star, mark) = (Some(p), v);
            p += 1;
        } else if pattern.get(p) == Some(&value[v]) {
            (p, v) = (p + 1, v + 1);
        } else if let Some(at) = star {
            mark += 1;
            (p, v) = (at + 1, mark);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, value, expected) in [
            ("a*", "abc", true),
            ("a*", "a", true),
            ("*c", "abc", true),
            ("a*c", "abbc", true),
            ("a*b*c", "a1b2b3c", true),
            ("*", "", true),
            ("**", "x", true),
            ("a*", "ba", false),
            ("a*c", "abcd", false),
            ("*ab", "aab", true),
            ("*aab*", "aaaab", true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), value.as_bytes()), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn the_first_in_order_counts() {
        let mut patterns = Patterns::default();
        for (index, pattern) in ["b", "a*", "ab", "*", "zz"].into_iter().enumerate() {
            patterns.add(pattern, index);
        }
        assert_eq!([b"b".as_slice(), b"ab", b"q", b"zz"].map(|value| patterns.find(value)), [Some(0), Some(1), Some(3), Some(3)]);
        assert_eq!(Patterns::default().find(b"b"), None);
    }
}
