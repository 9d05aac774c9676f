//! What the C suites cannot ask: allocations, agreement with the messages, documentation, panics inside one process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::CStr;
use std::panic;
use std::ptr;

use gwplugins_core::fault;
use gwplugins_core::guard::{Guard, Report};
use gwplugins_core::stream::Stream;

use crate::error::{gwp_error, gwp_error_code, gwp_error_free, gwp_error_message};
use crate::guard::{GWP_DETAILS, GWP_OUTPUT, gwp_guard, gwp_guard_free, gwp_guard_new, gwp_guard_scan, gwp_guard_scan_batch};
use crate::result::{gwp_finding, gwp_result, gwp_result_findings, gwp_result_free, gwp_result_new};
use crate::status::{GWP_E_PANIC, GWP_E_PATTERN, GWP_OK, NAMES, gwp_status, gwp_status_name};

/// The system allocator, counting what this thread takes.
struct Counting;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `alloc` made it.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn guard(config: &str) -> *mut gwp_guard {
    let mut guard = ptr::null_mut();
    // SAFETY: readable bytes, writable out-parameters.
    let status = unsafe { gwp_guard_new(b"probe".as_ptr(), 5, config.as_ptr(), config.len(), &mut guard, ptr::null_mut()) };
    assert_eq!(status, GWP_OK);
    guard
}

fn result() -> *mut gwp_result {
    let mut result = ptr::null_mut();
    // SAFETY: a writable out-parameter.
    assert_eq!(unsafe { gwp_result_new(&mut result, ptr::null_mut()) }, GWP_OK);
    result
}

fn scan(guard: *const gwp_guard, text: &str, result: *mut gwp_result) -> (gwp_status, *mut gwp_error) {
    let mut error = ptr::null_mut();
    // SAFETY: live handles, readable bytes.
    let status = unsafe { gwp_guard_scan(guard, text.as_ptr(), text.len(), GWP_OUTPUT | GWP_DETAILS, result, &mut error) };
    (status, error)
}

#[test]
fn handles_are_shared_between_threads() {
    fn both<T: Send + Sync + ?Sized>() {}
    both::<dyn Guard>();
    both::<Report>();
    both::<Stream>();
}

#[test]
fn a_scan_that_finds_nothing_allocates_nothing() {
    let (guard, result) = (guard("{}"), result());
    let text = "nothing to see here ".repeat(5);
    let offsets: Vec<u64> = (0..=10).map(|n| n * 10).collect();
    let batch = || {
        // SAFETY: live handles, readable bytes and offsets.
        unsafe { gwp_guard_scan_batch(guard, text.as_ptr(), 100, offsets.as_ptr(), 10, 0, result, ptr::null_mut()) }
    };
    let before = TAKEN.get();
    assert_eq!(scan(guard, &text, result).0, GWP_OK);
    assert_eq!(TAKEN.get(), before, "the first scan with a new result");
    assert_eq!(batch(), GWP_OK);
    let before = TAKEN.get();
    assert!(before > 0, "the allocator counts");
    assert_eq!(batch(), GWP_OK);
    assert_eq!(TAKEN.get(), before, "a second batch of the same size");
    // SAFETY: made above, freed once.
    unsafe {
        gwp_guard_free(guard);
        gwp_result_free(result);
    }
}

#[test]
fn a_panic_is_a_code_with_file_and_line_and_leaves_everything_usable() {
    let (guard, result) = (guard(r#"{"panic": true}"#), result());
    let (status, error) = scan(guard, "<a> secret <p>", result);
    assert_eq!(status, GWP_E_PANIC);
    let (mut text, mut len) = (ptr::null(), 0);
    // SAFETY: a live error; the view lives until it is freed.
    let message = unsafe {
        assert_eq!(gwp_error_code(error), GWP_E_PANIC);
        assert_eq!(gwp_error_message(error, &mut text, &mut len), GWP_OK);
        String::from_utf8_lossy(std::slice::from_raw_parts(text, len)).into_owned()
    };
    assert!(message.starts_with("defect in gwplugins, please report it (probe/src/lib.rs:"), "{message}");
    assert!(!message.contains("secret"));
    let (mut findings, mut count): (*const gwp_finding, usize) = (ptr::dangling(), 9);
    // SAFETY: live handles, freed once.
    unsafe {
        assert_eq!(gwp_result_findings(result, &mut findings, &mut count, ptr::null_mut()), GWP_OK);
        assert!(findings.is_null() && count == 0, "half a scan is none");
        assert_eq!(scan(guard, "<a>", result).0, GWP_OK);
        gwp_error_free(error);
        gwp_guard_free(guard);
        gwp_result_free(result);
    }
}

#[test]
fn panics_of_others_reach_their_hook() {
    thread_local! {
        static SEEN: Cell<u32> = const { Cell::new(0) };
    }
    let (guard, result) = (guard(r#"{"panic": true}"#), result());
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        SEEN.set(SEEN.get() + 1);
        previous(info);
    }));
    assert!(panic::catch_unwind(|| panic!("not ours")).is_err());
    assert_eq!(SEEN.get(), 1);
    // SAFETY: made above, freed once.
    unsafe {
        gwp_guard_free(guard);
        gwp_result_free(result);
    }
}

#[test]
fn patterns_are_refused_with_their_path() {
    let config = r#"{"pattern": "a(b"}"#;
    let mut guard = ptr::null_mut();
    // SAFETY: readable bytes, writable out-parameters.
    let status = unsafe { gwp_guard_new(b"probe".as_ptr(), 5, config.as_ptr(), config.len(), &mut guard, ptr::null_mut()) };
    assert_eq!(status, GWP_E_PATTERN);
    assert!(guard.is_null());
}

#[test]
fn codes_are_those_of_the_messages() {
    let name = |code: gwp_status| {
        // SAFETY: a static text that ends in NUL.
        unsafe { CStr::from_ptr(gwp_status_name(code)) }.to_str().expect("ASCII")
    };
    for message in fault::messages() {
        assert_eq!(name(message.code), format!("GWP_E_{}", message.name));
    }
    let known = fault::messages().iter().map(|message| message.code).collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(NAMES.len(), known + 1, "and GWP_OK");
    assert_eq!((name(0), name(-1), name(99)), ("GWP_OK", "GWP_E_UNKNOWN", "GWP_E_UNKNOWN"));
}

/// The labels stand in this order in the comment of every function, so that a reader finds them and nobody forgets one.
#[test]
fn every_function_documents_its_contract() {
    let header = include_str!("../../../include/gwplugins.h");
    let mut checked = 0;
    for (comment, declaration) in comments(header) {
        let Some((name, _)) = declaration.split_once('(').filter(|(name, _)| name.contains("gwp_") && !name.contains('#')) else {
            continue;
        };
        let at = |label: &str| comment.find(label).unwrap_or_else(|| panic!("{name} does not say {label}"));
        assert!(at("Owns:") < at("Threads:") && at("Threads:") < at("Errors:") && at("Errors:") < at("Since: ABI 1."), "{name}");
        checked += 1;
    }
    assert_eq!(checked, include_str!("../../../tests/abi/symbols.txt").lines().count(), "functions in the header");
}

/// Each comment of the header with the declaration behind it.
fn comments(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split("/**").skip(1).filter_map(|part| part.split_once("*/")).map(|(comment, rest)| (comment, rest.trim_start()))
}
