//! The limiter: finds a request's keys, asks all their windows, and takes from all or from none.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use gwplugins_core::config::Schema;
use gwplugins_core::fault::Fault;

use crate::decision::{Decision, jittered};
use crate::hash::Keyed;
use crate::settings::{Class, Dimension, Settings};
use crate::table::{Cells, Entry, Name, Table};
use crate::values::{Options, Values};
use crate::window::{Cell, Window};

/// The configuration's schema.
pub const SCHEMA: &str = include_str!("../rules/schema.json");
/// Latest time, in nanoseconds: with any period it stays below 2^53 microseconds.
pub const MAX_NOW_NS: u64 = 9_000_000_000_000_000_000;
/// Largest cost.
pub const MAX_COST: u64 = 1 << 50;
/// Values whose entries are waited for together.
const AHEAD: usize = 16;
/// Where the library's clock starts: 115 days, more than the longest period.
const CLOCK_START_US: u64 = 10_000_000_000_000;

/// A configured limiter and its keys. Any number of threads may share it.
#[derive(Debug)]
pub struct Limiter {
    pub(crate) settings: Settings,
    shards: Vec<Shard>,
    keyed: Keyed,
    /// The id of the next lease.
    pub(crate) next_lease: Mutex<u64>,
    description: String,
    blocks: bool,
}

/// A table under its lock, on cache lines of its own: threads on two shards do not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
struct Shard(Mutex<Table>);

impl Shard {
    fn lock(&self) -> MutexGuard<'_, Table> {
        locked(&self.0)
    }
}

/// One key of a request.
struct Spot {
    dimension: u32,
    hash: u64,
    shard: usize,
    /// Which of the locked tables.
    table: usize,
    /// Where the key is; none when it is unknown.
    place: Option<usize>,
    class: u32,
    /// Time of the last change; `now` for a new key.
    then: u64,
    /// T.
    now: u64,
    cost: u64,
    /// The state of a new key.
    fresh: Option<Cells>,
    /// Whether that state is to be kept.
    changed: bool,
}

/// A lock whose holder panicked is as good as any: what it guards is written in one go.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Tables<'a, 'b> = &'a mut [MutexGuard<'b, Table>];

impl Limiter {
    /// Reads a configuration and makes an empty limiter.
    pub fn new(config: &[u8]) -> Result<Self, Fault> {
        static PARSED: OnceLock<Schema> = OnceLock::new();
        let settings = Settings::read(&PARSED.get_or_init(|| Schema::parse(SCHEMA)).read(config)?)?;
        let shards = settings.max_keys.div_ceil(Table::GOOD_CAPACITY);
        let capacity = settings.max_keys / shards;
        Ok(Self {
            shards: (0..shards).map(|_| Shard(Mutex::new(Table::new(capacity)))).collect(),
            keyed: Keyed::new(),
            next_lease: Mutex::new(1),
            description: settings.describe(),
            blocks: settings.dimensions.iter().any(|dimension| !dimension.blocked.is_empty()),
            settings,
        })
    }

    /// JSON text: dimensions, their classes and windows, limits.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// Number of dimensions: of the values of a request.
    pub fn dimensions(&self) -> usize {
        self.settings.dimensions.len()
    }

    /// Most windows that one request can have.
    pub fn most_windows(&self) -> usize {
        self.settings.most_windows()
    }

