//! The keys of one shard: a hash table of entries, dropped by a hand that goes round.
//!
//! A known key costs one read of memory that is not at hand, its entry's. No insertion looks at more than a few entries besides its own, so
//! neither many keys nor chosen ones cost more than their memory, which `capacity` bounds.

use hashbrown::HashTable;

use crate::ahead;
use crate::window::Cell;

/// What a key keeps, beyond its windows: 64 bytes, one line of a processor's cache, and never parts of two.
#[derive(Debug)]
#[repr(align(64))]
pub struct Entry {
    /// t
    pub time: u64,
    pub name: Name,
    pub cells: Cells,
    /// Index into the dimension's classes.
    pub class: u32,
    pub dimension: u32,
}

impl Entry {
    #[inline]
    fn is(&self, dimension: u32, value: &[u8]) -> bool {
        self.dimension == dimension && self.name.is(value)
    }
}

/// A value: in place when it is short, as most are.
#[derive(Debug)]
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

    /// Whether these are the bytes. They are compared by words: a call of the library's comparison costs more than all else here.
    #[inline]
    pub fn is(&self, value: &[u8]) -> bool {
        let bytes = self.bytes();
        if bytes.len() != value.len() {
            return false;
        }
        let ((ours, our_rest), (theirs, their_rest)) = (bytes.as_chunks::<8>(), value.as_chunks::<8>());
        ours.iter().zip(theirs).all(|(a, b)| a == b)
            && match (bytes.last_chunk::<8>(), value.last_chunk::<8>()) {
                (Some(our_last), Some(their_last)) => our_last == their_last,
                _ => our_rest.iter().zip(their_rest).all(|(a, b)| a == b),
            }
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
#[derive(Debug)]
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

/// Places an insertion looks at, to drop what is forgotten.
const LOOKS: usize = 4;
/// Places it looks at when there is no room.
const SEARCH: usize = 16;

/// Keys of one shard. A place is the number of a bucket; it ends when a key comes in.
#[derive(Debug)]
pub struct Table {
    entries: HashTable<Entry>,
    hand: usize,
    capacity: usize,
}

impl Table {
    /// Most keys for which the memory of a table is three quarters full at least, of those up to a megabyte.
    pub const GOOD_CAPACITY: usize = 12_288;

    /// A table of at most `capacity` keys, which is at least 1.
    pub fn new(capacity: usize) -> Self {
        Self { entries: HashTable::new(), hand: 0, capacity }
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The entry of a key.
    #[inline]
    pub fn get_mut(&mut self, hash: u64, dimension: u32, value: &[u8]) -> Option<&mut Entry> {
        self.entries.find_mut(hash, |entry| entry.is(dimension, value))
    }

    /// Has the entry of a key on its way before it is asked for, as far as the hash tells which it is.
    #[inline]
    pub fn expect(&self, hash: u64) {
        self.entries.find(hash, |entry| {
            ahead::expect(entry);
            true
        });
    }

    /// The place of a key.
    pub fn find(&self, hash: u64, dimension: u32, value: &[u8]) -> Option<usize> {
        self.entries.find_bucket_index(hash, |entry| entry.is(dimension, value))
    }

    /// The entry at a place that `find` gave.
    pub fn at(&self, place: usize) -> &Entry {
        self.entries.get_bucket(place).expect("a place in use")
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, place: usize) -> &mut Entry {
        self.entries.get_bucket_mut(place).expect("a place in use")
    }

    /// Adds a key that is not there. `hash_of` gives an entry's hash, `kept` the time at which it is forgotten.
    pub fn insert(&mut self, entry: Entry, now: u64, hash_of: &dyn Fn(&Entry) -> u64, kept: &dyn Fn(&Entry) -> u64) {
        self.sweep(now, kept);
        if self.len() >= self.capacity {
            self.make_room(now, kept);
        }
        if self.len() == self.entries.capacity() {
            self.renew(hash_of);
        }
        self.entries.insert_unique(hash_of(&entry), entry, hash_of);
    }

    /// Moves all entries to new memory: twice as much, unless it was what had been dropped that filled the old one.
    fn renew(&mut self, hash_of: &dyn Fn(&Entry) -> u64) {
        let buckets = self.entries.num_buckets();
        let wanted = if self.len() > buckets / 4 * 3 { 2 * buckets } else { buckets };
        let mut old = std::mem::replace(&mut self.entries, HashTable::with_capacity(wanted / 8 * 7));
        for entry in old.drain() {
            self.entries.insert_unique(hash_of(&entry), entry, hash_of);
        }
    }

    /// Drops the key at a place.
    pub fn remove(&mut self, place: usize) {
        if let Ok(found) = self.entries.get_bucket_entry(place) {
            found.remove();
        }
    }

    /// Looks at the next few places and drops the entries that were forgotten twice as long ago as they need to be: so that a clock that
    /// steps back by less finds them.
    fn sweep(&mut self, now: u64, kept: &dyn Fn(&Entry) -> u64) {
        for _ in 0..LOOKS.min(self.entries.num_buckets()) {
            let place = self.turn();
            if self.entries.get_bucket(place).is_some_and(|entry| entry.time + 2 * kept(entry) <= now) {
                self.remove(place);
            }
        }
    }

    /// Drops the entry that is nearest to being forgotten among the next few.
    fn make_room(&mut self, now: u64, kept: &dyn Fn(&Entry) -> u64) {
        let mut best: Option<(u64, usize)> = None;
        for looked in 1..=self.entries.num_buckets() {
            let place = self.turn();
            let left = self.entries.get_bucket(place).map(|entry| (entry.time + kept(entry)).saturating_sub(now));
            if let Some(left) = left
                && best.is_none_or(|(least, _)| left < least)
            {
                best = Some((left, place));
            }
            if best.is_some_and(|(least, _)| least == 0 || looked >= SEARCH) {
                break;
            }
        }
        if let Some((_, place)) = best {
            self.remove(place);
        }
    }

    fn turn(&mut self) -> usize {
        self.hand = (self.hand + 1) % self.entries.num_buckets();
        self.hand
    }
}
