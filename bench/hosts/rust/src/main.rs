//! The Rust caller of the table of hosts: `host-bench pii_filter CONFIG_JSON SMALL_FILE BIG_FILE`.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use gwplugins_core::guard::{Guard, Report, Want};

const SAMPLES: usize = 20;
const SAMPLE_NS: f64 = 20e6;
const WARM_UP_NS: f64 = 200e6;
const FIND: Want = Want { output: false, details: false };

/// Nanoseconds of so many calls.
fn timed(guard: &dyn Guard, text: &[u8], report: &mut Report, count: u32) -> Result<f64, Box<dyn Error>> {
    let began = Instant::now();
    for _ in 0..count {
        black_box(report.scan(guard, black_box(text), FIND)?);
    }
    Ok(began.elapsed().as_nanos() as f64)
}

/// Nanoseconds of one call.
fn samples(guard: &dyn Guard, text: &[u8]) -> Result<Vec<f64>, Box<dyn Error>> {
    let (mut report, mut count, mut warm) = (Report::default(), 1, 0.0);
    while warm < WARM_UP_NS {
        let took = timed(guard, text, &mut report, count)?;
        warm += took;
        count = if took > SAMPLE_NS { count } else { count * 2 };
    }
    (0..SAMPLES).map(|_| Ok(timed(guard, text, &mut report, count)? / f64::from(count))).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [kind, config, small, big] = words.as_slice() else { return Err("KIND CONFIG SMALL_FILE BIG_FILE".into()) };
    if kind != gwplugins_pii_filter::KIND.name {
        return Err("this program is built with pii_filter only".into());
    }
    let guard = gwplugins_pii_filter::KIND.guard(config)?;
    let (small, big) = (std::fs::read(small)?, std::fs::read(big)?);
    for text in [&small, &big] {
        let mut report = Report::default();
        let changed = report.scan(&*guard, text, Want { output: true, details: false })?;
        if changed != (report.output != **text && !report.output.is_empty()) {
            return Err("`changed` does not tell whether the output differs".into());
        }
    }
    let speeds: Vec<f64> = samples(&*guard, &big)?.iter().map(|ns| big.len() as f64 / ns * 1e3).collect();
    println!(r#"{{"host": "rust", "path": "crate", "ns_per_call": {:?}, "mb_per_s": {speeds:?}}}"#, samples(&*guard, &small)?);
    Ok(())
}
