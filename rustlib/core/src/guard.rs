//! What an engine implements and what a call collects.
//!
//! Nothing here knows C: the ABI crate wraps these types in handles, converts offset units and guards against panics.

use std::ops::Range;

use crate::config::{Config, Schema};
use crate::fault::Fault;
use crate::stream::Resume;

/// What the engine proposes to do with the bytes of a finding; bits 0-1 of [`Finding::flags`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Action {
    /// Report only.
    Audit = 0,
    /// The output holds a replacement.
    Replace = 1,
    /// The content must not pass.
    Block = 2,
}

/// Bits 0-1 of [`Finding::flags`]: the [`Action`].
pub const FLAG_ACTION: u32 = 0b11;
/// The engine guessed (a repair that could have been another one).
pub const FLAG_GUESS: u32 = 1 << 2;
/// Found in rewritten or decoded text; the span is the smallest input span that produced it.
pub const FLAG_DERIVED: u32 = 1 << 3;
/// The score 0..=1000 stands in the upper 16 bits.
pub const SCORE_SHIFT: u32 = 16;

/// One finding, the ABI's frozen 32-byte record. Offsets are bytes of the caller's item until the ABI converts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Finding {
    /// First unit of the span.
    pub start: u64,
    /// One past the last unit; equal to `start` for an empty span.
    pub end: u64,
    /// Index of the item in a batch, 0 for a single scan and for streams.
    pub item: u32,
    /// Index into the `rules` of `describe`.
    pub rule: u32,
    /// Action, guess, derived, score.
    pub flags: u32,
    /// 0 = none, else the index for `gwp_result_detail`.
    pub detail: u32,
}

/// The verdict on one item of a call: 0 pass, 1 audit, 2 replace, 3 block, and where its output lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Item {
    /// 0 nothing found, else 1 + the strongest action.
    pub verdict: u32,
    /// Highest score of the item's findings, or what the engine says, 0..=1000.
    pub score: u32,
    /// 1 when the output differs from the input; else the caller's own bytes stand.
    pub changed: u32,
    /// Always 0.
    pub reserved: u32,
    /// First byte of this item in the output, 0 when unchanged.
    pub output_start: u64,
    /// One past the last byte, 0 when unchanged.
    pub output_end: u64,
}

/// What the caller asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Want {
    /// Build the rewritten text.
    pub output: bool,
    /// Build the JSON details of findings.
    pub details: bool,
}

/// What one call collects; reused from call to call, so that a clean scan allocates nothing.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings of all items, each item's in (start, end, sequence) order.
    pub findings: Vec<Finding>,
    /// One verdict for each item.
    pub items: Vec<Item>,
    /// Rewritten bytes of all changed items, one after the other.
    pub output: Vec<u8>,
    details: Vec<u8>,
    detail_ends: Vec<usize>,
}

impl Report {
    /// Forgets the last call and keeps its memory.
    pub fn clear(&mut self) {
        self.findings.clear();
        self.items.clear();
        self.output.clear();
        self.details.clear();
        self.detail_ends.clear();
    }

    /// Forgets the last call and scans one text: what [`Guard::scan`] finds, with its verdict in `items[0]`. True when `output` holds the
    /// rewritten text; else the caller's own text stands. After a fault the text has not been checked.
    pub fn scan(&mut self, guard: &dyn Guard, text: &[u8], want: Want) -> Result<bool, Fault> {
        self.clear();
        self.begin_item();
        let changed = guard.scan(text, 0, want, self)? && want.output;
        self.end_item(0, 0, changed);
        Ok(changed)
    }

    /// Opens the next item. The index of the item is returned.
    pub fn begin_item(&mut self) -> u32 {
        self.items.push(Item::default());
        (self.items.len() - 1) as u32
    }

    /// Closes the item that [`Report::begin_item`] opened: verdict, score and output range follow from what was collected since.
    pub fn end_item(&mut self, first_finding: usize, output_start: usize, changed: bool) {
        let found = &self.findings[first_finding..];
        let of = |finding: &Finding| ((finding.flags & FLAG_ACTION) + 1, finding.flags >> SCORE_SHIFT);
        let most = |(action, score): (u32, u32), (other, another): (u32, u32)| (action.max(other), score.max(another));
        let (action, score) = found.iter().map(of).fold((0, 0), most);
        let Some(item) = self.items.last_mut() else { return };
        item.verdict = action;
        item.score = item.score.max(score);
        item.changed = u32::from(changed);
        if changed {
            item.output_start = output_start as u64;
            item.output_end = self.output.len() as u64;
        }
    }

