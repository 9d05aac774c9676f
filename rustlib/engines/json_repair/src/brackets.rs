//! Closing brackets: which level one closes, and what it means when it fits none.
//!
//! Steps have the same names in `pyplugins/json_repair/_brackets.py`. Tests: `tests/`, the vectors.

use crate::edit::{Edit, Kind};
use crate::machine::{Level, Machine, State};

impl Machine<'_> {
    /// The closing bracket at the current place.
    pub fn close(&mut self, byte: u8) {
        self.count_run();
        let Some(top) = self.top() else { return self.extra_bracket() };
        if top.closer() == byte {
            return self.close_top(top, byte);
        }
        if !self.is_open(byte) {
            return self.extra_bracket();
        }
        if self.is_wrong_bracket(byte) {
            self.drop_comma();
            self.pop();
            self.guess(self.at, self.at + 1, Kind::WrongBracket, top.written());
            self.at += 1;
            return self.ended();
        }
        self.drop_comma();
        let mut closers = String::new();
        while let Some(level) = self.top().filter(|level| level.closer() != byte) {
            self.pop();
            closers.push_str(level.written());
        }
        if !closers.is_empty() {
            // Behind the last value, before white space: the bracket that follows may stand on a line of its own.
            let mark = self.value_end;
            let mark = if mark.at <= self.at && self.state == State::After { mark } else { self.mark() };
            self.insert(mark.edits, Edit::new(mark.at, mark.at, Kind::MissingBracket, closers).guessed(true));
        }
        if let Some(top) = self.top() {
            self.close_top(top, byte);
        }
    }

    /// The bracket fits the top level.
    fn close_top(&mut self, top: Level, byte: u8) {
        if top == Level::Ghost && self.ghostly {
            self.pop();
            return self.extra_bracket();
        }
        let behind_member = self.state == State::After;
        self.drop_comma();
        self.pop();
        let (start, end) = (self.at, self.at + 1);
        let written = top.written();
        let closed = self.mark();
        if written.is_empty() {
            let kind = if top == Level::Call { Kind::FunctionCall } else { Kind::ExtraBracket };
            self.edit(start, end, kind, "");
        } else if written.as_bytes() != [byte] {
            self.edit(start, end, Kind::WrongBracket, written);
        }
        self.at = end;
        self.ended();
        if top == Level::Object && behind_member {
            self.closed = Some(closed);
        }
    }

    pub fn extra_bracket(&mut self) {
        self.guess(self.at, self.at + 1, Kind::ExtraBracket, "");
        self.at += 1;
    }

    /// Counts the closing brackets that follow this one, once for each run of them.
    fn count_run(&mut self) {
        let (end, left) = self.run;
        if self.at < end {
            self.run = (end, left.saturating_sub(1));
            return;
        }
        let (mut at, mut count) = (self.at + 1, 0);
        loop {
            let next = self.text.next(at).at;
            if !matches!(self.text.at(next), b'}' | b']' | b')') {
                break;
            }
            count += 1;
            at = next + 1;
        }
        self.run = (at, count);
    }

    /// The bracket stands for the one that closes the top level, rather than for one that closes more.
    fn is_wrong_bracket(&self, byte: u8) -> bool {
        // Not farther than this, so that the work stays linear.
        const REACH: usize = 32;
        let Some(reach) = self.stack.iter().rev().take(REACH).position(|level| level.closer() == byte) else { return false };
        let depth = self.stack.len();
        // What would be open if it closed the nearest level that it fits, or only the top.
        let (far, near) = (depth - reach - 1, depth - 1);
        let (run_end, left) = self.run;
        let behind = self.text.next(run_end);
        if behind.at >= self.text.len() || far == 0 && left == 0 && self.text.comma(behind.at) == 0 {
            return left != far && left == near;
        }
        if left > 0 || self.text.comma(behind.at) == 0 {
            return false;
        }
        let is_key = self.text.key_at(self.text.next(behind.at + self.text.comma(behind.at)).at);
        let fits = |open: usize| match open.checked_sub(1).map(|index| self.stack[index]) {
            Some(level) => level.has_keys() == is_key,
            None => false,
        };
        !fits(far) && fits(near)
    }

    /// The first closing bracket of each open level, from the innermost, stands in `text[from..to]`, and nothing else but white space.
    pub fn brackets_close(&self, from: usize, to: usize) -> Option<usize> {
        let mut levels = self.stack.iter().rev();
        let mut count = 0;
        for &byte in self.text.0.get(from..to).unwrap_or_default() {
            if matches!(byte, b'}' | b']') {
                if levels.next()?.closer() != byte {
                    return None;
                }
                count += 1;
            }
        }
        Some(count)
    }

    /// The level that would be on top after `count` brackets had closed theirs.
    pub fn level_under(&self, count: usize) -> Option<Level> {
        self.stack.len().checked_sub(count + 1).map(|index| self.stack[index])
    }
}
