//! Decompression within bounds: how much may come out, where a stream ends, and what may follow it.

use std::sync::Arc;

use gwplugins_core::fault::Fault;

use crate::formats::{Begins, Format, detect};
use crate::settings::Settings;

/// Output that is free of the limit on the ratio: a small text may well be a thousand equal letters.
const FREE_BYTES: u64 = 1 << 20;
/// Least and most room for one step: it is as much as there is already, or eight times the input.
const FIRST_STEP: usize = 1 << 10;
const LARGEST_STEP: usize = 8 << 20;

/// How far a step came.
pub(crate) struct Step {
    /// Bytes of the input that are done with.
    pub read: usize,
    /// The compressed stream is complete and its checksums hold.
    pub ended: bool,
}

/// Decompresses one stream of one format.
pub(crate) trait Decode: Send {
    /// Sees what comes before room is made for it: a header may announce how much.
    fn look(&mut self, _input: &[u8]) -> Result<(), Fault> {
        Ok(())
    }
    /// Appends all that `data` holds, at most `most` bytes, if that can be done at once and all of it is good; false, and nothing, if not.
    fn whole(&mut self, _data: &[u8], _out: &mut Vec<u8>, _most: usize) -> Result<bool, Fault> {
        Ok(false)
    }
    /// Reads from `input` and appends to `out`, about `room` bytes and never much more. No progress means: more input is needed.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Fault>;
    /// Ready for another stream; false when a new decoder is needed.
    fn reset(&mut self) -> bool {
        false
    }
    /// The data may end here, although the format has no end of its own.
    fn may_end(&self) -> bool {
        false
    }
    /// Bytes of output that the stream has announced.
    fn announced(&self) -> Option<u64> {
        None
    }
}

/// Reads compressed data chunk by chunk.
pub(crate) struct Decoder {
    settings: Arc<Settings>,
    /// `None` until the data has told.
    format: Option<&'static Format>,
    /// `None` between two compressed streams, too.
    stream: Option<Box<dyn Decode>>,
    /// What decoded the last stream and is ready for the next.
    spare: Option<Box<dyn Decode>>,
    /// Streams that are complete.
    complete: u64,
    /// Bytes too few to tell what they begin.
    head: Vec<u8>,
    read: u64,
    written: u64,
    /// What was written before the open stream.
    written_before: u64,
}

impl Decoder {
    pub fn new(format: Option<&'static Format>, settings: Arc<Settings>) -> Self {
        Self { settings, format, stream: None, spare: None, complete: 0, head: Vec::new(), read: 0, written: 0, written_before: 0 }
    }

    /// Takes what an earlier decoder of the same codec left.
    pub fn reuse(&mut self, spare: Option<Box<dyn Decode>>) {
        self.spare = spare;
    }

    /// What serves a further decoder of the same codec; after a fault nothing does.
    pub fn left(mut self) -> Option<Box<dyn Decode>> {
        // A format without an end of its own is still open.
        let open = self.stream.take().filter(|stream| stream.may_end()).and_then(ready);
        self.spare.take().or(open)
    }

    /// Takes all of the data and appends what it holds to `out`.
    pub fn whole(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        if let (None, Begins::With(format)) = (self.format, detect(data)) {
            self.format = Some(format);
        }
        if let Some(format) = self.format {
            let mut stream = self.decoder(format)?;
            let most = self.settings.max_output.min(self.most_by_ratio(data.len() as u64)).min(LARGEST_STEP as u64);
            if stream.whole(data, out, most as usize)? {
                self.spare = ready(stream);
                return Ok(());
            }
            self.spare = Some(stream);
        }
        self.push(data, out)?;
        self.finish()
    }

