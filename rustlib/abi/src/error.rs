//! Errors that a call hands to its caller.

use gwplugins_core::fault::Fault;

use crate::boundary::contained;
use crate::bytes::Out;
use crate::handle::{self, Opaque};
use crate::status::{GWP_OK, gwp_status};

/// # Errors
///
/// Every fallible function takes `gwp_error **err` last. It may be NULL. Else it is always written: NULL on success,
/// on failure an error that the caller frees. Code, message and path never hold scanned text.
pub struct gwp_error {
    _opaque: [u8; 0],
}

pub(crate) struct Error {
    code: gwp_status,
    message: String,
    path: String,
}

impl Opaque for gwp_error {
    type Inner = Error;
    const TAG: u64 = u64::from_le_bytes(*b"gwpERROR");
}

pub(crate) fn create(fault: &Fault, place: &str) -> *mut gwp_error {
    handle::create(Error { code: fault.code(), message: format!("{fault}{place}"), path: fault.path().to_owned() })
}

/// The status the failed call returned; `GWP_OK` for NULL, `GWP_E_BAD_HANDLE` for what is no error.
///
/// Owns: nothing. Threads: any. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_error_code(error: *const gwp_error) -> gwp_status {
    if error.is_null() {
        return GWP_OK;
    }
    // SAFETY: the caller promises a live error.
    unsafe { handle::shared(error, 1) }.map_or_else(|fault| fault.code(), |error| error.code)
}

/// Sets `*message` and `*len` to the message: one line of UTF-8, not ending in NUL.
///
/// Owns: nothing; the view is valid until the error is freed.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_error_message(error: *const gwp_error, message: *mut *const u8, len: *mut usize) -> gwp_status {
    // SAFETY: the caller promises a live error and writable out-parameters.
    unsafe { text(error, message, len, |error| &error.message) }
}

/// Sets `*path` and `*len` to the JSON path of the configuration value at fault, such as
/// "$.custom_patterns[0].pattern"; NULL and 0 when the error is not about a configuration value.
///
/// Owns: nothing; the view is valid until the error is freed.
/// Threads: any.
/// Errors: `GWP_E_NULL_ARG`, `GWP_E_BAD_HANDLE`.
/// Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_error_path(error: *const gwp_error, path: *mut *const u8, len: *mut usize) -> gwp_status {
    // SAFETY: the caller promises a live error and writable out-parameters.
    unsafe { text(error, path, len, |error| &error.path) }
}

unsafe fn text(error: *const gwp_error, data: *mut *const u8, len: *mut usize, field: fn(&Error) -> &String) -> gwp_status {
    // SAFETY: passed on from the caller.
    let outcome = unsafe { Out::new(data, len, 2).and_then(|out| handle::shared(error, 1).map(|error| out.set(field(error).as_bytes()))) };
    outcome.map_or_else(|fault| fault.code(), |()| GWP_OK)
}

/// Frees an error. NULL is allowed.
///
/// Owns: takes `error`. Threads: any, once. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gwp_error_free(error: *mut gwp_error) {
    // SAFETY: the caller promises a live error, or NULL.
    contained(|| unsafe { handle::free(error) });
}
