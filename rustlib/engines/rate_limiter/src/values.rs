//! What a request brings: a value for each dimension, and what its check is to do. Tests: `tests.rs`, and all that check.

/// The values of one request, one for each dimension; an empty one means that the dimension does not apply.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// One buffer, and where each value begins and the last one ends: 64-bit numbers in native order, ascending, within the buffer.
    Joined(&'a [u8], &'a [[u8; 8]]),
    /// One by one.
    List(&'a [&'a [u8]]),
}

impl<'a> Values<'a> {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Joined(_, offsets) => offsets.len().saturating_sub(1),
            Self::List(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `count` values from the value `start` on: one request of many.
    pub fn part(&self, start: usize, count: usize) -> Self {
        match self {
            Self::Joined(data, _) if count == 0 => Self::Joined(data, &[]),
            Self::Joined(data, offsets) => Self::Joined(data, &offsets[start..=start + count]),
            Self::List(values) => Self::List(&values[start..start + count]),
        }
    }

    /// The value of a dimension.
    #[inline]
    pub fn get(&self, index: usize) -> &'a [u8] {
        match self {
            Self::Joined(data, offsets) => {
                &data[u64::from_ne_bytes(offsets[index]) as usize..u64::from_ne_bytes(offsets[index + 1]) as usize]
            }
            Self::List(values) => values[index],
        }
    }
}

/// What a check is to do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Take nothing.
    pub peek: bool,
    /// Refuse nothing.
    pub dry_run: bool,
}
