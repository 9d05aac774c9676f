//! Deflate (RFC 1951) for speed: level 1, and short texts at levels up to the default, for which tables to be cleared and Huffman trees
//! take longer than the text does. docs/compression.md has the figures.
//!
//! A text is cut into blocks of 32 KiB. The last place with the same five or six bytes is looked at, no other; what matches there becomes a
//! match. The codes of a block are those of `words`. A block that would become larger is stored as it is.

mod bits;
mod words;

use bits::Bits;
use words::{Codes, Counts, Token};

/// Bytes of a block, and how far back a match may lie (RFC 1951, 2.).
const BLOCK: usize = 32 << 10;
const REACH: usize = 32 << 10;
/// The block and what lies before it.
const WINDOW: usize = REACH + BLOCK;
/// The most bytes of a match. RFC 1951 allows three at least; fewer than five seldom pay, and in a short text not even those.
const MOST: usize = 258;
/// Bytes behind the window that are looked at and never taken.
const SPARE: usize = MOST + 16;
/// The longest text that uses the small table of positions, and the sizes of both as powers of two.
pub(crate) const SHORT: usize = 4 << 10;
const SMALL: u32 = 11;
const LARGE: u32 = 14;
/// The least bytes of a match in a short text and in others.
const LEAST_SHORT: usize = 6;
const LEAST: usize = 5;
/// The header of a stored block behind its three bits: its length, twice.
const STORED: usize = 4;

/// Bytes that a text of so many may take: all of it stored.
pub(crate) const fn most(len: usize) -> usize {
    len + (len / BLOCK + 1) * (STORED + 1)
}

type Window = [u8; WINDOW + SPARE];

/// Compresses texts, one after the other.
pub(crate) struct Quick {
    window: Box<Window>,
    /// Where in the window bytes of this hash began last; 0 for nowhere.
    seen: Box<[u16; 1 << LARGE]>,
    tokens: Box<[Token; BLOCK + 1]>,
    counts: Counts,
    codes: Codes,
    room: Box<bits::Room>,
}

/// An array that was never on the stack.
fn zeros<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    vec![T::default(); N].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("there are N"))
}

impl Quick {
    pub fn new() -> Self {
        Self { window: zeros(), seen: zeros(), tokens: zeros(), counts: words::NONE, codes: Codes::new(), room: zeros() }
    }

    /// Appends `text`, deflated.
    pub fn deflate(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let short = text.len() <= SHORT;
        self.seen[..if short { 1 << SMALL } else { 1 << LARGE }].fill(0);
        let (mut rest, mut held) = (text, (0, 0));
        for number in 0.. {
            let (block, behind) = rest.split_at(rest.len().min(BLOCK));
            let start = self.take(number, block);
            let made =
                if short { self.parse::<SMALL, LEAST_SHORT>(start, block.len()) } else { self.parse::<LARGE, LEAST>(start, block.len()) };
            held = self.write(made, block, behind.is_empty(), held, out);
            if behind.is_empty() {
                return;
            }
            rest = behind;
        }
    }

    /// Puts a block into the window, and says where.
    fn take(&mut self, number: usize, block: &[u8]) -> usize {
        if number > 1 {
            self.window.copy_within(BLOCK..WINDOW, 0);
            for position in &mut *self.seen {
                *position = position.saturating_sub(BLOCK as u16);
            }
        }
        let start = if number == 0 { 0 } else { BLOCK };
        let end = start + block.len();
        self.window[start..end].copy_from_slice(block);
        self.window[end..end + 8].fill(0);
        start
    }

    /// Makes tokens of `len` bytes of the window, and counts their symbols.
    fn parse<const TABLE: u32, const LEAST: usize>(&mut self, start: usize, len: usize) -> usize {
        let Self { window, seen, tokens, counts, .. } = self;
        counts.fill(0);
        let mut made = Made { tokens, counts, count: 0 };
        let (mut at, end) = (start, start + len);
        if at == 0 && len > 0 {
            // Position 0 stands for nowhere, and would match itself.
            made.literal(window[0]);
            at = 1;
        }
        while at < end {
            let bytes = eight(window, at);
            let place = &mut seen[hash::<TABLE, LEAST>(bytes)];
            let from = usize::from(*place);
            *place = at as u16;
            let differ = bytes ^ eight(window, from);
            if differ << (64 - 8 * LEAST) != 0 || at - from > REACH || end - at < LEAST {
                made.literal(bytes as u8);
                at += 1;
                continue;
            }
            let length = equal(window, from, at).min(end - at).min(MOST);
            made.matched(length, at - from);
            // As far as the bytes at hand reach.
            for more in 1..9 - LEAST {
                seen[hash::<TABLE, LEAST>(bytes >> (8 * more))] = (at + more) as u16;
            }
            at += length;
            seen[hash::<TABLE, LEAST>(eight(window, at - 1))] = (at - 1) as u16;
        }
        made.add(words::END);
        made.count
    }

    /// Writes a block, as `made` tokens or stored, behind bits `held` back by the last. Gives those it holds back itself.
    fn write(&mut self, made: usize, block: &[u8], last: bool, held: bits::Held, out: &mut Vec<u8>) -> bits::Held {
        let mut bits = Bits::new(&mut self.room, held);
        bits.put(u64::from(last) | 2 << 1, 3);
        let bits = self.codes.make(&self.counts, bits);
        let bits = self.codes.write(&self.tokens[..made], bits);
        if bits.bytes() <= block.len() + STORED {
            return bits.hand_over(last, out);
        }
        let mut bits = Bits::new(&mut self.room, held);
        bits.put(u64::from(last), 3);
        bits.hand_over(true, out);
        let len = block.len() as u16;
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
        bits::NONE
    }
}

