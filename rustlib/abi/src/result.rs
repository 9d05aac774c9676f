//! Results: what a call found, as views that stay valid until the result's next use.

use std::mem::offset_of;

use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{self, Action, Finding, Item, Report};

use crate::boundary::{boundary, contained};
use crate::bytes::{Out, place};
use crate::error::gwp_error;
use crate::handle::{self, Opaque, Taken};
use crate::status::gwp_status;

/// # Results
///
/// Where a scan or a stream puts what it finds. Make one for each thread and use it again and again: its memory is
/// kept, so a scan that finds nothing allocates nothing. It grows to the largest output it ever held; free it to give
/// that back. Views into it (findings, items, output, details) are valid until its next use or `gwp_result_free`.
/// After a failed call it is empty.
pub struct gwp_result {
    _opaque: [u8; 0],
}

impl Opaque for gwp_result {
    type Inner = Report;
    const TAG: u64 = u64::from_le_bytes(*b"gwpRESUL");
}

/// One finding. Offsets refer to the caller's input, in the unit the call asked for, half-open; `start == end` is an
/// empty span. In a batch they count from the item's own beginning, in a stream from the stream's. Order: item, start,
/// end. Findings may overlap unless the engine says otherwise.
#[repr(C)]
pub struct gwp_finding {
    /// First unit of the span.
    pub start: u64,
    /// One past its last unit.
    pub end: u64,
    /// Index of the item in a batch, else 0.
    pub item: u32,
    /// Index into "rules" of `gwp_guard_describe`.
    pub rule: u32,
    /// `GWP_FINDING_*` bits; bits no macro names are 0 now and must be ignored.
    pub flags: u32,
    /// 0 for none, else the index for `gwp_result_detail`.
    pub detail: u32,
}

/// The verdict on one item: one for each item of a batch, one for a scan or a part of a stream.
#[repr(C)]
pub struct gwp_item {
    /// `GWP_VERDICT_*`: the strongest action of its findings.
    pub verdict: u32,
    /// The highest score of its findings, 0 to 1000.
    pub score: u32,
    /// 1 when the output differs from the input; 0: the caller's own bytes stand, and a scan wrote no output. Always 0
    /// without `GWP_OUTPUT`.
    pub changed: u32,
    /// Always 0.
    pub reserved: u32,
    /// First byte of the item's output in `gwp_result_output`; 0 when unchanged.
    pub output_start: u64,
    /// One past its last byte; 0 when unchanged. (A part of a stream always has output.)
    pub output_end: u64,
}

/// Mask of the action in `gwp_finding.flags`.
pub const GWP_FINDING_ACTION: u32 = 3;
/// Flag: the engine guessed; another reading was possible.
pub const GWP_FINDING_GUESS: u32 = 4;
/// Flag: found in rewritten or decoded text; the span is the smallest part of the input that produced it.
pub const GWP_FINDING_DERIVED: u32 = 8;
/// `flags >> GWP_FINDING_SCORE_SHIFT` is the score, 0 to 1000.
pub const GWP_FINDING_SCORE_SHIFT: u32 = 16;
/// Action: report only.
pub const GWP_ACTION_AUDIT: u32 = 0;
/// Action: the output holds a replacement.
pub const GWP_ACTION_REPLACE: u32 = 1;
/// Action: the content must not pass.
pub const GWP_ACTION_BLOCK: u32 = 2;
/// Verdict: nothing was found.
pub const GWP_VERDICT_PASS: u32 = 0;
/// Verdict: findings to report, nothing more.
pub const GWP_VERDICT_AUDIT: u32 = 1;
/// Verdict: findings that are replaced in the output.
pub const GWP_VERDICT_REPLACE: u32 = 2;
/// Verdict: the content must not pass.
pub const GWP_VERDICT_BLOCK: u32 = 3;

const _: () = {
    assert!(GWP_FINDING_ACTION == guard::FLAG_ACTION && GWP_FINDING_GUESS == guard::FLAG_GUESS);
    assert!(GWP_FINDING_DERIVED == guard::FLAG_DERIVED && GWP_FINDING_SCORE_SHIFT == guard::SCORE_SHIFT);
    assert!(
        GWP_ACTION_AUDIT == Action::Audit as u32
            && GWP_ACTION_REPLACE == Action::Replace as u32
            && GWP_ACTION_BLOCK == Action::Block as u32
    );
    assert!(
        GWP_VERDICT_PASS == 0
            && GWP_VERDICT_AUDIT == GWP_ACTION_AUDIT + 1
            && GWP_VERDICT_REPLACE == GWP_ACTION_REPLACE + 1
            && GWP_VERDICT_BLOCK == GWP_ACTION_BLOCK + 1
    );

    assert!(size_of::<gwp_finding>() == 32 && size_of::<Finding>() == 32 && align_of::<gwp_finding>() == align_of::<Finding>());
    assert!(offset_of!(gwp_finding, start) == 0 && offset_of!(Finding, start) == 0);
    assert!(offset_of!(gwp_finding, end) == 8 && offset_of!(Finding, end) == 8);
    assert!(offset_of!(gwp_finding, item) == 16 && offset_of!(Finding, item) == 16);
    assert!(offset_of!(gwp_finding, rule) == 20 && offset_of!(Finding, rule) == 20);
    assert!(offset_of!(gwp_finding, flags) == 24 && offset_of!(Finding, flags) == 24);
    assert!(offset_of!(gwp_finding, detail) == 28 && offset_of!(Finding, detail) == 28);

    assert!(size_of::<gwp_item>() == 32 && size_of::<Item>() == 32 && align_of::<gwp_item>() == align_of::<Item>());
    assert!(offset_of!(gwp_item, verdict) == 0 && offset_of!(Item, verdict) == 0);
    assert!(offset_of!(gwp_item, score) == 4 && offset_of!(Item, score) == 4);
    assert!(offset_of!(gwp_item, changed) == 8 && offset_of!(Item, changed) == 8);
    assert!(offset_of!(gwp_item, reserved) == 12 && offset_of!(Item, reserved) == 12);
    assert!(offset_of!(gwp_item, output_start) == 16 && offset_of!(Item, output_start) == 16);
    assert!(offset_of!(gwp_item, output_end) == 24 && offset_of!(Item, output_end) == 24);
};

