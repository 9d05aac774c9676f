//! What the traces cannot ask: threads, memory, hostile keys, export and import.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use gwplugins_rate_limiter::{Limiter, Options, Values};

/// The system allocator, counting the bytes that are held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)]
// SAFETY: every call is passed on to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `alloc` made it.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Memory is counted for the whole program: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn limiter(config: &str) -> Limiter {
    Limiter::new(config.as_bytes()).expect("a valid configuration")
}

fn allowed(limiter: &Limiter, value: &[u8], now_us: u64) -> bool {
    limiter.check(Values::List(&[value]), 1, now_us, Options::default(), None).expect("a valid request").allowed
}

#[test]
fn a_million_keys_take_less_than_120_bytes_each_beyond_the_key() {
    let _alone = alone();
    for algorithm in ["gcra", "fixed_window", "sliding_window_counter"] {
        let before = HELD.load(Ordering::Relaxed);
        let limiter = limiter(&format!(r#"{{"by_user": "100/m", "algorithm": "{algorithm}"}}"#));
        let mut key_bytes = 0;
        // Fewer than max_keys: the shards are not equally full.
        for number in 0..900_000_u32 {
            let key = format!("user-{number}");
            key_bytes += key.len();
            assert!(allowed(&limiter, key.as_bytes(), 1_000_000));
        }
        let keys = limiter.keys();
        assert!(keys > 890_000, "{keys}");
        let each = (HELD.load(Ordering::Relaxed) - before - key_bytes) / keys;
        assert!(each < 120, "{algorithm}: {each} bytes");
    }
}

#[test]
fn a_log_takes_eight_bytes_for_each_request() {
    let _alone = alone();
    let limiter = limiter(r#"{"by_user": "1000000/h", "algorithm": "sliding_window_log"}"#);
    allowed(&limiter, b"a", 1);
    let before = HELD.load(Ordering::Relaxed);
    (2..500_000).for_each(|now| assert!(allowed(&limiter, b"a", now)));
    let each = (HELD.load(Ordering::Relaxed) - before) as f64 / 500_000.0;
    assert!(each < 16.1, "{each} bytes: more than 8, and as much again of room to grow");
}

#[test]
fn keys_are_bounded_whatever_comes() {
    let _alone = alone();
    let limiter = limiter(r#"{"by_user": "1/m", "max_keys": 1000}"#);
    let before = HELD.load(Ordering::Relaxed);
    for number in 0..200_000_u32 {
        let long = format!("{number}-{}", "x".repeat((number % 900) as usize));
        assert!(allowed(&limiter, long.as_bytes(), u64::from(number)));
    }
    assert!(limiter.keys() <= 1000);
    assert!(HELD.load(Ordering::Relaxed) - before < 2_000_000);
}

#[test]
fn keys_that_nobody_uses_any_more_go() {
    let _alone = alone();
    let limiter = limiter(r#"{"by_user": "1/s"}"#);
    (0..100_000_u64).for_each(|number| assert!(allowed(&limiter, &number.to_le_bytes(), number * 1000)));
    // Each is forgotten after two seconds, and dropped after four; the hand needs a while to come round.
    assert!(limiter.keys() < 20_000, "{}", limiter.keys());
}

#[test]
fn threads_never_get_more_than_the_quota() {
    let _alone = alone();
    for algorithm in ["gcra", "token_bucket", "fixed_window", "sliding_window_log", "sliding_window_counter"] {
        let config = format!(r#"{{"by_user": "1000/d", "by_tenant": "5000/d", "algorithm": "{algorithm}"}}"#);
        let limiter = limiter(&config);
        let granted = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    for number in 0..1_000_u32 {
                        let user = [b'a' + (number % 10) as u8];
                        let values: [&[u8]; 2] = [&user, b"t"];
                        let decision = limiter.check(Values::List(&values), 1, 86_400_000_000, Options::default(), None);
                        granted.fetch_add(usize::from(decision.expect("valid").allowed), Ordering::Relaxed);
                    }
                });
            }
        });
        // 64,000 requests of ten users with 1000 each, of one tenant with 5000.
        assert_eq!(granted.into_inner(), 5000, "{algorithm}");
    }
}

#[test]
fn what_is_refused_is_found_nowhere() {
    let _alone = alone();
    let limiter = limiter(r#"{"by_user": "5/s", "by_tenant": "1/s"}"#);
    let check = |values: [&[u8]; 2]| limiter.check(Values::List(&values), 1, 1_000_000, Options::default(), None).expect("valid");
    assert!(check([b"a", b"t"]).allowed);
    let before = limiter.export(1_000_000);
    assert!(!check([b"b", b"t"]).allowed);
    assert_eq!(limiter.export(1_000_000).len(), before.len());
    assert_eq!(limiter.keys(), 2);
}

#[test]
fn many_keys_of_one_request_fill_a_small_limiter() {
    let _alone = alone();
    let limiter = limiter(r#"{"by_user": "1/s", "by_tenant": "1/s", "by_user_per_server": "1/s", "max_keys": 1}"#);
    for number in 0..1000_u64 {
        let value = number.to_le_bytes();
        let values: [&[u8]; 3] = [&value, &value, &value];
        let decision = limiter.check(Values::List(&values), 1, 1 + number, Options::default(), None).expect("valid");
        assert!(decision.allowed && limiter.keys() == 1);
    }
}

const ALL: &str = r#"{"max_keys": 100000, "dimensions": [
    {"name": "bucket", "limits": "9/s, 100/m"}, {"name": "log", "limits": "9/s", "algorithm": "sliding_window"},
    {"name": "counter", "limits": "9/s", "algorithm": "sliding_window_counter", "concurrency": 3}]}"#;

fn filled() -> Limiter {
    let made = limiter(ALL);
    for number in 0..200_u64 {
        let name = (number % 20).to_le_bytes();
        let values: [&[u8]; 3] = [&name, &name, &name];
        made.acquire(Values::List(&values), 1, 1_000_000 + number * 10_000, Options::default(), None).expect("valid");
    }
    made
}

#[test]
fn an_export_can_be_imported() {
    let _alone = alone();
    let (old, new) = (filled(), limiter(ALL));
    let state = old.export(3_000_000);
    assert_eq!(new.import(&state, Some(3_000_000)), Ok(old.keys()));
    for number in 0..200_u64 {
        let name = (number % 20).to_le_bytes();
        let values: [&[u8]; 3] = [&name, &name, &name];
        let now = 3_000_000 + number * 10_000;
        let ask = |limiter: &Limiter| limiter.acquire(Values::List(&values), 1, now, Options::default(), None).expect("valid");
        assert_eq!(ask(&old), ask(&new));
    }
}

/// The library's clock of a process that has just begun is earlier than that of the one that exported.
#[test]
fn counts_older_than_the_process_can_be_imported() {
    let _alone = alone();
    let config = r#"{"by_user": "1/31d", "algorithm": "sliding_window"}"#;
    let (old, new) = (limiter(config), limiter(config));
    let then = 50_000_000_000_000;
    assert!(allowed(&old, b"a", then));
    let state = old.export(then + 30 * 86_400_000_000);
    assert_eq!(new.import(&state, None), Ok(1));
    let now = Limiter::clock(0).expect("a clock");
    let refused = new.check(Values::List(&[b"a"]), 1, now, Options::default(), None).expect("valid");
    assert!(!refused.allowed && refused.retry_us.abs_diff(86_400_000_000) < 60_000_000);
}

#[test]
fn a_damaged_state_is_refused_or_harmless() {
    let _alone = alone();
    let state = filled().export(3_000_000);
    let new = limiter(ALL);
    for len in 0..state.len() {
        assert!(new.import(&state[..len], Some(3_000_000)).is_err());
    }
    assert_eq!(new.keys(), 0);
    for at in 0..state.len().min(4000) {
        for bit in [1, 0x80] {
            let mut damaged = state.clone();
            damaged[at] ^= bit;
            let other = limiter(ALL);
            if other.import(&damaged, Some(3_000_000)).is_ok() {
                let value = 3_u64.to_le_bytes();
                let values: [&[u8]; 3] = [&value, &value, &value];
                other.acquire(Values::List(&values), 1, 3_000_001, Options::default(), None).expect("valid");
                other.settle(Values::List(&values), (5, 3_000_000), 1, 3_000_002).expect("valid");
                other.export(3_000_000);
            }
        }
    }
    assert!(limiter(r#"{"by_user": "9/s"}"#).import(&state, None).is_err(), "other dimensions");
}
