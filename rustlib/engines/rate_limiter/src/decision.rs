//! What the limiter answers.

use crate::window::{NEVER, UNLIMITED};

/// No dimension, no window.
pub const NONE: u32 = u32::MAX;

/// The answer to a request, or that of one window. Times are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on; in a dry run it always may.
    pub allowed: bool,
    /// A dry run let pass what would be refused.
    pub would_refuse: bool,
    /// A block list refused.
    pub blocked: bool,
    /// Index of the dimension that is told about; [`NONE`] when no window applies.
    pub dimension: u32,
    /// Index of the window in the key's class; [`NONE`] with `blocked`, too.
    pub window: u32,
    /// Most that can be had at once.
    pub limit: u64,
    /// What could be had now.
    pub remaining: u64,
    /// Until nothing counts any more, if nothing comes.
    pub reset_us: u64,
    /// Until the same request would be allowed, if nothing comes; 0 when it is; [`NEVER`].
    pub retry_us: u64,
    /// When it was decided, on the clock of the request.
    pub now_us: u64,
}

impl Decision {
    /// What holds as long as no window has been looked at.
    pub fn unlimited(now_us: u64) -> Self {
        Self {
            allowed: true,
            would_refuse: false,
            blocked: false,
            dimension: NONE,
            window: NONE,
            limit: UNLIMITED,
            remaining: UNLIMITED,
            reset_us: 0,
            retry_us: 0,
            now_us,
        }
    }

    /// A block list's refusal.
    pub fn blocked(now_us: u64, dimension: u32) -> Self {
        let refused = Self { allowed: false, blocked: true, dimension, limit: 0, remaining: 0, ..Self::unlimited(now_us) };
        Self { retry_us: NEVER, ..refused }
    }

    /// The more telling of two windows' answers: of refusals the longest wait, else what leaves least; the first of equals.
    #[inline]
    pub fn or(self, other: Self) -> Self {
        let other_counts = match (self.allowed, other.allowed) {
            (true, true) => other.remaining < self.remaining || self.dimension == NONE,
            (false, false) => other.retry_us > self.retry_us,
            (mine, _) => mine,
        };
        if other_counts { other } else { self }
    }
}

/// `retry_us` with jitter; `RULES.md` has the formula.
pub fn jittered<'a>(retry_us: u64, percent: u64, seed: u64, now_us: u64, values: impl Iterator<Item = &'a [u8]>) -> u64 {
    if percent == 0 || retry_us == NEVER {
        return retry_us;
    }
    let random = mix(seed ^ hash(values) ^ now_us) >> 40;
    let more = u128::from(retry_us) * u128::from(percent) * u128::from(random) / (100 << 24);
    retry_us + more as u64
}

/// FNV-1a over all values, each with a byte 0xFF behind it.
pub fn hash<'a>(values: impl Iterator<Item = &'a [u8]>) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    values.fold(0xCBF2_9CE4_8422_2325, |hash, value| step(value.iter().fold(hash, step), &0xFF))
}

/// The finaliser of SplitMix64.
fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}
