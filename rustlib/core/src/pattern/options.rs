//! What the writer of a configuration may set for a pattern, and nothing else. Tests: `tests/vectors/patterns.jsonl`.

/// What the writer of a configuration may allow; the same fields and defaults as in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of a pattern.
    pub max_bytes: usize,
    /// `|` signs.
    pub max_alternatives: usize,
    /// Quantifiers.
    pub max_quantifiers: usize,
    /// The formula of docs/patterns.md.
    pub max_size: u64,
    /// As if the pattern began with `(?i)`.
    pub ignore_case: bool,
    /// As if the pattern began with `(?m)`.
    pub multi_line: bool,
    /// As if the pattern began with `(?s)`.
    pub dot_all: bool,
    /// No word character may stand beside a match.
    pub whole_word: bool,
    /// Classes, word boundaries and case folding are those of all scripts, by `rules/unicode_patterns.json`.
    pub unicode: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            max_bytes: 256,
            max_alternatives: 16,
            max_quantifiers: 24,
            max_size: 5_000,
            ignore_case: false,
            multi_line: false,
            dot_all: false,
            whole_word: false,
            unicode: false,
        }
    }
}
