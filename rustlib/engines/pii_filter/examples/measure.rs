//! Figures that only Rust can give, as JSON: `measure FOLDER` with the corpora `*.txt`, among them `prose.txt`.
//!
//! Speed on every code path; `prose.txt` against `memchr` for an absent byte over the same buffer; the slowest of the adversarial inputs; what a
//! clean scan allocates. `bench/rust.py` runs it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::path::Path as FilePath;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_core::masks::Path;
use gwplugins_pii_filter::{KIND, PiiFilter};
use serde_json::{Map, Value, json};

#[path = "../benches/inputs/adversarial.rs"]
mod adversarial;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const FINDINGS: Want = Want { output: false, details: false };
const MIB: usize = 1 << 20;
/// Adversarial texts are this long when all are tried, and 1 MiB when the slowest are timed.
const TRIAL: usize = 16 << 10;
const AGAIN: usize = 128;
const SLOWEST: usize = 8;
const ROUNDS: usize = 21;

static ALLOCATED: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: hands every call to the system allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn filter(config: &str) -> Outcome<PiiFilter> {
    Ok(PiiFilter::new(&config::read(KIND.schema, config.as_bytes())?)?)
}

fn scan(filter: &PiiFilter, text: &[u8], report: &mut Report) {
    report.clear();
    filter.scan(black_box(text), 0, FINDINGS, report).expect("a text within the limits");
}

/// Bytes per second of `work` over `length` bytes, repeated until it takes a measurable time.
fn speed(length: usize, mut work: impl FnMut()) -> f64 {
    let times = (4 * MIB / length.max(1)).max(1);
    let began = Instant::now();
    for _ in 0..times {
        work();
    }
    (times * length) as f64 / began.elapsed().as_secs_f64()
}

fn paths(folder: &FilePath) -> Outcome<Value> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    names.sort();
    let mut all = Map::new();
    for name in names.iter().filter(|name| name.extension().is_some_and(|extension| extension == "txt")) {
        let text = std::fs::read(name)?;
        let filters = Path::available().into_iter().map(|path| Ok((path, filter("{}")?.on_path(path)))).collect::<Outcome<Vec<_>>>()?;
        let mut report = Report::default();
        let mut speeds = vec![Vec::new(); filters.len()];
        for _ in 0..ROUNDS {
            for ((_, filter), speeds) in filters.iter().zip(&mut speeds) {
                speeds.push(speed(text.len(), || scan(filter, &text, &mut report)));
            }
        }
        let by_path: Map<_, _> = filters.iter().zip(speeds).map(|((path, _), speeds)| (format!("{path:?}"), json!(speeds))).collect();
        all.insert(name.file_stem().unwrap_or_default().to_string_lossy().into_owned(), by_path.into());
    }
    Ok(all.into())
}

fn beside_memchr(text: &[u8]) -> Outcome<Value> {
    let mut all = Map::new();
    for (name, copies, rounds) in [("1 MiB", 1, 4 * ROUNDS), ("256 MiB", 256, 5)] {
        let text = text.repeat(copies);
        let filter = filter(r#"{"max_text_bytes": 1073741824}"#)?;
        let mut report = Report::default();
        let (mut memchrs, mut scans) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            memchrs.push(speed(text.len(), || assert!(memchr::memchr(0, black_box(&text)).is_none())));
            scans.push(speed(text.len(), || scan(&filter, &text, &mut report)));
        }
        assert!(report.findings.is_empty(), "the text is clean");
        all.insert(name.to_owned(), json!({ "memchr": memchrs, "scan": scans }));
    }
    Ok(all.into())
}

/// The slowest inputs, each unit repeated and each pair of units repeated, and their speeds over 1 MiB.
fn slowest() -> Outcome<Value> {
    let filter = filter("{}")?;
    let mut report = Report::default();
    let units = adversarial::UNITS.iter();
    let mut inputs: Vec<String> = units.clone().map(|unit| (*unit).to_owned()).collect();
    inputs.extend(units.flat_map(|one| adversarial::UNITS.iter().map(move |other| format!("{one}{other}"))));
    let filled = |unit: &str, size: usize| unit.repeat(size / unit.len());
    let mut tried: Vec<(f64, String)> = inputs
        .into_iter()
        .map(|unit| {
            let text = filled(&unit, TRIAL);
            let best = (0..3).map(|_| timed(&filter, text.as_bytes(), &mut report)).fold(0.0, f64::max);
            (best, unit)
        })
        .collect();
    let count = tried.len();
    // What was slow once may have been disturbed: the slowest are tried again.
    let by_speed = |one: &(f64, String), other: &(f64, String)| one.0.total_cmp(&other.0);
    tried.sort_by(by_speed);
    tried.truncate(AGAIN);
    for _ in 0..ROUNDS {
        for (best, unit) in &mut tried {
            *best = best.max(timed(&filter, filled(unit, TRIAL).as_bytes(), &mut report));
        }
    }
    tried.sort_by(by_speed);
    let timed: Vec<_> = tried
        .iter()
        .take(SLOWEST)
        .map(|(_, unit)| {
            let text = filled(unit, MIB);
            let speeds: Vec<_> = (0..ROUNDS).map(|_| timed(&filter, text.as_bytes(), &mut report)).collect();
            json!({ "unit": unit, "speeds": speeds, "findings": report.findings.len() })
        })
        .collect();
    Ok(json!({ "inputs": count, "slowest": timed }))
}

fn timed(filter: &PiiFilter, text: &[u8], report: &mut Report) -> f64 {
    let began = Instant::now();
    scan(filter, text, report);
    text.len() as f64 / began.elapsed().as_secs_f64()
}

/// Bytes allocated by a scan of the clean text, the first one of this report included.
fn allocated(text: &[u8]) -> Outcome<u64> {
    let filter = filter("{}")?;
    let mut report = Report::default();
    scan(&filter, b"warm up", &mut report);
    let before = ALLOCATED.load(Ordering::Relaxed);
    scan(&filter, text, &mut report);
    assert!(report.findings.is_empty(), "the text is clean");
    Ok(ALLOCATED.load(Ordering::Relaxed) - before)
}

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("which folder holds the corpora?")?;
    let folder = FilePath::new(&folder);
    let prose = std::fs::read(folder.join("prose.txt"))?;
    let figures = json!({
        "path": format!("{:?}", Path::detect()),
        "clean_scan_allocates_bytes": allocated(&prose)?,
        "memchr": beside_memchr(&prose)?,
        "paths": paths(folder)?,
        "adversarial": slowest()?,
    });
    println!("{figures}");
    Ok(())
}
