//! What must hold of deflated data: libdeflate with our changes takes what zlib-rs takes, and finds the same in it.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../libdeflate/tests/both/mod.rs"]
mod both;

fuzz_target!(|data: &[u8]| {
    if let Ok(expected) = both::by_zlib(data) {
        assert!(both::Opener::new().open(data) == expected);
    }
});
