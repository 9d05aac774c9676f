//! Every row of `tests/vectors/sql_sanitizer.jsonl`.

use gwplugins_sql_sanitizer::KIND;

#[test]
fn rows() {
    gwplugins_vectors::run(include_str!("../../../../tests/vectors/sql_sanitizer.jsonl"), &KIND, 250);
}
