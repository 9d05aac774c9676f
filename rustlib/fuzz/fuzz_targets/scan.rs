//! The C edge with any flags, offsets and bytes: no crash, no defect, no span outside its item.
#![no_main]

use edge::{Found, Guard};
use libfuzzer_sys::fuzz_target;

#[path = "../edge.rs"]
mod edge;

// Which guard, flags, batch or not, three cuts; then the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[which, flags, batch, first, second, third], text)) = data.split_first_chunk() else { return };
    let (guard, result) = (Guard::chosen(which), Found::new());
    let cuts = if batch & 1 == 1 { [first, second, third].map(u64::from).to_vec() } else { vec![0, text.len() as u64] };
    let status = if batch & 1 == 1 {
        guard.scan_batch(text, &cuts, flags.into(), &result)
    } else {
        guard.scan(text, flags.into(), &result)
    };
    if status != 0 {
        assert!(status < 60, "a defect: {status}");
        assert!(result.findings().is_empty() && result.items().is_empty(), "a failed call leaves nothing behind");
        return;
    }
    assert_eq!(result.items().len(), cuts.len() - 1);
    for finding in result.findings() {
        let item = finding.item as usize;
        // A byte that is no UTF-8 can count as two UTF-16 units.
        assert!(finding.start <= finding.end && finding.end <= 2 * (cuts[item + 1] - cuts[item]));
    }
    for item in result.items() {
        assert!(item.output_start <= item.output_end && item.output_end <= result.output().len() as u64);
    }
});
