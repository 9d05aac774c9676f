//! Masks as numbers: bit operations on one block at a time, or on eight, with carries from each block to the next.
//!
//! Code that is generic over [`Bits`] reads the same for both widths. Tests: below, both against each other.

use std::ops::{BitAnd, BitOr, BitXor, Not};

use super::BLOCK;

/// Blocks whose masks are made at once.
pub const BLOCKS: usize = 8;

/// A mask of [`BLOCKS`] blocks: bit i of number n speaks of byte i of block n.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct Blocks(pub [u64; BLOCKS]);

impl Blocks {
    /// The bytes from the first `count` on.
    pub fn from(count: usize) -> Self {
        let mask = |block: usize| u32::try_from(count.saturating_sub(BLOCK * block)).ok().and_then(|count| u64::MAX.checked_shl(count));
        Self(std::array::from_fn(|block| mask(block).unwrap_or(0)))
    }
}

/// Entries that a list has room for beside all bits of [`BLOCKS`] blocks.
const SPARE: usize = 128;
/// What is written beyond the end may change.
const ROOM: usize = BLOCKS * BLOCK + SPARE + BLOCK;

/// A list of entries for bits that are set.
pub struct List<T> {
    pub(super) entries: [T; ROOM],
    pub(super) count: usize,
}

/// Where bits are set: places from the first byte of block 0, which may be followed by 1023 blocks.
pub type Places = List<u16>;

/// The bytes at which bits are set, with tags: the highest and the lowest bit turned.
pub type Picked = List<u8>;

impl<T: Copy + Default> Default for List<T> {
    fn default() -> Self {
        Self { entries: [T::default(); ROOM], count: 0 }
    }
}

impl<T> List<T> {
    /// Blocks whose bits can be told apart.
    pub const BLOCKS: usize = (1 << 16) / BLOCK;

    /// There may be no room for the bits of [`BLOCKS`] blocks more.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.count > SPARE
    }

    /// The entries.
    #[inline(always)]
    pub fn entries(&self) -> &[T] {
        self.entries.get(..self.count).unwrap_or_default()
    }

    /// Forgets all.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.count = 0;
    }
}

/// A mask of one block or more, as one number: its lowest bit is the first byte.
pub trait Bits: Copy + Default + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self> {
    /// How many blocks.
    const WIDTH: usize;

    /// The mask of the blocks from `first` on.
    fn load(blocks: &Blocks, first: usize) -> Self;

    /// The mask as numbers; those behind the first `WIDTH` are 0.
    fn store(self) -> Blocks;

    /// The same mask for every block.
    fn each(mask: u64) -> Self;

    /// This mask for the first block, none for the others.
    fn lowest(mask: u64) -> Self;

    /// Some bit is set.
    fn any(self) -> bool;

    /// The bytes right behind these. `before` is the mask of the bytes before, and becomes this one.
    fn behind(self, before: &mut Self) -> Self;

    /// The sum, and `carry`, which is 0 or 1 and becomes what goes over.
    fn plus(self, other: Self, carry: &mut u64) -> Self;

    /// Bit i is the parity of the bits up to i. `odd`, 0 or 1, is the parity of the bits before, and becomes that of all.
    fn parity(self, odd: &mut u64) -> Self;

    /// Adds the places of the bits that are set to `places`, in order; `block` is the number of the first block.
    fn list(self, block: usize, places: &mut Places);

    /// Adds the bytes of `text` at which bits are set to `picked`, in order. Block 0 is the beginning of `text`, behind which no
    /// bit is set. Where the first of `tags` is set as well, the byte's highest bit is turned; where the second is, its lowest.
    fn pick(self, tags: [Self; 2], text: &[u8], picked: &mut Picked);
}

impl Bits for u64 {
    const WIDTH: usize = 1;

    #[inline(always)]
    fn load(blocks: &Blocks, first: usize) -> Self {
        blocks.0[first]
    }

    #[inline(always)]
    fn store(self) -> Blocks {
        Blocks([self, 0, 0, 0, 0, 0, 0, 0])
    }

    #[inline(always)]
    fn each(mask: u64) -> Self {
        mask
    }

    #[inline(always)]
    fn lowest(mask: u64) -> Self {
        mask
    }

    #[inline(always)]
    fn any(self) -> bool {
        self != 0
    }

    #[inline(always)]
    fn behind(self, before: &mut Self) -> Self {
        self << 1 | std::mem::replace(before, self) >> 63
    }

    #[inline(always)]
    fn plus(self, other: Self, carry: &mut u64) -> Self {
        let (sum, over) = self.overflowing_add(other);
        let (sum, more) = sum.overflowing_add(*carry);
        *carry = u64::from(over | more);
        sum
    }

