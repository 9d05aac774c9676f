//! Speed of the engine on every code path: `cargo bench -p gwplugins-pii-filter`, or `make rust-bench`.
//!
//! The byte masks are timed alone too: inlined they halve the speed of everything else, and this shows it.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_core::masks::{BLOCK, Path};
use gwplugins_pii_filter::{KIND, PiiFilter};

#[path = "inputs/texts.rs"]
mod texts;

const FINDINGS: Want = Want { output: false, details: false };
const OUTPUT: Want = Want { output: true, details: false };

fn filter(path: Path) -> PiiFilter {
    let config = config::read(KIND.schema, b"{}").expect("the default configuration");
    PiiFilter::new(&config).expect("the default configuration").on_path(path)
}

fn scan(criterion: &mut Criterion) {
    let large = [("clean", texts::clean(1 << 20)), ("log", texts::log(1 << 20)), ("dense", texts::dense(1 << 20))];
    let small = [
        ("clean 100 B", texts::CLEAN.to_owned()),
        ("log line 160 B", texts::LOG_LINE.to_owned()),
        ("found 64 B", texts::FOUND_LINE.to_owned()),
    ];
    let mut group = criterion.benchmark_group("scan");
    for (name, text) in large.iter().chain(&small) {
        group.throughput(Throughput::Bytes(text.len() as u64));
        for path in Path::available() {
            let filter = filter(path);
            let mut report = Report::default();
            group.bench_with_input(BenchmarkId::new(*name, format!("{path:?}")), text.as_bytes(), |bencher, text| {
                bencher.iter(|| {
                    report.clear();
                    filter.scan(black_box(text), 0, FINDINGS, &mut report)
                });
            });
        }
    }
    group.finish();
}

fn mask(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mask");
    for (name, text) in [("log", texts::log(1 << 20)), ("dense", texts::dense(1 << 20))] {
        let filter = filter(Path::detect());
        let mut report = Report::default();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), text.as_bytes(), |bencher, text| {
            bencher.iter(|| {
                report.clear();
                filter.scan(black_box(text), 0, OUTPUT, &mut report)
            });
        });
    }
    group.finish();
}

fn byte_masks(criterion: &mut Criterion) {
    let text = texts::log(64 << 10);
    let mut group = criterion.benchmark_group("byte masks of 64 bytes");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for path in Path::available() {
        group.bench_with_input(BenchmarkId::from_parameter(format!("{path:?}")), text.as_bytes(), |bencher, text| {
            bencher.iter(|| {
                let blocks = text.chunks_exact(BLOCK).filter_map(|block| block.try_into().ok());
                blocks.fold(0, |sum, block| sum ^ path.masks(black_box(block)).digit)
            });
        });
    }
    group.finish();
}

fn open(criterion: &mut Criterion) {
    criterion.bench_function("open, default configuration", |bencher| bencher.iter(|| filter(Path::detect())));
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    targets = scan, mask, byte_masks, open
}
criterion_main!(benches);
