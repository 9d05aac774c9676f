//! Any configuration is accepted, or refused with a code of configuration and a message that is UTF-8.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

fuzz_target!(|data: &[u8]| {
    let Some((&which, config)) = data.split_first() else { return };
    match Guard::open(edge::kind_name(which).as_bytes(), config) {
        Ok(guard) => {
            let status = guard.scan(b"abc 123-45-6789 jane@example.com <r>", 1, &Found::new());
            assert!(status == 0 || (40..60).contains(&status));
        }
        Err((status, path, message)) => {
            assert!((20..40).contains(&status), "{status}");
            assert!(path.is_empty() || path.starts_with('$'));
            assert!(!message.is_empty());
        }
    }
});
