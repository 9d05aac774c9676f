//! What must hold of pii_filter for any text under any configuration of its vectors.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

// Configuration; flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[config, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    let guard = Guard::of("pii_filter", config);
    edge::check_scan(&guard, [flags, batch, first, second, third], text, &Found::new());
    // Findings begin and end at characters, and masks are text.
    let (Ok(_), Some(masked)) = (std::str::from_utf8(text), edge::rewritten(&guard, text)) else { return };
    assert!(std::str::from_utf8(&masked).is_ok());
});
