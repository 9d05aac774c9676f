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
use gwplugins_rate_limiter::{Decision, Limiter, Options, Values};

const KEYS: usize = 100_000;
/// Keys of one call.
const MANY: usize = 64;
/// Of each thread in a round.
const CHECKS: usize = 5 * KEYS;
/// A million a second: nobody uses it up.
const PLENTY: u32 = 1_000_000;
/// Where the given clock starts.
const START_US: u64 = 1_000_000;

/// How many of the requests for some keys may go on; the time, in microseconds, is for who is given one.
type Check = Box<dyn Fn(&[String], u64) -> usize + Sync>;
/// By threads, what one, two on keys of their own and two on the same keys do.
const THREADS: [&str; 3] = ["one", "two, keys of their own", "two, the same keys"];

struct Subject {
    title: &'static str,
    /// Of so many requests a second.
    make: fn(u32) -> Check,
}

fn limiter(per_second: u32) -> Limiter {
    Limiter::new(format!(r#"{{"by_user": "{per_second}/s"}}"#).as_bytes()).expect("a valid configuration")
}

/// One call for each key.
fn single(check: impl Fn(&String, u64) -> bool + Sync + 'static) -> Check {
    Box::new(move |keys, now_us| keys.iter().filter(|key| check(black_box(key), now_us)).count())
}

fn ours(per_second: u32, clock: fn(u64) -> u64) -> Check {
    let limiter = limiter(per_second);
    single(move |key, now_us| {
        let now_us = Limiter::clock(clock(now_us) * 1000).expect("a time of this century");
        limiter.check(Values::List(&[key.as_bytes()]), 1, now_us, Options::default(), None).is_ok_and(|decision| decision.allowed)
    })
}

/// One call for all keys.
fn many(per_second: u32, clock: fn(u64) -> u64) -> Check {
    let limiter = limiter(per_second);
    Box::new(move |keys, now_us| {
        let mut allowed = 0;
        let values: Vec<&[u8]> = keys.iter().map(String::as_bytes).collect();
        let mut told = |_, decision: Decision| allowed += usize::from(decision.allowed);
        let now_ns = clock(now_us) * 1000;
        let done = limiter.check_many(Values::List(&values), keys.len(), now_ns, Options::default(), &|_| 1, &mut told);
        done.map_or(0, |()| allowed)
    })
}

fn quota(per_second: u32) -> Quota {
    Quota::per_second(NonZeroU32::new(per_second).expect("more than none"))
}

const SUBJECTS: [Subject; 7] = [
    Subject { title: "gwplugins, in Rust, 64 in a call, time given", make: |rate| many(rate, |now_us| now_us) },
    Subject { title: "gwplugins, in Rust, 64 in a call, own clock", make: |rate| many(rate, |_| 0) },
    Subject { title: "gwplugins, in Rust, time given", make: |rate| ours(rate, |now_us| now_us) },
    Subject { title: "gwplugins, in Rust, own clock", make: |rate| ours(rate, |_| 0) },
    Subject {
        title: "governor, DashMap, own clock",
        make: |rate| {
            let limiter = RateLimiter::dashmap(quota(rate));
            single(move |key, _| limiter.check_key(key).is_ok())
        },
    },
    Subject {
        title: "governor, HashMap, own clock",
        make: |rate| {
            let limiter = RateLimiter::hashmap(quota(rate));
            single(move |key, _| limiter.check_key(key).is_ok())
        },
    },
    Subject {
        title: "governor, DashMap, clock that stands still",
        make: |rate| {
            let limiter = RateLimiter::dashmap_with_clock(quota(rate), FakeRelativeClock::default());
            single(move |key, _| limiter.check_key(key).is_ok())
        },
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args().nth(1).ok_or("ROUNDS")?.parse()?;
    for subject in &SUBJECTS {
        let few = (subject.make)(3);
        let answers = [(); 5].map(|()| few(&["user-1".to_owned()], START_US));
        if answers != [1, 1, 1, 0, 0] || few(&[(); 5].map(|()| "user-2".to_owned()), START_US) != 3 {
            return Err(format!("{}: {answers:?} of a limit of three", subject.title).into());
        }
    }
    let checks: Vec<Check> = SUBJECTS.iter().map(|subject| (subject.make)(PLENTY)).collect();
    let (first, second) = (shuffled(1), shuffled(2));
    let lists: [&[&[String]]; 3] = [&[&first], &[&first[..KEYS / 2], &first[KEYS / 2..]], &[&first, &second]];
    for check in &checks {
        let refused = KEYS - (0..KEYS).map(|number| check(&[name(number)], START_US)).sum::<usize>();
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
        let mut left = count;
        for (keys, now_us) in keys.chunks(MANY).cycle().zip(START_US + 1..) {
            let keys = &keys[..keys.len().min(left)];
            assert_eq!(check(black_box(keys), now_us), keys.len(), "nobody uses it up");
            left -= keys.len();
            if left == 0 {
                break;
            }
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
