//! The engine `toon_encoder`: JSON becomes TOON, and TOON JSON, by the steps of `RULES.md`; the Python twin is `pyplugins/toon_encoder/fallback.py`.
//!
//! What it writes reads back as the same document, numbers as they were spelt. It must never write half a
//! document, and no message of it may hold scanned text. Tests: `tests/`, `../../../tests/vectors/toon_encoder.jsonl`.
//!
//! ```
//! use gwplugins_core::guard::{Report, Want};
//! use gwplugins_toon_encoder::KIND;
//!
//! let guard = KIND.guard(r#"{"min_size_bytes": 0}"#)?;
//! let mut report = Report::default();
//! assert!(report.scan(&*guard, br#"[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]"#, Want { output: true, details: false })?);
//! assert_eq!(report.output, b"[2]{id,name}:\n  1,Ada\n  2,Bob");
//! # Ok::<(), gwplugins_core::fault::Fault>(())
//! ```

mod decode;
mod encode;
mod json;
mod lines;
mod text;

use gwplugins_core::config::Config;
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::{Action, CAP_DETAILS, CAP_OUTPUT, Finding, Guard, Kind, Report, Want};

/// The catalogue's entry.
pub static KIND: Kind = Kind {
    name: "toon_encoder",
    schema: include_str!("../rules/schema.json"),
    caps: CAP_OUTPUT | CAP_DETAILS,
    open: |config| Ok(Box::new(ToonEncoder::new(config))),
};

/// The rules, by the number that findings carry.
const RULES: [&str; 2] = ["encoded", "decoded"];

/// Why there is no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Not JSON, or nested deeper than allowed.
    NotJson,
    /// This line, counted from 1, is not TOON.
    NotToon(usize),
    /// TOON nested deeper than allowed.
    TooDeep,
    /// The output passes the limit.
    Full,
}

/// Text that is being written, up to a limit of bytes.
struct Output<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where it began, behind the outputs of other items.
    base: usize,
    limit: u64,
}

impl Output<'_> {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.base
    }

    /// To be called after every part that is written.
    fn check(&self) -> Result<(), Stop> {
        if self.len() as u64 > self.limit { Err(Stop::Full) } else { Ok(()) }
    }
}

/// A configured engine.
pub struct ToonEncoder {
    decodes: bool,
    delimiter: u8,
    only_smaller: bool,
    strict: bool,
    min_size_bytes: u64,
    max_size_bytes: u64,
    max_depth: usize,
    max_text_bytes: u64,
    max_output_bytes: u64,
    describe: String,
}

impl ToonEncoder {
    /// Reads what the schema has accepted.
    pub fn new(config: &Config) -> Self {
        let number = |key: &str| config.int(key).unsigned_abs();
        let limits = ["max_depth", "max_text_bytes", "max_output_bytes", "max_findings"];
        let limits = limits.map(|key| format!(r#""{key}":{}"#, number(key))).join(",");
        let rules = RULES.map(|name| format!(r#"{{"name":"{name}"}}"#)).join(",");
        let direction = config.str("direction").unwrap_or("encode");
        let (kind, version) = (KIND.name, env!("CARGO_PKG_VERSION"));
        // Names and numbers of our own: nothing in it needs an escape.
        let described = format!(r#""kind":"{kind}","version":"{version}","direction":"{direction}""#);
        let describe = format!(r#"{{{described},"rules":[{rules}],"limits":{{{limits}}}}}"#);
        Self {
            decodes: direction == "decode",
            delimiter: match config.str("delimiter") {
                Some("tab") => b'\t',
                Some("pipe") => b'|',
                _ => b',',
            },
            only_smaller: config.bool("only_smaller"),
            strict: config.bool("strict"),
            min_size_bytes: number("min_size_bytes"),
            max_size_bytes: number("max_size_bytes"),
            max_depth: number("max_depth") as usize,
            max_text_bytes: number("max_text_bytes"),
            max_output_bytes: number("max_output_bytes"),
            describe,
        }
    }

    /// Writes the converted text. `false`: the text is to be left alone.
    fn convert(&self, text: &[u8], output: &mut Vec<u8>) -> Result<bool, Fault> {
        let base = output.len();
        let made = if self.decodes { self.decoded(text, output) } else { self.encoded(text, output) };
        let stop = match made {
            // What is its own conversion has not changed.
            Ok(true) if output[base..] == *text => {
                output.truncate(base);
                return Ok(false);
            }
            Ok(done) => return Ok(done),
            Err(stop) => stop,
        };
        let length = (output.len() - base) as u64;
        output.truncate(base);
        match stop {
            Stop::Full if self.keeps_larger() => Err(Fault::with("output_too_large", length, self.max_output_bytes)),
            Stop::NotJson if self.strict => Err(Fault::with("not_json", 0, self.max_depth as u64)),
            Stop::NotToon(line) if self.strict => Err(Fault::with("not_toon", line as u64, 0)),
            Stop::TooDeep if self.strict => Err(Fault::with("too_deep", 0, self.max_depth as u64)),
            _ => Ok(false),
        }
    }

    /// The size of the output decides nothing but whether it passes the limit.
    fn keeps_larger(&self) -> bool {
        self.decodes || !self.only_smaller
    }

    fn encoded(&self, text: &[u8], output: &mut Vec<u8>) -> Result<bool, Stop> {
        let size = text.len() as u64;
        if size < self.min_size_bytes || size > self.max_size_bytes {
            return Ok(false);
        }
        let document = json::read(text, self.max_depth).ok_or(Stop::NotJson)?;
        let limit = if self.only_smaller { self.max_output_bytes.min(size - 1) } else { self.max_output_bytes };
        let base = output.len();
        encode::write(&document, self.delimiter, Output { bytes: output, base, limit })?;
        Ok(true)
    }

    fn decoded(&self, text: &[u8], output: &mut Vec<u8>) -> Result<bool, Stop> {
        let base = output.len();
        decode::write(text, self.max_depth, Output { bytes: output, base, limit: self.max_output_bytes })?;
        Ok(true)
    }
}

impl Guard for ToonEncoder {
    fn describe(&self) -> &str {
        &self.describe
    }

    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
        if text.len() as u64 > self.max_text_bytes {
            return Err(Fault::with("too_large", text.len() as u64, self.max_text_bytes));
        }
        let base = report.output.len();
        if !self.convert(text, &mut report.output)? {
            return Ok(false);
        }
        let bytes = report.output.len() - base;
        let detail = || format!(r#"{{"input_bytes":{},"output_bytes":{bytes}}}"#, text.len());
        let detail = if want.details { report.add_detail(&detail()) } else { 0 };
        report.findings.push(Finding {
            start: 0,
            end: text.len() as u64,
            item,
            rule: u32::from(self.decodes),
            flags: Action::Replace as u32,
            detail,
        });
        if !want.output {
            report.output.truncate(base);
        }
        Ok(want.output)
    }
}
