//! Streams: any chunks in, the whole text's result out, by a window over [`Windowed`](crate::guard::Windowed).
//!
//! What an engine decides about a place depends on `reach` bytes around it. So the window is searched, cut at least `reach` bytes
//! before its end, and what lies before the cut is final; `reach` bytes of it stay as context. A cut is never inside a character, nor
//! inside a finding. It must never hold more than one piece and a few times `reach`. Tests: below, `engines/probe/tests/`.

use std::sync::Arc;

use crate::fault::Fault;
use crate::guard::{Action, FLAG_ACTION, Finding, Guard, Report, Want};
use crate::offsets::{self, Unit};

/// Larger chunks are taken in pieces of this size, which stay in the cache.
const PIECE: usize = 64 * 1024;
/// The window is searched again when a quarter of `reach` is new: prompt, and linear for single bytes, too.
const NEW_PART: usize = 4;

/// One text that arrives in chunks.
pub struct Stream {
    guard: Arc<dyn Guard>,
    want: Want,
    unit: Unit,
    /// Context, then the bytes nothing has been said about.
    window: Vec<u8>,
    resume: Resume,
    /// Length of the window after the last search.
    searched: usize,
    /// Units of the text before `window[from]`.
    before: u64,
    total_bytes: u64,
    total_findings: u64,
    open: bool,
    scratch: Report,
}

impl Stream {
    /// Begins a text. Fails with `unsupported` when the guard must see the whole text.
    pub fn new(guard: Arc<dyn Guard>, want: Want, unit: Unit) -> Result<Self, Fault> {
        guard.windowed()?;
        Ok(Self {
            guard,
            want,
            unit,
            window: Vec::new(),
            resume: Resume::default(),
            searched: 0,
            before: 0,
            total_bytes: 0,
            total_findings: 0,
            open: true,
            scratch: Report::default(),
        })
    }

    /// Takes the next bytes. `report` (cleared by the caller) gets the findings that have become certain, with offsets in the whole
    /// text, and the output up to the cut, as item 0. After a fault every further call gives `finished`.
    pub fn push(&mut self, chunk: &[u8], report: &mut Report) -> Result<(), Fault> {
        self.part(report, |stream, report| stream.take(chunk, report))?;
        self.open = true;
        Ok(())
    }

    /// Ends the text: the rest of findings and output.
    pub fn finish(&mut self, report: &mut Report) -> Result<(), Fault> {
        self.part(report, |stream, report| stream.search(true, report))
    }

    /// Runs `work` as one item of `report`; the stream is closed meanwhile, so that a fault or a panic leaves it closed.
    fn part(&mut self, report: &mut Report, work: impl FnOnce(&mut Self, &mut Report) -> Result<bool, Fault>) -> Result<(), Fault> {
        if !std::mem::take(&mut self.open) {
            return Err(Fault::new("finished"));
        }
        report.begin_item();
        let changed = work(self, report)?;
        report.end_item(0, 0, changed);
        if let Some(item) = report.items.last_mut() {
            // Unlike a scan, a stream always writes its output: the host does not have these bytes in one piece.
            item.output_end = report.output.len() as u64;
        }
        Ok(())
    }

    fn take(&mut self, chunk: &[u8], report: &mut Report) -> Result<bool, Fault> {
        let windowed = self.guard.windowed()?;
        let (reach, limit) = (windowed.reach(), windowed.max_text_bytes());
        self.total_bytes += chunk.len() as u64;
        if self.total_bytes > limit {
            return Err(Fault::with("too_large", self.total_bytes, limit));
        }
        let mut changed = false;
        for piece in chunk.chunks(PIECE.max(reach.saturating_mul(NEW_PART))) {
            self.window.extend_from_slice(piece);
            if self.window.len() - self.searched >= (reach / NEW_PART).max(1) {
                changed |= self.search(false, report)?;
            }
        }
        Ok(changed)
    }

    /// Searches the window and emits what is certain; all of it when `last`. True if output differs from input.
    fn search(&mut self, last: bool, report: &mut Report) -> Result<bool, Fault> {
        let windowed = self.guard.windowed()?;
        let reach = windowed.reach();
        let end = self.window.len();
        let latest = if last { end } else { offsets::boundary(&self.window, end.saturating_sub(reach)) };
        let from = self.resume.from;
        if latest <= from && !last {
            return Ok(false);
        }
        self.scratch.clear();
        windowed.find_next(&self.window, &mut self.resume, 0, self.want, &mut self.scratch)?;
        let findings = &mut self.scratch.findings;
        let cut = if last { end } else { place_cut(findings, latest, windowed.overlapping()) };
        if !last {
            findings.truncate(findings.partition_point(|finding| finding.start < cut as u64));
        }
        self.total_findings += findings.len() as u64;
        if self.total_findings > windowed.max_findings() {
            return Err(Fault::with("too_many_findings", self.total_findings, windowed.max_findings()));
        }
        let changed = self.want.output && windowed.rewrite(&self.window, from..cut, findings, &mut report.output);
        offsets::convert(&self.window, from, self.before, self.unit, findings);
        report.adopt(&self.scratch);
        self.advance(cut, reach);
        Ok(changed)
    }

