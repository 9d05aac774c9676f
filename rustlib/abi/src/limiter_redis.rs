//! Limiters with their counts in Redis or Valkey. The library opens no socket: it says what to send, and reads what comes back.

use std::slice;

use gwplugins_core::fault::Fault;
use gwplugins_core::guard::Finding;

use crate::boundary::boundary;
use crate::bytes::{Out, place};
use crate::error::gwp_error;
use crate::handle;
use crate::limiter::engine::{Command, Limiter, Request};
use crate::limiter::{gwp_decision, gwp_limiter, options, read_values, write_details};
use crate::result::{Filling, gwp_result};
use crate::status::gwp_status;

/// Operation: a check, or with a lease an acquire.
pub const GWP_REQUEST_CHECK: u32 = 0;
/// Operation: corrects the cost of a granted check.
pub const GWP_REQUEST_SETTLE: u32 = 1;
/// Operation: ends a lease. The first number of the reply is how many keys had it.
pub const GWP_REQUEST_RELEASE: u32 = 2;
/// Operation: forgets the keys. The first number of the reply is how many there were.
pub const GWP_REQUEST_RESET: u32 = 3;
/// `rule` of the part that is the script's SHA-1.
pub const GWP_PART_SHA: u32 = 0;
/// `rule` of the part that is the number of keys.
pub const GWP_PART_KEY_COUNT: u32 = 1;
/// `rule` of a key.
pub const GWP_PART_KEY: u32 = 2;
/// `rule` of an argument.
pub const GWP_PART_ARGUMENT: u32 = 3;

/// What is asked of a limiter whose counts are in Redis. Members that an operation has no use for are not looked at. A
/// command may be sent again when its connection breaks before the answer, which can only count too much; not that of a
/// settlement with `actual` below `cost`, which would give back twice: it counts as lost.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gwp_limiter_request {
    /// `GWP_REQUEST_*`.
    pub operation: u32,
    /// `GWP_LIMITER_*` bits of a check.
    pub flags: u32,
    /// Of a check: what is taken. Of a settlement: what was taken.
    pub cost: u64,
    /// Nanoseconds of a clock that all hosts share; 0 is the server's own.
    pub now_ns: u64,
    /// Of a check: the id of the lease to take, unique among all hosts, 0 for none. Of a release: its id.
    pub lease: u64,
    /// Of a settlement: `now_ns` of the decision about the check.
    pub reserved_ns: u64,
    /// Of a settlement: what should have been taken.
    pub actual: u64,
}

const _: () = assert!(size_of::<gwp_limiter_request>() == 48);

/// Microseconds; 0 stays 0, and nothing else becomes it.
fn time(now_ns: u64) -> Result<u64, Fault> {
    if now_ns == 0 { Ok(0) } else { Ok(Limiter::clock(now_ns)?.max(1)) }
}

/// Reads a request; NULL is argument `number`.
unsafe fn read_request(request: *const gwp_limiter_request, number: u64) -> Result<(Request, u32), Fault> {
    if request.is_null() {
        return Err(Fault::with("null_arg", number, 0));
    }
    // SAFETY: not NULL; the caller promises a readable request.
    let gwp_limiter_request { operation, flags, cost, now_ns, lease, reserved_ns, actual } = unsafe { request.read_unaligned() };
    let now_us = time(now_ns)?;
    let options = options(flags)?;
    if flags != 0 && operation != GWP_REQUEST_CHECK {
        return Err(Fault::with("bad_flag", u64::from(flags), 0));
    }
    let request = match operation {
        GWP_REQUEST_CHECK => Request::Check { cost, now_us, peek: options.peek, lease },
        GWP_REQUEST_SETTLE => Request::Settle { cost, at_us: time(reserved_ns)?, actual, now_us },
        GWP_REQUEST_RELEASE => Request::Release { lease, now_us },
        GWP_REQUEST_RESET => Request::Reset { now_us },
        other => return Err(Fault::with("out_of_range", u64::from(other), u64::from(GWP_REQUEST_RESET))),
    };
    Ok((request, flags))
}

