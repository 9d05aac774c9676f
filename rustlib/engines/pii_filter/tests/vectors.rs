//! Every row of tests/vectors/pii_filter.jsonl, on every code path.

use gwplugins_core::masks::Path;
use gwplugins_pii_filter::{KIND, PiiFilter};

const VECTORS: &str = include_str!("../../../../tests/vectors/pii_filter.jsonl");

#[test]
fn every_row_on_every_path() {
    for path in Path::available() {
        println!("{path:?}");
        gwplugins_vectors::run_with(VECTORS, KIND.schema, &|config| Ok(Box::new(PiiFilter::new(config)?.on_path(path))), 500);
    }
}
