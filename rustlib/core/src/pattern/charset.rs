//! Sets of characters: sorted ranges of scalar values, and whether an invalid character is a member.
//!
//! An invalid character has no code point, therefore only a negated set or the dot holds it. It must never depend on
//! Unicode data outside `rules/`. Tests: `tests/vectors/patterns.jsonl`, read by the tests of the module above.

const MAX_CODE_POINT: u32 = 0x10_FFFF;
/// First and last surrogate; no set holds one.
pub(super) const SURROGATES: (u32, u32) = (0xD800, 0xDFFF);

/// A set of characters. `ranges` are sorted, disjoint, not adjacent, and hold no surrogate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CharSet {
    pub ranges: Vec<(u32, u32)>,
    pub invalid: bool,
}

impl CharSet {
    /// The set of these ranges in any order; surrogates are left out.
    pub fn of(ranges: &[(u32, u32)], invalid: bool) -> CharSet {
        let mut sorted: Vec<_> = ranges.iter().copied().flat_map(without_surrogates).flatten().collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(sorted.len());
        for (low, high) in sorted {
            match merged.last_mut() {
                Some(last) if low <= last.1 + 1 => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        CharSet { ranges: merged, invalid }
    }

    /// The set of one character.
    pub fn single(code: u32) -> CharSet {
        CharSet { ranges: vec![(code, code)], invalid: false }
    }

    /// Members of any of them.
    pub fn union(sets: &[CharSet]) -> CharSet {
        let ranges: Vec<_> = sets.iter().flat_map(|one| one.ranges.iter().copied()).collect();
        CharSet::of(&ranges, sets.iter().any(|one| one.invalid))
    }

    /// Everything else, an invalid character included.
    pub fn negate(&self) -> CharSet {
        let mut gaps = Vec::with_capacity(self.ranges.len() + 1);
        let mut low = 0;
        for &(start, end) in &self.ranges {
            if low < start {
                gaps.push((low, start - 1));
            }
            low = end + 1;
        }
        if low <= MAX_CODE_POINT {
            gaps.push((low, MAX_CODE_POINT));
        }
        CharSet::of(&gaps, !self.invalid)
    }

    /// The set with the other case of each ASCII letter in it.
    pub fn fold_ascii(&self) -> CharSet {
        let mut folded = self.ranges.clone();
        for &(start, end) in &self.ranges {
            let (low, high) = (start.max(0x41), end.min(0x5A));
            if low <= high {
                folded.push((low + 32, high + 32));
            }
            let (low, high) = (start.max(0x61), end.min(0x7A));
            if low <= high {
                folded.push((low - 32, high - 32));
            }
        }
        CharSet::of(&folded, self.invalid)
    }

    /// Membership of a code point, or of an invalid character.
    pub fn contains(&self, code: Option<u32>) -> bool {
        let Some(code) = code else { return self.invalid };
        let behind = self.ranges.partition_point(|range| range.0 <= code);
        behind > 0 && code <= self.ranges[behind - 1].1
    }

    /// The character, if exactly one belongs to the set.
    pub fn as_single(&self) -> Option<char> {
        match self.ranges[..] {
            [(low, high)] if low == high && !self.invalid => char::from_u32(low),
            _ => None,
        }
    }

    /// The character, or the ASCII capital of the only letter that belongs to the set, in one case or both.
    pub fn as_capital(&self) -> Option<char> {
        match self.ranges[..] {
            [(capital, end), (small, last)] if capital == end && small == last && !self.invalid => {
                let capital = char::from_u32(capital).filter(char::is_ascii_uppercase)?;
                (u32::from(capital) + 32 == small).then_some(capital)
            }
            _ => self.as_single().map(|one| one.to_ascii_uppercase()),
        }
    }

    /// Whether nothing belongs to the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && !self.invalid
    }
}

fn without_surrogates((low, high): (u32, u32)) -> [Option<(u32, u32)>; 2] {
    let (first, last) = SURROGATES;
    if high < first || low > last {
        return [Some((low, high)), None];
    }
    [(low < first).then_some((low, first - 1)), (high > last).then_some((last + 1, high))]
}

/// `\d`.
pub(super) fn digit() -> CharSet {
    CharSet::of(&[(0x30, 0x39)], false)
}

/// `\w`.
pub(super) fn word() -> CharSet {
    CharSet::of(&[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)], false)
}

/// `\s`.
pub(super) fn space() -> CharSet {
    CharSet::of(&[(0x09, 0x0D), (0x20, 0x20)], false)
}

/// The dot: anything but a newline.
pub(super) fn dot() -> CharSet {
    CharSet::single(0x0A).negate()
}

/// The dot under the flag `s`.
pub(super) fn any() -> CharSet {
    CharSet::default().negate()
}
