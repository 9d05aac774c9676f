//! Speed of the engine: validation on every code path, repair of broken documents. `cargo bench -p gwplugins-json-repair`.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_core::masks::Path;
use gwplugins_json_repair::{JsonRepair, KIND, is_valid};

#[path = "inputs/adversarial.rs"]
mod adversarial;

const RECORD: &str = r#"{"id": 17, "title": "A green garden", "score": 0.8125, "open": true, "owner": null, "tags": ["river", "late"], "at": {"x": [1, 2], "y": "\u00e9"}}"#;
const OUTPUT: Want = Want { output: true, details: false };

/// A way to break a document.
type Break = fn(&str) -> String;

/// A valid list of records of about `size` bytes.
fn document(size: usize) -> String {
    let records = vec![RECORD; size / RECORD.len() + 1];
    format!("[{}]", records.join(", "))
}

fn repair() -> JsonRepair {
    JsonRepair::new(&config::read(KIND.schema, br#"{"max_depth": 1000000}"#).expect("a configuration"))
}

fn valid(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("valid");
    for text in [document(200), document(1 << 20)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        for path in Path::available() {
            let id = BenchmarkId::new(format!("{path:?}"), text.len());
            group.bench_with_input(id, text.as_bytes(), |bencher, text| bencher.iter(|| is_valid(black_box(text), 512, path)));
        }
    }
    group.finish();
}

fn broken(criterion: &mut Criterion) {
    let repair = repair();
    let mut report = Report::default();
    let mut group = criterion.benchmark_group("broken");
    let breaks: [(&str, Break); 4] = [
        ("single quotes", |text| text.replace('"', "'")),
        ("keys without quotes", |text| text.replace("\"id\":", "id:").replace("\"open\":", "open:")),
        ("trailing commas", |text| text.replace("]}", ",]}")),
        ("the end missing", |text| text[..text.len() - 3].to_owned()),
    ];
    for (name, change) in breaks {
        for size in [200, 20_000] {
            let text = change(&document(size));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new(name, size), text.as_bytes(), |bencher, text| {
                bencher.iter(|| {
                    report.clear();
                    repair.scan(black_box(text), 0, OUTPUT, &mut report)
                });
            });
        }
    }
    group.finish();
}

fn slow(criterion: &mut Criterion) {
    let repair = repair();
    let mut group = criterion.benchmark_group("made to be slow");
    for unit in adversarial::UNITS.iter().filter(|unit| unit.len() > 3) {
        let text = adversarial::BEGINNINGS[1].to_owned() + &unit.repeat(4096 / unit.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(unit), text.as_bytes(), |bencher, text| {
            bencher.iter(|| repair.edits(black_box(text)));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(1)).sample_size(20);
    targets = valid, broken, slow
}
criterion_main!(benches);
