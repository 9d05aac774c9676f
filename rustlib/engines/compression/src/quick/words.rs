//! Lengths, offsets and the codes of a block (RFC 1951, 3.2.5 to 3.2.7).
//!
//! How long a symbol's word is comes from the logarithm of how often it occurs (Shannon, 1948), to a sixteenth: all are shortened by the
//! most that leaves each its word (Kraft, 1949), and what is left over goes to the first symbols that can use it. That costs less than a
//! hundredth more bits than Huffman's tree on the usual texts, and no sorting. The code for the lengths themselves is the same in every block.

use super::bits::Bits;

/// Symbols of literals and lengths, then those of offsets.
const LITERALS: usize = 288;
pub(super) const OFFSETS: u16 = LITERALS as u16;
const SYMBOLS: usize = LITERALS + 32;
/// How many offset codes there are.
const OFFSET_CODES: usize = 30;
/// Ends a block.
pub(super) const END: u16 = 256;
/// The shortest length.
const LENGTH: u16 = 257;

/// How often each symbol occurs in a block.
pub(super) type Counts = [u16; SYMBOLS];
pub(super) const NONE: Counts = [0; SYMBOLS];

/// A symbol, or bits that stand for themselves: those that follow the word of a length or an offset.
pub(super) type Token = u16;
const PLAIN: usize = SYMBOLS;
const TOKENS: usize = 1024;
/// The most bits in one token of their kind.
const PLAIN_BITS: u32 = 8;
/// No bits.
pub(super) const NOTHING: Token = plain(0, 0);

/// The token of that many bits, at most eight, that stand for themselves.
#[inline(always)]
const fn plain(value: u16, bits: u32) -> Token {
    PLAIN as u16 + (1 << bits) - 1 + value
}

const LENGTH_FIRST: [u16; 29] =
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA: [u32; 29] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
/// Symbol and extra bits of each length, without the least of lengths.
static LENGTHS: [[Token; 2]; 256] = {
    let mut lengths = [[0; 2]; 256];
    let (mut length, mut code) = (3, 0);
    while length <= 258 {
        while code < 28 && LENGTH_FIRST[code + 1] <= length {
            code += 1;
        }
        lengths[length as usize - 3] = [LENGTH + code as u16, plain(length - LENGTH_FIRST[code], LENGTH_EXTRA[code])];
        length += 1;
    }
    lengths
};

/// A length of 3 to 258: its symbol and its extra bits.
#[inline(always)]
pub(super) fn length(length: usize) -> [Token; 2] {
    LENGTHS[(length - 3) % 256]
}

/// An offset of 1 to 32,768: its symbol and its extra bits, the last ones apart. Above four, two codes for each power of two.
#[inline(always)]
pub(super) fn offset(offset: usize) -> [Token; 3] {
    let back = (offset - 1) as u16;
    let bits = (back | 2).ilog2() - 1;
    let (symbol, extra) = (OFFSETS + 2 * bits as u16 + (back >> bits), back & ((1 << bits) - 1));
    if bits <= PLAIN_BITS {
        return [symbol, plain(extra, bits), NOTHING];
    }
    [symbol, plain(extra % (1 << PLAIN_BITS), PLAIN_BITS), plain(extra >> PLAIN_BITS, bits - PLAIN_BITS)]
}

/// A word, its first bit lowest, and how many bits it has.
#[derive(Clone, Copy, Default)]
struct Word {
    word: u16,
    bits: u8,
}

impl Word {
    /// The two, one after the other.
    #[inline(always)]
    const fn then(self, next: Self) -> Self {
        Self { word: self.word | next.word << self.bits, bits: self.bits + next.bits }
    }
}

/// One of the two codes of a block.
struct Alphabet {
    /// Its first symbol.
    first: usize,
    symbols: usize,
    /// By how rare a symbol is.
    sizes: &'static [Size; RAREST],
}

const LITERAL: Alphabet = Alphabet { first: 0, symbols: LITERALS, sizes: &sizes::<LONGEST>() };
const OFFSET: Alphabet = Alphabet { first: LITERALS, symbols: 32, sizes: &sizes::<9>() };