    /// Stores a detail (one UTF-8 JSON value) and returns its index for [`Finding::detail`].
    pub fn add_detail(&mut self, json: &str) -> u32 {
        self.push_detail(json.as_bytes())
    }

    fn push_detail(&mut self, json: &[u8]) -> u32 {
        self.details.extend_from_slice(json);
        self.detail_ends.push(self.details.len());
        self.detail_ends.len() as u32
    }

    /// Adds the findings of another report, with their details, to the item that is open here.
    pub fn adopt(&mut self, other: &Report) {
        for finding in &other.findings {
            let detail = other.detail(finding.detail).map_or(0, |json| self.push_detail(json));
            self.findings.push(Finding { detail, ..*finding });
        }
    }

    /// Number of details; their indices are 1 to this number.
    pub fn detail_count(&self) -> usize {
        self.detail_ends.len()
    }

    /// The detail with this index (1-based; 0 and unknown indices give `None`).
    pub fn detail(&self, index: u32) -> Option<&[u8]> {
        let at = (index as usize).checked_sub(1)?;
        let end = *self.detail_ends.get(at)?;
        let start = if at == 0 { 0 } else { self.detail_ends[at - 1] };
        self.details.get(start..end)
    }
}

/// A configured engine. Immutable, shared by all threads.
pub trait Guard: Send + Sync {
    /// JSON text: kind, version, rules (name, group, attributes, how each runs), limits.
    fn describe(&self) -> &str;

    /// Scans one item: adds findings (byte offsets in `text`, `item` as given), writes rewritten bytes behind what
    /// `report.output` holds when something changed, and says whether it did.
    fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault>;

    /// Of the items of a batch, which lie in `batch` one after the other, those that begin at or after `from` and end at or before the
    /// returned place are clean and within the limits. `from` says nothing, which is always right.
    fn clean_until(&self, _batch: &[u8], from: usize) -> usize {
        from
    }

    /// The windowed view that streaming needs; `Err(unsupported)` when this engine must see the whole text.
    fn windowed(&self) -> Result<&dyn Windowed, Fault> {
        Err(Fault::new("unsupported"))
    }
}

/// An engine whose decision about a place depends only on the bytes near it.
pub trait Windowed: Send + Sync {
    /// Bytes either side of a finding's start that can decide about it. No finding is longer.
    fn reach(&self) -> usize;

    /// Largest whole text in bytes, over all chunks.
    fn max_text_bytes(&self) -> u64;

    /// Largest number of findings in a whole text, over all chunks.
    fn max_findings(&self) -> u64;

    /// True when findings may overlap. Each must then be decided alone, and those that are replaced must lie apart.
    fn overlapping(&self) -> bool {
        false
    }

    /// Adds the findings that start at or after `from`; bytes before `from` are context only.
    fn find(&self, text: &[u8], from: usize, item: u32, want: Want, report: &mut Report) -> Result<(), Fault>;

    /// The same for a window of a stream. Engines override it whose patterns go on behind their own last match, even one that was
    /// dropped: what they find depends on more than the bytes near it, and `resume` carries it from window to window.
    fn find_next(&self, text: &[u8], resume: &mut Resume, item: u32, want: Want, report: &mut Report) -> Result<(), Fault> {
        self.find(text, resume.from(), item, want, report)
    }

    /// Appends `text[range]` to `output` with `findings` (all inside the range, in order) replaced. True if anything changed.
    fn rewrite(&self, text: &[u8], range: Range<usize>, findings: &[Finding], output: &mut Vec<u8>) -> bool;
}

/// One entry of the catalogue: how a kind of guard is made. Each engine's crate has one, `KIND`.
pub struct Kind {
    /// Name for `gwp_guard_new`, e.g. `pii_filter`.
    pub name: &'static str,
    /// JSON Schema of the configuration.
    pub schema: &'static str,
    /// Capabilities, `CAP_*`.
    pub caps: u32,
    /// Makes a guard from a configuration that the schema has accepted.
    pub open: fn(&Config) -> Result<Box<dyn Guard>, Fault>,
}

impl Kind {
    /// Makes a guard from a configuration: one JSON object by the schema, `{}` for all defaults. Make it once, and share it in an `Arc`.
    pub fn guard(&self, config: &str) -> Result<Box<dyn Guard>, Fault> {
        (self.open)(&Schema::parse(self.schema).read(config.as_bytes())?)
    }
}

/// The kind rewrites text.
pub const CAP_OUTPUT: u32 = 1;
/// The kind streams.
pub const CAP_STREAM: u32 = 2;
/// The kind writes details.
pub const CAP_DETAILS: u32 = 4;
