//! Checks a second of one dimension over 100,000 keys, by one thread and by two: `cargo bench -p gwplugins-rate-limiter`. The report's
//! figures come from `bench/`.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use gwplugins_rate_limiter::{Limiter, Options, Values};

const KEYS: usize = 100_000;
const CHECKS: usize = 2_000_000;
const REPEATS: usize = 5;

fn main() {
    let names: Vec<String> = (0..KEYS).map(|number| format!("user-{}", number * 7919 % KEYS)).collect();
    for algorithm in ["gcra", "token_bucket", "fixed_window", "sliding_window_counter", "sliding_window_log"] {
        let config = format!(r#"{{"by_user": "1000000/s", "algorithm": "{algorithm}"}}"#);
        let rates = [1, 2].map(|threads| best(&config, &names, threads));
        println!("{algorithm}: {:.1} million checks/s by one thread, {:.1} by two", rates[0], rates[1]);
    }
}

/// Millions of checks a second, the best of a few times.
fn best(config: &str, names: &[String], threads: usize) -> f64 {
    let limiter = Limiter::new(config.as_bytes()).expect("a valid configuration");
    run(&limiter, names, 0);
    let once = |_| {
        let start = Instant::now();
        thread::scope(|scope| {
            (0..threads).for_each(|thread| {
                _ = scope.spawn({
                    let limiter = &limiter;
                    move || run(limiter, names, thread * names.len() / 2)
                })
            })
        });
        (threads * CHECKS) as f64 / start.elapsed().as_secs_f64() / 1e6
    };
    (0..REPEATS).map(once).fold(0.0, f64::max)
}

fn run(limiter: &Limiter, names: &[String], first: usize) {
    let mut now = 1_000_000;
    let mut turn = names.iter().cycle().skip(first);
    for _ in 0..CHECKS {
        let Some(name) = turn.next() else { return };
        now += 1;
        let decision = limiter.check(Values::List(&[name.as_bytes()]), 1, now, Options::default(), None);
        black_box(decision.is_ok());
    }
}
