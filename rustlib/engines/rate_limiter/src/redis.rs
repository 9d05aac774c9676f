//! The same limiter with its counts in Redis: which script to call with which keys and arguments, and what the reply says.
//! Opens no socket. The Python twin is `pyplugins/rate_limiter/_redis_command.py`; both make the same bytes.

use std::sync::OnceLock;

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;

use crate::decision::Decision;
use crate::limiter::Limiter;
use crate::settings::{Class, Dimension};
use crate::sha1;
use crate::values::{Options, Values};
use crate::window::{Algorithm, NEVER, Window};

/// The kinds of windows: letter in a class's text, and the part of a script.
const PARTS: [(Algorithm, &str, &str); 5] = [
    (Algorithm::Bucket, "b", include_str!("../rules/bucket.lua")),
    (Algorithm::Fixed, "f", include_str!("../rules/fixed_window.lua")),
    (Algorithm::Counter, "c", include_str!("../rules/sliding_window_counter.lua")),
    (Algorithm::Log, "l", include_str!("../rules/sliding_window_log.lua")),
    (Algorithm::Concurrency, "m", include_str!("../rules/concurrency.lua")),
];
const HEAD: &str = include_str!("../rules/head.lua");
const OPERATIONS: [&str; 4] = [
    include_str!("../rules/check.lua"),
    include_str!("../rules/settle.lua"),
    include_str!("../rules/release.lua"),
    include_str!("../rules/reset.lua"),
];

/// What is asked of the server. Times are microseconds; `now_us` 0 is the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// A check; a `lease` that is not 0 is acquired, too.
    Check {
        /// What is taken.
        cost: u64,
        /// When.
        now_us: u64,
        /// Nothing is taken.
        peek: bool,
        /// Id of the lease, unique among all hosts; 0 for none.
        lease: u64,
    },
    /// Corrects a check that was granted, of `cost` at `at_us`.
    Settle {
        /// What was taken.
        cost: u64,
        /// When it was taken: `now_us` of that decision.
        at_us: u64,
        /// What it should have been.
        actual: u64,
        /// When this is.
        now_us: u64,
    },
    /// Ends a lease.
    Release {
        /// Its id.
        lease: u64,
        /// When.
        now_us: u64,
    },
    /// Forgets the keys.
    Reset {
        /// When.
        now_us: u64,
    },
}

/// One call of EVALSHA. It cannot be printed: keys hold values.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// The script's SHA-1 in lower-case hexadecimal.
    pub sha: String,
    /// All are in one slot of a cluster.
    pub keys: Vec<Vec<u8>>,
    /// What goes behind the keys.
    pub args: Vec<Vec<u8>>,
}

/// What is fixed for a limiter.
#[derive(Debug)]
pub struct Redis {
    prefix: String,
    /// The dimension whose value is the hash tag.
    tag: Option<usize>,
    names: Vec<String>,
    /// What scripts have in common: functions of the algorithms in use.
    parts: String,
    /// Text and SHA-1 for each operation, once it was asked for: a limiter that needs no server is made without.
    scripts: [OnceLock<(String, String)>; OPERATIONS.len()],
    warm_up_percent: u64,
}

impl Redis {
    /// Reads `redis_key_prefix` and `redis_hash_tag`.
    pub fn new(dimensions: &[Dimension], config: &Config) -> Result<Self, Fault> {
        let tag = match config.str("redis_hash_tag") {
            Some(name) => {
                let place = dimensions.iter().position(|dimension| dimension.name == name);
                Some(place.ok_or_else(|| Fault::new("config_enum").at("$.redis_hash_tag"))?)
            }
            None if dimensions.len() == 1 => Some(0),
            None => None,
        };
        let windows = || dimensions.iter().flat_map(|dimension| &dimension.classes).flat_map(|class| &class.windows);
        let used = |kind: Algorithm| windows().any(|window| window.algorithm == kind);
        let parts: String = PARTS.iter().filter(|(kind, ..)| used(*kind)).map(|(.., part)| *part).collect();
        Ok(Self {
            prefix: quoted(config.str("redis_key_prefix").unwrap_or_default()),
            tag,
            names: dimensions.iter().map(|dimension| quoted(&dimension.name).replace(':', "%3A")).collect(),
            parts,
            scripts: Default::default(),
            warm_up_percent: config.int("warm_up_percent").unsigned_abs(),
        })
    }

