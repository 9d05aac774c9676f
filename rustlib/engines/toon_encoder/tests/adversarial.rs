//! Inputs made to be slow: twice the text must not cost much more than twice the time.

use std::time::{Duration, Instant};

use gwplugins_core::config;
use gwplugins_core::guard::{Report, Want};
use gwplugins_toon_encoder::KIND;

/// FILL IN: what could make a step look at the same bytes again and again.
const UNITS: [&str; 4] = ["a", " ", "é", "\0"];

const LENGTH: usize = 1 << 18;

fn fastest(text: &[u8]) -> Duration {
    let config = config::read(KIND.schema, b"{}").expect("the default configuration");
    let guard = (KIND.open)(&config).expect("the default configuration");
    let time = |_| {
        let began = Instant::now();
        guard.scan(text, 0, Want { output: true, details: true }, &mut Report::default()).expect("within the limits");
        began.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

#[test]
fn time_is_linear() {
    for unit in UNITS {
        let text = unit.as_bytes().repeat(LENGTH / unit.len());
        let (half, whole) = (fastest(&text[..text.len() / 2]), fastest(&text));
        assert!(whole < half * 4 + Duration::from_millis(5), "{unit:?}: {half:?}, then {whole:?}");
    }
}
