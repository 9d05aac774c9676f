//! What stands for the engine in a library that was built without it: no limiter can be made, so none is ever asked.

use gwplugins_core::fault::Fault;

pub const SCHEMA: &str = "";

/// There is no value of this type.
pub enum Limiter {}

#[derive(Clone, Copy)]
#[expect(dead_code, reason = "nobody reads what no call takes")]
pub struct Options {
    pub peek: bool,
    pub dry_run: bool,
}

#[derive(Clone, Copy)]
#[expect(dead_code, reason = "nobody reads what no call takes")]
pub enum Values<'a> {
    Joined(&'a [u8], &'a [[u8; 8]]),
}

#[derive(Clone, Copy)]
pub struct Decision {
    pub allowed: bool,
    pub would_refuse: bool,
    pub blocked: bool,
    pub dimension: u32,
    pub window: u32,
    pub limit: u64,
    pub remaining: u64,
    pub reset_us: u64,
    pub retry_us: u64,
    pub now_us: u64,
}

// Made by the edge, read by the engine that is not there.
#[allow(dead_code)]
#[derive(Clone, Copy)]
pub enum Request {
    Check { cost: u64, now_us: u64, peek: bool, lease: u64 },
    Settle { cost: u64, at_us: u64, actual: u64, now_us: u64 },
    Release { lease: u64, now_us: u64 },
    Reset { now_us: u64 },
}

pub struct Command {
    pub sha: String,
    pub keys: Vec<Vec<u8>>,
    pub args: Vec<Vec<u8>>,
}

type Details<'a> = Option<&'a mut Vec<Decision>>;

impl Limiter {
    pub fn new(_config: &[u8]) -> Result<Self, Fault> {
        Err(Fault::new("unsupported"))
    }

    pub fn clock(_now_ns: u64) -> Result<u64, Fault> {
        Err(Fault::new("unsupported"))
    }

    pub fn describe(&self) -> &str {
        match *self {}
    }

    pub fn dimensions(&self) -> usize {
        match *self {}
    }

    pub fn keys(&self) -> usize {
        match *self {}
    }

    pub fn check(&self, _: Values, _: u64, _: u64, _: Options, _: Details) -> Result<Decision, Fault> {
        match *self {}
    }

    pub fn check_many(
        &self,
        _: Values,
        _: usize,
        _: u64,
        _: Options,
        _: &dyn Fn(usize) -> u64,
        _: &mut dyn FnMut(usize, Decision),
    ) -> Result<(), Fault> {
        match *self {}
    }

    pub fn acquire(&self, _: Values, _: u64, _: u64, _: Options, _: Details) -> Result<(Decision, u64), Fault> {
        match *self {}
    }

    pub fn settle(&self, _: Values, _: (u64, u64), _: u64, _: u64) -> Result<Decision, Fault> {
        match *self {}
    }

    pub fn release(&self, _: Values, _: u64, _: u64) -> Result<bool, Fault> {
        match *self {}
    }

    pub fn reset(&self, _: Values, _: u64) -> Result<usize, Fault> {
        match *self {}
    }

    pub fn export(&self, _: u64) -> Vec<u8> {
        match *self {}
    }

    pub fn import(&self, _: &[u8], _: Option<u64>) -> Result<usize, Fault> {
        match *self {}
    }

    pub fn command(&self, _: Values, _: Request) -> Result<Option<Command>, Fault> {
        match *self {}
    }

    pub fn script(&self, _: usize) -> Option<&str> {
        match *self {}
    }

    pub fn read_reply(&self, _: Values, _: Request, _: &[i64], _: Options, _: Details) -> Result<Decision, Fault> {
        match *self {}
    }
}