    /// Text and SHA-1 of an operation's script, if there is such an operation.
    fn script(&self, operation: usize) -> Option<&(String, String)> {
        let (made, own) = (self.scripts.get(operation)?, OPERATIONS.get(operation)?);
        Some(made.get_or_init(|| {
            let text = [HEAD, &self.parts, own].concat();
            let sha = sha1::hex(text.as_bytes());
            (text, sha)
        }))
    }
}

impl Request {
    fn operation(&self) -> usize {
        match self {
            Self::Check { .. } => 0,
            Self::Settle { .. } => 1,
            Self::Release { .. } => 2,
            Self::Reset { .. } => 3,
        }
    }

    /// Whether the concurrency limits are looked at.
    fn leases(&self) -> bool {
        match self {
            Self::Check { lease, .. } => *lease != 0,
            Self::Settle { .. } => false,
            Self::Release { .. } | Self::Reset { .. } => true,
        }
    }

    /// The four arguments before the classes.
    fn args(&self) -> [String; 4] {
        let number = |value: &u64| value.to_string();
        match self {
            Self::Check { cost, now_us, peek, lease } => {
                let peek = if *peek { "peek" } else { "" };
                [number(now_us), number(cost), peek.into(), if *lease == 0 { String::new() } else { number(lease) }]
            }
            Self::Settle { cost, at_us, actual, now_us } => [now_us, cost, at_us, actual].map(number),
            Self::Release { lease, now_us } => [number(now_us), number(lease), String::new(), String::new()],
            Self::Reset { now_us } => [number(now_us), String::new(), String::new(), String::new()],
        }
    }
}

impl Limiter {
    /// What to send; none when no window applies, and when the reply would not be asked for: a block list has a value.
    pub fn command(&self, values: Values, request: Request) -> Result<Option<Command>, Fault> {
        let cost = match request {
            Request::Check { cost, .. } => cost,
            Request::Settle { cost, actual, .. } => cost.max(actual),
            Request::Release { .. } | Request::Reset { .. } => 0,
        };
        self.accept(values, cost)?;
        if matches!(request, Request::Check { .. }) && self.blocked(values).is_some() {
            return Ok(None);
        }
        let redis = &self.settings.redis;
        let (mut keys, mut args) = (Vec::new(), request.args().map(String::into_bytes).to_vec());
        for (index, class) in self.applying(values) {
            let windows = class.windows(request.leases());
            let mark = format!("{:08x}", folded(class.text(&class.windows, self.one(index), redis.warm_up_percent).as_bytes()));
            keys.push(redis.key(values, index, &mark));
            let beside = |window: &Window| matches!(window.algorithm, Algorithm::Log | Algorithm::Concurrency);
            let places = windows.iter().enumerate().filter(|(_, window)| beside(window));
            keys.extend(places.map(|(place, _)| redis.key(values, index, &format!("{mark}.{place}"))));
            args.push(class.text(windows, self.one(index), redis.warm_up_percent).into_bytes());
        }
        let script = redis.script(request.operation()).filter(|_| !keys.is_empty());
        Ok(script.map(|(_, sha)| Command { sha: sha.clone(), keys, args }))
    }

    /// The text of an operation's script, for a server that does not know its SHA-1: 0 check, 1 settle, 2 release, 3 reset.
    pub fn script(&self, operation: usize) -> Option<&str> {
        self.settings.redis.script(operation).map(|(text, _)| text.as_str())
    }