    /// Takes a chunk and appends what it gives to `out`.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.read += chunk.len() as u64;
        let mut rest = chunk;
        while !rest.is_empty() || self.stream.is_some() {
            if self.stream.is_none() && !self.begin(&mut rest, out)? {
                return Ok(());
            }
            let stream_before = self.complete;
            let read = self.run(rest, out)?;
            rest = &rest[read..];
            if self.complete == stream_before {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The data ends here.
    pub fn finish(&mut self) -> Result<(), Fault> {
        match &self.stream {
            Some(stream) if stream.may_end() => Ok(()),
            Some(_) => Err(Fault::new("codec_truncated")),
            None if self.head.is_empty() && self.complete > 0 => Ok(()),
            None if self.format.is_some_and(|format| format.name == "identity") => Ok(()),
            None => Err(Fault::new("codec_truncated")),
        }
    }

    /// Opens the next stream once its first bytes are there; they are read from `rest`. False when more are needed.
    fn begin(&mut self, rest: &mut &[u8], out: &mut Vec<u8>) -> Result<bool, Fault> {
        let known = self.format.filter(|_| self.complete == 0);
        if let Some(format) = known {
            self.stream = Some(self.decoder(format)?);
            return Ok(true);
        }
        while let Some((&first, others)) = rest.split_first() {
            self.head.push(first);
            *rest = others;
            match detect(&self.head) {
                Begins::With(format) if self.complete == 0 || self.is_ours(format) => return self.open(format, out),
                Begins::Undecided if self.complete == 0 || self.may_be_ours() => {}
                _ if self.complete == 0 => return Err(Fault::new("codec_unknown")),
                _ => return Err(Fault::new("codec_trailing")),
            }
        }
        Ok(false)
    }

    fn decoder(&mut self, format: &Format) -> Result<Box<dyn Decode>, Fault> {
        self.spare.take().map_or_else(|| (format.decoder)(&self.settings), Ok)
    }

    /// A further stream may begin behind a complete one, and it is of the same format.
    fn is_ours(&self, format: &Format) -> bool {
        self.may_continue() && self.format.is_some_and(|ours| ours.name == format.name)
    }

    /// What is in `head` may still become the beginning of one.
    fn may_be_ours(&self) -> bool {
        let skippable = |format: &Format| format.name == "zstd" && matches!(self.head[..], [0x50..=0x5f, ..]);
        self.may_continue() && self.format.is_some_and(|format| format.magic.starts_with(&self.head) || skippable(format))
    }

    fn may_continue(&self) -> bool {
        self.settings.concatenated && self.format.is_some_and(|format| format.concatenated)
    }

    /// Opens a stream of `format` that begins with the bytes in `head`.
    fn open(&mut self, format: &'static Format, out: &mut Vec<u8>) -> Result<bool, Fault> {
        self.format = Some(format);
        self.stream = Some(self.decoder(format)?);
        let head = std::mem::take(&mut self.head);
        self.run(&head, out)?;
        Ok(true)
    }

    /// Runs the open stream over `input` until it needs more or is complete; the bytes it has read.
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Fault> {
        let mut read = 0;
        while let Some(stream) = &mut self.stream {
            stream.look(&input[read..])?;
            let announced = stream.announced();
            self.check(announced)?;
            let room = room(announced, out.len().max(8 * input.len()), self.settings.max_output.saturating_sub(self.written));
            out.try_reserve(room).map_err(|_| Fault::new("no_memory"))?;
            let before = out.len();
            let Some(stream) = &mut self.stream else { break };
            let step = stream.step(&input[read..], out, room)?;
            read += step.read;
            self.written += (out.len() - before) as u64;
            self.check(None)?;
            if step.ended {
                // libzstd does not compare when the last block is empty.
                if announced.is_some_and(|size| size != self.written - self.written_before) {
                    return Err(Fault::new("codec_data"));
                }
                self.written_before = self.written;
                self.spare = self.stream.take().and_then(ready);
                self.complete += 1;
            } else if step.read == 0 && out.len() == before {
                break;
            }
        }
        Ok(read)
    }

    /// The limits, for what has come out and for what is announced.
    fn check(&self, announced: Option<u64>) -> Result<(), Fault> {
        // What is announced counts for one stream, what has come out for all of them.
        let total = self.written.max(announced.unwrap_or(0));
        if total > self.settings.max_output {
            return Err(Fault::with("codec_output", 0, self.settings.max_output));
        }
        if self.written > self.most_by_ratio(self.read) {
            return Err(Fault::with("codec_ratio", 0, self.settings.max_ratio));
        }
        Ok(())
    }

    /// Bytes that so many compressed ones may become.
    fn most_by_ratio(&self, read: u64) -> u64 {
        FREE_BYTES.max(read.saturating_mul(self.settings.max_ratio))
    }
}

/// A decoder that can serve again, set back.
fn ready(mut decoder: Box<dyn Decode>) -> Option<Box<dyn Decode>> {
    decoder.reset().then_some(decoder)
}

/// Bytes to make room for: `wanted` within reason, what is announced at once, and never more than one over the limit.
fn room(announced: Option<u64>, wanted: usize, allowed: u64) -> usize {
    let wanted = wanted.clamp(FIRST_STEP, LARGEST_STEP);
    let wanted = announced.and_then(|size| usize::try_from(size).ok()).map_or(wanted, |size| size.min(LARGEST_STEP).max(wanted));
    usize::try_from(allowed.saturating_add(1)).map_or(wanted, |most| wanted.min(most))
}
