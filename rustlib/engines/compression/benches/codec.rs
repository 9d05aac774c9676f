//! Speed of each codec, without a binding. `cargo bench -p gwplugins-compression`.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gwplugins_compression::{Codec, names};

/// A list of records of about `size` bytes, no two of them equal.
fn document(size: usize) -> Vec<u8> {
    let record = |n: usize| {
        let mixed = n.wrapping_mul(2_654_435_761) % 1_000_003;
        format!(r#"{{"id": {mixed}, "name": "user {n}", "score": 0.{}, "open": {}, "owner": null}}"#, mixed % 997, n.is_multiple_of(3))
    };
    let records: Vec<String> = (0..size / 70 + 1).map(record).collect();
    format!("[{}]", records.join(", ")).into_bytes()
}

fn codecs(criterion: &mut Criterion) {
    for name in names() {
        let codec = Codec::new(name.as_bytes(), b"").expect("a codec");
        let mut group = criterion.benchmark_group(name);
        for size in [1_000, 64 << 10, 1 << 20] {
            let (text, mut small, mut out) = (document(size), Vec::new(), Vec::new());
            codec.compress(&text, &mut small).expect("anything can be compressed");
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new("compress", size), &text, |bencher, text| {
                bencher.iter(|| {
                    out.clear();
                    codec.compress(black_box(text), &mut out)
                });
            });
            group.bench_with_input(BenchmarkId::new("decompress", size), &small, |bencher, small| {
                bencher.iter(|| {
                    out.clear();
                    codec.decompress(black_box(small), &mut out)
                });
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = codecs
}
criterion_main!(benches);
