//! Limiters: who may do how much. Checks arguments and turns microseconds into nanoseconds; the engine decides.

use gwplugins_core::fault::Fault;

use crate::boundary::{boundary, contained};
use crate::bytes::{self, Out, place, view};
use crate::error::gwp_error;
use crate::handle::{self, Opaque};
use crate::result::{Filling, gwp_result};
use crate::status::gwp_status;

#[cfg(not(feature = "rate_limiter"))]
#[path = "no_limiter.rs"]
pub(crate) mod engine;
#[cfg(feature = "rate_limiter")]
pub(crate) use gwplugins_rate_limiter as engine;

use engine::{Decision, Limiter, Options, Values};

/// # Limiters
///
/// A configured rate limiter with the counts of all its keys. Any number of threads may use one. A request brings one
/// value for each of the limiter's dimensions, in their order (`gwp_limiter_describe`): value i is
/// `values[offsets[i] .. offsets[i + 1]]`, and an empty one means that the dimension does not apply.
///
/// Times are nanoseconds of any clock the caller likes, always the same one; 0 asks for the library's own, which never
/// steps back. A library that was built without the engine gives `GWP_E_UNSUPPORTED` for schema and new.
pub struct gwp_limiter {
    _opaque: [u8; 0],
}

impl Opaque for gwp_limiter {
    type Inner = Limiter;
    const TAG: u64 = u64::from_le_bytes(*b"gwpLIMIT");
}

/// What a limiter decided; the window it tells about is the one that matters: of refusals the longest wait, else what
/// leaves least.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct gwp_decision {
    /// 1: the request may go on. 0: it must not, and nothing was taken anywhere.
    pub allowed: u32,
    /// `GWP_DECISION_*` bits; bits no macro names are 0 now and must be ignored.
    pub flags: u32,
    /// Index of the dimension; `GWP_NO_INDEX` when no window applies.
    pub dimension: u32,
    /// Index of the window among those of the key, a concurrency limit being the last; `GWP_NO_INDEX` for a block list.
    pub window: u32,
    /// Most that can be had at once; `GWP_UNLIMITED` when no window applies.
    pub limit: u64,
    /// What is left, after this request; `GWP_UNLIMITED` when no window applies.
    pub remaining: u64,
    /// Nanoseconds until everything can be had again, if nothing comes.
    pub reset_ns: u64,
    /// Nanoseconds until the same request would be allowed, if nothing comes; 0 when it is; `GWP_NEVER`.
    pub retry_after_ns: u64,
    /// When it was decided: the time that was given, or that of the library's clock; a whole microsecond.
    pub now_ns: u64,
}

/// No dimension, no window.
pub const GWP_NO_INDEX: u32 = 4294967295;
/// No window sets a limit.
pub const GWP_UNLIMITED: u64 = 18446744073709551615;
/// No wait helps.
pub const GWP_NEVER: u64 = 18446744073709551615;
/// Flag of a call: take nothing, only tell.
pub const GWP_LIMITER_PEEK: u32 = 1;
/// Flag of a call: refuse nothing; `GWP_DECISION_WOULD_REFUSE` tells.
pub const GWP_LIMITER_DRY_RUN: u32 = 2;
/// Flag of a decision: a dry run let it pass; nothing was taken.
pub const GWP_DECISION_WOULD_REFUSE: u32 = 1;
/// Flag of a decision: a block list refused.
pub const GWP_DECISION_BLOCKED: u32 = 2;

#[cfg(feature = "rate_limiter")]
const _: () = assert!(GWP_NO_INDEX == engine::NONE && GWP_UNLIMITED == engine::UNLIMITED && GWP_NEVER == engine::NEVER);
const _: () = assert!(size_of::<gwp_decision>() == 56);

impl From<Decision> for gwp_decision {
    fn from(from: Decision) -> Self {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        Self {
            allowed: u32::from(from.allowed),
            flags: flag(from.would_refuse, GWP_DECISION_WOULD_REFUSE) | flag(from.blocked, GWP_DECISION_BLOCKED),
            dimension: from.dimension,
            window: from.window,
            limit: from.limit,
            remaining: from.remaining,
            reset_ns: from.reset_us.saturating_mul(1000),
            retry_after_ns: from.retry_us.saturating_mul(1000),
            now_ns: from.now_us.saturating_mul(1000),
        }
    }
}

