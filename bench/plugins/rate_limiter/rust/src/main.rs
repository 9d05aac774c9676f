//! Checks a second over 100,000 keys in Rust, our engine and `governor`, by one thread and by two: `limiter-bench ROUNDS`.
//!
//! Keys are made in one order and asked for in another. Prints one JSON object: by subject and threads, millions of checks a second.

use std::error::Error;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use governor::clock::FakeRelativeClock;
use governor::{Quota, RateLimiter};
use gwplugins_rate_limiter::{Limiter, Options, Values};

const KEYS: usize = 100_000;
/// Of each thread in a round.
const CHECKS: usize = 5 * KEYS;
/// A million a second: nobody uses it up.
const PLENTY: u32 = 1_000_000;
/// Where the given clock starts.
const START_US: u64 = 1_000_000;

/// Whether a request for a key may go on; the time, in microseconds, is for who is given one.
type Check = Box<dyn Fn(&String, u64) -> bool + Sync>;
/// By threads, what one, two on keys of their own and two on the same keys do.
const THREADS: [&str; 3] = ["one", "two, keys of their own", "two, the same keys"];

struct Subject {
    title: &'static str,
    /// Of so many requests a second.
    make: fn(u32) -> Check,
}

fn ours(per_second: u32, clock: fn(u64) -> u64) -> Check {
    let limiter = Limiter::new(format!(r#"{{"by_user": "{per_second}/s"}}"#).as_bytes()).expect("a valid configuration");
    Box::new(move |key, now_us| {
        let now_us = Limiter::clock(clock(now_us) * 1000).expect("a time of this century");
        limiter.check(Values::List(&[key.as_bytes()]), 1, now_us, Options::default(), None).is_ok_and(|decision| decision.allowed)
    })
}

fn quota(per_second: u32) -> Quota {
    Quota::per_second(NonZeroU32::new(per_second).expect("more than none"))
}

const SUBJECTS: [Subject; 5] = [
    Subject { title: "gwplugins, in Rust, time given", make: |rate| ours(rate, |now_us| now_us) },
    Subject { title: "gwplugins, in Rust, own clock", make: |rate| ours(rate, |_| 0) },
    Subject {
        title: "governor, DashMap, own clock",
        make: |rate| {
            let limiter = RateLimiter::dashmap(quota(rate));
            Box::new(move |key, _| limiter.check_key(key).is_ok())
        },
    },
    Subject {
        title: "governor, HashMap, own clock",
        make: |rate| {
            let limiter = RateLimiter::hashmap(quota(rate));
            Box::new(move |key, _| limiter.check_key(key).is_ok())
        },
    },
    Subject {
        title: "governor, DashMap, clock that stands still",
        make: |rate| {
            let limiter = RateLimiter::dashmap_with_clock(quota(rate), FakeRelativeClock::default());
            Box::new(move |key, _| limiter.check_key(key).is_ok())
        },
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args().nth(1).ok_or("ROUNDS")?.parse()?;
    for subject in &SUBJECTS {
        let few = (subject.make)(3);
        let answers = [(); 5].map(|()| few(&"user-1".to_owned(), START_US));
        if answers != [true, true, true, false, false] {
            return Err(format!("{}: {answers:?} of a limit of three", subject.title).into());
        }
    }
    let checks: Vec<Check> = SUBJECTS.iter().map(|subject| (subject.make)(PLENTY)).collect();
    let (first, second) = (shuffled(1), shuffled(2));
    let lists: [&[&[String]]; 3] = [&[&first], &[&first[..KEYS / 2], &first[KEYS / 2..]], &[&first, &second]];
    for check in &checks {
        let refused = (0..KEYS).filter(|number| !check(&name(*number), START_US)).count();
        if refused > 0 {
            return Err(format!("{refused} new keys refused").into());
        }
    }
    let mut found = vec![[const { Vec::new() }; 3]; checks.len()];
    for round in 0..rounds {
        for turn in 0..checks.len() {
            let subject = (round + turn) % checks.len();
            for (list, rates) in lists.iter().zip(&mut found[subject]) {
                rates.push(millions(&checks[subject], list));
            }
        }
    }
    let row = |(subject, rates): (&Subject, &[Vec<f64>; 3])| {
        let by_threads: Vec<String> = THREADS.iter().zip(rates).map(|(threads, rates)| format!("{threads:?}: {rates:?}")).collect();
        format!("{:?}: {{{}}}", subject.title, by_threads.join(", "))
    };
    println!("{{{}}}", SUBJECTS.iter().zip(&found).map(row).collect::<Vec<_>>().join(", "));
    Ok(())
}

fn name(number: usize) -> String {
    format!("user-{number}")
}

/// All keys, as requests bring them: in an order of their own, each in memory of its own.
fn shuffled(seed: u64) -> Vec<String> {
    let mut numbers: Vec<usize> = (0..KEYS).collect();
    let mut random = seed;
    for left in (1..KEYS).rev() {
        // Knuth's linear congruential generator; its upper half is random enough.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        numbers.swap(left, (random >> 33) as usize % (left + 1));
    }
    numbers.into_iter().map(name).collect()
}

/// Millions of checks a second, of all threads together; each goes through its own list of keys.
fn millions(check: &Check, lists: &[&[String]]) -> f64 {
    let gate = Barrier::new(lists.len());
    let run = |keys: &[String], count: usize| {
        for (key, now_us) in keys.iter().cycle().zip(START_US + 1..).take(count) {
            black_box(check(black_box(key), now_us));
        }
    };
    let timed = |keys: &[String]| {
        // What others left in the caches is not counted.
        run(keys, keys.len());
        gate.wait();
        let began = Instant::now();
        run(keys, CHECKS);
        began.elapsed().as_secs_f64()
    };
    let seconds = thread::scope(|scope| {
        let threads: Vec<_> = lists.iter().map(|keys| scope.spawn(|| timed(keys))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).fold(0.0, f64::max)
    });
    (lists.len() * CHECKS) as f64 / seconds / 1e6
}
