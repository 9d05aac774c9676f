//! The edge that no panic passes. A panic becomes `GWP_E_PANIC` with file and line; its payload, which may quote the scanned text, is
//! neither printed nor returned.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Once;

use gwplugins_core::fault::Fault;

use crate::error::{self, gwp_error};
use crate::status::{GWP_OK, gwp_status};

/// File (its end) and line of a panic. Of fixed size, so that the thread-local needs no destructor.
#[derive(Clone, Copy)]
struct Place {
    file: [u8; 64],
    len: usize,
    line: u32,
}

thread_local! {
    /// Whether this thread is inside a call. Set and cleared by every call: no call leaves anything for the next.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static PLACE: Cell<Place> = const { Cell::new(Place { file: [0; 64], len: 0, line: 0 }) };
}

/// Runs a call. `err` may be NULL; else it gets NULL, or the error that the caller then owns.
pub(crate) fn boundary(err: *mut *mut gwp_error, work: impl FnOnce() -> Result<(), Fault>) -> gwp_status {
    let outcome = contain(work);
    let (fault, place) = match outcome {
        Ok(Ok(())) => {
            store(err, std::ptr::null_mut());
            return GWP_OK;
        }
        Ok(Err(fault)) => (fault, String::new()),
        Err(place) => (Fault::new("panic"), format!(" ({place})")),
    };
    if !err.is_null() {
        store(err, error::create(&fault, &place));
    }
    fault.code()
}

/// Runs what cannot fail but might be defective: freeing.
pub(crate) fn contained(work: impl FnOnce()) {
    // A `free` has no way to report; what it could not free leaks.
    let _ = contain(work);
}

fn store(err: *mut *mut gwp_error, error: *mut gwp_error) {
    if !err.is_null() {
        // SAFETY: the caller promises that an `err` that is not NULL may be written.
        unsafe { err.write(error) };
    }
}

/// The result of `work`, or the place where it panicked.
fn contain<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    install_hook();
    INSIDE.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    let outcome = outcome.map_err(|payload| {
        discard(payload);
        let Place { file, len, line } = PLACE.get();
        format!("{}:{line}", String::from_utf8_lossy(&file[..len]))
    });
    INSIDE.set(false);
    outcome
}

/// Drops a payload; if its own `drop` panics, what it panicked with is forgotten rather than allowed to abort the
/// process.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

/// Our own panics are noted in silence, those of a Rust host that shares our standard library go to the hook it had.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| match info.location() {
            Some(location) if INSIDE.get() => PLACE.set(Place::of(location)),
            None if INSIDE.get() => {}
            _ => previous(info),
        }));
    });
}

impl Place {
    /// The last part of the path, from the crate's folder on: more would name the machine that built the library.
    fn of(location: &Location) -> Self {
        let path = location.file().as_bytes();
        let cut = path.iter().enumerate().rev().filter(|&(_, &byte)| byte == b'/' || byte == b'\\').nth(2).map_or(0, |(at, _)| at + 1);
        let tail = &path[cut.max(path.len().saturating_sub(64))..];
        let mut file = [0; 64];
        file[..tail.len()].copy_from_slice(tail);
        Self { file, len: tail.len(), line: location.line() }
    }
}
