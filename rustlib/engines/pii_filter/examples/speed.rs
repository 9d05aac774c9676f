//! Prints GB/s of the engine over files, on every code path.

use gwplugins_core::config;
use gwplugins_core::guard::{Report, Want};
use gwplugins_core::masks::Path;
use gwplugins_pii_filter::{KIND, PiiFilter};
fn main() {
    for file in std::env::args().skip(1) {
        let text = std::fs::read(&file).unwrap();
        for path in [Path::detect()] {
            let f = PiiFilter::new(&config::read(KIND.schema, b"{}").unwrap()).unwrap().on_path(path);
            let f: Box<dyn gwplugins_core::guard::Guard> = Box::new(f);
            let mut report = Report::default();
            let mut best = f64::MAX;
            for _ in 0..std::env::var("LOOPS").map_or(20, |n| n.parse().unwrap()) {
                let t = std::time::Instant::now();
                report.clear();
                f.scan(&text, 0, Want { output: false, details: false }, &mut report).unwrap();
                best = best.min(t.elapsed().as_secs_f64());
            }
            println!("{file} {path:?} {:.3} GB/s  {} findings", text.len() as f64 / best / 1e9, report.findings.len());
        }
    }
}