pub(crate) fn options(flags: u32) -> Result<Options, Fault> {
    match flags & !(GWP_LIMITER_PEEK | GWP_LIMITER_DRY_RUN) {
        0 => Ok(Options { peek: flags & GWP_LIMITER_PEEK != 0, dry_run: flags & GWP_LIMITER_DRY_RUN != 0 }),
        wrong => Err(Fault::with("bad_flag", u64::from(wrong), 0)),
    }
}

/// `count` values in a buffer, arguments 2 to 5 of every call.
pub(crate) unsafe fn read_values<'a>(data: *const u8, len: usize, first: *const u64, count: usize) -> Result<Values<'a>, Fault> {
    // SAFETY: the caller promises readable bytes, and as many offsets as `count` says.
    unsafe {
        let data = view(data, len, 2)?;
        Ok(Values::Joined(data, bytes::offsets(first, count, data.len(), 4)?))
    }
}

/// Where the answers of single windows go: as many as there is room for.
pub(crate) unsafe fn write_details(details: *mut gwp_decision, room: usize, answers: &[Decision]) {
    for (index, answer) in answers.iter().take(room).enumerate() {
        // SAFETY: the caller promises room for `room` decisions, and the call has checked that there are some.
        unsafe { details.add(index).write((*answer).into()) };
    }
}

/// Sets `*schema` and `*len` to the JSON Schema of a limiter's configuration.
///
/// Owns: nothing; the view lives as long as the library.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_UNSUPPORTED`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_schema(schema: *mut *const u8, len: *mut usize, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters.
        let out = unsafe { Out::new(schema, len, 1) }?;
        if engine::SCHEMA.is_empty() {
            return Err(Fault::new("unsupported"));
        }
        out.set(engine::SCHEMA.as_bytes());
        Ok(())
    })
}

/// Makes a limiter without any counts in `*out`. `config` is one JSON object by the schema; empty means `{}`.
///
/// Owns: the caller owns `*out` and frees it with `gwp_limiter_free`; the text is not kept.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_UNSUPPORTED`, the codes of configuration (21 to 39).
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_new(
    config: *const u8,
    config_len: usize,
    out: *mut *mut gwp_limiter,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter.
        let out = unsafe { place(out, std::ptr::null_mut(), 3) }?;
        // SAFETY: the caller promises readable bytes.
        let text = unsafe { view(config, config_len, 1) }?;
        let limiter = Limiter::new(if text.is_empty() { b"{}" } else { text })?;
        // SAFETY: `place` has checked it.
        unsafe { out.write(handle::create(limiter)) };
        Ok(())
    })
}

/// Frees a limiter and its counts. NULL is allowed. No call may be using it.
///
/// Owns: takes `limiter`; the view from `gwp_limiter_describe` ends. Threads: any, once. Errors: none. Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_free(limiter: *mut gwp_limiter) {
    // SAFETY: the caller promises a live limiter, or NULL.
    contained(|| unsafe { handle::free(limiter) });
}

/// Sets `*json` and `*len` to a description: version, "dimensions" in the order in which requests bring values, each
/// with its name, algorithm and "classes" of windows, and "most_windows", the most that one request can have.
///
/// Owns: nothing; the view is valid until the limiter is freed.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_describe(
    limiter: *const gwp_limiter,
    json: *mut *const u8,
    len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live limiter and writable out-parameters.
        unsafe { Out::new(json, len, 2)?.set(handle::shared(limiter, 1)?.describe().as_bytes()) };
        Ok(())
    })
}

/// Sets `*count` to the number of keys whose counts are held now, at most the configuration's `max_keys`.
///
/// Owns: nothing. Threads: any. Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`. Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_key_count(limiter: *const gwp_limiter, count: *mut usize, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live limiter and a writable out-parameter.
        let (out, limiter) = unsafe { (place(count, 0, 2)?, handle::shared(limiter, 1)?) };
        // SAFETY: `place` has checked it.
        unsafe { out.write(limiter.keys()) };
        Ok(())
    })
}

