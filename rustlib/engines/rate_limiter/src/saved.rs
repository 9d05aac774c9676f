//! Export and import of all keys: little-endian numbers behind a header. The Python twin is `pyplugins/rate_limiter/_saved.py`.
//!
//! Header: `gwplim1\n`, FNV-1a of the settings' shape, time of the export, number of the next lease, number of keys. Key: dimension,
//! length of its value, value, class, t, and for each window the number of its pairs and the pairs: (value, 0), (time, cost) or (end, id).

use gwplugins_core::fault::Fault;

use crate::decision::hash;
use crate::limiter::{Limiter, locked};
use crate::log::Log;
use crate::settings::Class;
use crate::table::{Cells, Entry, Name};
use crate::window::{Algorithm, Cell, Window};

const MAGIC: &[u8; 8] = b"gwplim1\n";

impl Limiter {
    /// All keys, as bytes that `import` of a limiter with the same dimensions takes.
    pub fn export(&self, now_us: u64) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, &[u64::from_le_bytes(*MAGIC), self.shape(), now_us, *locked(&self.next_lease), 0]);
        let mut count = 0_u64;
        self.each(|_, entry| {
            count += 1;
            let name = entry.name.bytes();
            put(&mut out, &[u64::from(entry.dimension), name.len() as u64]);
            out.extend_from_slice(name);
            put(&mut out, &[u64::from(entry.class), entry.time]);
            entry.cells.all().iter().for_each(|cell| put_cell(&mut out, cell));
        });
        out[32..40].copy_from_slice(&count.to_le_bytes());
        out
    }

    fn shape(&self) -> u64 {
        hash(std::iter::once(self.settings.shape().as_bytes()))
    }

    /// Adds the keys of an export; keys that are there already are replaced. `now_us` is none for the library's clock: then all times move
    /// by what has passed, so that every key is as old as it was. No key is ever younger than now. Answer: how many keys came.
    pub fn import(&self, data: &[u8], now_us: Option<u64>) -> Result<usize, Fault> {
        let mut reader = Reader { data, at: 0 };
        let [magic, shape, then, lease, count] = reader.numbers()?;
        if magic.to_le_bytes() != *MAGIC || shape != self.shape() {
            return Err(Fault::with("bad_state", 0, 0));
        }
        let now = now_us.map_or_else(|| Self::clock(0), Ok)?;
        let shift = if now_us.is_none() { now as i64 - then as i64 } else { 0 };
        let mut entries = Vec::new();
        for _ in 0..count {
            entries.push(self.read_entry(&mut reader, shift, now)?);
        }
        if reader.at != data.len() {
            return Err(reader.damaged());
        }
        let mut next = locked(&self.next_lease);
        *next = lease.max(*next);
        let imported = entries.len();
        entries.into_iter().for_each(|entry| self.put(entry, now));
        Ok(imported)
    }

    fn read_entry(&self, reader: &mut Reader, shift: i64, now: u64) -> Result<Entry, Fault> {
        let [dimension, len] = reader.numbers()?;
        let name = Name::new(reader.bytes(len)?);
        let [class_index, time] = reader.numbers()?;
        let found = usize::try_from(dimension).ok().and_then(|index| self.settings.dimensions.get(index));
        let class = found.and_then(|found| found.classes.get(usize::try_from(class_index).ok()?)).ok_or_else(|| reader.damaged())?;
        if len as usize > self.settings.max_key_bytes || time > crate::limiter::MAX_NOW_NS / 1000 {
            return Err(reader.damaged());
        }
        let moved = time.saturating_add_signed(shift).min(now);
        let cells = read_cells(reader, class, moved as i64 - time as i64, moved)?;
        Ok(Entry { time: moved, name, cells, class: class_index as u32, dimension: dimension as u32 })
    }
}

fn put(out: &mut Vec<u8>, numbers: &[u64]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}

fn put_cell(out: &mut Vec<u8>, cell: &Cell) {
    match cell {
        Cell::Plain(value) => put(out, &[1, *value, 0]),
        Cell::Log(log) => {
            put(out, &[log.entries().len() as u64]);
            log.entries().for_each(|(time, cost)| put(out, &[time, cost]));
        }
        Cell::Leases(leases) => {
            put(out, &[leases.len() as u64]);
            leases.iter().for_each(|(end, id)| put(out, &[*end, *id]));
        }
    }
}

fn read_cells(reader: &mut Reader, class: &Class, shift: i64, time: u64) -> Result<Cells, Fault> {
    let read = |window: &Window| read_cell(reader, window, shift, time);
    Ok(Cells::new(class.windows.iter().map(read).collect::<Result<_, _>>()?))
}

/// One window's state; whatever the bytes say, it is one that the window could have.
fn read_cell(reader: &mut Reader, window: &Window, shift: i64, time: u64) -> Result<Cell, Fault> {
    let [count] = reader.numbers()?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        let [first, second] = reader.numbers()?;
        pairs.push((first, second));
    }
    let cell = match window.algorithm {
        Algorithm::Log => read_log(&pairs, window, shift, time).map(Box::new).map(Cell::Log),
        Algorithm::Concurrency => {
            let fits = pairs.len() as u64 <= window.capacity;
            let end = |end: u64| end.saturating_add_signed(shift).min(time + window.period);
            fits.then(|| Cell::Leases(Box::new(pairs.iter().map(|&(ends, id)| (end(ends), id)).collect())))
        }
        _ => match pairs[..] {
            [(value, _)] if window.possible(value) => Some(Cell::Plain(value)),
            _ => None,
        },
    };
    cell.ok_or_else(|| reader.damaged())
}

fn read_log(pairs: &[(u64, u64)], window: &Window, shift: i64, latest: u64) -> Option<Log> {
    let mut log = Log::default();
    let (mut last, mut sum) = (0, 0_u64);
    for &(time, cost) in pairs {
        let time = time.checked_add_signed(shift)?;
        sum = sum.checked_add(cost)?;
        if time < last || time > latest || sum > 2 * window.count || latest - time > crate::rates::MAX_PERIOD_US {
            return None;
        }
        log.add(time, cost);
        last = time;
    }
    Some(log)
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn damaged(&self) -> Fault {
        Fault::with("bad_state", self.at as u64, 0)
    }

    fn bytes(&mut self, len: u64) -> Result<&'a [u8], Fault> {
        let end = usize::try_from(len).ok().and_then(|len| self.at.checked_add(len));
        let found = end.and_then(|end| self.data.get(self.at..end)).ok_or_else(|| self.damaged())?;
        self.at += found.len();
        Ok(found)
    }

    fn numbers<const N: usize>(&mut self) -> Result<[u64; N], Fault> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(self.bytes(8)?);
            *number = u64::from_le_bytes(bytes);
        }
        Ok(numbers)
    }
}
