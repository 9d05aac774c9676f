//! Classes and case folding of all scripts, from `rules/unicode_patterns.json`, which both implementations read.
//!
//! It must never ask a crate's Unicode data. Tests: `tests/vectors/patterns.jsonl`.

use std::sync::OnceLock;

use serde_json::Value;

use super::charset::CharSet;
use crate::rules;

const DATA: &str = include_str!("../../rules/unicode_patterns.json");

/// What the file holds.
pub(super) struct Tables {
    pub digit: CharSet,
    pub word: CharSet,
    pub space: CharSet,
    /// Every character that has another case, ascending, with all that are the same but for case.
    folds: Vec<(u32, Vec<u32>)>,
}

/// The tables, read at the first use.
pub(super) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let data = rules::parse(DATA);
        let class = |name: &str| {
            let pairs: Vec<_> = rows(&data[name]).map(|row| (row[0], row[row.len() - 1])).collect();
            CharSet::of(&pairs, false)
        };
        let orbits: Vec<_> = rows(&data["folds"]).collect();
        let members = orbits.iter().zip(0..).flat_map(|(orbit, index)| orbit.iter().map(move |&one| (one, index)));
        let mut members: Vec<(u32, u32)> = members.collect();
        // Pairs as [`CharSet::of`] sorts them: a sort of another type is 5 KB of the library.
        members.sort_unstable();
        let folds = members.iter().map(|&(one, index)| (one, orbits[index as usize].clone())).collect();
        Tables { digit: class("digit"), word: class("word"), space: class("space"), folds }
    })
}

/// The set with everything that is the same as a member but for case.
pub(super) fn fold(chars: &CharSet) -> CharSet {
    let folds = &tables().folds;
    let mut folded = chars.ranges.clone();
    for &(low, high) in &chars.ranges {
        let first = folds.partition_point(|row| row.0 < low);
        let cased = folds[first..].iter().take_while(|row| row.0 <= high);
        folded.extend(cased.flat_map(|row| row.1.iter().map(|&one| (one, one))));
    }
    CharSet::of(&folded, chars.invalid)
}

/// The least of all characters that are the same as this one but for case.
pub fn canonical(code: u32) -> u32 {
    let folds = &tables().folds;
    let at = folds.partition_point(|row| row.0 < code);
    folds.get(at).filter(|row| row.0 == code).and_then(|row| row.1.iter().min()).map_or(code, |&least| least.min(code))
}

/// The lists of code points in a table, none of them empty.
fn rows(table: &Value) -> impl Iterator<Item = Vec<u32>> {
    let rows = table.as_array().into_iter().flatten().filter_map(Value::as_array);
    rows.map(|row| row.iter().filter_map(Value::as_u64).map(|code| code as u32).collect::<Vec<_>>()).filter(|row| !row.is_empty())
}
