//! What must hold of toon_encoder for any text under any configuration of its vectors.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

// Configuration; flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[config, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    let guard = Guard::of("toon_encoder", config);
    edge::check_scan(&guard, [flags, batch, first, second, third], text, &Found::new());
    // FILL IN: what the output promises.
});