/// Decides about one request and takes its cost (0 to 2^50) from all windows of all its keys, or from none. `count`
/// must be the number of dimensions. `flags`: `GWP_LIMITER_*`. What every window says goes to `details`, as far as
/// there is room for it; `details` may be NULL when `details_room` is 0. A reservation is a check, too: its cost and
/// `decision->now_ns` are what `gwp_limiter_settle` takes.
///
/// Owns: nothing new; the values are not kept beyond their counts.
/// Threads: any number may share `limiter`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_OFFSETS`, `GWP_E_BAD_FLAG`, `GWP_E_OUT_OF_RANGE`,
/// `GWP_E_TOO_LARGE` (a value); `*decision` then holds zeros: the request is **not** allowed.
/// Since: ABI 1.1.
/// Cost: no allocation, unless a key is new, several dimensions apply, or details are asked for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_check(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    cost: u64,
    now_ns: u64,
    flags: u32,
    decision: *mut gwp_decision,
    details: *mut gwp_decision,
    details_room: usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters, a live limiter, readable bytes and offsets.
        unsafe {
            let out = place(decision, gwp_decision::default(), 9)?;
            if details.is_null() && details_room > 0 {
                return Err(Fault::with("null_arg", 10, 0));
            }
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            let mut answers = Vec::new();
            let wanted = (details_room > 0).then_some(&mut answers);
            out.write(limiter.check(values, cost, Limiter::clock(now_ns)?, options(flags)?, wanted)?.into());
            write_details(details, details_room, &answers);
        }
        Ok(())
    })
}

/// Decides about `requests` requests, one after the other, as `gwp_limiter_check` would. Request r brings the values
/// r * dimensions and on: `count` is `requests` times the number of dimensions. `costs` holds one for each, or is NULL:
/// then each costs 1. There must be room for `requests` decisions.
///
/// Owns: nothing new; the values are not kept beyond their counts.
/// Threads: any number may share `limiter`; other calls may come in between.
/// Errors: those of `gwp_limiter_check`. The first that fails ends the call: its decision and those behind it hold
/// zeros, those before it stand.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_check_many(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    requests: usize,
    costs: *const u64,
    now_ns: u64,
    flags: u32,
    decisions: *mut gwp_decision,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        if decisions.is_null() && requests > 0 {
            return Err(Fault::with("null_arg", 10, 0));
        }
        let mut done = 0;
        let mut decide = || {
            // SAFETY: the caller promises a live limiter, readable bytes and offsets, as many costs, and room for `requests` decisions.
            unsafe {
                let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
                let (options, each) = (options(flags)?, limiter.dimensions());
                if requests.checked_mul(each) != Some(count) {
                    return Err(Fault::with("bad_count", count as u64, requests.saturating_mul(each) as u64));
                }
                let cost = |index| if costs.is_null() { 1 } else { costs.add(index).read_unaligned() };
                limiter.check_many(values, requests, now_ns, options, &cost, &mut |index, decision| {
                    decisions.add(index).write(decision.into());
                    done = index + 1;
                })
            }
        };
        let answer = decide();
        if answer.is_err() {
            // SAFETY: as above.
            (done..requests).for_each(|index| unsafe { decisions.add(index).write(gwp_decision::default()) });
        }
        answer
    })
}

/// Corrects the cost of a granted check, once: `reserved` and `reserved_ns` are its cost and its decision's `now_ns`,
/// `actual` is what it should have been. More is taken even beyond the limit, up to twice the limit; less comes back
/// as far as the windows still hold it. `*decision` tells what is left; `allowed` is 0 while a window is beyond its
/// limit.
///
/// Owns: nothing new.
/// Threads: any number may share `limiter`.
/// Errors: those of `gwp_limiter_check`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_settle(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    reserved: u64,
    reserved_ns: u64,
    actual: u64,
    now_ns: u64,
    decision: *mut gwp_decision,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter, a live limiter, readable bytes and offsets.
        unsafe {
            let out = place(decision, gwp_decision::default(), 10)?;
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            let reservation = (reserved, Limiter::clock(reserved_ns)?);
            out.write(limiter.settle(values, reservation, actual, Limiter::clock(now_ns)?)?.into());
        }
        Ok(())
    })
}

