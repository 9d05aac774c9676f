//! Versions: of the ABI, which a host checks before its first call, and of the library.

use std::ffi::{CStr, c_char};

/// Major version of this header: another number is another, incompatible ABI.
pub const GWP_ABI_MAJOR: u32 = 1;
/// Minor version of this header: a library with the same major and at least this minor serves it.
pub const GWP_ABI_MINOR: u32 = 2;
/// `GWP_ABI_MAJOR << 16 | GWP_ABI_MINOR`.
pub const GWP_ABI_VERSION: u32 = 65538;

const _: () = assert!(GWP_ABI_VERSION == GWP_ABI_MAJOR << 16 | GWP_ABI_MINOR);

/// The ABI version of the loaded library: major << 16 | minor.
///
/// Owns: nothing. Threads: any. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub extern "C" fn gwp_abi_version() -> u32 {
    GWP_ABI_VERSION
}

/// 1 if the loaded library serves a program built against ABI `major`.`minor`, else 0. Call it once after loading,
/// with `GWP_ABI_MAJOR` and `GWP_ABI_MINOR`.
///
/// Owns: nothing. Threads: any. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub extern "C" fn gwp_abi_supports(major: u32, minor: u32) -> i32 {
    i32::from(major == GWP_ABI_MAJOR && minor <= GWP_ABI_MINOR)
}

/// The version of the library, such as "0.1.0", ending in NUL.
///
/// Owns: nothing; the text lives as long as the library. Threads: any. Errors: none. Since: ABI 1.0.
#[unsafe(no_mangle)]
pub extern "C" fn gwp_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version holds no NUL"),
    };
    VERSION.as_ptr()
}
