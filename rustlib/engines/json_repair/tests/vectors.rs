//! Every row of tests/vectors/json_repair.jsonl, on every code path.

use gwplugins_core::masks::Path;
use gwplugins_json_repair::{JsonRepair, KIND};

const VECTORS: &str = include_str!("../../../../tests/vectors/json_repair.jsonl");

#[test]
fn every_row_on_every_path() {
    for path in Path::available() {
        println!("{path:?}");
        gwplugins_vectors::run_with(VECTORS, KIND.schema, &|config| Ok(Box::new(JsonRepair::new(config).on_path(path))), 500);
    }
}