    /// Number of keys that are remembered.
    pub fn keys(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// Whole microseconds of a time; 0 asks for the library's clock, which never steps back.
    pub fn clock(now_ns: u64) -> Result<u64, Fault> {
        static START: OnceLock<Instant> = OnceLock::new();
        match now_ns {
            // It starts so late that counts of another process, which are as old as any may be, have a time on it, too.
            0 => Ok(START.get_or_init(Instant::now).elapsed().as_micros() as u64 + CLOCK_START_US),
            _ if now_ns > MAX_NOW_NS => Err(Fault::with("bad_time", now_ns, MAX_NOW_NS)),
            _ => Ok(now_ns / 1000),
        }
    }

    /// Whether a request may go on; takes its cost from all windows, or from none.
    pub fn check(
        &self,
        values: Values,
        cost: u64,
        now_us: u64,
        options: Options,
        details: Option<&mut Vec<Decision>>,
    ) -> Result<Decision, Fault> {
        self.decide(values, None, cost, now_us, options, None, details)
    }

    /// Decides about requests one after the other, as `check` does: request r brings the values r * dimensions and on, all of which
    /// must be there, and costs `cost(r)`; `tell` is told of each. The first that fails ends it. `now_ns` is for [`Limiter::clock`].
    pub fn check_many(
        &self,
        values: Values,
        requests: usize,
        now_ns: u64,
        options: Options,
        cost: &dyn Fn(usize) -> u64,
        tell: &mut dyn FnMut(usize, Decision),
    ) -> Result<(), Fault> {
        let each = self.dimensions();
        let mut hashes = [0; AHEAD];
        for request in 0..requests {
            // Once for each `AHEAD` values.
            if request * each % AHEAD < each {
                self.expect(values, request * each, &mut hashes);
            }
            let hash = if each == 1 { Some(hashes[request % AHEAD]) } else { None };
            let one = values.part(request * each, each);
            tell(request, self.decide(one, hash, cost(request), Self::clock(now_ns)?, options, None, None)?);
        }
        Ok(())
    }

    /// Has the entries of some values, from `start` on, on their way together: most of a check among many keys is the wait for one.
    /// Gives their hashes.
    fn expect(&self, values: Values, start: usize, hashes: &mut [u64]) {
        for (index, hash) in (start..values.len()).zip(hashes) {
            *hash = self.keyed.hash((index % self.dimensions()) as u32, values.get(index));
            self.shards[self.shard(*hash)].lock().expect(*hash);
        }
    }

    /// A check that takes a lease, too. The id is 0 when it was refused.
    pub fn acquire(
        &self,
        values: Values,
        cost: u64,
        now_us: u64,
        options: Options,
        details: Option<&mut Vec<Decision>>,
    ) -> Result<(Decision, u64), Fault> {
        let mut next = locked(&self.next_lease);
        let decision = self.decide(values, None, cost, now_us, options, Some(*next), details)?;
        let granted = decision.allowed && !decision.would_refuse && !options.peek;
        let id = if granted { *next } else { 0 };
        *next += u64::from(granted);
        Ok((decision, id))
    }

    /// `hash`: of the only value, where it is known already.
    #[allow(clippy::too_many_arguments)]
    fn decide(
        &self,
        values: Values,
        hash: Option<u64>,
        cost: u64,
        now_us: u64,
        options: Options,
        lease: Option<u64>,
        details: Option<&mut Vec<Decision>>,
    ) -> Result<Decision, Fault> {
        self.accept(values, cost)?;
        if let Some(dimension) = self.blocked(values) {
            return Ok(self.worded(Decision::blocked(now_us, dimension), values, options));
        }
        // Told at once: a copy of a decision takes a tenth of a check.
        if lease.is_none()
            && details.is_none()
            && let Some(decision) = self.ask_one(&values, hash, cost, now_us, options.peek)
        {
            return Ok(self.worded(decision, values, options));
        }
        Ok(self.worded(self.ask(&values, cost, now_us, options.peek, lease, details), values, options))
    }

    /// Values and cost are within their limits.
    pub(crate) fn accept(&self, values: Values, cost: u64) -> Result<(), Fault> {
        if values.len() != self.dimensions() {
            return Err(Fault::with("bad_count", values.len() as u64, self.dimensions() as u64));
        }
        if cost > MAX_COST {
            return Err(Fault::with("bad_cost", cost, MAX_COST));
        }
        let most = self.settings.max_key_bytes;
        match (0..values.len()).map(|index| values.get(index).len()).find(|len| *len > most) {
            Some(len) => Err(Fault::with("too_large", len as u64, most as u64)),
            None => Ok(()),
        }
    }

    /// The first dimension whose block list has its value.
    pub(crate) fn blocked(&self, values: Values) -> Option<u32> {
        if !self.blocks {
            return None;
        }
        let listed = |index: &usize| {
            let value = values.get(*index);
            !value.is_empty() && self.settings.dimensions[*index].blocked.find(value).is_some()
        };
        (0..values.len()).find(listed).map(|index| index as u32)
    }

    /// A refusal as it is told: with jitter, or as permission in a dry run.
    pub(crate) fn worded(&self, decision: Decision, values: Values, options: Options) -> Decision {
        if decision.allowed {
            return decision;
        }
        let settings = &self.settings;
        let parts = (0..values.len()).map(|index| values.get(index));
        let retry_us = jittered(decision.retry_us, settings.jitter_percent, settings.jitter_seed, decision.now_us, parts);
        let dry = settings.dry_run || options.dry_run;
        Decision { allowed: dry, would_refuse: dry, retry_us, ..decision }
    }

    /// Locks the tables of all keys, in ascending order, and asks them.
    #[allow(clippy::too_many_arguments)]
    fn ask(
        &self,
        values: &Values,
        cost: u64,
        now_us: u64,
        peek: bool,
        lease: Option<u64>,
        details: Option<&mut Vec<Decision>>,
    ) -> Decision {
        let mut given = (0..values.len()).filter(|&index| !values.get(index).is_empty());
        let (Some(first), second) = (given.next(), given.next()) else { return Decision::unlimited(now_us) };
        let Some(second) = second else {
            let value = values.get(first);
            let hash = self.keyed.hash(first as u32, value);
            let mut tables = [self.shards[self.shard(hash)].lock()];
            let mut spot = self.spot(first, hash, cost);
            self.look(&mut spot, &tables, value, now_us);
            return self.run(&mut [spot], &mut tables, values, now_us, peek, lease, details);
        };
        let mut spots: Vec<Spot> = [first, second]
            .into_iter()
            .chain(given)
            .map(|index| self.spot(index, self.keyed.hash(index as u32, values.get(index)), cost))
            .collect();
        let mut shards: Vec<usize> = Vec::with_capacity(spots.len());
        for spot in &spots {
            // There are few: no sorting pays.
            if let Err(place) = shards.binary_search(&spot.shard) {
                shards.insert(place, spot.shard);
            }
        }
        let mut tables: Vec<MutexGuard<Table>> = shards.iter().map(|&shard| self.shards[shard].lock()).collect();
        for spot in &mut spots {
            spot.table = shards.partition_point(|&shard| shard < spot.shard);
            self.look(spot, &tables, values.get(spot.dimension as usize), now_us);
        }
        self.run(&mut spots, &mut tables, values, now_us, peek, lease, details)
    }

    /// What nearly every request is: one key that is known, with one window. Nothing, if it is another.
    #[inline]
    fn ask_one(&self, values: &Values, hash: Option<u64>, cost: u64, now_us: u64, peek: bool) -> Option<Decision> {
        let index = (0..values.len()).find(|&index| !values.get(index).is_empty())?;
        if (index + 1..values.len()).any(|index| !values.get(index).is_empty()) {
            return None;
        }
        let value = values.get(index);
        let hash = hash.unwrap_or_else(|| self.keyed.hash(index as u32, value));
        let mut table = self.shards[self.shard(hash)].lock();
        let entry = table.get_mut(hash, index as u32, value)?;
        let dimension = &self.settings.dimensions[index];
        let class = &dimension.classes[entry.class as usize];
        let ([window], Cells::One(cell), false) = (&class.windows[..], &mut entry.cells, class.leases) else { return None };
        let now = now_us.max(entry.time);
        if now >= entry.time + class.kept {
            return None;
        }
        let cost = dimension.counted(cost);
        let mut used = window.advanced(cell, entry.time, now);
        let fits = window.fits(used, now, cost);
        if fits && !peek && cost > 0 {
            window.take(cell, used, now, cost, 0);
            used = window.advanced(cell, now, now);
            entry.time = now;
        }
        let answer = window.answer(cell, used, now, cost, fits);
        Some(Decision { dimension: index as u32, window: 0, now_us, ..answer })
    }

    fn spot(&self, index: usize, hash: u64, cost: u64) -> Spot {
        let (dimension, cost) = (index as u32, self.settings.dimensions[index].counted(cost));
        let shard = self.shard(hash);
        Spot { dimension, hash, shard, table: 0, place: None, class: 0, then: 0, now: 0, cost, fresh: None, changed: false }
    }

    /// Which table a hash belongs to: its share of 2^32, by bits that the table itself hardly looks at.
    #[inline]
    fn shard(&self, hash: u64) -> usize {
        (((hash >> 24 & 0xFFFF_FFFF) * self.shards.len() as u64) >> 32) as usize
    }

    /// Finds the key and its time; a new one gets the state it begins with.
    #[inline]
    fn look(&self, spot: &mut Spot, tables: &[MutexGuard<Table>], value: &[u8], now_us: u64) {
        let table = &tables[spot.table];
        spot.place = table.find(spot.hash, spot.dimension, value);
        let dimension = &self.settings.dimensions[spot.dimension as usize];
        if let Some(place) = spot.place {
            let entry = table.at(place);
            (spot.class, spot.then, spot.now) = (entry.class, entry.time, now_us.max(entry.time));
            if spot.now < entry.time + dimension.classes[entry.class as usize].kept {
                return;
            }
        } else {
            spot.class = dimension.class_of(value);
        }
        spot.now = spot.now.max(now_us);
        spot.then = spot.now;
        let class = &dimension.classes[spot.class as usize];
        spot.fresh = Some(Cells::new(class.windows.iter().map(|window| window.fresh(spot.now, self.settings.warm_up_percent)).collect()));
    }

    fn class(&self, spot: &Spot) -> &Class {
        &self.settings.dimensions[spot.dimension as usize].classes[spot.class as usize]
    }

    /// Steps 3 to 5 of a check.
    #[allow(clippy::too_many_arguments)]
    fn run(
        &self,
        spots: &mut [Spot],
        tables: Tables,
        values: &Values,
        now_us: u64,
        peek: bool,
        lease: Option<u64>,
        mut details: Option<&mut Vec<Decision>>,
    ) -> Decision {
        let fits = |spot: &Spot| self.class(spot).fits(cells(spot, tables), spot, lease.is_some());
        let taken = !peek && spots.iter().all(fits);
        if taken {
            for spot in spots.iter_mut().filter(|spot| spot.cost > 0 || lease.is_some()) {
                self.write(spot, tables, |class, state, spot| class.take(state, spot.then, spot.now, spot.cost, lease));
            }
        }
        let mut decision = Decision::unlimited(now_us);
        for spot in spots.iter() {
            let class = self.class(spot);
            for answer in class.answers(cells(spot, tables), spot, lease.is_some(), taken) {
                if let Some(details) = details.as_deref_mut() {
                    details.push(answer);
                }
                decision = decision.or(answer);
            }
        }
        if taken {
            // Last of all: a key that comes in may push out another, and places end.
            spots.iter_mut().for_each(|spot| self.keep(spot, tables, values.get(spot.dimension as usize)));
        }
        Decision { now_us, ..decision }
    }

    /// Changes a key's state, where it is, and its time.
    fn write(&self, spot: &mut Spot, tables: Tables, change: impl Fn(&Class, &mut [Cell], &Spot)) {
        let class = self.class(spot);
        if class.windows.is_empty() {
            return;
        }
        if let Some(mut fresh) = spot.fresh.take() {
            change(class, fresh.all_mut(), spot);
            spot.fresh = Some(fresh);
            spot.changed = true;
        } else if let Some(place) = spot.place {
            let entry = tables[spot.table].at_mut(place);
            change(class, entry.cells.all_mut(), spot);
            entry.time = spot.now;
        }
        spot.then = spot.now;
    }

    /// Puts the changed state of a new key into its table.
    fn keep(&self, spot: &mut Spot, tables: Tables, value: &[u8]) {
        let Some(cells) = spot.fresh.take().filter(|_| spot.changed) else { return };
        let table = &mut tables[spot.table];
        let entry = Entry { time: spot.now, name: Name::new(value), cells, class: spot.class, dimension: spot.dimension };
        match table.get_mut(spot.hash, spot.dimension, value) {
            Some(known) => *known = entry,
            None => self.insert(table, entry, spot.now),
        }
    }

    fn insert(&self, table: &mut Table, entry: Entry, now: u64) {
        let hash_of = |entry: &Entry| self.keyed.hash(entry.dimension, entry.name.bytes());
        let kept = |entry: &Entry| self.settings.dimensions[entry.dimension as usize].classes[entry.class as usize].kept;
        table.insert(entry, now, &hash_of, &kept);
    }

    /// Corrects the cost of a check that was granted: `reserved` is its cost and its `now_us`.
    pub fn settle(&self, values: Values, reserved: (u64, u64), actual: u64, now_us: u64) -> Result<Decision, Fault> {
        self.accept(values, reserved.0.max(actual))?;
        let mut decision = Decision::unlimited(now_us);
        for index in (0..values.len()).filter(|&index| !values.get(index).is_empty()) {
            let value = values.get(index);
            let mut spot = self.spot(index, self.keyed.hash(index as u32, value), 0);
            let mut tables = [self.shards[spot.shard].lock()];
            self.look(&mut spot, &tables, value, now_us);
            if !self.settings.dimensions[index].one {
                self.correct(&mut spot, &mut tables, reserved, actual);
            }
            let answers = self.class(&spot).answers(cells(&spot, &tables), &spot, false, false);
            decision = answers.fold(decision, Decision::or);
            self.keep(&mut spot, &mut tables, value);
        }
        Ok(Decision { now_us, ..decision })
    }

    fn correct(&self, spot: &mut Spot, tables: Tables, reserved: (u64, u64), actual: u64) {
        let (cost, more) = (reserved.0, actual.saturating_sub(reserved.0));
        if cost == actual || (spot.fresh.is_some() && more == 0) {
            return;
        }
        self.write(spot, tables, |class, state, spot| {
            for (window, cell) in class.windows.iter().zip(state) {
                let value = window.advanced(cell, spot.then, spot.now);
                if more > 0 {
                    window.charge(cell, value, spot.now, more);
                } else {
                    window.give_back(cell, value, spot.now, cost - actual, reserved);
                }
            }
        });
    }

    /// Ends a lease. True if it was there and had not run out.
    pub fn release(&self, values: Values, lease: u64, now_us: u64) -> Result<bool, Fault> {
        self.accept(values, 0)?;
        let mut live = false;
        for index in 0..values.len() {
            let hash = self.keyed.hash(index as u32, values.get(index));
            let mut table = self.shards[self.shard(hash)].lock();
            if let Some(entry) = table.get_mut(hash, index as u32, values.get(index)) {
                live |= entry.release(lease, now_us);
            }
        }
        Ok(live)
    }

    /// Forgets the keys of all values that are not empty: how many there were at that time.
    pub fn reset(&self, values: Values, now_us: u64) -> Result<usize, Fault> {
        self.accept(values, 0)?;
        let mut removed = 0;
        for index in (0..values.len()).filter(|&index| !values.get(index).is_empty()) {
            let mut spot = self.spot(index, self.keyed.hash(index as u32, values.get(index)), 0);
            let mut tables = [self.shards[spot.shard].lock()];
            self.look(&mut spot, &tables, values.get(index), now_us);
            removed += usize::from(spot.fresh.is_none());
            if let Some(place) = spot.place {
                tables[0].remove(place);
            }
        }
        Ok(removed)
    }

    /// Every key, shard by shard.
    pub(crate) fn each(&self, mut each: impl FnMut(&Dimension, &Entry)) {
        for shard in &self.shards {
            shard.lock().entries().for_each(|entry| each(&self.settings.dimensions[entry.dimension as usize], entry));
        }
    }

    /// Replaces or adds a key.
    pub(crate) fn put(&self, entry: Entry, now_us: u64) {
        let hash = self.keyed.hash(entry.dimension, entry.name.bytes());
        let mut table = self.shards[self.shard(hash)].lock();
        match table.get_mut(hash, entry.dimension, entry.name.bytes()) {
            Some(known) => *known = entry,
            None => self.insert(&mut table, entry, now_us),
        }
    }
}

/// The state of a key: what it begins with, or what it has.
fn cells<'a>(spot: &'a Spot, tables: &'a [MutexGuard<Table>]) -> &'a [Cell] {
    match (&spot.fresh, spot.place) {
        (Some(fresh), _) => fresh.all(),
        (None, Some(place)) => tables[spot.table].at(place).cells.all(),
        (None, None) => &[],
    }
}

impl Class {
    /// The windows that count for a check, or with the concurrency limit for an acquire.
    pub(crate) fn windows(&self, lease: bool) -> &[Window] {
        &self.windows[..self.windows.len() - usize::from(self.leases && !lease)]
    }

