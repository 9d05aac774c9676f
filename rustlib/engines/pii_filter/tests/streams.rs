//! Any chunking gives the whole text's findings and output; a clean scan allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_core::offsets::Unit;
use gwplugins_core::stream::Stream;
use gwplugins_pii_filter::{KIND, PiiFilter};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../../tests/vectors/pii_filter.jsonl");
const WANT: Want = Want { output: true, details: false };

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: hands every call to the system allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
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

fn open(config: &[u8]) -> PiiFilter {
    PiiFilter::new(&config::read(KIND.schema, config).expect("a valid configuration")).expect("a valid configuration")
}

/// All texts of the vectors, clean text between them, so that windows begin and end everywhere.
fn corpus() -> Vec<u8> {
    let mut text = Vec::new();
    for (number, line) in VECTORS.lines().enumerate() {
        let Ok(row) = serde_json::from_str::<Value>(line) else { continue };
        text.extend_from_slice(row["input"].as_str().unwrap_or_default().as_bytes());
        text.extend_from_slice(["\n", " and then some words ", ", ", " nothing to see here ".repeat(30).as_str()][number % 4].as_bytes());
    }
    text
}

#[test]
fn any_chunking_is_the_whole() {
    check(b"{}", &corpus(), &[1, 2, 3, 7, 64, 511, 512, 513, 1000, 4096, usize::MAX]);
}

/// A match that a whitelist or another finding drops still decides where its pattern goes on: a cut inside one must not be seen.
#[test]
fn any_chunking_is_the_whole_for_patterns_that_iterate() {
    let letters = |period: usize| (0..6000).map(|n: usize| b"aabab"[n * n / 7 % period]).collect::<Vec<u8>>();
    let whitelisted = br#"{"custom_patterns": [{"pattern": "[ab]{5}"}], "whitelist_patterns": ["aba"]}"#;
    let overlapping = br#"{"custom_patterns": [{"pattern": "ba"}, {"pattern": "a[ab]{3,7}"}], "whitelist_patterns": ["^aab"]}"#;
    for config in [&whitelisted[..], overlapping] {
        for period in 2..=5 {
            check(config, &letters(period), &[1, 100, 513, 900]);
        }
    }
}

fn check(config: &[u8], text: &[u8], sizes: &[usize]) {
    let guard: Arc<dyn Guard> = Arc::new(open(config));
    let mut whole = Report::default();
    let changed = guard.scan(text, 0, WANT, &mut whole).expect("within the limits");
    assert!(changed && whole.findings.len() > 300);
    for &size in sizes {
        let mut stream = Stream::new(Arc::clone(&guard), WANT, Unit::Bytes).expect("streams");
        let (mut findings, mut output) = (Vec::new(), Vec::new());
        let mut part = Report::default();
        for chunk in text.chunks(size.min(text.len())) {
            part.clear();
            stream.push(chunk, &mut part).expect("within the limits");
            findings.append(&mut part.findings);
            output.append(&mut part.output);
        }
        part.clear();
        stream.finish(&mut part).expect("within the limits");
        findings.append(&mut part.findings);
        output.append(&mut part.output);
        let first = findings.iter().zip(&whole.findings).find(|(part, whole)| part != whole);
        assert_eq!(first, None, "chunks of {size}: first difference, part and whole");
        assert_eq!(findings.len(), whole.findings.len(), "chunks of {size}");
        assert!(output == whole.output, "output of chunks of {size}");
    }
}

#[test]
fn a_clean_scan_allocates_nothing() {
    let guard = open(b"{}");
    let clean = b"2026-11-23T10:20:30Z INFO request id=8f14e45fceea167a status=200 path=/a/b @decorator a::b ".repeat(1000);
    let dirty = b"mail alice@example.com now";
    let mut report = Report::default();
    // The first finding makes room; clean text never does.
    for text in [&dirty[..], &clean] {
        report.clear();
        guard.scan(text, 0, WANT, &mut report).expect("within the limits");
    }
    report.clear();
    let before = ALLOCATIONS.with(Cell::get);
    guard.scan(&clean, 0, WANT, &mut report).expect("within the limits");
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0);
    assert!(report.findings.is_empty());
}
