//! The vectors of `tests/vectors/patterns.jsonl`, and what only this side can ask.