/// The length of a word, in bits, and its share of all words of the code.
#[derive(Clone, Copy)]
struct Size {
    bits: u8,
    share: u16,
}

/// The most bits of a word, for which RFC 1951 would have 15, and the share of all words of a code.
const LONGEST: u32 = 12;
const ALL: u32 = 1 << LONGEST;
/// Logarithms to the base 2 are counted in these.
const PARTS: u32 = 16;
/// More than a word of one token in 2^15, as many as a block has, is ever asked to be long.
const RAREST: usize = 512;

const fn sizes<const MOST: u32>() -> [Size; RAREST] {
    let mut sizes = [Size { bits: 0, share: 0 }; RAREST];
    let mut rare = 0;
    while rare < RAREST {
        let bits = rare as u32 / PARTS;
        let bits = if bits < 1 {
            1
        } else if bits > MOST {
            MOST
        } else {
            bits
        };
        sizes[rare] = Size { bits: bits as u8, share: (ALL >> bits) as u16 };
        rare += 1;
    }
    sizes
}

/// Logarithms of 1 to 1024, rounded.
static LOGARITHMS: [u8; 1025] = {
    const ONE: u64 = 1 << 24;
    let mut logarithms = [0; 1025];
    let mut number: u64 = 1;
    while number <= 1024 {
        let mut log = number.ilog2();
        let mut left = (number * ONE) >> log;
        // A square has twice the logarithm: each tells one more bit of it, and the fifth how to round.
        let mut bit = 0;
        while bit < 5 {
            left = (left * left) / ONE;
            let more = left >= 2 * ONE;
            log = if bit < 4 { 2 * log } else { log } + more as u32;
            left >>= more as u32;
            bit += 1;
        }
        logarithms[number as usize] = log as u8;
        number += 1;
    }
    logarithms
};

#[inline(always)]
fn logarithm(number: u16) -> u16 {
    let (part, more) = if number < 1024 { (number, 0) } else { (number >> 5, 5 * PARTS as u16) };
    LOGARITHMS.get(usize::from(part)).map_or(0, |&log| u16::from(log) + more)
}

/// Lengths of the words that tell lengths of words, in every block: of none, of 1 to 15 bits, of a repetition (not used), of few zeros in
/// a row, of many.
const PRECODE: [u8; 19] = [4, 5, 5, 5, 4, 4, 3, 3, 3, 3, 4, 5, 5, 0, 0, 0, 0, 4, 5];
/// The order in which a block tells them (RFC 1951, 3.2.7), without the one at the end that has no use.
const ORDER: [u8; 18] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1];
/// All of them, three bits each.
const ORDERED: u64 = {
    let (mut told, mut at) = (0, 0);
    while at < ORDER.len() {
        told |= (PRECODE[ORDER[at] as usize] as u64) << (3 * at);
        at += 1;
    }
    told
};
/// Zeros in a row that symbols 17 and 18 stand for at least, and one more than the latter can.
const FEW: usize = 3;
const MANY: usize = 11;
const TOO_MANY: usize = 139;

/// Makes the codes of blocks, and writes with them.
pub(super) struct Codes {
    /// Of each token.
    words: [Word; TOKENS],
    /// Symbols that occur, how rare they are, and the lengths of their words.
    symbols: [u16; LITERALS],
    rare: [u16; LITERALS],
    bits: [u8; LITERALS],
    /// What tells so many zeros in a row, and the length of a word.
    gaps: [Word; TOO_MANY],
    lengths: [Word; 16],
}

impl Codes {
    pub fn new() -> Self {
        let mut next = first_words(&PRECODE);
        let precode = PRECODE.map(|bits| word(&mut next, bits));
        let gaps = std::array::from_fn(|gap| match gap {
            0 => Word::default(),
            1 => precode[0],
            2 => precode[0].then(precode[0]),
            FEW..MANY => precode[17].then(Word { word: (gap - FEW) as u16, bits: 3 }),
            _ => precode[18].then(Word { word: (gap - MANY) as u16, bits: 7 }),
        });
        let mut words = [Word::default(); _];
        for bits in 0..=PLAIN_BITS {
            for value in 0..1 << bits {
                words[usize::from(plain(value, bits))] = Word { word: value, bits: bits as u8 };
            }
        }
        Self { words, symbols: [0; _], rare: [0; _], bits: [0; _], gaps, lengths: std::array::from_fn(|bits| precode[bits]) }
    }

