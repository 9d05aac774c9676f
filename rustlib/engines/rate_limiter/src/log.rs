//! What `sliding_window_log` remembers: eight bytes for each granted request.
//!
//! An entry is its time behind `base` in the upper 43 bits and, in the lower 21, all costs up to and with it, modulo 2^21. A sum is at most
//! two limits of a million, so a difference of two such numbers is a sum; every question is a binary search.

use std::collections::VecDeque;

const COST_BITS: u32 = 21;
const COST_MASK: u64 = (1 << COST_BITS) - 1;
/// Largest time behind the base. Entries that count span 31 days, less than 2^42 us.
const MOST_BEHIND: u64 = 1 << 43;

/// Granted requests, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    entries: VecDeque<u64>,
    base: u64,
    /// All costs before the first entry, modulo 2^21.
    before: u64,
}

impl Log {
    fn time(&self, entry: u64) -> u64 {
        self.base + (entry >> COST_BITS)
    }

    /// Entries in order: time and cost.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (u64, u64)> + '_ {
        self.entries.iter().enumerate().map(|(index, &entry)| (self.time(entry), entry.wrapping_sub(self.total(index)) & COST_MASK))
    }

    /// All costs before the entry `index`, modulo 2^21.
    fn total(&self, index: usize) -> u64 {
        if index == 0 { self.before } else { self.entries[index - 1] & COST_MASK }
    }

    /// The first entry that counts at `now`.
    fn first(&self, now: u64, period: u64) -> usize {
        self.entries.partition_point(|&entry| self.time(entry) + period <= now)
    }

    /// What counts at `now`.
    pub fn sum(&self, now: u64, period: u64) -> u64 {
        let first = self.first(now, period);
        self.total(self.entries.len()).wrapping_sub(self.total(first)) & COST_MASK
    }

    /// Time of the newest entry, if it counts at `now`.
    pub fn last(&self, now: u64, period: u64) -> Option<u64> {
        self.entries.back().map(|&entry| self.time(entry)).filter(|time| time + period > now)
    }

    /// Time of the entry by which, from the oldest that counts on, at least `needed` has gone.
    pub fn freed(&self, now: u64, period: u64, needed: u64) -> u64 {
        let first = self.first(now, period);
        let before = self.total(first);
        let (mut low, mut high) = (first, self.entries.len());
        while low < high {
            let middle = low.midpoint(high);
            if (self.entries[middle].wrapping_sub(before) & COST_MASK) < needed {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.entries.get(low).map_or(now, |&entry| self.time(entry))
    }

    /// Drops what no longer counts; the key's time is `now` from here on.
    pub fn forget(&mut self, now: u64, period: u64) {
        let first = self.first(now, period);
        self.before = self.total(first);
        self.entries.drain(..first);
    }

    /// Appends a request; its time is not before the last one's.
    pub fn add(&mut self, now: u64, cost: u64) {
        if cost == 0 {
            return;
        }
        if self.entries.is_empty() {
            self.base = now;
        } else if now - self.base >= MOST_BEHIND {
            self.rebase();
        }
        let total = (self.total(self.entries.len()) + cost) & COST_MASK;
        let entry = (now - self.base) << COST_BITS | total;
        match self.entries.back_mut() {
            Some(last) if *last >> COST_BITS == entry >> COST_BITS => *last = entry,
            _ => self.entries.push_back(entry),
        }
    }

    /// Moves the base to the first entry.
    fn rebase(&mut self) {
        let first = self.entries[0] >> COST_BITS;
        self.base += first;
        self.entries.iter_mut().for_each(|entry| *entry -= first << COST_BITS);
    }

    /// Takes `back` off the entry of this time, if there is one.
    pub fn take_back(&mut self, time: u64, back: u64) {
        let index = self.entries.partition_point(|&entry| self.time(entry) < time);
        if self.entries.get(index).is_none_or(|&entry| self.time(entry) != time) {
            return;
        }
        let cost = self.entries[index].wrapping_sub(self.total(index)) & COST_MASK;
        let back = back.min(cost);
        for entry in self.entries.range_mut(index..) {
            *entry = *entry & !COST_MASK | (*entry & COST_MASK).wrapping_sub(back) & COST_MASK;
        }
        if back == cost {
            self.entries.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: u64 = 100;

    fn log(entries: &[(u64, u64)]) -> Log {
        let mut log = Log::default();
        entries.iter().for_each(|&(time, cost)| log.add(time, cost));
        log
    }

    #[test]
    fn sums_count_what_is_younger_than_the_period() {
        let log = log(&[(10, 3), (20, 4), (20, 1), (90, 2)]);
        assert_eq!(log.entries().collect::<Vec<_>>(), [(10, 3), (20, 5), (90, 2)]);
        assert_eq!([90, 109, 110, 119, 120, 189, 190].map(|now| log.sum(now, PERIOD)), [10, 10, 7, 7, 2, 2, 0]);
        assert_eq!([log.freed(90, PERIOD, 1), log.freed(90, PERIOD, 4), log.freed(90, PERIOD, 9)], [10, 20, 90]);
    }

    #[test]
    fn totals_may_pass_their_bits() {
        let mut log = log(&[]);
        for step in 0..10_u64 {
            log.forget(step * 200, PERIOD);
            log.add(step * 200, 1_000_000);
            log.add(step * 200 + 1, 1_000_000);
            assert_eq!(log.sum(step * 200 + 2, PERIOD), 2_000_000);
        }
    }

    #[test]
    fn times_may_pass_their_bits() {
        let long = 31 * 86_400_000_000;
        let mut log = log(&[(5, 1)]);
        for step in 1..10_u64 {
            let now = 5 + step * (long - 1);
            log.forget(now, long);
            log.add(now, step);
            assert_eq!(log.entries().collect::<Vec<_>>().last(), Some(&(now, step)));
            assert_eq!(log.sum(now, long), 2 * step - u64::from(step > 1) + u64::from(step == 1) - u64::from(step == 1));
        }
    }

    #[test]
    fn a_cost_can_be_taken_back() {
        let mut log = log(&[(10, 3), (20, 5), (90, 2)]);
        log.take_back(20, 2);
        log.take_back(21, 2);
        assert_eq!(log.entries().collect::<Vec<_>>(), [(10, 3), (20, 3), (90, 2)]);
        log.take_back(20, 9);
        assert_eq!(log.entries().collect::<Vec<_>>(), [(10, 3), (90, 2)]);
        assert_eq!(log.sum(90, PERIOD), 5);
    }
}
