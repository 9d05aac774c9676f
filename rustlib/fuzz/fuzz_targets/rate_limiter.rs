//! What must hold of rate_limiter for any calls under any configuration of its vectors: no defect, answers that agree with each other, and
//! never more than the limit at one time.
#![no_main]

use std::ptr;
use std::sync::LazyLock;

use gwplugins_edge::limiter::{
    GWP_LIMITER_PEEK, GWP_UNLIMITED, gwp_decision, gwp_limiter, gwp_limiter_acquire, gwp_limiter_check, gwp_limiter_export,
    gwp_limiter_free, gwp_limiter_import, gwp_limiter_new, gwp_limiter_release, gwp_limiter_reset, gwp_limiter_settle,
};
use gwplugins_edge::result::{gwp_result, gwp_result_free, gwp_result_new, gwp_result_output};
use gwplugins_edge::status::{GWP_E_PANIC, GWP_OK};
use libfuzzer_sys::fuzz_target;

const VECTORS: &str = include_str!("../../../tests/vectors/limiter/rate_limiter.jsonl");
/// Configurations that are accepted, with their number of dimensions.
static CONFIGS: LazyLock<Vec<(String, usize)>> = LazyLock::new(|| {
    let rows = VECTORS.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    rows.filter_map(|row| Some((row["config"].to_string(), row["steps"][0]["key"].as_array()?.len()))).collect()
});

struct Limiter(*mut gwp_limiter, usize);

impl Limiter {
    fn new((config, dimensions): &(String, usize)) -> Self {
        let mut limiter = ptr::null_mut();
        // SAFETY: readable bytes, a writable out-parameter.
        assert_eq!(unsafe { gwp_limiter_new(config.as_ptr(), config.len(), &mut limiter, ptr::null_mut()) }, GWP_OK);
        Self(limiter, *dimensions)
    }

    /// The same value for every dimension: its buffer and offsets.
    fn values(&self, value: u8) -> (Vec<u8>, Vec<u64>) {
        let name = [b'a' + value % 4];
        let len = usize::from(value % 4 < 3);
        (name[..len].repeat(self.1), (0..=self.1).map(|index| (index * len) as u64).collect())
    }

    fn ask(&self, value: u8, cost: u64, now_ns: u64, flags: u32) -> gwp_decision {
        let (data, offsets) = self.values(value);
        let mut decision = gwp_decision::default();
        // SAFETY: a live handle, readable bytes and offsets, a writable out-parameter.
        let status = unsafe {
            let (bytes, len, count) = (data.as_ptr(), data.len(), self.1);
            let details = (ptr::null_mut(), 0, ptr::null_mut());
            gwp_limiter_check(
                self.0,
                bytes,
                len,
                offsets.as_ptr(),
                count,
                cost,
                now_ns,
                flags,
                &mut decision,
                details.0,
                details.1,
                details.2,
            )
        };
        assert_eq!(status, GWP_OK);
        assert!(
            decision.remaining <= decision.limit
                && (decision.limit == GWP_UNLIMITED || cost <= decision.limit || decision.flags > 0 || decision.allowed == 0)
        );
        decision
    }

    /// Every other call, by number.
    fn call(&self, call: u8, value: u8, cost: u64, now_ns: u64) {
        let (data, offsets) = self.values(value);
        let (bytes, len, at, count) = (data.as_ptr(), data.len(), offsets.as_ptr(), self.1);
        let (mut decision, mut lease, mut released, mut removed) = (gwp_decision::default(), 0, 0, 0);
        let none = ptr::null_mut();
        // SAFETY: a live handle, readable bytes and offsets, writable out-parameters.
        let status = unsafe {
            match call {
                2 => gwp_limiter_acquire(self.0, bytes, len, at, count, cost, now_ns, 0, &mut lease, &mut decision, none),
                3 => gwp_limiter_settle(self.0, bytes, len, at, count, cost, now_ns / 2 + 1, cost / 2, now_ns, &mut decision, none),
                4 => gwp_limiter_release(self.0, bytes, len, at, count, cost, now_ns, &mut released, none),
                5 => gwp_limiter_reset(self.0, bytes, len, at, count, now_ns, &mut removed, none),
                _ => gwp_limiter_settle(self.0, bytes, len, at, count, cost, now_ns, cost * 3, now_ns, &mut decision, none),
            }
        };
        assert_eq!(status, GWP_OK);
    }

    fn export(&self, now_ns: u64) -> Vec<u8> {
        let mut result: *mut gwp_result = ptr::null_mut();
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: live handles, writable out-parameters; the view lives until the result is freed.
        unsafe {
            assert_eq!(gwp_result_new(&mut result, ptr::null_mut()), GWP_OK);
            assert_eq!(gwp_limiter_export(self.0, now_ns, result, ptr::null_mut()), GWP_OK);
            assert_eq!(gwp_result_output(result, &mut data, &mut len, ptr::null_mut()), GWP_OK);
            let bytes = std::slice::from_raw_parts(data, len).to_vec();
            gwp_result_free(result);
            bytes
        }
    }

    fn import(&self, data: &[u8], now_ns: u64) -> i32 {
        let mut imported = 0;
        // SAFETY: a live handle, readable bytes, a writable out-parameter.
        unsafe { gwp_limiter_import(self.0, data.as_ptr(), data.len(), now_ns, &mut imported, ptr::null_mut()) }
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { gwp_limiter_free(self.0) }
    }
}

// Configuration, what becomes of the export, then steps of six bytes: call, value, cost, time.
fuzz_target!(|data: &[u8]| {
    let Some((&[config, damage], steps)) = data.split_first_chunk() else { return };
    let config = &CONFIGS[usize::from(config) % CONFIGS.len()];
    let limiter = Limiter::new(config);
    let mut latest = 1000;
    for &[call, value, cost, a, b, c] in steps.as_chunks::<6>().0 {
        let now_ns = 1000 * (1 + u64::from(u32::from_be_bytes([0, a, b, c])));
        latest = latest.max(now_ns);
        if call > 1 {
            limiter.call(call, value, cost.into(), now_ns);
            continue;
        }
        let told = limiter.ask(value, cost.into(), now_ns, GWP_LIMITER_PEEK);
        let taken = limiter.ask(value, cost.into(), now_ns, 0);
        assert!(taken.allowed == told.allowed && taken.retry_after_ns == told.retry_after_ns);
        assert!(taken.allowed == 0 || taken.limit == GWP_UNLIMITED || taken.remaining <= taken.limit);
    }
    let mut state = limiter.export(latest);
    let other = Limiter::new(config);
    assert_eq!(other.import(&state, latest), GWP_OK);
    for value in 0..4 {
        let (first, second) = (limiter.ask(value, 1, latest, 0), other.ask(value, 1, latest, 0));
        assert!(first.allowed == second.allowed && first.remaining == second.remaining && first.retry_after_ns == second.retry_after_ns);
    }
    let at = usize::from(damage) % state.len();
    state[at] ^= 1 << (damage % 8);
    assert_ne!(Limiter::new(config).import(&state, latest), GWP_E_PANIC);
});
