//! Inputs made to be slow. With the feature `count-reads` every byte read is counted, and the count stays within a constant times
//! the length, whatever the input: `cargo test --features count-reads --test adversarial`.
#![cfg(feature = "count-reads")]

use gwplugins_core::config;
use gwplugins_core::guard::{Guard, Report, Want};
use gwplugins_core::masks::Path;
use gwplugins_core::text::take_reads;
use gwplugins_pii_filter::{KIND, PiiFilter};

#[path = "../benches/inputs/adversarial.rs"]
mod inputs;
use inputs::UNITS;

/// Reads for each byte that no input may pass. The largest measured is printed.
const MOST_READS_PER_BYTE: u64 = 32;

const LENGTH: usize = 1 << 16;

fn reads(guard: &PiiFilter, text: &[u8]) -> u64 {
    let mut report = Report::default();
    take_reads();
    guard.scan(text, 0, Want::default(), &mut report).expect("within the limits");
    take_reads()
}

#[test]
fn reads_stay_within_a_constant_times_the_length() {
    let config = config::read(KIND.schema, b"{}").expect("the default configuration");
    let guard = PiiFilter::new(&config).expect("the default configuration").on_path(Path::detect());
    let mut worst = (0, "");
    for unit in UNITS {
        let text = unit.as_bytes().repeat(LENGTH / unit.len());
        worst = worst.max((reads(&guard, &text) / text.len() as u64, unit));
        // One run after another, so that nothing repeats evenly.
        for other in UNITS {
            let pair = [unit.as_bytes(), other.as_bytes()].concat();
            let text = pair.repeat(4096 / pair.len());
            worst = worst.max((reads(&guard, &text) / text.len() as u64, unit));
        }
    }
    println!("most reads for each byte: {} ({:?})", worst.0, worst.1);
    assert!(worst.0 > 0, "reads are counted");
    assert!(worst.0 <= MOST_READS_PER_BYTE, "{} reads for each byte of {:?}", worst.0, worst.1);
}

#[test]
fn one_long_run_is_read_once() {
    let config = config::read(KIND.schema, b"{}").expect("the default configuration");
    let guard = PiiFilter::new(&config).expect("the default configuration");
    for unit in ["1", "a", "@", ":", ".", "-", " ", "é", "(", "+"] {
        let text = unit.as_bytes().repeat(1 << 20);
        let each = reads(&guard, &text) as f64 / text.len() as f64;
        assert!(each <= MOST_READS_PER_BYTE as f64, "{each} reads for each byte of {unit:?}");
    }
}
