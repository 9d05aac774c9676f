//! The keys of one shard: entries in a slab, found by an open-addressing index, dropped by a hand that goes round.
//!
//! No entry is looked for longer than the index's runs are, and no insertion looks at more than a few entries besides its own, so neither
//! many keys nor chosen ones cost more than their memory, which `capacity` bounds.

use crate::window::Cell;

/// What a key keeps, beyond its windows: 64 bytes, one line of a processor's cache.
#[derive(Debug, Clone)]
pub struct Entry {
    /// t
    pub time: u64,
    pub name: Name,
    pub cells: Cells,
    /// Index into the dimension's classes.
    pub class: u32,
    pub dimension: u32,
}

/// A value: in place when it is short, as most are.
#[derive(Debug, Clone)]
pub enum Name {
    Short(u8, [u8; 22]),
    Long(Box<[u8]>),
}

impl Name {
    /// A copy of `value`.
    pub fn new(value: &[u8]) -> Self {
        let mut short = [0; 22];
        match short.get_mut(..value.len()) {
            Some(place) => {
                place.copy_from_slice(value);
                Self::Short(value.len() as u8, short)
            }
            None => Self::Long(value.into()),
        }
    }

    /// Whether these are the bytes. Short names are compared by words: a call of the library's comparison costs more than all else here.
    #[inline]
    pub fn is(&self, value: &[u8]) -> bool {
        let bytes = self.bytes();
        if bytes.len() != value.len() {
            return false;
        }
        let ((ours, our_rest), (theirs, their_rest)) = (bytes.as_chunks::<8>(), value.as_chunks::<8>());
        ours.iter().zip(theirs).all(|(a, b)| a == b) && our_rest.iter().zip(their_rest).all(|(a, b)| a == b)
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(len, bytes) => &bytes[..usize::from(*len)],
            Self::Long(bytes) => bytes,
        }
    }
}

/// The windows' states: nearly always one.
#[derive(Debug, Clone)]
pub enum Cells {
    One(Cell),
    Many(Box<[Cell]>),
}

impl Cells {
    /// The states, in the order of the class's windows.
    pub fn new(mut cells: Vec<Cell>) -> Self {
        match (cells.pop(), cells.is_empty()) {
            (Some(cell), true) => Self::One(cell),
            (last, _) => {
                cells.extend(last);
                Self::Many(cells.into())
            }
        }
    }

    #[inline]
    pub fn all(&self) -> &[Cell] {
        match self {
            Self::One(cell) => std::slice::from_ref(cell),
            Self::Many(cells) => cells,
        }
    }

    #[inline]
    pub fn all_mut(&mut self) -> &mut [Cell] {
        match self {
            Self::One(cell) => std::slice::from_mut(cell),
            Self::Many(cells) => cells,
        }
    }
}

/// Entries an insertion looks at, to drop what is forgotten.
const LOOKS: usize = 2;
/// Entries it looks at when there is no room.
const SEARCH: usize = 8;
const FREE: u64 = u64::MAX;

/// Keys of one shard. The index holds the upper half of a hash and the place in the slab.
#[derive(Debug)]
pub struct Table {
    index: Vec<u64>,
    slab: Vec<Option<Entry>>,
    /// Places in the slab that are free.
    free: Vec<u32>,
    hand: usize,
    capacity: usize,
}

impl Table {
    /// A table of at most `capacity` keys, which is at least 1.
    pub fn new(capacity: usize) -> Self {
        Self { index: Vec::new(), slab: Vec::new(), free: Vec::new(), hand: 0, capacity }
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.slab.len() - self.free.len()
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slab.iter().flatten()
    }

    /// The place of a key.
    #[inline]
    pub fn find(&self, hash: u64, dimension: u32, value: &[u8]) -> Option<u32> {
        self.slot(hash, dimension, value).map(|slot| self.index[slot] as u32)
    }