    /// Everything before `cut` is final; `reach` bytes of it stay.
    fn advance(&mut self, cut: usize, reach: usize) {
        self.before += offsets::count(&self.window[self.resume.from..cut], self.unit);
        let keep = offsets::boundary(&self.window, cut.saturating_sub(reach));
        self.window.drain(..keep);
        self.resume.advance(cut, keep);
        self.searched = self.window.len();
    }
}

/// Where the search of a window goes on: behind the last cut, and for a pattern that iterates behind its own last match.
#[derive(Debug, Default)]
pub struct Resume {
    /// Length of the context.
    from: usize,
    next: Vec<usize>,
    seen: Vec<(usize, usize, usize)>,
}

impl Resume {
    /// At a place nothing is known about.
    pub fn at(from: usize) -> Self {
        Self { from, ..Self::default() }
    }

    /// The first place of the window nothing has been said about.
    pub fn from(&self) -> usize {
        self.from
    }

    /// Where the iteration of pattern number `pattern` goes on.
    pub fn next(&self, pattern: usize) -> usize {
        self.next.get(pattern).map_or(self.from, |&next| next.max(self.from))
    }

    /// Notes a match of that iteration, whether it becomes a finding or not.
    pub fn saw(&mut self, pattern: usize, start: usize, end: usize) {
        self.seen.push((pattern, start, end));
    }

    /// The matches before `cut` count; those behind it will be seen again. Then `drained` bytes leave the window.
    fn advance(&mut self, cut: usize, drained: usize) {
        for (pattern, start, end) in self.seen.drain(..) {
            if start < cut {
                self.next.resize(self.next.len().max(pattern + 1), 0);
                self.next[pattern] = self.next[pattern].max(end);
            }
        }
        self.next.iter_mut().for_each(|next| *next = next.saturating_sub(drained));
        self.from = cut - drained;
    }
}

