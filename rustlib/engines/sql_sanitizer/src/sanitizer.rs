//! The guard: readings of a text, findings, rewriting, description.

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{Action, CAP_DETAILS, CAP_OUTPUT, FLAG_DERIVED, Finding, Guard, Kind, Report, SCORE_SHIFT, Want};

use crate::data::data;
use crate::inject::{self, Injection};
use crate::lex::{BACKSLASH, COMMENT};
use crate::settings::{Fixed, Settings};
use crate::statement::{Hit, Reading, read};

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "sql_sanitizer",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT | CAP_DETAILS,
    open: |config| Ok(Box::new(SqlSanitizer::new(config)?)),
};

/// Score of what the policy finds: the configuration names it.
const SCORE: u32 = 1000;

/// A configured sanitizer.
pub struct SqlSanitizer {
    settings: Settings,
    describe: String,
}

impl SqlSanitizer {
    /// A sanitizer from a configuration that the schema has accepted.
    pub fn new(config: &Config) -> Result<Self, Fault> {
        let settings = Settings::read(config)?;
        let describe = settings.describe(KIND.name);
        Ok(Self { settings, describe })
    }

    /// All readings of the text that matter, in one: hits in order, comments of the first reading if they are to be taken out.
    fn statements(&self, text: &[u8]) -> Reading {
        let settings = &self.settings;
        let mut reading = read(settings, settings.dialect, text);
        if settings.dialect.name == GENERIC && reading.ambiguous != 0 {
            self.read_again(text, &mut reading);
        }
        if !reading.sql || !settings.strip {
            reading.comments.clear();
        }
        reading
    }

    /// A violation in any dialect's reading counts. What is taken out as a comment cannot do harm in another one.
    fn read_again(&self, text: &[u8], reading: &mut Reading) {
        let stays = !self.settings.strip || !reading.sql;
        let comments = reading.ambiguous & COMMENT != 0 && stays;
        let again = [(MYSQL, reading.ambiguous & BACKSLASH != 0 || comments), (POSTGRES, comments)];
        for (name, _) in again.iter().filter(|(_, wanted)| *wanted) {
            let other = read(&self.settings, data().dialect(name), text);
            reading.sql |= other.sql;
            let unclosed = self.settings.number(Fixed::Unclosed);
            reading.hits.extend(other.hits.into_iter().filter(|hit| hit.rule != unclosed));
        }
    }

    #[inline(never)]
    fn report(&self, hit: Hit, injection: Option<&Injection>, item: u32, want: Want, report: &mut Report) {
        let settings = &self.settings;
        let is = |rule| hit.rule == settings.number(rule);
        let injection = injection.filter(|_| is(Fixed::Injection));
        let rule = &settings.rules[hit.rule as usize];
        let detail = match injection {
            Some(found) if want.details => report.add_detail(&found.detail(&rule.issue)),
            None if want.details && !rule.detail.is_empty() => report.add_detail(&rule.detail),
            _ => 0,
        };
        let action = match injection {
            Some(_) => settings.injection_action,
            None if is(Fixed::Comment) => Action::Replace,
            None if is(Fixed::Unclosed) => Action::Audit,
            None => settings.action,
        };
        let derived = injection.is_some_and(|found| found.derived);
        let score = injection.map_or(SCORE, |found| found.score);
        let flags = action as u32 | if derived { FLAG_DERIVED } else { 0 } | score << SCORE_SHIFT;
        report.findings.push(Finding { start: hit.start as u64, end: hit.end as u64, item, rule: hit.rule, flags, detail });
    }
}

const GENERIC: &str = "generic";
const MYSQL: &str = "mysql";
const POSTGRES: &str = "postgres";

impl Guard for SqlSanitizer {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        let settings = &self.settings;
        if text.len() as u64 > settings.max_text_bytes {
            return Err(Fault::with("too_large", text.len() as u64, settings.max_text_bytes));
        }
        let Reading { mut hits, comments, .. } = self.statements(text);
        let number = |rule| settings.number(rule);
        hits.extend(comments.iter().map(|&(start, end)| Hit { start, end, rule: number(Fixed::Comment) }));
        let injection = if settings.injection { inject::find(text, &settings.value_dialect, settings.threshold) } else { None };
        if let Some(found) = &injection {
            if found.score >= settings.threshold {
                hits.push(Hit { start: found.start, end: found.end, rule: number(Fixed::Injection) });
            }
            if let Some(item) = report.items.last_mut() {
                item.score = item.score.max(found.score);
            }
        }
        sort(&mut hits);
        hits.dedup();
        if hits.len() as u64 > settings.max_findings {
            return Err(Fault::with("too_many_findings", hits.len() as u64, settings.max_findings));
        }
        for hit in hits {
            self.report(hit, injection.as_ref(), item, want, report);
        }
        let changed = want.output && !comments.is_empty();
        if changed {
            strip(text, &comments, &mut report.output);
        }
        Ok(changed)
    }
}

/// Puts the hits in order: they nearly are, and a heap is the least code that is never slow.
#[inline(never)]
fn sort(hits: &mut [Hit]) {
    if hits.is_sorted() {
        return;
    }
    let mut end = hits.len();
    let mut root = end / 2;
    while end > 1 {
        if root > 0 {
            root -= 1;
        } else {
            end -= 1;
            hits.swap(0, end);
        }
        let mut at = root;
        while 2 * at + 1 < end {
            let left = 2 * at + 1;
            let child = if left + 1 < end && hits[left] < hits[left + 1] { left + 1 } else { left };
            if hits[at] >= hits[child] {
                break;
            }
            hits.swap(at, child);
            at = child;
        }
    }
}

/// The text without its comments; a space where two characters would meet.
#[inline(never)]
fn strip(text: &[u8], comments: &[(usize, usize)], output: &mut Vec<u8>) {
    let written = output.len();
    let mut at = 0;
    for &(start, end) in comments {
        output.extend_from_slice(&text[at..start]);
        let meets = |byte: Option<&u8>| byte.is_some_and(|byte| *byte > b' ');
        if meets(output[written..].last()) && meets(text.get(end)) {
            output.push(b' ');
        }
        at = end;
    }
    output.extend_from_slice(&text[at..]);
}
