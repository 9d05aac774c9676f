//! Every row of tests/vectors/toon_encoder.jsonl.

use gwplugins_toon_encoder::KIND;

#[test]
fn every_row() {
    gwplugins_vectors::run(include_str!("../../../../tests/vectors/toon_encoder.jsonl"), &KIND, 240);
}
