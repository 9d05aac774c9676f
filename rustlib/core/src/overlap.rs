//! The one rule by which overlapping findings are resolved, the same in `pyplugins/core/overlap.py`.
//!
//! Earliest start first, then longest, then the lower rule number, then the higher score; a finding that starts before the end of the
//! last one kept is dropped.

use crate::guard::Finding;

/// Start and end, in the order that is wanted, then what decides between the same ones.
pub type Key = (u64, u64, u32, u32);

/// Sorts findings; those with the same key stay in their order. One function for all keys: a sort is 10 KB of code.
pub fn sort(findings: &mut [Finding], key: fn(&Finding) -> Key) {
    findings.sort_by_key(key);
}

/// Sorts the findings from number `first` on and keeps the winners, in place. Most texts need neither.
pub fn resolve(findings: &mut Vec<Finding>, first: usize) {
    let new = &mut findings[first..];
    if new.windows(2).all(|pair| pair[0].end <= pair[1].start && pair[0].start < pair[1].start) {
        return;
    }
    sort(new, |finding| (finding.start, u64::MAX - finding.end, finding.rule, u32::MAX - finding.flags));
    let mut last_end = 0;
    let overlaps = |finding: &mut Finding| {
        let loses = finding.start < last_end;
        last_end = if loses { last_end } else { finding.end };
        loses
    };
    findings.extract_if(first.., overlaps).for_each(drop);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(start: u64, end: u64, rule: u32) -> Finding {
        Finding { start, end, item: 0, rule, flags: 0, detail: 0 }
    }

    #[test]
    fn earliest_then_longest_then_rule() {
        let mut all = vec![finding(2, 9, 7), finding(5, 9, 1), finding(0, 4, 3), finding(0, 6, 2), finding(0, 6, 1), finding(6, 7, 9)];
        resolve(&mut all, 1);
        let kept: Vec<_> = all.iter().map(|f| (f.start, f.end, f.rule)).collect();
        assert_eq!(kept, [(2, 9, 7), (0, 6, 1), (6, 7, 9)]);
    }
}
