//! Tests of the whole limiter that need its insides.

use crate::table::Entry;

#[test]
fn an_entry_is_one_cache_line() {
    assert_eq!(size_of::<Option<Entry>>(), 64);
}
