//! What must hold of compression for any bytes: decompression gives bytes within the limit or a code of the sender's, the same in one call
//! and in chunks, and what is compressed comes back.
#![no_main]

use gwplugins_compression::{Codec, names};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 200_000;
const CONFIG: &[u8] = br#"{"max_output_bytes": 200000, "max_window_log": 23}"#;

// Codec; size of chunks; then the data.
fuzz_target!(|data: &[u8]| {
    let Some((&[name, size], data)) = data.split_first_chunk() else { return };
    let size = usize::from(size) + 1;
    let name = names().chain(["auto"]).nth(usize::from(name) % (names().len() + 1)).expect("a codec");
    let codec = Codec::new(name.as_bytes(), CONFIG).expect("a configuration");
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    let outcome = codec.decompress(data, &mut whole).map_err(|fault| fault.code());
    if let Err(code) = outcome {
        assert!((40..60).contains(&code), "{name}: a defect: {code}");
    }
    assert!(outcome.is_err() || whole.len() <= LIMIT, "{name}: over the limit");
    let chunked = in_chunks(&codec, data, size, &mut parts);
    // Which of two things that are wrong is noticed first may depend on the steps.
    assert_eq!(outcome.is_ok(), chunked.is_ok(), "{name}: chunks of {size}");
    assert!(outcome.is_err() || whole == parts, "{name}: chunks of {size}");
    if name != "auto" {
        round_trip(&codec, data, size);
        // The encoder of level 1 works in blocks of 32 KiB.
        if let Ok(quick) = Codec::new(name.as_bytes(), br#"{"level": 1}"#) {
            round_trip(&quick, &data.repeat(size), 4096);
        }
    }
});

fn in_chunks(codec: &Codec, data: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), i32> {
    let mut stream = codec.decoder();
    for chunk in data.chunks(size) {
        stream.push(chunk, out).map_err(|fault| fault.code())?;
    }
    stream.finish(out).map_err(|fault| fault.code())
}

fn round_trip(codec: &Codec, data: &[u8], size: usize) {
    let (mut small, mut back) = (Vec::new(), Vec::new());
    codec.compress(data, &mut small).expect("anything can be compressed");
    codec.decompress(&small, &mut back).expect("what we made is good");
    assert_eq!(back, data);
    let (mut stream, mut small, mut back) = (codec.encoder().expect("an encoder"), Vec::new(), Vec::new());
    for chunk in data.chunks(size) {
        stream.push(chunk, &mut small).expect("anything can be compressed");
    }
    stream.finish(&mut small).expect("anything can be compressed");
    codec.decompress(&small, &mut back).expect("what we made is good");
    assert_eq!(back, data);
}
