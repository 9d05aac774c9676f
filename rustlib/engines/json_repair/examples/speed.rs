//! Times validation and repair of the file named on the command line: `speed FILE`.
use std::time::Instant;

use gwplugins_core::config::Schema;
use gwplugins_core::masks::Path;
use gwplugins_json_repair::{JsonRepair, KIND, apply, is_valid};

fn main() {
    let text = std::fs::read(std::env::args().nth(1).expect("a file")).expect("readable");
    let repair = JsonRepair::new(&Schema::parse(KIND.schema).read(b"{}").expect("a configuration"));
    for path in Path::available() {
        let mut best = f64::MAX;
        for _ in 0..300 {
            let start = Instant::now();
            std::hint::black_box(is_valid(&text, 1000, path));
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{path:?}: valid {} in {:.1} us, {:.2} GB/s", is_valid(&text, 1000, path), best * 1e6, text.len() as f64 / best / 1e9);
    }
    let mut best = f64::MAX;
    let mut output = Vec::new();
    for _ in 0..300 {
        output.clear();
        let start = Instant::now();
        let edits = repair.edits(&text).expect("within the limits");
        apply(&text, &edits, &mut output);
        best = best.min(start.elapsed().as_secs_f64());
    }
    let edits = repair.edits(&text).expect("within the limits").len();
    println!("repair: {edits} edits in {:.1} us, {:.2} GB/s", best * 1e6, text.len() as f64 / best / 1e9);
}
