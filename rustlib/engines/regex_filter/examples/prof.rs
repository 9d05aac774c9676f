#![allow(missing_docs)]
use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_regex_filter::{KIND, RegexFilter};
use std::time::Instant;
fn main() {
    let config = std::fs::read("/tmp/prof_config.json").unwrap();
    let text = std::fs::read("/tmp/prof_text.txt").unwrap();
    let f = RegexFilter::new(&config::read(KIND.schema, &config).unwrap()).unwrap();
    let mut report = Report::default();
    let mut best = f64::MAX;
    let reps = std::env::args().nth(1).map_or(2000, |a| a.parse().unwrap());
    for _ in 0..5 {
        let s = Instant::now();
        for _ in 0..reps { report.clear(); report.begin_item(); f.scan(&text, 0, Want{output:true,details:false}, &mut report).unwrap(); }
        best = best.min(s.elapsed().as_secs_f64()/reps as f64);
    }
    println!("{:.2} us, {} findings", best*1e6, report.findings.len());
}