/// A result taken for one call and emptied. Unless the call ends with `keep`, by a fault or a panic, it is emptied
/// again.
pub(crate) struct Filling<'a> {
    report: Taken<'a, Report>,
    kept: bool,
}

impl<'a> Filling<'a> {
    pub(crate) unsafe fn begin(result: *mut gwp_result, argument: u64) -> Result<Self, Fault> {
        // SAFETY: passed on from the caller.
        let mut report = unsafe { handle::exclusive(result, argument) }?;
        report.clear();
        Ok(Self { report, kept: false })
    }

    pub(crate) fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.report.clear();
        }
    }
}

/// Makes an empty result in `*out`.
///
/// Owns: the caller owns `*out` and frees it with `gwp_result_free`.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_result_new(out: *mut *mut gwp_result, err: *mut *mut gwp_error) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a writable out-parameter.
        let out = unsafe { place(out, std::ptr::null_mut(), 1) }?;
        let mut report = Report::default();
        // Room for the verdict of a single scan: it must not allocate.
        report.items.reserve(1);
        // SAFETY: `place` has checked it.
        unsafe { out.write(handle::create(report)) };
        Ok(())
    })
}

/// Sets `*findings` and `*count` to the findings of all items; NULL and 0 when there are none.
///
/// Owns: nothing; the view is valid until the next use of `result`.
/// Threads: one at a time for each result.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_result_findings(
    result: *const gwp_result,
    findings: *mut *const gwp_finding,
    count: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live result and writable out-parameters; `gwp_finding` has the layout of `Finding`.
        unsafe { Out::new(findings.cast::<*const Finding>(), count, 2)?.set(&handle::idle(result, 1)?.findings) };
        Ok(())
    })
}

/// Sets `*items` and `*count` to the verdicts, one for each item of the call.
///
/// Owns: nothing; the view is valid until the next use of `result`.
/// Threads: one at a time for each result.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_result_items(
    result: *const gwp_result,
    items: *mut *const gwp_item,
    count: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live result and writable out-parameters; `gwp_item` has the layout of `Item`.
        unsafe { Out::new(items.cast::<*const Item>(), count, 2)?.set(&handle::idle(result, 1)?.items) };
        Ok(())
    })
}

/// Sets `*output` and `*len` to the output of all changed items, one after the other; `gwp_item` says where each
/// begins and ends.
///
/// Owns: nothing; the view is valid until the next use of `result`.
/// Threads: one at a time for each result.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_result_output(
    result: *const gwp_result,
    output: *mut *const u8,
    len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live result and writable out-parameters.
        unsafe { Out::new(output, len, 2)?.set(&handle::idle(result, 1)?.output) };
        Ok(())
    })
}

/// Sets `*json` and `*len` to the detail with this index (`gwp_finding.detail`, not 0): one JSON value in UTF-8.
///
/// Owns: nothing; the view is valid until the next use of `result`.
/// Threads: one at a time for each result.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`, `GWP_E_BUSY`, `GWP_E_OUT_OF_RANGE`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_result_detail(
    result: *const gwp_result,
    detail: u32,
    json: *mut *const u8,
    len: *mut usize,
    err: *mut *mut gwp_error,
) -> gwp_status {
    boundary(err, || {
        // SAFETY: the caller promises a live result and writable out-parameters.
        let (out, report) = unsafe { (Out::new(json, len, 3)?, handle::idle(result, 1)?) };
        let unknown = || Fault::with("out_of_range", u64::from(detail), report.detail_count() as u64 + 1);
        out.set(report.detail(detail).ok_or_else(unknown)?);
        Ok(())
    })
}

/// Frees a result. NULL is allowed. A result that another thread's call is using at this moment is given up, not
/// freed.
///
/// Owns: takes `result`; its views end. Threads: any, once. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_result_free(result: *mut gwp_result) {
    // SAFETY: the caller promises a live result, or NULL.
    contained(|| unsafe { handle::free(result) });
}
