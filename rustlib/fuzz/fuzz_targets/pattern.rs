//! Any pattern is accepted or refused by the grammar alone; an accepted one matches in order, inside the text.
#![no_main]

use gwplugins_core::pattern::{Options, Pattern};
use libfuzzer_sys::fuzz_target;

// Flags, length of the pattern; then the pattern and the text.
fuzz_target!(|data: &[u8]| {
    let Some((&[flags, length], rest)) = data.split_first_chunk() else { return };
    let (pattern, text) = rest.split_at(rest.len().min(length.into()));
    let Ok(source) = std::str::from_utf8(pattern) else { return };
    let options = Options { ignore_case: flags & 1 == 1, ..Options::default() };
    let parsed = Pattern::parse(source, &options);
    assert_eq!(Pattern::check(source, &options), parsed.as_ref().map(|_| ()).map_err(|error| *error));
    let Ok(pattern) = parsed else { return };
    let mut before = 0;
    for (start, end) in pattern.matches(text, 0) {
        assert!(before <= start && start <= end && end <= text.len());
        before = end;
    }
});
