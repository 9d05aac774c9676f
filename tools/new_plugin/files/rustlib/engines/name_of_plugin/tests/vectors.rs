//! Every row of tests/vectors/name_of_plugin.jsonl.

use gwplugins_name_of_plugin::KIND;

#[test]
fn every_row() {
    gwplugins_vectors::run(include_str!("../../../../tests/vectors/name_of_plugin.jsonl"), &KIND, 20);
}