    /// What a window is asked for: of leases always one.
    fn cost(&self, index: usize, spot: &Spot) -> u64 {
        if self.leases && index + 1 == self.windows.len() { 1 } else { spot.cost }
    }

    #[inline]
    fn fits(&self, cells: &[Cell], spot: &Spot, lease: bool) -> bool {
        let mut windows = self.windows(lease).iter().zip(cells).enumerate();
        windows.all(|(index, (window, cell))| window.fits(window.advanced(cell, spot.then, spot.now), spot.now, self.cost(index, spot)))
    }

    #[inline]
    fn take(&self, cells: &mut [Cell], then: u64, now: u64, cost: u64, lease: Option<u64>) {
        for (window, cell) in self.windows.iter().zip(cells) {
            let value = window.advanced(cell, then, now);
            match (cell, lease) {
                (Cell::Leases(_), None) => {}
                (cell, _) => window.take(cell, value, now, cost, lease.unwrap_or(0)),
            }
        }
    }

    /// What each window says. `taken` has been found to fit, and counts already.
    #[inline]
    fn answers<'a>(&'a self, cells: &'a [Cell], spot: &'a Spot, lease: bool, taken: bool) -> impl Iterator<Item = Decision> + 'a {
        self.windows(lease).iter().zip(cells).enumerate().map(move |(index, (window, cell))| {
            let (now, cost) = (spot.now, self.cost(index, spot));
            let value = window.advanced(cell, spot.then, now);
            let fits = taken || window.fits(value, now, cost);
            Decision { dimension: spot.dimension, window: index as u32, ..window.answer(cell, value, now, cost, fits) }
        })
    }
}

impl Entry {
    /// Drops a lease of this key: whether it had not run out.
    fn release(&mut self, lease: u64, now_us: u64) -> bool {
        let now = now_us.max(self.time);
        let mut live = false;
        for cell in self.cells.all_mut() {
            if let Cell::Leases(leases) = cell {
                live |= leases.iter().any(|(end, id)| *id == lease && *end > now);
                leases.retain(|(_, id)| *id != lease);
            }
        }
        live
    }
}
