//! Texts of the vectors, one after the other: `make rust-bench PLUGIN=toon_encoder`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gwplugins_core::config;
use gwplugins_core::guard::{Report, Want};
use gwplugins_toon_encoder::KIND;

fn scan(bench: &mut Criterion) {
    let rows = include_str!("../../../../tests/vectors/toon_encoder.jsonl").lines();
    let inputs = rows.filter_map(|row| serde_json::from_str::<serde_json::Value>(row).ok()?["input"].as_str().map(str::to_owned));
    let text = inputs.collect::<Vec<_>>().join("\n").repeat(64);
    let config = config::read(KIND.schema, b"{}").expect("the default configuration");
    let guard = (KIND.open)(&config).expect("the default configuration");
    let mut report = Report::default();
    let mut group = bench.benchmark_group("scan");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("vectors", |bencher| {
        bencher.iter(|| {
            report.clear();
            guard.scan(text.as_bytes(), 0, Want { output: true, details: false }, &mut report)
        });
    });
}

criterion_group!(benches, scan);
criterion_main!(benches);
