//! Tests of the whole limiter that need its insides.

use crate::table::Entry;
use crate::{Decision, Limiter, Options, Values};

#[test]
fn an_entry_is_one_cache_line() {
    assert_eq!(size_of::<Option<Entry>>(), 64);
}

/// Requests of one and of several dimensions, known keys and new ones, some without a value.
#[test]
fn many_in_a_call_are_one_after_the_other() {
    for (config, each) in [(r#"{"by_user": "3/s"}"#, 1), (r#"{"by_user": "3/s", "by_tenant": "20/s", "by_tool": {"t": "9/s"}}"#, 3)] {
        let limiter = || Limiter::new(config.as_bytes()).expect("a valid configuration");
        let (singly, together) = (limiter(), limiter());
        assert_eq!(singly.dimensions(), each);
        for round in 0..5 {
            let texts: Vec<String> = (0..100 * each).map(|at| (at * at * (round + 1) % 37).to_string()).collect();
            let values: Vec<&[u8]> = texts.iter().map(|text| if text == "7" { b"" } else { text.as_bytes() }).collect();
            let now_us = 1_000_000 + 100_000 * round as u64;
            let cost = |request: usize| (request % 3) as u64;
            let one = |(at, values): (usize, &[&[u8]])| singly.check(Values::List(values), cost(at), now_us, Options::default(), None);
            let expected: Result<Vec<Decision>, _> = values.chunks(each).enumerate().map(one).collect();
            let mut found = Vec::new();
            let mut told = |at, decision| {
                assert_eq!(at, found.len());
                found.push(decision);
            };
            together.check_many(Values::List(&values), 100, now_us * 1000, Options::default(), &cost, &mut told).expect("valid requests");
            assert!(found.iter().any(|decision| !decision.allowed) && found.iter().any(|decision| decision.allowed));
            assert_eq!(Ok(found), expected);
        }
    }
}