    /// What the reply to a check or a settlement says; an empty reply stands for a command that there was none of.
    ///
    /// # Errors
    /// `unsupported` for a release or a reset, whose replies are a count; `bad_reply` when it has another length than the command asks for.
    pub fn read_reply(
        &self,
        values: Values,
        request: Request,
        reply: &[i64],
        options: Options,
        mut details: Option<&mut Vec<Decision>>,
    ) -> Result<Decision, Fault> {
        self.accept(values, 0)?;
        if matches!(request, Request::Release { .. } | Request::Reset { .. }) {
            return Err(Fault::new("unsupported"));
        }
        let leases = request.leases();
        let windows =
            || self.applying(values).flat_map(|(index, class)| class.windows(leases).iter().enumerate().map(move |at| (index, at)));
        let blocked = if matches!(request, Request::Check { .. }) { self.blocked(values) } else { None };
        let wanted = if blocked.is_some() || self.applying(values).next().is_none() { 0 } else { 2 + 4 * windows().count() };
        if reply.len() != wanted {
            return Err(Fault::with("bad_reply", reply.len() as u64, wanted as u64));
        }
        let now_us = reply.get(1).map_or(0, |now| now.unsigned_abs());
        if let Some(dimension) = blocked {
            return Ok(self.worded(Decision::blocked(now_us, dimension), values, options));
        }
        let mut decision = Decision::unlimited(now_us);
        for ((dimension, (place, window)), row) in windows().zip(reply.get(2..).unwrap_or_default().chunks_exact(4)) {
            let answer = answer(dimension, place, window, row, now_us);
            decision = decision.or(answer);
            if let Some(details) = details.as_deref_mut() {
                details.push(answer);
            }
        }
        let decision = Decision { now_us, ..decision };
        Ok(if matches!(request, Request::Settle { .. }) { decision } else { self.worded(decision, values, options) })
    }

    /// Dimensions that have a value, and windows for it.
    fn applying<'a>(&'a self, values: Values<'a>) -> impl Iterator<Item = (usize, &'a Class)> + 'a {
        let given = (0..values.len()).filter(move |&index| !values.get(index).is_empty());
        let class = move |index: usize| {
            let dimension = &self.settings.dimensions[index];
            &dimension.classes[dimension.class_of(values.get(index)) as usize]
        };
        given.map(move |index| (index, class(index))).filter(|(_, class)| !class.windows.is_empty())
    }

    fn one(&self, index: usize) -> bool {
        self.settings.dimensions[index].one
    }
}

fn answer(dimension: usize, place: usize, window: &Window, row: &[i64], now_us: u64) -> Decision {
    let number = |at: usize| row.get(at).copied().unwrap_or_default();
    Decision {
        allowed: number(0) == 1,
        dimension: dimension as u32,
        window: place as u32,
        limit: window.capacity,
        remaining: number(1).unsigned_abs(),
        reset_us: number(2).unsigned_abs(),
        retry_us: u64::try_from(number(3)).unwrap_or(NEVER),
        ..Decision::unlimited(now_us)
    }
}

impl Redis {
    fn key(&self, values: Values, index: usize, mark: &str) -> Vec<u8> {
        let (tag, value) = match self.tag {
            Some(place) => (&b"="[..], values.get(place)),
            None => (&b"all"[..], &b""[..]),
        };
        let tail = ["}:", mark, ":", &self.names[index], ":"].concat();
        [self.prefix.as_bytes(), b":{", tag, value, tail.as_bytes(), values.get(index)].concat()
    }
}

impl Class {
    /// The class as the scripts get it, in JSON: a server reads that faster than it splits words.
    fn text(&self, windows: &[Window], one: bool, warm_up_percent: u64) -> String {
        let mut text = format!("[{},{}", self.kept, u8::from(one));
        for window in windows {
            let letter = PARTS.iter().find(|(kind, ..)| *kind == window.algorithm).map_or("", |(_, letter, _)| letter);
            let (n, p) = if window.algorithm == Algorithm::Bucket { (window.drain, window.unit) } else { (window.count, window.period) };
            text += &format!(",\"{letter}\",{n},{p},{},{}", window.capacity, window.used_at_first(warm_up_percent));
        }
        text + "]"
    }
}

