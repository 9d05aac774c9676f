//! The C edge with any flags, offsets and bytes: no crash, no defect, no span outside its item.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

// Which kind and configuration; flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[kind, config, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    edge::check_scan(&Guard::chosen(kind, config), [flags, batch, first, second, third], text, &Found::new());
});