    #[inline]
    fn slot(&self, hash: u64, dimension: u32, value: &[u8]) -> Option<usize> {
        let mask = self.index.len().wrapping_sub(1);
        if self.index.is_empty() {
            return None;
        }
        let mut slot = hash as usize & mask;
        loop {
            let found = self.index[slot];
            if found == FREE {
                return None;
            }
            if found >> 32 == hash >> 32 && self.is(found as u32, dimension, value) {
                return Some(slot);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn is(&self, place: u32, dimension: u32, value: &[u8]) -> bool {
        let entry = self.slab[place as usize].as_ref();
        entry.is_some_and(|entry| entry.dimension == dimension && entry.name.is(value))
    }

    /// The entry at a place that `find` gave.
    #[inline]
    pub fn at(&self, place: u32) -> &Entry {
        self.slab[place as usize].as_ref().expect("a place in use")
    }

    /// The same, to be changed.
    #[inline]
    pub fn at_mut(&mut self, place: u32) -> &mut Entry {
        self.slab[place as usize].as_mut().expect("a place in use")
    }

    /// Adds a key that is not there. `hash_of` gives an entry's hash, `kept` the time at which it is forgotten.
    pub fn insert(&mut self, entry: Entry, now: u64, hash_of: &dyn Fn(&Entry) -> u64, kept: &dyn Fn(&Entry) -> u64) {
        self.sweep(now, hash_of, kept);
        if self.len() >= self.capacity {
            self.make_room(now, hash_of, kept);
        }
        if (self.len() + 1) * 4 > self.index.len() * 3 {
            self.grow(hash_of);
        }
        let hash = hash_of(&entry);
        let place = match self.free.pop() {
            Some(place) => {
                self.slab[place as usize] = Some(entry);
                place
            }
            None => {
                if self.slab.len() == self.slab.capacity() {
                    // By a quarter: doubling would leave half of the memory empty.
                    self.slab.reserve_exact((self.slab.len() / 4).max(4));
                }
                self.slab.push(Some(entry));
                (self.slab.len() - 1) as u32
            }
        };
        self.enter(hash, place);
    }

    fn enter(&mut self, hash: u64, place: u32) {
        let mask = self.index.len() - 1;
        let mut slot = hash as usize & mask;
        while self.index[slot] != FREE {
            slot = (slot + 1) & mask;
        }
        self.index[slot] = hash >> 32 << 32 | u64::from(place);
    }

    fn grow(&mut self, hash_of: &dyn Fn(&Entry) -> u64) {
        self.index = vec![FREE; (self.index.len() * 2).max(8)];
        for place in 0..self.slab.len() {
            if let Some(hash) = self.slab[place].as_ref().map(hash_of) {
                self.enter(hash, place as u32);
            }
        }
    }

    /// Drops a key. True if it was there.
    pub fn remove(&mut self, hash: u64, dimension: u32, value: &[u8], hash_of: &dyn Fn(&Entry) -> u64) -> bool {
        let Some(slot) = self.slot(hash, dimension, value) else { return false };
        let place = self.index[slot] as u32;
        self.close_gap(slot, hash_of);
        self.slab[place as usize] = None;
        self.free.push(place);
        true
    }

    /// Moves entries of the run behind a slot forward, so that no gap parts them from their home.
    fn close_gap(&mut self, mut gap: usize, hash_of: &dyn Fn(&Entry) -> u64) {
        let mask = self.index.len() - 1;
        let mut slot = gap;
        loop {
            slot = (slot + 1) & mask;
            let found = self.index[slot];
            if found == FREE {
                break;
            }
            let home = hash_of(self.at(found as u32)) as usize & mask;
            if slot.wrapping_sub(home) & mask >= slot.wrapping_sub(gap) & mask {
                self.index[gap] = found;
                gap = slot;
            }
        }
        self.index[gap] = FREE;
    }

    /// Looks at the next few entries and drops those that were forgotten twice as long ago as they need to be: so that a clock that
    /// steps back by less finds them.
    fn sweep(&mut self, now: u64, hash_of: &dyn Fn(&Entry) -> u64, kept: &dyn Fn(&Entry) -> u64) {
        for _ in 0..LOOKS.min(self.slab.len()) {
            let place = self.turn();
            let gone = self.slab[place].as_ref().is_some_and(|entry| entry.time + 2 * kept(entry) <= now);
            if gone {
                self.drop_at(place, hash_of);
            }
        }
    }

    /// Drops the entry that is nearest to being forgotten among the next few.
    fn make_room(&mut self, now: u64, hash_of: &dyn Fn(&Entry) -> u64, kept: &dyn Fn(&Entry) -> u64) {
        let mut best: Option<(u64, usize)> = None;
        for _ in 0..self.slab.len() {
            let place = self.turn();
            let Some(entry) = &self.slab[place] else { continue };
            let left = (entry.time + kept(entry)).saturating_sub(now);
            if best.is_none_or(|(least, _)| left < least) {
                best = Some((left, place));
            }
            if left == 0 || place % SEARCH == SEARCH - 1 {
                break;
            }
        }
        if let Some((_, place)) = best {
            self.drop_at(place, hash_of);
        }
    }

    fn turn(&mut self) -> usize {
        self.hand = (self.hand + 1) % self.slab.len();
        self.hand
    }

    fn drop_at(&mut self, place: usize, hash_of: &dyn Fn(&Entry) -> u64) {
        if let Some(entry) = self.slab[place].clone() {
            self.remove(hash_of(&entry), entry.dimension, entry.name.bytes(), hash_of);
        }
    }
}
