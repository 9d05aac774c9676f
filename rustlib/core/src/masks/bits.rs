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

/// A list of bits: some bytes of some blocks.
///
/// An entry is `block << 8 | tags << 6 | place in the block`; [`Places::at`] and [`Places::tags`] read it.
pub struct Places {
    entries: [u16; Self::ROOM],
    count: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { entries: [0; Self::ROOM], count: 0 }
    }
}

impl Places {
    /// Entries that there is room for beside all bits of [`BLOCKS`] blocks.
    const SPARE: usize = 128;
    /// What is written beyond the end may change.
    const ROOM: usize = BLOCKS * BLOCK + Self::SPARE + 32;
    /// Blocks whose bits can be told apart.
    pub const BLOCKS: usize = 1 << 8;

    /// There may be no room for the bits of [`BLOCKS`] blocks more.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.count > Self::SPARE
    }

    /// The entries.
    #[inline(always)]
    pub fn entries(&self) -> &[u16] {
        self.entries.get(..self.count).unwrap_or_default()
    }

    /// Forgets all.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// The place of an entry, from the first byte of block 0.
    #[inline(always)]
    pub fn at(entry: u16) -> usize {
        usize::from(entry >> 8) * BLOCK + usize::from(entry) % BLOCK
    }

    /// Its tags: bit 0 where the first, bit 1 where the second tag has the bit as well.
    #[inline(always)]
    pub fn tags(entry: u16) -> u64 {
        u64::from(entry) >> 6 & 3
    }

    /// Room for the next entries.
    #[inline(always)]
    pub(super) fn room<const MANY: usize>(&mut self, from: usize) -> Option<&mut [u16; MANY]> {
        self.entries.get_mut(self.count + from..)?.first_chunk_mut()
    }

    /// So many entries have been written.
    #[inline(always)]
    pub(super) fn grow(&mut self, count: usize) {
        self.count += count;
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

    /// Adds the bits that are set to `places`, in order; `block` is the number of the first block, `tags` are of the same blocks.
    fn list(self, tags: [Self; 2], block: usize, places: &mut Places);
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
    fn list(mut self, tags: [Self; 2], block: usize, places: &mut Places) {
        while self != 0 {
            let place = self.trailing_zeros();
            self &= self - 1;
            let tagged = tags[0] >> place & 1 | (tags[1] >> place & 1) << 1;
            if let Some([entry]) = places.room(0) {
                *entry = (block << 8) as u16 | (tagged << 6 | u64::from(place)) as u16;
            }
            places.grow(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Job, Path};
    use super::*;

    /// What all operations say of two masks, block by block, and the entries of a list.
    struct Operations<'a>(&'a [[Blocks; 2]]);

    impl Job for Operations<'_> {
        type Answer = (Vec<[u64; 9]>, Vec<(usize, u64)>);

        #[inline(always)]
        fn run<B: Bits>(self) -> Self::Answer {
            let (mut before, mut carry, mut odd) = (B::default(), 0, 0);
            let (mut said, mut listed) = (Vec::new(), Vec::new());
            for pair in self.0 {
                let mut places = Places::default();
                for first in (0..BLOCKS).step_by(B::WIDTH) {
                    let [left, right] = [B::load(&pair[0], first), B::load(&pair[1], first)];
                    let lowest = if first == 0 { B::lowest(5) } else { B::default() };
                    let (behind, sum, parity) = (left.behind(&mut before), left.plus(right, &mut carry), left.parity(&mut odd));
                    let masks = [left & right, left | right, left ^ right, !left, behind, sum, parity, lowest, B::each(9)].map(Bits::store);
                    said.extend((0..B::WIDTH).map(|block| masks.map(|mask| mask.0[block])));
                    assert_eq!(left.any(), left.store().0.iter().any(|&mask| mask != 0));
                    if !places.is_full() {
                        left.list([right, !right & behind], first, &mut places);
                    }
                }
                listed.extend(places.entries().iter().map(|&entry| (Places::at(entry), Places::tags(entry))));
                places.clear();
                assert!(places.entries().is_empty());
            }
            (said, listed)
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
            let (said, _) = path.run(Operations(&masks));
            assert_eq!(said, expected.0, "{path:?}");
        }
        let sparse: Vec<_> = (0..500).map(|_| [(); 2].map(|()| Blocks(std::array::from_fn(|_| next(true))))).collect();
        let expected = Path::Portable.run(Operations(&sparse));
        assert!(expected.1.len() > 1000);
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
