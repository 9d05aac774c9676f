//! The one rule by which overlapping candidates are resolved, the same in `pyplugins/core/overlap.py`.
//!
//! Earliest start first, then longest, then the lower priority number, then the higher score; a candidate that starts before the end of the last one
//! kept is dropped.

/// Something a matcher found, before overlaps are resolved. Offsets are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Index into the engine's rules.
    pub rule: u32,
    /// Ties are won by the lower number.
    pub priority: u32,
    /// Goes to [`crate::guard::Finding::flags`].
    pub flags: u32,
}

/// Sorts `candidates` and keeps the winners, in place. Linear when they arrive in order.
pub fn resolve(candidates: &mut Vec<Candidate>) {
    let key = |c: &Candidate| (c.start, usize::MAX - c.end, c.priority, u32::MAX - c.flags);
    if !candidates.is_sorted_by_key(key) {
        candidates.sort_by_key(key);
    }
    let mut last_end = 0;
    candidates.retain(|candidate| {
        let keep = candidate.start >= last_end;
        if keep {
            last_end = candidate.end;
        }
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(start: usize, end: usize, priority: u32) -> Candidate {
        Candidate { start, end, rule: priority, priority, flags: 0 }
    }

    #[test]
    fn earliest_then_longest_then_priority() {
        let mut all = vec![candidate(5, 9, 1), candidate(0, 4, 3), candidate(0, 6, 2), candidate(0, 6, 1), candidate(6, 7, 9)];
        resolve(&mut all);
        let kept: Vec<_> = all.iter().map(|c| (c.start, c.end, c.priority)).collect();
        assert_eq!(kept, [(0, 6, 1), (6, 7, 9)]);
    }
}
