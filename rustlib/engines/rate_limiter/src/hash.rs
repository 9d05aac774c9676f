//! The keyed hash of keys, SipHash-1-3, in one go: who chooses keys cannot know which of them meet in the table.
//!
//! The standard library's hasher is the same function, but takes its input piece by piece, which costs three times as much for a short
//! name.

use std::hash::{BuildHasher, RandomState};

/// A secret key, from the operating system's randomness.
#[derive(Debug)]
pub struct Keyed(u64, u64);

impl Keyed {
    /// A new secret.
    pub fn new() -> Self {
        let random = RandomState::new();
        Self(random.hash_one(0_u64), random.hash_one(1_u64))
    }

    /// The hash of a value of a dimension. Each dimension has a key of its own.
    #[inline]
    pub fn hash(&self, dimension: u32, value: &[u8]) -> u64 {
        let mut state = State::new(self.0, self.1 ^ u64::from(dimension));
        let (words, rest) = value.as_chunks::<8>();
        for word in words {
            state.absorb(u64::from_le_bytes(*word));
        }
        state.absorb((value.len() as u64) << 56 | last_word(value, rest));
        state.finish()
    }
}

/// The bytes behind the last whole word, fewer than eight, as a number: read by words that overlap what is before them, where there is one.
#[inline]
fn last_word(value: &[u8], rest: &[u8]) -> u64 {
    if rest.is_empty() {
        return 0;
    }
    if let Some(last) = value.last_chunk::<8>() {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest.len());
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * rest.len() - 32);
    }
    rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

struct State {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

impl State {
    #[inline]
    fn new(k0: u64, k1: u64) -> Self {
        Self {
            v0: k0 ^ 0x736F_6D65_7073_6575,
            v1: k1 ^ 0x646F_7261_6E64_6F6D,
            v2: k0 ^ 0x6C79_6765_6E65_7261,
            v3: k1 ^ 0x7465_6462_7974_6573,
        }
    }

    #[inline]
    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.rotate_left(32);
    }

    #[inline]
    fn absorb(&mut self, word: u64) {
        self.v3 ^= word;
        self.round();
        self.v0 ^= word;
    }

    #[inline]
    fn finish(mut self) -> u64 {
        self.v2 ^= 0xFF;
        (0..3).for_each(|_| self.round());
        self.v0 ^ self.v1 ^ self.v2 ^ self.v3
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hasher};

    use super::*;

    /// The standard library's hasher is SipHash-1-3, by default with the key zero.
    #[test]
    fn it_is_siphash() {
        for len in 0..300_usize {
            let text: Vec<u8> = (0..len).map(|number| (number * 7 + 1) as u8).collect();
            let mut known = DefaultHasher::new();
            known.write(&text);
            assert_eq!(Keyed(0, 0).hash(0, &text), known.finish(), "{len} bytes");
        }
    }

    #[test]
    fn dimensions_lengths_and_secrets_count() {
        let keyed = Keyed::new();
        let hashes = [(0, &b"a"[..]), (1, b"a"), (0, b"a\0"), (0, b""), (0, b"\0"), (0, b"abcdefgh"), (0, b"abcdefgh\0")];
        let mut found: Vec<u64> = hashes.iter().map(|(dimension, value)| keyed.hash(*dimension, value)).collect();
        found.push(Keyed::new().hash(0, b"a"));
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 8);
    }
}
