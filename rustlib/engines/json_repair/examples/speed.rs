//! Times validation on every code path, and repair, of a file: `speed FILE [ROUNDS [PATH]]`.
use std::time::Instant;

use gwplugins_core::config::Schema;
use gwplugins_core::masks::Path;
use gwplugins_json_repair::{JsonRepair, KIND, apply, is_valid};

/// Seconds of one call, the best of many; short ones are timed several at once.
fn timed(rounds: u32, size: usize, mut call: impl FnMut()) -> f64 {
    let calls = (50_000 / size.max(1)).clamp(1, 50);
    let round = |_| {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed().as_secs_f64() / calls as f64
    };
    (0..rounds).map(round).fold(f64::MAX, f64::min)
}

fn main() {
    let text = std::fs::read(std::env::args().nth(1).expect("a file")).expect("readable");
    let rounds = std::env::args().nth(2).map_or(1000, |rounds| rounds.parse().expect("a number"));
    let say = |what: &str, time: f64| println!("{what}: {:.2} us, {:.2} GB/s", time * 1e6, text.len() as f64 / time / 1e9);
    if is_valid(&text, 1000, Path::detect()) {
        let only = std::env::args().nth(3);
        for path in Path::available().into_iter().filter(|path| only.as_ref().is_none_or(|only| *only == format!("{path:?}"))) {
            say(&format!("{path:?}"), timed(rounds, text.len(), || _ = std::hint::black_box(is_valid(&text, 1000, path))));
        }
    }
    let repair = JsonRepair::new(&Schema::parse(KIND.schema).read(b"{}").expect("a configuration"));
    let mut output = Vec::new();
    let time = timed(rounds, text.len(), || {
        output.clear();
        apply(&text, &repair.edits(&text).expect("within the limits"), &mut output);
    });
    say(&format!("{} edits", repair.edits(&text).expect("within the limits").len()), time);
}
