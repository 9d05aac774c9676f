//! What must hold of sql_sanitizer for any text under any configuration of its vectors.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

// Configuration; flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[config, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    let guard = Guard::of("sql_sanitizer", config);
    edge::check_scan(&guard, [flags, batch, first, second, third], text, &Found::new());
    // Only comments go: what is left is a part of the text, but for spaces, and still text.
    let Some(stripped) = edge::rewritten(&guard, text) else { return };
    assert!(std::str::from_utf8(text).is_err() || std::str::from_utf8(&stripped).is_ok());
    let mut rest = text.iter();
    assert!(stripped.iter().filter(|&&byte| byte != b' ').all(|byte| rest.any(|other| other == byte)));
});