    #[inline(always)]
    fn parity(mut self, odd: &mut u64) -> Self {
        for distance in [1, 2, 4, 8, 16, 32] {
            self ^= self << distance;
        }
        let parity = self ^ odd.wrapping_neg();
        *odd = parity >> 63;
        parity
    }

    #[inline(always)]
    fn list(mut self, block: usize, places: &mut Places) {
        while self != 0 {
            if let Some(entry) = places.entries.get_mut(places.count) {
                *entry = (block * BLOCK) as u16 | self.trailing_zeros() as u16;
            }
            places.count += 1;
            self &= self - 1;
        }
    }

    #[inline(always)]
    fn pick(mut self, tags: [Self; 2], text: &[u8], picked: &mut Picked) {
        while self != 0 {
            let place = self.trailing_zeros();
            let tagged = (tags[0] >> place & 1) << 7 | tags[1] >> place & 1;
            if let (Some(entry), Some(byte)) = (picked.entries.get_mut(picked.count), text.get(place as usize)) {
                *entry = byte ^ tagged as u8;
            }
            picked.count += 1;
            self &= self - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Job, Path};
    use super::*;

    /// What all operations say of two masks, block by block, the places of a list, and the bytes that are picked from a text.
    struct Operations<'a>(&'a [[Blocks; 2]]);

    impl Job for Operations<'_> {
        type Answer = (Vec<[u64; 9]>, Vec<u16>, Vec<u8>);

        #[inline(always)]
        fn run<B: Bits>(self) -> Self::Answer {
            let (mut before, mut carry, mut odd) = (B::default(), 0, 0);
            let (mut said, mut listed, mut picked) = (Vec::new(), Vec::new(), Vec::new());
            let text: [u8; BLOCKS * BLOCK] = std::array::from_fn(|place| (place * 7 % 251) as u8);
            for pair in self.0 {
                let (mut places, mut bytes) = (Places::default(), Picked::default());
                for first in (0..BLOCKS).step_by(B::WIDTH) {
                    let [left, right] = [B::load(&pair[0], first), B::load(&pair[1], first)];
                    let lowest = if first == 0 { B::lowest(5) } else { B::default() };
                    let (behind, sum, parity) = (left.behind(&mut before), left.plus(right, &mut carry), left.parity(&mut odd));
                    let masks = [left & right, left | right, left ^ right, !left, behind, sum, parity, lowest, B::each(9)].map(Bits::store);
                    said.extend((0..B::WIDTH).map(|block| masks.map(|mask| mask.0[block])));
                    assert_eq!(left.any(), left.store().0.iter().any(|&mask| mask != 0));
                    if !places.is_full() {
                        left.list(first, &mut places);
                        left.pick([right, !right & behind], &text[first * BLOCK..], &mut bytes);
                    }
                }
                listed.extend(places.entries());
                picked.extend(bytes.entries());
                places.clear();
                assert!(places.entries().is_empty());
            }
            (said, listed, picked)
        }
    }

    #[test]
    fn one_block_and_eight_say_the_same() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |sparse: bool| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            if sparse { seed & seed.rotate_left(17) & seed.rotate_left(31) & seed.rotate_left(47) } else { seed }
        };
        // Sparse ones leave room in the list; runs of ones through whole blocks carry far.
        let mut mask = |kind: usize| {
            Blocks(std::array::from_fn(|block| match (kind + block) % 5 {
                0 => 0,
                1 => u64::MAX,
                2 => 1 << 63,
                _ => next(true),
            }))
        };
        let masks: Vec<_> = (0..500).map(|number| [mask(number), mask(number / 5)]).collect();
        let expected = Path::Portable.run(Operations(&masks));
        for path in Path::available() {
            let (said, ..) = path.run(Operations(&masks));
            assert_eq!(said, expected.0, "{path:?}");
        }
        let sparse: Vec<_> = (0..500).map(|_| [(); 2].map(|()| Blocks(std::array::from_fn(|_| next(true))))).collect();
        let expected = Path::Portable.run(Operations(&sparse));
        assert!(expected.1.len() > 1000 && expected.1.len() == expected.2.len());
        assert!(expected.1.iter().zip(&expected.2).any(|(&place, &byte)| usize::from(place) * 7 % 251 == usize::from(byte ^ 0x80)));
        for path in Path::available() {
            assert!(path.run(Operations(&sparse)) == expected, "{path:?}");
        }
    }

    #[test]
    fn the_end_of_a_text_leaves_the_bytes_behind_it() {
        assert_eq!(Blocks::from(0), Blocks([u64::MAX; BLOCKS]));
        assert_eq!(Blocks::from(65).0[..3], [0, u64::MAX << 1, u64::MAX]);
        assert_eq!(Blocks::from(BLOCKS * BLOCK), Blocks::default());
    }
}
