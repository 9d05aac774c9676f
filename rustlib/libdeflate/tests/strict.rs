//! What zlib-rs refuses, libdeflate with our changes refuses too, and what both take is the same: over deflated data that is made to be
//! nearly right (RFC 1951), with symbols that are reserved, codes that are not complete, codewords that no symbol has.

#![allow(unsafe_code)]

mod both;

use both::{Opener, by_zlib};

const STREAMS: u64 = 200_000;
/// The order in which a block tells the lengths of the precode.
const PRECODE_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK: usize = 256;

#[test]
fn what_is_refused_by_one_is_refused_by_both() {
    let mut opener = Opener::new();
    let (mut taken, mut refused) = (0_u64, 0_u64);
    for seed in 0..STREAMS {
        let data = Writer::stream(&mut Chance(seed));
        let Ok(expected) = by_zlib(&data) else { continue };
        let answer = opener.open(&data);
        assert!(answer == expected, "stream {seed} ({} bytes): taken by libdeflate: {}", data.len(), answer.is_some());
        *(if expected.is_some() { &mut taken } else { &mut refused }) += 1;
    }
    assert!(taken > STREAMS / 8 && refused > STREAMS / 8, "{taken} taken, {refused} refused: the streams show too little");
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Writes deflated data, the lowest bit of a byte first.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    bits: usize,
}

impl Writer {
    /// A stream of a few blocks, sometimes cut, sometimes with something behind it.
    fn stream(chance: &mut Chance) -> Vec<u8> {
        let mut writer = Self::default();
        for left in (0..=chance.below(3)).rev() {
            writer.put(usize::from(left == 0), 1);
            match chance.below(40) {
                0 => writer.put(3, 2),
                1..=5 => writer.stored(chance),
                6..=15 => writer.fixed(chance),
                _ => writer.dynamic(chance),
            }
        }
        if chance.once_in(20) {
            writer.bytes.truncate(chance.below(writer.bytes.len() + 1));
        }
        let behind = if chance.once_in(2) { 24 } else { chance.below(3) };
        writer.bytes.extend((0..behind).map(|_| chance.next() as u8));
        writer.bytes
    }

    fn put(&mut self, value: usize, count: usize) {
        for bit in 0..count {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.bits / 8] |= ((value >> bit & 1) as u8) << (self.bits % 8);
            self.bits += 1;
        }
    }

    /// A codeword, its highest bit first.
    fn put_code(&mut self, (code, len): (usize, usize)) {
        for bit in (0..len).rev() {
            self.put(code >> bit & 1, 1);
        }
    }

    fn stored(&mut self, chance: &mut Chance) {
        self.put(0, 2);
        self.bits = self.bytes.len() * 8;
        let len = chance.below(20);
        self.put(len, 16);
        self.put(!len & 0xffff ^ usize::from(chance.once_in(10)), 16);
        for _ in 0..len {
            self.put(chance.below(256), 8);
        }
    }

    fn fixed(&mut self, chance: &mut Chance) {
        self.put(1, 2);
        let literals: Vec<usize> =
            (0..288).map(|symbol| [8, 9, 7, 8][[144, 256, 280].iter().filter(|&&end| symbol >= end).count()]).collect();
        let (most_length, most_offset) = if chance.once_in(5) { (288, 32) } else { (286, 30) };
        let symbols: Vec<usize> =
            (0..chance.below(20)).map(|_| [chance.below(256), 257 + chance.below(most_length - 257)][chance.below(2)]).collect();
        self.symbols(chance, &symbols, &literals, &[5; 32][..most_offset]);
    }

    fn dynamic(&mut self, chance: &mut Chance) {
        self.put(2, 2);
        let (most_length, most_offset) = if chance.once_in(10) { (288, 32) } else { (286, 30) };
        let (literals, offsets) = (literal_lengths(chance, most_length), offset_lengths(chance, most_offset));
        let told = run_lengths(chance, &[literals.as_slice(), &offsets].concat());
        let mut used: Vec<usize> = told.iter().map(|&(symbol, ..)| symbol).collect();
        used.sort_unstable();
        used.dedup();
        if used.len() == 1 && !chance.once_in(4) {
            used.push((used[0] + 1) % 19);
        }
        let precode = lengths(chance, &used, 19, 7);
        let count =
            (4..=19).find(|&count| PRECODE_ORDER[count..].iter().all(|&symbol| precode[symbol] == 0)).expect("all are zero behind 19");
        self.put(literals.len() - 257, 5);
        self.put(offsets.len() - 1, 5);
        self.put(count - 4, 4);
        PRECODE_ORDER[..count].iter().for_each(|&symbol| self.put(precode[symbol], 3));
        let codes = codes(&precode);
        for (symbol, extra, bits) in told {
            self.put_code(codes[symbol]);
            self.put(extra, bits);
        }
        let known: Vec<usize> = (0..literals.len()).filter(|&symbol| literals[symbol] > 0 && symbol != END_OF_BLOCK).collect();
        let symbols: Vec<usize> = (0..chance.below(20)).filter_map(|_| known.get(chance.below(known.len().max(1))).copied()).collect();
        self.symbols(chance, &symbols, &literals, &offsets);
    }

    /// Symbols, each length with an offset; seldom bits at random, or no end.
    fn symbols(&mut self, chance: &mut Chance, symbols: &[usize], literals: &[usize], offsets: &[usize]) {
        let (literal_codes, offset_codes) = (codes(literals), codes(offsets));
        let known: Vec<usize> = (0..offsets.len()).filter(|&symbol| offsets[symbol] > 0).collect();
        for &symbol in symbols {
            if chance.once_in(100) {
                self.put(chance.below(1 << 12), 1 + chance.below(12));
            }
            self.put_code(literal_codes[symbol]);
            if symbol > END_OF_BLOCK {
                let slot = symbol - 257;
                let bits = if (8..28).contains(&slot) { slot / 4 - 1 } else { 0 };
                self.put(chance.below(1 << bits), bits);
                // Small ones, of which more lie within what has been written.
                let known = if chance.once_in(4) { &known[..] } else { &known[..known.len().min(4)] };
                let Some(&offset) = known.get(chance.below(known.len().max(1))) else { continue };
                self.put_code(offset_codes[offset]);
                let bits = (offset / 2).saturating_sub(1);
                self.put(if chance.once_in(4) { chance.below(1 << bits) } else { 0 }, bits);
            }
        }
        if !chance.once_in(50) {
            self.put_code(literal_codes[END_OF_BLOCK]);
        }
    }
}

