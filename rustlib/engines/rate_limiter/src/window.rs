//! One window of a key: the algorithms of `RULES.md`, by the names they have there.
//!
//! A state is looked at without being changed: `advanced` gives what counts at a time, and only `take` and `settle` write. What every check
//! calls is inlined always: calls were a tenth of its instructions.

use crate::decision::Decision;
use crate::log::Log;
use crate::rates::Rate;

/// No wait helps.
pub const NEVER: u64 = u64::MAX;
/// No window sets a limit.
pub const UNLIMITED: u64 = u64::MAX;
const MOST: u64 = 1 << 52;

/// How a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `gcra` and `token_bucket`: a level that runs out.
    Bucket,
    /// `fixed_window`.
    Fixed,
    /// `sliding_window_log`.
    Log,
    /// `sliding_window_counter`.
    Counter,
    /// Leases.
    Concurrency,
}

/// A window's fixed numbers, with the names of `RULES.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub algorithm: Algorithm,
    /// C.
    pub capacity: u64,
    /// N.
    pub count: u64,
    /// P; of leases the lease time.
    pub period: u64,
    /// P'.
    pub unit: u64,
    /// N'.
    pub drain: u64,
}

/// What a key keeps for one window.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A count, a level, or prev and cur.
    Plain(u64),
    /// The granted requests.
    Log(Box<Log>),
    /// Leases: when each ends, and its id. Boxed twice, so that an entry of a table stays one cache line.
    #[allow(clippy::box_collection)]
    Leases(Box<Vec<(u64, u64)>>),
}