/// Tokens as they are made.
struct Made<'a> {
    tokens: &'a mut [Token; BLOCK + 1],
    counts: &'a mut Counts,
    count: usize,
}

impl Made<'_> {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        self.add(byte.into());
    }

    #[inline(always)]
    fn matched(&mut self, length: usize, offset: usize) {
        let [symbol, extra] = words::length(length);
        self.add(symbol);
        self.plain(extra);
        let [symbol, extra, more] = words::offset(offset);
        self.add(symbol);
        self.plain(extra);
        self.plain(more);
    }

    #[inline(always)]
    fn add(&mut self, symbol: Token) {
        self.tokens[self.count] = symbol;
        self.counts[usize::from(symbol)] += 1;
        self.count += 1;
    }

    /// A token that is in no code.
    #[inline(always)]
    fn plain(&mut self, token: Token) {
        self.tokens[self.count] = token;
        self.count += usize::from(token != words::NOTHING);
    }
}

/// Eight bytes, the first one lowest.
#[inline(always)]
fn eight(window: &Window, at: usize) -> u64 {
    let at = at % WINDOW;
    u64::from_le_bytes(*window[at..].first_chunk().unwrap_or(&[0; 8]))
}

/// Of the lowest bytes, `LEAST` of them: Fibonacci hashing, Knuth, The Art of Computer Programming 3, 6.4.
#[inline(always)]
fn hash<const TABLE: u32, const LEAST: usize>(bytes: u64) -> usize {
    ((bytes << (64 - 8 * LEAST)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - TABLE)) as usize
}

/// How many bytes are equal from two places on, if that is less than `MOST`; so many at least, if not.
#[inline(always)]
fn equal(window: &Window, from: usize, at: usize) -> usize {
    let (one, two) = (&window[from..], &window[at..]);
    for done in (0..MOST).step_by(16) {
        let (Some(a), Some(b)) = (one[done..].first_chunk(), two[done..].first_chunk()) else { return done };
        let differ = u128::from_le_bytes(*a) ^ u128::from_le_bytes(*b);
        if differ != 0 {
            return done + (differ.trailing_zeros() / 8) as usize;
        }
    }
    MOST
}

#[cfg(test)]
mod tests {
    use super::*;
    use zlib_rs::{Inflate, InflateFlush, Status};

    /// Texts that repeat themselves at many distances, hardly, or not at all.
    fn text(seed: u32, len: usize) -> Vec<u8> {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let mut text: Vec<u8> = Vec::with_capacity(len + MOST);
        while text.len() < len {
            let noise = next();
            if text.is_empty() || noise % 4 < seed % 4 {
                text.extend(noise.to_le_bytes().map(|byte| if seed.is_multiple_of(3) { byte } else { b'a' + byte % 20 }));
            } else {
                let from = next() as usize % text.len();
                let from = if noise & 16 == 0 { from } else { text.len().saturating_sub(from % 40 + 1) };
                (0..noise as usize >> 8 & 511).for_each(|at| text.push(text[from + at % (text.len() - from)]));
            }
        }
        text.truncate(len);
        text
    }

    fn inflated(data: &[u8], len: usize) -> Vec<u8> {
        let (mut out, mut inflate) = (vec![0; len + 1], Inflate::new(false, 15));
        assert!(matches!(inflate.decompress(data, &mut out, InflateFlush::Finish), Ok(Status::StreamEnd)));
        assert_eq!(inflate.total_in(), data.len() as u64, "nothing behind it");
        out.truncate(inflate.total_out() as usize);
        out
    }

    #[test]
    fn what_is_deflated_comes_back() {
        let (mut quick, mut out) = (Quick::new(), Vec::new());
        let lens = (0..40).chain([SHORT - 1, SHORT, SHORT + 1, BLOCK - 1, BLOCK, BLOCK + 1, WINDOW, WINDOW + 7, 5 * BLOCK + 3]);
        for (number, len) in lens.enumerate() {
            for seed in 0..12 {
                let text = text(seed + number as u32, len);
                out.clear();
                quick.deflate(&text, &mut out);
                assert_eq!(inflated(&out, len), text, "seed {seed}, {len} bytes");
                assert!(out.len() <= most(len), "{len} bytes became {}", out.len());
            }
        }
    }

    #[test]
    fn noise_is_stored() {
        let mut out = Vec::new();
        let noise: Vec<u8> = (0..100_000_u32)
            .map(|number| (number.wrapping_mul(number) ^ number >> 3).wrapping_mul(2_654_435_761).to_le_bytes()[3])
            .collect();
        Quick::new().deflate(&noise, &mut out);
        assert_eq!(out.len(), noise.len() + 4 * (STORED + 1));
        assert_eq!(inflated(&out, noise.len()), noise);
    }

    #[test]
    fn a_match_reaches_as_far_as_it_may() {
        for distance in [REACH - 1, REACH, REACH + 1] {
            let mut text = vec![0; distance + 200];
            let (front, back) = (b"twelve bytes and more of them", distance);
            text[..front.len()].copy_from_slice(front);
            text[back..back + front.len()].copy_from_slice(front);
            let mut out = Vec::new();
            Quick::new().deflate(&text, &mut out);
            assert_eq!(inflated(&out, text.len()), text, "{distance}");
        }
    }
}
