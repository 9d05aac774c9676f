//! What must hold of json_repair for any bytes: the output is JSON, and repairing it again changes nothing.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

// Configuration; flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[config, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    let guard = Guard::of("json_repair", config);
    edge::check_scan(&guard, [flags, batch, first, second, third], text, &Found::new());
    let Some(repaired) = edge::rewritten(&guard, text) else { return };
    assert!(serde_json::from_slice::<serde_json::Value>(&repaired).is_ok() || deep(&repaired) || surrogates(&repaired));
    assert!(edge::rewritten(&guard, &repaired).is_none_or(|again| again == repaired));
});

/// Deeper than `serde_json` reads.
fn deep(text: &[u8]) -> bool {
    text.iter().filter(|&&byte| byte == b'[' || byte == b'{').count() > 120
}

/// Lone surrogates are JSON, but no `String`.
fn surrogates(text: &[u8]) -> bool {
    text.windows(3).any(|window| window[0] == b'\\' && window[1] == b'u' && window[2].eq_ignore_ascii_case(&b'd'))
}