/// A check that counts concurrency limits, too, and takes a lease of each. `*lease` is its number, 0 when it was
/// refused; it ends with `gwp_limiter_release`, or by itself after the configured time.
///
/// Owns: nothing new.
/// Threads: any number may share `limiter`.
/// Errors: those of `gwp_limiter_check`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_acquire(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    cost: u64,
    now_ns: u64,
    flags: u32,
    lease: *mut u64,
    decision: *mut gwp_decision,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters, a live limiter, readable bytes and offsets.
        unsafe {
            let (id, out) = (place(lease, 0, 9), place(decision, gwp_decision::default(), 10));
            let (id, out) = (id?, out?);
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            let (decided, number) = limiter.acquire(values, cost, Limiter::clock(now_ns)?, options(flags)?, None)?;
            id.write(number);
            out.write(decided.into());
        }
        Ok(())
    })
}

/// Ends a lease that the same values got. `*released` is 1 if it was there and had not run out, else 0.
///
/// Owns: nothing.
/// Threads: any number may share `limiter`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_OFFSETS`, `GWP_E_OUT_OF_RANGE`, `GWP_E_TOO_LARGE`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_release(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    lease: u64,
    now_ns: u64,
    released: *mut u32,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter, a live limiter, readable bytes and offsets.
        unsafe {
            let out = place(released, 0, 8)?;
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            out.write(u32::from(limiter.release(values, lease, Limiter::clock(now_ns)?)?));
        }
        Ok(())
    })
}

/// Forgets the keys of all values that are not empty. `*removed` is how many of them had counts at that time.
///
/// Owns: nothing.
/// Threads: any number may share `limiter`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_OFFSETS`, `GWP_E_OUT_OF_RANGE`, `GWP_E_TOO_LARGE`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_reset(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    now_ns: u64,
    removed: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter, a live limiter, readable bytes and offsets.
        unsafe {
            let out = place(removed, 0, 7)?;
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            out.write(limiter.reset(values, Limiter::clock(now_ns)?)?);
        }
        Ok(())
    })
}

/// Puts all counts into `result`, as bytes that `gwp_result_output` shows and `gwp_limiter_import` takes. They hold the
/// values of all keys. Other threads may go on; what they change meanwhile is in it or not.
///
/// Owns: nothing new; the bytes are a view in `result`.
/// Threads: any number may share `limiter`, each with its own `result`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`, `GWP_E_OUT_OF_RANGE`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_export(
    limiter: *const gwp_limiter,
    now_ns: u64,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles.
        let (mut filling, limiter) = unsafe { (Filling::begin(result, 3)?, handle::shared(limiter, 1)?) };
        filling.report().output = limiter.export(Limiter::clock(now_ns)?);
        filling.keep();
        Ok(())
    })
}

/// Adds the counts of an export of a limiter with the same dimensions and windows; a key that is there is replaced.
/// With `now_ns` 0, for counts of the library's clock, all times move by what has passed since, so that nothing has run
/// out meanwhile; else they stay. No key is younger than now. `*imported` is the number of keys.
///
/// Owns: nothing; the bytes are not kept.
/// Threads: any number may share `limiter`.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BAD_STATE`: then nothing was added.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_import(
    limiter: *const gwp_limiter,
    data: *const u8,
    len: usize,
    now_ns: u64,
    imported: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter, a live limiter and readable bytes.
        unsafe {
            let out = place(imported, 0, 5)?;
            let (limiter, data) = (handle::shared(limiter, 1)?, view(data, len, 2)?);
            let now_us = if now_ns == 0 { None } else { Some(Limiter::clock(now_ns)?) };
            out.write(limiter.import(data, now_us)?);
        }
        Ok(())
    })
}
