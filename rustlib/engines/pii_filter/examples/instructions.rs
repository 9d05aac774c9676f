//! Runs one micro-benchmark a number of times, for callgrind to count: `instructions NAME TIMES`.
//!
//! Instructions of one scan = the difference of two counts, divided by the difference of TIMES. `bench/instructions.py` does that and compares
//! with `bench/plugins/pii_filter/instructions.json`. Without arguments the names are printed.

use std::hint::black_box;

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_pii_filter::{KIND, PiiFilter};

#[path = "../benches/inputs/texts.rs"]
mod texts;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = [("clean 100 B", texts::clean(100)), ("found 64 B", texts::dense(64)), ("log 16 KiB", texts::log(16 << 10))];
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        all.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let times: usize = arguments.next().ok_or("how many times?")?.parse()?;
    let (_, text) = all.iter().find(|(one, _)| *one == name).ok_or("no such benchmark")?;
    let filter = PiiFilter::new(&config::read(KIND.schema, b"{}")?)?;
    let mut report = Report::default();
    for _ in 0..times {
        report.clear();
        filter.scan(black_box(text.as_bytes()), 0, Want { output: true, details: false }, &mut report)?;
    }
    Ok(())
}