/// The last place not after `latest` that is not inside a finding. Where findings may overlap each is decided alone, and only one
/// that is replaced cannot be parted.
fn place_cut(findings: &[Finding], latest: usize, overlapping: bool) -> usize {
    let mut cut = latest as u64;
    for finding in findings.iter().rev() {
        let whole = !overlapping || finding.flags & FLAG_ACTION == Action::Replace as u32;
        if whole && finding.start < cut && cut < finding.end {
            cut = finding.start;
        }
    }
    cut as usize
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::guard::Windowed;

    /// Reads on in runs of up to three digits, each masked as `#`; a run is dropped when one of the two bytes before or behind it is `!`.
    struct Digits;

    impl Guard for Digits {
        fn describe(&self) -> &str {
            "{}"
        }

        fn scan(&self, text: &[u8], item: u32, want: Want, report: &mut Report) -> Result<bool, Fault> {
            self.find(text, 0, item, want, report)?;
            Ok(self.rewrite(text, 0..text.len(), &report.findings, &mut report.output))
        }

        fn windowed(&self) -> Result<&dyn Windowed, Fault> {
            Ok(self)
        }
    }

    impl Windowed for Digits {
        fn reach(&self) -> usize {
            5
        }

        fn max_text_bytes(&self) -> u64 {
            1 << 20
        }

        fn max_findings(&self) -> u64 {
            1000
        }

        fn find(&self, text: &[u8], from: usize, item: u32, want: Want, report: &mut Report) -> Result<(), Fault> {
            self.find_next(text, &mut Resume::at(from), item, want, report)
        }

        fn find_next(&self, text: &[u8], resume: &mut Resume, item: u32, _: Want, report: &mut Report) -> Result<(), Fault> {
            let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
            let mut start = resume.next(0);
            while let Some(begin) = (start..text.len()).find(|&at| digit(at)) {
                let end = (begin..text.len()).find(|&at| !digit(at)).unwrap_or(text.len()).min(begin + 3);
                resume.saw(0, begin, end);
                if !text[begin.saturating_sub(2)..text.len().min(end + 2)].contains(&b'!') {
                    let detail = report.add_detail(&(end - begin).to_string());
                    report.findings.push(Finding { start: begin as u64, end: end as u64, item, rule: 0, flags: 1, detail });
                }
                start = end;
            }
            Ok(())
        }

        fn rewrite(&self, text: &[u8], range: Range<usize>, findings: &[Finding], output: &mut Vec<u8>) -> bool {
            let mut at = range.start;
            for finding in findings {
                output.extend_from_slice(&text[at..finding.start as usize]);
                output.push(b'#');
                at = finding.end as usize;
            }
            output.extend_from_slice(&text[at..range.end]);
            !findings.is_empty()
        }
    }

    const WANT: Want = Want { output: true, details: true };
    const TEXT: &str = "1 22 333 a!12 55 !ä9 4444444 €77!x 8😀123!456 1 !12345678 99999!99999999999!9999 1";

    /// Start, end, detail.
    type Found = Vec<(u64, u64, Vec<u8>)>;

    fn streamed(text: &[u8], sizes: &[usize], unit: Unit) -> (Found, Vec<u8>) {
        let mut stream = Stream::new(Arc::new(Digits), WANT, unit).expect("it streams");
        let (mut found, mut output, mut at) = (Vec::new(), Vec::new(), 0);
        for &size in sizes.iter().cycle() {
            let mut report = Report::default();
            let chunk = &text[at..text.len().min(at + size)];
            let last = chunk.is_empty();
            if last { stream.finish(&mut report) } else { stream.push(chunk, &mut report) }.expect("no fault");
            found.extend(report.findings.iter().map(|f| (f.start, f.end, report.detail(f.detail).expect("a detail").to_vec())));
            assert_eq!(report.items[0].output_end, report.output.len() as u64);
            output.append(&mut report.output);
            at += chunk.len();
            if last {
                break;
            }
        }
        (found, output)
    }

    #[test]
    fn any_chunks_give_the_whole() {
        for unit in [Unit::Bytes, Unit::CodePoints, Unit::Utf16] {
            let mut whole = Report::default();
            Digits.scan(TEXT.as_bytes(), 0, WANT, &mut whole).expect("no fault");
            offsets::convert(TEXT.as_bytes(), 0, 0, unit, &mut whole.findings);
            let found: Vec<_> =
                whole.findings.iter().map(|f| (f.start, f.end, whole.detail(f.detail).expect("a detail").to_vec())).collect();
            for sizes in [&[1][..], &[2], &[3, 1], &[7], &[1, 11, 2], &[100]] {
                assert_eq!(streamed(TEXT.as_bytes(), sizes, unit), (found.clone(), whole.output.clone()), "{sizes:?} {unit:?}");
            }
        }
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        let mut stream = Stream::new(Arc::new(Digits), WANT, Unit::Bytes).expect("it streams");
        let (mut taken, mut given) = (0, 0);
        for byte in "7".repeat(5000).bytes() {
            let mut report = Report::default();
            stream.push(&[byte], &mut report).expect("no fault");
            taken += 1;
            given += report.findings.len() * 3;
            assert!(taken - given <= 12, "{} bytes held back", taken - given);
            assert!(stream.window.len() <= 20);
            if given >= 2900 {
                return;
            }
        }
        panic!("nothing was given");
    }

    #[test]
    fn limits_count_all_chunks_and_close_the_stream() {
        let mut report = Report::default();
        let mut stream = Stream::new(Arc::new(Digits), WANT, Unit::Bytes).expect("it streams");
        let fault = (0..5000).find_map(|_| stream.push(b"1 ", &mut report).err());
        assert_eq!(fault.map(|fault| fault.id()), Some("too_many_findings"));
        assert_eq!(stream.push(b"x", &mut report).map_err(|fault| fault.id()), Err("finished"));
        assert_eq!(stream.finish(&mut report).map_err(|fault| fault.id()), Err("finished"));

        let mut stream = Stream::new(Arc::new(Digits), WANT, Unit::Bytes).expect("it streams");
        assert!(stream.push(&vec![b'x'; 1 << 20], &mut report).is_ok());
        assert_eq!(stream.push(b"x", &mut report).map_err(|fault| fault.id()), Err("too_large"));
    }

    #[test]
    fn nothing_after_the_end() {
        let mut report = Report::default();
        let mut stream = Stream::new(Arc::new(Digits), WANT, Unit::Bytes).expect("it streams");
        assert!(stream.finish(&mut report).is_ok());
        assert_eq!(stream.finish(&mut report).map_err(|fault| fault.id()), Err("finished"));
    }
}