/// Braces would make another hash tag.
fn quoted(text: &str) -> String {
    text.replace('%', "%25").replace('{', "%7B").replace('}', "%7D")
}

/// FNV-1a, 64 bit, folded to 32: in a key's name, so that what has another form keeps its counts elsewhere.
fn folded(text: &[u8]) -> u32 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    let hash = text.iter().fold(0xCBF2_9CE4_8422_2325, step);
    (hash >> 32) as u32 ^ hash as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: Request = Request::Check { cost: 1, now_us: 7, peek: false, lease: 0 };

    fn limiter(config: &str) -> Limiter {
        Limiter::new(config.as_bytes()).expect("a configuration")
    }

    fn keys(limiter: &Limiter, values: &[&[u8]], request: Request) -> Vec<String> {
        let command = limiter.command(Values::List(values), request).expect("a request").expect("a command");
        command.keys.into_iter().map(|key| String::from_utf8(key).expect("text")).collect()
    }

    #[test]
    fn keys_of_a_request_share_a_tag() {
        let config = r#"{"redis_key_prefix":"{p}","by_user":"1/s","by_tenant":"1/s","algorithm":"sliding_window"}"#;
        let found = keys(&limiter(config), &[b"}x", b"t"], CHECK);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|key| key.starts_with("%7Bp%7D:{all}:")));
        let tagged = limiter(&config.replace("{\"redis", r#"{"redis_hash_tag":"tenant","redis"#));
        assert!(keys(&tagged, &[b"}x", b"t"], CHECK).iter().all(|key| key.starts_with("%7Bp%7D:{=t}:")));
        let one = limiter(r#"{"by_user":"1/s"}"#);
        assert!(keys(&one, &[b"alice"], CHECK)[0].starts_with("rl:{=alice}:"));
        assert!(keys(&one, &[b"alice"], CHECK)[0].ends_with(":user:alice"));
    }

    #[test]
    fn a_tag_that_is_no_dimension_is_refused() {
        let fault = Limiter::new(br#"{"by_user":"1/s","redis_hash_tag":"tool"}"#).map(|_| ()).expect_err("no such dimension");
        assert_eq!(fault, Fault::new("config_enum").at("$.redis_hash_tag"));
    }

    #[test]
    fn leases_have_keys_where_they_are_looked_at() {
        let limiter = limiter(r#"{"dimensions":[{"name":"job","concurrency":2}]}"#);
        let values: &[&[u8]] = &[b"a"];
        assert_eq!(keys(&limiter, values, CHECK).len(), 1);
        for request in [
            Request::Check { cost: 1, now_us: 7, peek: false, lease: 5 },
            Request::Release { lease: 5, now_us: 7 },
            Request::Reset { now_us: 7 },
        ] {
            assert_eq!(keys(&limiter, values, request).len(), 2);
        }
        assert_eq!(keys(&limiter, values, Request::Settle { cost: 1, at_us: 7, actual: 2, now_us: 8 }).len(), 1);
    }

    #[test]
    fn a_reply_of_another_length_decides_nothing() {
        let limiter = limiter(r#"{"by_user":"1/s, 2/h"}"#);
        let read = |reply: &[i64]| limiter.read_reply(Values::List(&[b"a"]), CHECK, reply, Options::default(), None);
        let whole = [0, 7, 1, 1, 9, 0, 0, 0, 9, -1];
        assert_eq!(read(&whole).map(|found| (found.allowed, found.window, found.retry_us)), Ok((false, 1, NEVER)));
        for len in 0..whole.len() {
            assert_eq!(read(&whole[..len]).map(|_| ()), Err(Fault::with("bad_reply", len as u64, 10)));
        }
    }

    #[test]
    fn scripts_hold_what_the_limiter_needs() {
        let limiter = limiter(r#"{"by_user":"1/s","dimensions":[{"name":"job","concurrency":2}]}"#);
        let text = limiter.script(0).expect("a check");
        assert!(text.contains("algorithms.b =") && text.contains("algorithms.m =") && !text.contains("algorithms.l ="));
        assert!(limiter.script(4).is_none());
    }
}