    /// Makes both codes of a block and writes what tells them.
    pub fn make<'a>(&mut self, counts: &Counts, mut bits: Bits<'a>) -> Bits<'a> {
        let used = self.choose(&LITERAL, counts);
        let last = u64::from(self.symbols[used - 1]);
        bits.put(last - u64::from(END), 5);
        bits.put(OFFSET_CODES as u64 - 1, 5);
        bits.put(ORDER.len() as u64 - 4, 4);
        bits.flush();
        bits.put(ORDERED, 3 * ORDER.len() as u32);
        bits.flush();
        let (_, bits) = self.tell(&LITERAL, used, bits);
        let used = self.choose(&OFFSET, counts);
        let (told, mut bits) = self.tell(&OFFSET, used, bits);
        put(self.gaps[OFFSET_CODES - told], &mut bits);
        bits
    }

    /// Writes the tokens of a block.
    pub fn write<'a>(&self, tokens: &[Token], mut bits: Bits<'a>) -> Bits<'a> {
        let (fours, rest) = tokens.as_chunks::<4>();
        for four in fours {
            let (mut all, mut count) = (0, 0);
            for &token in four {
                let word = self.words[usize::from(token) % TOKENS];
                all |= u64::from(word.word) << (count % 64);
                count += u32::from(word.bits);
            }
            bits.put(all, count);
            bits.flush();
        }
        for &token in rest {
            put(self.words[usize::from(token) % TOKENS], &mut bits);
        }
        bits
    }

    /// Finds the symbols that occur and how long their words will be. Says how many they are: two at least, as some readers want.
    fn choose(&mut self, alphabet: &Alphabet, counts: &Counts) -> usize {
        let counts = &counts[alphabet.first..alphabet.first + alphabet.symbols];
        let (mut used, mut all) = (0, 0);
        for (number, eight) in counts.as_chunks::<8>().0.iter().enumerate() {
            if *eight != [0; 8] {
                for (symbol, &count) in eight.iter().enumerate() {
                    self.symbols[used] = (8 * number + symbol) as u16;
                    self.rare[used] = count;
                    all += count;
                    used += usize::from(count != 0);
                }
            }
        }
        if used < 2 {
            let only = if used == 1 { self.symbols[0] } else { 0 };
            self.symbols[..2].copy_from_slice(&[0, only.max(1)]);
            self.bits[..2].fill(1);
            return 2;
        }
        let (rare, bits) = (&mut self.rare[..used], &mut self.bits[..used]);
        let all = logarithm(all);
        rare.iter_mut().for_each(|count| *count = all - logarithm(*count));
        // Half a bit longer and rounded down is too much now and then, and less seldom fits.
        let mut longer = PARTS as u16 / 2 - 1;
        let left = loop {
            let mut shares = 0;
            for (bits, rare) in bits.iter_mut().zip(&*rare) {
                let size = alphabet.sizes[usize::from(*rare + longer) % RAREST];
                *bits = size.bits;
                shares += u32::from(size.share);
            }
            if let Some(left) = ALL.checked_sub(shares) {
                break left;
            }
            longer += 1;
        };
        shorten(bits, rare, left);
        used
    }

    /// Gives the chosen symbols their words (RFC 1951, 3.2.2) and tells the lengths. Says after how many symbols that ends.
    fn tell<'a>(&mut self, alphabet: &Alphabet, used: usize, mut out: Bits<'a>) -> (usize, Bits<'a>) {
        let (symbols, bits) = (&self.symbols[..used], &self.bits[..used]);
        let mut next = first_words(bits);
        let mut told = 0;
        for (&symbol, &bits) in symbols.iter().zip(bits) {
            let symbol = usize::from(symbol);
            self.words[(alphabet.first + symbol) % TOKENS] = word(&mut next, bits);
            let mut gap = symbol - told;
            while gap >= TOO_MANY {
                put(self.gaps[TOO_MANY - 1], &mut out);
                gap -= TOO_MANY - 1;
            }
            let (gap, length) = (self.gaps[gap], self.lengths[usize::from(bits) % 16]);
            out.put(u64::from(gap.word) | u64::from(length.word) << (gap.bits % 64), u32::from(gap.bits + length.bits));
            out.flush();
            told = symbol + 1;
        }
        (told, out)
    }
}

