//! Any chunks give the whole text's findings, output and failure.
#![no_main]

use edge::{Found, Guard, Stream};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

const OUTPUT: u32 = 1;
const UNITS: [u32; 3] = [0, 16, 32];

type Whole = (Vec<[u64; 4]>, Vec<u8>);

fn add(result: &Found, all: &mut Whole) {
    all.0.extend(result.findings().iter().map(|found| [found.start, found.end, found.rule.into(), found.flags.into()]));
    all.1.extend_from_slice(result.output());
}

// Which kind and configuration, unit, two sizes of chunks that take turns; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[kind, config, unit, first, second], text)) = data.split_first_chunk() else { return };
    let (guard, result) = (Guard::chosen(kind, config), Found::new());
    let flags = OUTPUT | UNITS[usize::from(unit) % UNITS.len()];
    let Ok(stream) = Stream::new(&guard, flags) else { return };
    let mut whole = Whole::default();
    let wanted = guard.scan(text, flags, &result);
    add(&result, &mut whole);
    if wanted == 0 && result.items()[0].changed == 0 {
        whole.1 = text.to_vec();
    }
    let (mut parts, mut rest, mut turn) = (Whole::default(), text, 0);
    let status = loop {
        let size = usize::from([first, second][turn % 2]) + 1;
        let (chunk, behind) = rest.split_at(rest.len().min(size));
        let status = stream.push(chunk, &result);
        add(&result, &mut parts);
        if status != 0 || chunk.is_empty() {
            break status;
        }
        (rest, turn) = (behind, turn + 1);
    };
    assert_eq!(status, wanted);
    assert!(wanted != 0 || parts == whole);
});
