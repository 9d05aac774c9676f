//! Inputs made to be slow. Whatever the text, a byte costs no more than a fixed time: one that is looked at again and again costs
//! thousands of times more here.

use std::time::{Duration, Instant};

use gwplugins_core::config::Schema;
use gwplugins_json_repair::{JsonRepair, KIND};

#[path = "../benches/inputs/adversarial.rs"]
mod inputs;
use inputs::{BEGINNINGS, UNITS};

/// Several times what a text of this length needs with the little optimisation of tests.
const LENGTH: usize = 1 << 14;
const MOST: Duration = Duration::from_millis(20);

fn repairs() -> [JsonRepair; 2] {
    [r#"{"max_depth": 1000000}"#, r#"{"dialect": "js", "max_depth": 1000000}"#]
        .map(|config| JsonRepair::new(&Schema::parse(KIND.schema).read(config.as_bytes()).expect("a configuration")))
}

fn check(repair: &JsonRepair, text: &str, most: Duration) {
    // A busy machine may be slow once.
    let took = (0..5).map(|_| {
        let start = Instant::now();
        repair.edits(text.as_bytes()).expect("within the limits");
        start.elapsed()
    });
    let took = took.take_while(|took| *took > most).count();
    assert!(took < 5, "{:?}... of {} bytes is slow", text.chars().take(40).collect::<String>(), text.len());
}

#[test]
fn repeated_units() {
    let repairs = repairs();
    for beginning in BEGINNINGS {
        for unit in UNITS {
            for repair in &repairs {
                check(repair, &(beginning.to_owned() + &unit.repeat(8 * LENGTH / unit.len())), 8 * MOST);
            }
        }
    }
}

#[test]
fn repeated_pairs() {
    let repairs = repairs();
    for (number, beginning) in BEGINNINGS.iter().enumerate() {
        for first in UNITS {
            for second in UNITS {
                let unit = first.to_owned() + second;
                check(&repairs[number % 2], &((*beginning).to_owned() + &unit.repeat(LENGTH / unit.len())), MOST);
            }
        }
    }
}

#[test]
fn one_unit_then_another() {
    let repair = &repairs()[0];
    for first in UNITS {
        for second in UNITS {
            check(repair, &(first.repeat(LENGTH / first.len() / 2) + &second.repeat(LENGTH / second.len() / 2)), MOST);
        }
    }
}