fn put(word: Word, bits: &mut Bits) {
    bits.put(u64::from(word.word), word.bits.into());
    bits.flush();
}

/// The first word of each length (RFC 1951, 3.2.2), its first bit highest of `LONGEST`.
fn first_words(bits: &[u8]) -> [u16; 16] {
    // Adding to the shares of all lengths at once takes less than adding to one in memory.
    let mut shares = [0; 4];
    for &bits in bits {
        shares.iter_mut().zip(&SHARES[usize::from(bits % 16)]).for_each(|(sum, share)| *sum += share);
    }
    let mut next = [0; 16];
    for bits in 1..15 {
        next[bits + 1] = next[bits] + (shares[bits / 4] >> (16 * (bits % 4))) as u16;
    }
    next
}

/// The share of one word of each length, in the sixteen bits of that length.
static SHARES: [[u64; 4]; 16] = {
    let mut shares = [[0; 4]; 16];
    let mut bits = 1;
    while bits < 16 {
        shares[bits][bits / 4] = (ALL as u64 >> bits) << (16 * (bits % 4));
        bits += 1;
    }
    shares
};

/// The next word of a length.
#[inline(always)]
fn word(next: &mut [u16; 16], bits: u8) -> Word {
    let next = &mut next[usize::from(bits % 16)];
    let word = REVERSED[usize::from(*next) % REVERSED.len()];
    *next += ALL as u16 >> (bits % 16);
    Word { word, bits }
}

/// Numbers of `LONGEST` bits with their bits in reverse.
static REVERSED: [u16; ALL as usize] = {
    let mut reversed = [0; ALL as usize];
    let mut number = 0;
    while number < ALL {
        reversed[number as usize] = (number as u16).reverse_bits() >> (u16::BITS - LONGEST);
        number += 1;
    }
    reversed
};

