//! Every row of tests/vectors/regex_filter.jsonl, with shared passes and with every rule alone.

use gwplugins_regex_filter::{KIND, RegexFilter};

const VECTORS: &str = include_str!("../../../../tests/vectors/regex_filter.jsonl");

#[test]
fn every_row() {
    gwplugins_vectors::run(VECTORS, &KIND, 100);
}

#[test]
fn every_row_one_by_one() {
    gwplugins_vectors::run_with(VECTORS, KIND.schema, &|config| Ok(Box::new(RegexFilter::new(config)?.one_by_one())), 100);
}
