//! The test-only engine: it finds marks and uses every part of the guard interface, so that no later engine needs a new ABI.
//!
//! A mark is `<`, one letter written 1 to 14 times, `>`. It counts unless a `!` stands within 8 bytes before it or right behind it.
//!
//! | letter | rule | what it shows |
//! |---|---|---|
//! | a | audit | reported, nothing more |
//! | r | replace | replaced by `replacement` |
//! | b | block | must not pass |
//! | g | guess | the flag guess |
//! | d | derived | the flag derived |
//! | e | empty | an empty span before the mark, where `replacement` is inserted |
//! | o | overlap, inner | one finding over the mark, one for its inside |
//! | p | panic | a panic when the configuration says so, else nothing |
//!
//! It must never be in a released library. Tests: `tests/`, `tests/vectors/probe.jsonl`, `tests/abi/`.

use std::ops::Range;

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{
    Action, CAP_DETAILS, CAP_OUTPUT, CAP_STREAM, FLAG_ACTION, FLAG_DERIVED, FLAG_GUESS, Finding, Guard, Kind, Report, SCORE_SHIFT, Want,
    Windowed,
};
use serde_json::json;

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "probe",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT | CAP_STREAM | CAP_DETAILS,
    open: |config| Ok(Box::new(Probe::new(config))),
};

const MOST_LETTERS: usize = 14;
const LOOK_BEHIND: usize = 8;
/// A mark and the byte behind it are 17 bytes.
const REACH: usize = 20;

const RULES: [&str; 8] = ["audit", "replace", "block", "guess", "derived", "empty", "overlap", "inner"];

struct Probe {
    replacement: String,
    score: u32,
    panic: bool,
    stream: bool,
    max_text_bytes: u64,
    max_findings: u64,
    describe: String,
}

/// `text[start..end]` is a mark of `letter`.
struct Mark {
    letter: u8,
    start: usize,
    end: usize,
}

impl Probe {
    fn new(config: &Config) -> Self {
        let number = |key| u64::try_from(config.int(key)).unwrap_or(0);
        let (max_text_bytes, max_findings) = (number("max_text_bytes"), number("max_findings"));
        let rules: Vec<_> = RULES.iter().map(|name| json!({"name": name, "group": name, "attributes": {}, "runs": "marks"})).collect();
        let limits = json!({"max_text_bytes": max_text_bytes, "max_findings": max_findings});
        Self {
            replacement: config.str("replacement").unwrap_or_default().to_owned(),
            score: u32::try_from(config.int("score")).unwrap_or(0),
            panic: config.bool("panic"),
            stream: config.bool("stream"),
            max_text_bytes,
            max_findings,
            describe: json!({"kind": "probe", "version": env!("CARGO_PKG_VERSION"), "rules": rules, "limits": limits}).to_string(),
        }
    }

    fn report_mark(&self, text: &[u8], mark: &Mark, item: u32, want: Want, report: &mut Report) {
        let Mark { letter, start, end } = *mark;
        let mut add = |rule: u32, action: Action, extra: u32, (start, end): (usize, usize)| {
            let detail = if want.details { report.add_detail(&json!({"letters": mark.end - mark.start - 2}).to_string()) } else { 0 };
            let flags = action as u32 | extra | self.score << SCORE_SHIFT;
            report.findings.push(Finding { start: start as u64, end: end as u64, item, rule, flags, detail });
        };
        match letter {
            b'a' => add(0, Action::Audit, 0, (start, end)),
            b'r' => add(1, Action::Replace, 0, (start, end)),
            b'b' => add(2, Action::Block, 0, (start, end)),
            b'g' => add(3, Action::Audit, FLAG_GUESS, (start, end)),
            b'd' => add(4, Action::Audit, FLAG_DERIVED, (start, end)),
            b'e' => add(5, Action::Replace, 0, (start, start)),
            b'o' => {
                add(6, Action::Audit, 0, (start, end));
                add(7, Action::Audit, 0, (start + 1, end - 1));
            }
            b'p' if self.panic => panic!("the payload quotes the text: {}", String::from_utf8_lossy(text)),
            _ => {}
        }
    }
}

/// The mark that begins at the `<` at `start`, if one does and no `!` forbids it.
fn mark_at(text: &[u8], start: usize) -> Option<Mark> {
    let letter = *text.get(start + 1).filter(|byte| byte.is_ascii_lowercase())?;
    let letters = text[start + 1..].iter().take(MOST_LETTERS + 1).take_while(|&&byte| byte == letter).count();
    let end = start + letters + 2;
    let closed = letters <= MOST_LETTERS && text.get(end - 1) == Some(&b'>');
    let forbidden = text.get(end) == Some(&b'!') || text[start.saturating_sub(LOOK_BEHIND)..start].contains(&b'!');
    (closed && !forbidden).then_some(Mark { letter, start, end })
}

impl Guard for Probe {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        if text.len() as u64 > self.max_text_bytes {
            return Err(Fault::with("too_large", text.len() as u64, self.max_text_bytes));
        }
        let first = report.findings.len();
        self.find(text, 0, item, want, report)?;
        let found = &report.findings[first..];
        let changes = want.output && found.iter().any(|finding| finding.flags & FLAG_ACTION == Action::Replace as u32);
        Ok(changes && self.rewrite(text, 0..text.len(), found, &mut report.output))
    }

    fn windowed(&self) -> Result<&dyn Windowed, Fault> {
        if self.stream { Ok(self) } else { Err(Fault::new("unsupported")) }
    }
}

impl Windowed for Probe {
    fn reach(&self) -> usize {
        REACH
    }

    fn max_text_bytes(&self) -> u64 {
        self.max_text_bytes
    }

    fn max_findings(&self) -> u64 {
        self.max_findings
    }

    fn overlapping(&self) -> bool {
        true
    }

    fn find(&self, text: &[u8], from: usize, item: u32, want: Want, report: &mut Report) -> Result<(), Fault> {
        let first = report.findings.len();
        // The inside of an `o` mark may begin at `from` while the mark began one byte before.
        for start in memchr::memchr_iter(b'<', text).skip_while(|&start| start + 1 < from) {
            if let Some(mark) = mark_at(text, start) {
                let begun = report.findings.len();
                self.report_mark(text, &mark, item, want, report);
                while report.findings.get(begun).is_some_and(|finding| finding.start < from as u64) {
                    report.findings.remove(begun);
                }
            }
            let count = (report.findings.len() - first) as u64;
            if count > self.max_findings {
                return Err(Fault::with("too_many_findings", count, self.max_findings));
            }
        }
        Ok(())
    }

    fn rewrite(&self, text: &[u8], range: Range<usize>, findings: &[Finding], output: &mut Vec<u8>) -> bool {
        let mut at = range.start;
        let mut changed = false;
        for finding in findings.iter().filter(|finding| finding.flags & FLAG_ACTION == Action::Replace as u32) {
            output.extend_from_slice(&text[at..finding.start as usize]);
            output.extend_from_slice(self.replacement.as_bytes());
            at = finding.end as usize;
            changed = true;
        }
        output.extend_from_slice(&text[at..range.end]);
        changed
    }
}