/// Puts what to send into `result`: `gwp_result_findings` are the parts, in order what EVALSHA takes: the script's
/// SHA-1, the number of keys, the keys, the arguments; each is the bytes `start` to `end` of `gwp_result_output`, and
/// `rule` says what it is (`GWP_PART_*`). No parts: nothing is to be sent, and `gwp_limiter_read_reply` takes an empty
/// reply. All keys of a request are in one slot of a cluster. A server that answers NOSCRIPT is sent EVAL with the text
/// from `gwp_limiter_script` in place of the SHA-1.
///
/// Owns: nothing new; parts are views in `result`.
/// Threads: any number may share `limiter`, each with its own `result`.
/// Errors: those of `gwp_limiter_check`, `GWP_E_BUSY`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_command(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    request: *const gwp_limiter_request,
    result: *mut gwp_result,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises live handles, readable bytes, offsets and a readable request.
        unsafe {
            let mut filling = Filling::begin(result, 7)?;
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            if let Some(command) = limiter.command(values, read_request(request, 6)?.0)? {
                let report = filling.report();
                for (kind, part) in parts(&command) {
                    let start = report.output.len() as u64;
                    report.output.extend_from_slice(&part);
                    report.findings.push(Finding { start, end: report.output.len() as u64, item: 0, rule: kind, flags: 0, detail: 0 });
                }
            }
            filling.keep();
        }
        Ok(())
    })
}

/// What EVALSHA takes, in order.
fn parts(command: &Command) -> Vec<(u32, Vec<u8>)> {
    let head = [(GWP_PART_SHA, command.sha.clone().into_bytes()), (GWP_PART_KEY_COUNT, command.keys.len().to_string().into_bytes())];
    let keys = command.keys.iter().map(|key| (GWP_PART_KEY, key.clone()));
    head.into_iter().chain(keys).chain(command.args.iter().map(|arg| (GWP_PART_ARGUMENT, arg.clone()))).collect()
}

/// Sets `*text` and `*len` to the Lua script of an operation (`GWP_REQUEST_*`).
///
/// Owns: nothing; the view is valid until the limiter is freed.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_OUT_OF_RANGE`.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_script(
    limiter: *const gwp_limiter,
    operation: u32,
    text: *mut *const u8,
    len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live limiter and writable out-parameters.
        let (out, limiter) = unsafe { (Out::new(text, len, 3)?, handle::shared(limiter, 1)?) };
        let unknown = || Fault::with("out_of_range", u64::from(operation), u64::from(GWP_REQUEST_RESET));
        out.set(limiter.script(operation as usize).ok_or_else(unknown)?.as_bytes());
        Ok(())
    })
}

/// Decides by the reply to a check or a settlement: the numbers that came back, or none when nothing was sent. `values`
/// and `request` are those of the command. Details as with `gwp_limiter_check`.
///
/// Owns: nothing new.
/// Threads: any number may share `limiter`.
/// Errors: those of `gwp_limiter_check`, `GWP_E_UNSUPPORTED` for a release or a reset, `GWP_E_OUT_OF_RANGE` for a reply
/// of another length; `*decision` then holds zeros: the request is **not** allowed.
/// Since: ABI 1.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_limiter_read_reply(
    limiter: *const gwp_limiter,
    values: *const u8,
    values_len: usize,
    offsets: *const u64,
    count: usize,
    request: *const gwp_limiter_request,
    reply: *const i64,
    reply_count: usize,
    decision: *mut gwp_decision,
    details: *mut gwp_decision,
    details_room: usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises writable out-parameters, a live limiter, readable bytes, offsets, request and reply.
        unsafe {
            let out = place(decision, gwp_decision::default(), 9)?;
            if details.is_null() && details_room > 0 {
                return Err(Fault::with("null_arg", 10, 0));
            }
            let (limiter, values) = (handle::shared(limiter, 1)?, read_values(values, values_len, offsets, count)?);
            let (request, flags) = read_request(request, 6)?;
            let reply = read_numbers(reply, reply_count, 7)?;
            let mut answers = Vec::new();
            let wanted = (details_room > 0).then_some(&mut answers);
            out.write(limiter.read_reply(values, request, &reply, options(flags)?, wanted)?.into());
            write_details(details, details_room, &answers);
        }
        Ok(())
    })
}

/// The reply's numbers, from any alignment.
unsafe fn read_numbers(numbers: *const i64, count: usize, argument: u64) -> Result<Vec<i64>, Fault> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if numbers.is_null() {
        return Err(Fault::with("null_arg", argument, 0));
    }
    if count > isize::MAX as usize / 8 {
        return Err(Fault::with("out_of_range", count as u64, isize::MAX as u64 / 8));
    }
    // SAFETY: not NULL, no larger than an object can be; the caller promises `count` readable numbers. Bytes have any alignment.
    let numbers: &[[u8; 8]] = unsafe { slice::from_raw_parts(numbers.cast(), count) };
    Ok(numbers.iter().map(|number| i64::from_ne_bytes(*number)).collect())
}