/// Shortens words by a bit each until the shares of all are all there is. The longest words can always use what is left.
fn shorten(bits: &mut [u8], rare: &[u16], mut left: u32) {
    // Much is left where words were cut to the longest and all others had to make room: who is most too long gets it.
    while left > ALL / 8 {
        let fitting = bits.iter_mut().zip(rare).filter(|(bits, _)| **bits > 1 && ALL >> **bits <= left);
        let Some((bits, _)) = fitting.max_by_key(|(bits, rare)| i32::from(**bits) * PARTS as i32 - i32::from(**rare)) else { break };
        left -= ALL >> *bits;
        *bits -= 1;
    }
    while left > 0 {
        for bits in &mut *bits {
            let share = ALL >> *bits;
            if *bits > 1 && share <= left {
                *bits -= 1;
                left -= share;
                if left == 0 {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits that Huffman's tree takes for all symbols (Huffman, 1952): merge the two rarest until one is left.
    fn least(counts: &[u16]) -> u64 {
        let mut left: Vec<u64> = counts.iter().filter(|&&count| count > 0).map(|&count| count.into()).collect();
        let mut bits = 0;
        while left.len() > 1 {
            left.sort_unstable_by(|a, b| b.cmp(a));
            let merged = left.pop().zip(left.pop()).map_or(0, |(one, two)| one + two);
            bits += merged;
            left.push(merged);
        }
        bits
    }

    fn made(counts: &Counts) -> Codes {
        let mut room = [0; _];
        let mut codes = Codes::new();
        codes.make(counts, Bits::new(&mut room, super::super::bits::NONE));
        codes
    }

    /// Counts as of a text of words, as of noise, of one symbol, of symbols twice as rare as the one before.
    fn all_counts() -> Vec<Counts> {
        let mut found = Vec::new();
        for seed in 0..40_u32 {
            let mut counts = NONE;
            for number in 0..(seed * 800 + 3) {
                let noise = number.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8;
                let (one, two) = (noise % 256, noise >> 8 & 255);
                let symbol = if seed % 2 == 0 { one } else { one * two / 256 };
                counts[symbol as usize] += 1;
                counts[usize::from(OFFSETS) + (one * two % 30) as usize] += 1;
            }
            counts[usize::from(END)] = 1;
            found.push(counts);
        }
        let mut steep = NONE;
        (0..15).for_each(|symbol| steep[symbol] = 1 << symbol);
        steep[usize::from(END)] = 1;
        found.extend([NONE, steep]);
        found[40][usize::from(END)] = 1;
        found
    }

    #[test]
    fn the_shares_of_all_words_are_all_there_is() {
        for counts in all_counts() {
            let codes = made(&counts);
            for alphabet in [&LITERAL, &OFFSET] {
                let symbols = alphabet.first..alphabet.first + alphabet.symbols;
                let words: Vec<_> = codes.words[symbols.clone()].iter().filter(|word| word.bits > 0).collect();
                assert_eq!(words.iter().map(|word| ALL >> word.bits).sum::<u32>(), ALL);
                assert!(symbols.clone().all(|symbol| counts[symbol] == 0 || codes.words[symbol].bits > 0));
                for one in &words {
                    let starts = words.iter().filter(|other| other.word & ((1 << one.bits) - 1) == one.word && other.bits >= one.bits);
                    assert_eq!(starts.count(), 1, "no word begins with another");
                }
            }
        }
        assert_eq!(PRECODE.iter().filter(|&&bits| bits > 0).map(|bits| 128 >> bits).sum::<u32>(), 128);
    }

    #[test]
    fn words_are_hardly_longer_than_those_of_huffmans_tree() {
        for counts in all_counts() {
            let (codes, counts) = (made(&counts), &counts[..LITERALS]);
            let taken: u64 = counts.iter().zip(&codes.words).map(|(&count, word)| u64::from(count) * u64::from(word.bits)).sum();
            let (least, all) = (least(counts), counts.iter().map(|&count| u64::from(count)).sum::<u64>());
            assert!(all < 50 || taken * 100 <= least * 105, "{taken} bits, {least} is the least");
        }
    }

    /// The value and the number of bits that stand for themselves.
    fn bits_of(tokens: &[Token], codes: &Codes) -> (usize, u8) {
        tokens.iter().fold((0, 0), |(value, bits), &token| {
            let word = codes.words[usize::from(token)];
            (value | usize::from(word.word) << bits, bits + word.bits)
        })
    }

    #[test]
    fn lengths_and_offsets_are_those_of_the_rfc() {
        let codes = Codes::new();
        for given in 3..=258 {
            let [symbol, extra] = length(given);
            let code = usize::from(symbol - LENGTH);
            let (value, bits) = bits_of(&[extra], &codes);
            assert_eq!((usize::from(LENGTH_FIRST[code]) + value, u32::from(bits)), (given, LENGTH_EXTRA[code]));
        }
        assert_eq!((length(257)[0], length(258)[0]), (284, 285));
        for given in 1..=32_768 {
            let [symbol, extra @ ..] = offset(given);
            let code = usize::from(symbol - OFFSETS);
            let (value, bits) = bits_of(&extra, &codes);
            // RFC 1951, 3.2.5: two codes for each number of extra bits, but four for none.
            let more = (code / 2).saturating_sub(1);
            let first = if code < 4 { code } else { (2 + code % 2) << more };
            assert_eq!((first + 1 + value, usize::from(bits)), (given, more));
        }
        assert_eq!(offset(32_768)[0], OFFSETS + OFFSET_CODES as u16 - 1);
    }
}
