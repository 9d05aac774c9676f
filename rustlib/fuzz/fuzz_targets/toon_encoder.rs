//! What must hold of toon_encoder for any bytes: what one direction writes the other reads, and that a second time changes nothing.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

const ENCODE: &[u8] = br#"{"min_size_bytes": 0, "only_smaller": false, "max_depth": 256}"#;
const DECODE: &[u8] = br#"{"direction": "decode", "strict": true, "max_depth": 256}"#;

// Configuration; flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[config, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    let guard = Guard::of("toon_encoder", config);
    edge::check_scan(&guard, [flags, batch, first, second, third], text, &Found::new());
    let open = |config| Guard::open(b"toon_encoder", config).unwrap_or_else(|why| panic!("{why:?}"));
    let (encode, decode) = (open(ENCODE), open(DECODE));
    let Some(toon) = edge::rewritten(&encode, text) else { return };
    // What is not JSON comes back as it is, and is TOON or not.
    if toon == text {
        return;
    }
    let json = edge::rewritten(&decode, &toon).expect("what encode writes is TOON");
    assert!(edge::rewritten(&encode, &json) == Some(toon), "the same document");
});