impl Window {
    /// The window of a rate; the fault's id when the algorithm cannot serve it.
    pub fn new(algorithm: Algorithm, rate: &Rate) -> Result<Self, &'static str> {
        let Rate { count, period_us: period, burst } = *rate;
        if burst.is_some() && algorithm != Algorithm::Bucket {
            return Err("config_burst");
        }
        let capacity = burst.unwrap_or(count);
        let common = gcd(count, period);
        let window = Self { algorithm, capacity, count, period, unit: period / common, drain: count / common };
        let product = match algorithm {
            Algorithm::Bucket => u128::from(capacity) * u128::from(window.unit),
            Algorithm::Counter => u128::from(count) * u128::from(period),
            Algorithm::Log if count > 1_000_000 => u128::MAX,
            _ => 0,
        };
        if product > u128::from(MOST) { Err("config_magnitude") } else { Ok(window) }
    }

    /// A limit of leases.
    pub fn leases(capacity: u64, lease_us: u64) -> Self {
        Self { algorithm: Algorithm::Concurrency, capacity, count: capacity, period: lease_us, unit: 1, drain: 1 }
    }

    /// K: from then on after the last change a key is new.
    pub fn kept(&self) -> u64 {
        match self.algorithm {
            Algorithm::Counter => 2 * self.period,
            Algorithm::Bucket => (2 * self.full()).div_ceil(self.drain),
            _ => self.period,
        }
    }

    #[inline(always)]
    fn full(&self) -> u64 {
        self.capacity * self.unit
    }

    fn start(&self, time: u64) -> u64 {
        time - time % self.period
    }

    /// U: what a new key counts as used.
    pub fn used_at_first(&self, warm_up_percent: u64) -> u64 {
        self.capacity - (self.capacity * warm_up_percent / 100).max(1)
    }

    /// The state of a new key.
    pub fn fresh(&self, now: u64, warm_up_percent: u64) -> Cell {
        let used = self.used_at_first(warm_up_percent);
        match self.algorithm {
            Algorithm::Bucket => Cell::Plain(used * self.unit),
            Algorithm::Fixed | Algorithm::Counter => Cell::Plain(used),
            Algorithm::Log => {
                let mut log = Log::default();
                log.add(now, used);
                Cell::Log(Box::new(log))
            }
            Algorithm::Concurrency => Cell::Leases(Box::default()),
        }
    }

    /// What counts at `now`, of a state that was last changed at `then`: the count, the level, prev and cur, the sum or the leases.
    #[inline(always)]
    pub fn advanced(&self, cell: &Cell, then: u64, now: u64) -> u64 {
        match (cell, self.algorithm) {
            (Cell::Plain(value), _) if now == then => *value,
            (Cell::Plain(level), Algorithm::Bucket) => level.saturating_sub((now - then).saturating_mul(self.drain)),
            (Cell::Plain(count), Algorithm::Counter) => match (self.start(now) - self.start(then)) / self.period {
                0 => *count,
                1 => count << 32,
                _ => 0,
            },
            (Cell::Plain(count), _) => {
                if self.start(now) > self.start(then) {
                    0
                } else {
                    *count
                }
            }
            (Cell::Log(log), _) => log.sum(now, self.period),
            (Cell::Leases(leases), _) => leases.iter().filter(|(end, _)| *end > now).count() as u64,
        }
    }

    /// Whether `cost` fits on top of `value`, which is advanced to `now`.
    #[inline(always)]
    pub fn fits(&self, value: u64, now: u64, cost: u64) -> bool {
        if cost > self.capacity {
            return false;
        }
        match self.algorithm {
            Algorithm::Bucket => value <= self.full() && cost * self.unit <= self.full() - value,
            Algorithm::Counter => {
                let (prev, cur) = halves(value);
                cur + cost <= self.count && prev * self.left(now) <= (self.count - cur - cost) * self.period
            }
            _ => value + cost <= self.capacity,
        }
    }

    /// Whether a state can hold `value`.
    pub fn possible(&self, value: u64) -> bool {
        match self.algorithm {
            Algorithm::Bucket => value <= 2 * self.full(),
            Algorithm::Counter => halves(value).0.max(halves(value).1) <= 2 * self.count,
            _ => value <= 2 * self.count,
        }
    }

    /// f: what is left of the window.
    fn left(&self, now: u64) -> u64 {
        self.period - now % self.period
    }

    /// What could be had on top of `value`.
    #[inline(always)]
    pub fn remaining(&self, value: u64, now: u64) -> u64 {
        match self.algorithm {
            Algorithm::Bucket => self.full().saturating_sub(value) / self.unit,
            Algorithm::Counter => {
                let (prev, cur) = halves(value);
                self.count.saturating_sub(cur).saturating_sub((prev * self.left(now)).div_ceil(self.period))
            }
            _ => self.capacity.saturating_sub(value),
        }
    }

    /// Until nothing counts any more, if nothing comes.
    #[inline(always)]
    pub fn reset(&self, cell: &Cell, value: u64, now: u64) -> u64 {
        match (cell, self.algorithm) {
            (_, Algorithm::Bucket) => value.div_ceil(self.drain),
            (Cell::Log(log), _) => log.last(now, self.period).map_or(0, |time| time + self.period - now),
            (Cell::Leases(leases), _) => leases.iter().map(|(end, _)| end.saturating_sub(now)).max().unwrap_or(0),
            (_, Algorithm::Counter) => match halves(value) {
                (0, 0) => 0,
                (_, 0) => self.left(now),
                _ => self.left(now) + self.period,
            },
            _ if value == 0 => 0,
            _ => self.left(now),
        }
    }

    /// Until `cost`, which does not fit, would fit, if nothing comes.
    pub fn retry(&self, cell: &Cell, value: u64, now: u64, cost: u64) -> u64 {
        if cost > self.capacity {
            return NEVER;
        }
        match (cell, self.algorithm) {
            (_, Algorithm::Bucket) => (value - (self.full() - cost * self.unit)).div_ceil(self.drain),
            (Cell::Log(log), _) => log.freed(now, self.period, value - (self.count - cost)) + self.period - now,
            (Cell::Leases(leases), _) => leases.iter().map(|(end, _)| end.saturating_sub(now)).filter(|left| *left > 0).min().unwrap_or(0),
            (_, Algorithm::Counter) => self.retry_counter(value, now, cost),
            _ => self.left(now),
        }
    }

    fn retry_counter(&self, value: u64, now: u64, cost: u64) -> u64 {
        let (prev, cur) = halves(value);
        if cur + cost <= self.count {
            // prev is not 0, else the cost would fit.
            return self.left(now) - (self.count - cur - cost) * self.period / prev.max(1);
        }
        self.left(now) + self.period - self.period.min((self.count - cost) * self.period / cur)
    }

    /// What this window says about a `cost` that fits or does not, beside `value`.
    #[inline(always)]
    pub fn answer(&self, cell: &Cell, value: u64, now: u64, cost: u64, fits: bool) -> Decision {
        Decision {
            allowed: fits,
            limit: self.capacity,
            remaining: self.remaining(value, now),
            reset_us: self.reset(cell, value, now),
            retry_us: if fits { 0 } else { self.retry(cell, value, now, cost) },
            ..Decision::unlimited(now)
        }
    }

    /// Writes `cost` on top of `value`. A lease gets `lease` as its id.
    #[inline(always)]
    pub fn take(&self, cell: &mut Cell, value: u64, now: u64, cost: u64, lease: u64) {
        match cell {
            Cell::Plain(state) if self.algorithm == Algorithm::Bucket => *state = value + cost * self.unit,
            Cell::Plain(state) => *state = value + cost,
            Cell::Log(log) => {
                log.forget(now, self.period);
                log.add(now, cost);
            }
            Cell::Leases(leases) => {
                leases.retain(|(end, _)| *end > now);
                leases.push((now + self.period, lease));
            }
        }
    }

    /// Writes `value` with `more` on top, in debt if need be.
    pub fn charge(&self, cell: &mut Cell, value: u64, now: u64, more: u64) {
        let more = more.min(2 * self.capacity);
        let room = |used: u64, most: u64| most.saturating_sub(used);
        match (cell, self.algorithm) {
            (Cell::Plain(state), Algorithm::Bucket) => *state = value + (more * self.unit).min(room(value, 2 * self.full())),
            (Cell::Plain(state), Algorithm::Counter) => *state = value + more.min(room(halves(value).1, 2 * self.count)),
            (Cell::Plain(state), _) => *state = value + more.min(room(value, 2 * self.count)),
            (Cell::Log(log), _) => {
                log.forget(now, self.period);
                log.add(now, more.min(room(value, 2 * self.count)));
            }
            (Cell::Leases(_), _) => {}
        }
    }

    /// Writes `value` less what it still holds of `back`, a part of the `cost` that was taken at `taken`.
    pub fn give_back(&self, cell: &mut Cell, value: u64, now: u64, back: u64, (cost, taken): (u64, u64)) {
        match (cell, self.algorithm) {
            (Cell::Plain(state), Algorithm::Bucket) => {
                let run_out = now.saturating_sub(taken).saturating_mul(self.drain);
                let left = (cost * self.unit).saturating_sub(run_out);
                *state = value.saturating_sub(left.min(back * self.unit));
            }
            (Cell::Plain(state), Algorithm::Counter) => {
                let (mut prev, mut cur) = halves(value);
                if self.start(taken) == self.start(now) {
                    cur = cur.saturating_sub(back);
                } else if self.start(taken) + self.period == self.start(now) {
                    prev = prev.saturating_sub(back);
                }
                *state = prev << 32 | cur;
            }
            (Cell::Plain(state), _) if self.start(taken) == self.start(now) => *state = value.saturating_sub(back),
            (Cell::Plain(state), _) => *state = value,
            (Cell::Log(log), _) => {
                log.forget(now, self.period);
                log.take_back(taken, back);
            }
            (Cell::Leases(_), _) => {}
        }
    }
}

/// prev and cur. Both are at most two capacities, below 2^31.
fn halves(value: u64) -> (u64, u64) {
    (value >> 32, value & 0xFFFF_FFFF)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