fn literal_lengths(chance: &mut Chance, most: usize) -> Vec<usize> {
    let mut used: Vec<usize> =
        (0..chance.below(12)).map(|_| if chance.once_in(2) { chance.below(256) } else { 257 + chance.below(most - 257) }).collect();
    if !chance.once_in(30) {
        used.push(END_OF_BLOCK);
    }
    used.sort_unstable();
    used.dedup();
    lengths(chance, &used, most, 15)
}

fn offset_lengths(chance: &mut Chance, most: usize) -> Vec<usize> {
    let mut used: Vec<usize> = (0..chance.below(6)).map(|_| if chance.once_in(3) { chance.below(most) } else { chance.below(4) }).collect();
    used.sort_unstable();
    used.dedup();
    lengths(chance, &used, most, 15)
}

/// Lengths of codewords for `used`: of a complete code, mostly; as many as are used, mostly.
fn lengths(chance: &mut Chance, used: &[usize], most: usize, longest: usize) -> Vec<usize> {
    let mut leaves = vec![if used.len() == 1 { 1 } else { 0 }];
    while leaves.len() < used.len() {
        let leaf = chance.below(leaves.len());
        if leaves[leaf] < longest {
            leaves[leaf] += 1;
            leaves.push(leaves[leaf]);
        }
    }
    let mut lengths = vec![0; most];
    for (&symbol, leaf) in used.iter().zip(leaves) {
        lengths[symbol] = leaf;
    }
    if chance.once_in(30) {
        lengths[chance.below(most)] = chance.below(longest + 1);
    }
    let least = if most > END_OF_BLOCK {
        257
    } else if most > 19 {
        1
    } else {
        most
    };
    let needed = lengths.iter().rposition(|&len| len > 0).map_or(0, |last| last + 1).max(least);
    lengths.truncate(if chance.once_in(3) { most } else { needed });
    lengths
}

/// Canonical codewords (RFC 1951, 3.2.2).
fn codes(lengths: &[usize]) -> Vec<(usize, usize)> {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut next = 0;
    for len in 1..16 {
        for symbol in (0..lengths.len()).filter(|&symbol| lengths[symbol] == len) {
            codes[symbol] = (next & ((1 << len) - 1), len);
            next += 1;
        }
        next <<= 1;
    }
    codes
}

/// Lengths as a block tells them: a symbol of the precode, its extra bits and their number.
fn run_lengths(chance: &mut Chance, lengths: &[usize]) -> Vec<(usize, usize, usize)> {
    let mut told = Vec::new();
    let mut at = 0;
    while at < lengths.len() {
        let run = lengths[at..].iter().take_while(|&&len| len == lengths[at]).count();
        let taken = match (lengths[at], run) {
            (0, 11..) => (18, run.min(138) - 11, 7, run.min(138)),
            (0, 3..) => (17, run - 3, 3, run),
            (len, 3..) if at > 0 && lengths[at - 1] == len => (16, run.min(6) - 3, 2, run.min(6)),
            (len, _) => (len, 0, 0, 1),
        };
        told.push((taken.0, taken.1, taken.2));
        at += taken.3;
    }
    if chance.once_in(50) {
        // Too many, or a repetition of nothing.
        told.insert(chance.below(told.len()), (16, 0, 2));
    }
    told
}
