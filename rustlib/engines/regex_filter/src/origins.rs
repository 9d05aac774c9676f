//! Where the parts of a rewritten text come from in the caller's text.
//!
//! It must never say a span smaller than what produced a match. The twin is `pyplugins/regex_filter/_origins.py`; both keep the same
//! pieces, because an empty match asks for the piece it stands in. Tests: below, `tests/vectors/regex_filter.jsonl`.

use std::ops::Range;

/// Pieces that are looked at one by one before all of them are searched.
const STEPS: usize = 8;

/// A part of the text that is not empty: `kept` from the caller's text as it was, or written in place of `from..to` of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// One past its last byte in the rewritten text.
    end: usize,
    from: usize,
    to: usize,
    kept: bool,
}

/// `text[start..end]` gave way to that many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    pub start: usize,
    pub end: usize,
    pub written: usize,
}

/// A span of the caller's text, and whether it was found in rewritten text.
pub type Origin = (usize, usize, bool);

/// The pieces of one text, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    pieces: Vec<Piece>,
    /// Length of the caller's text.
    length: usize,
}

impl Origins {
    /// Those of the caller's text itself.
    pub fn of(length: usize) -> Self {
        let whole = Piece { end: length, from: 0, to: length, kept: true };
        Self { pieces: if length == 0 { Vec::new() } else { vec![whole] }, length }
    }

    /// The smallest span of the caller's text that produced `start..end`. `near` is where the last question led; it makes the next one
    /// behind it cheap.
    pub fn locate(&self, start: usize, end: usize, near: &mut usize) -> Origin {
        if let [Piece { kept: true, from: 0, .. }] = self.pieces[..] {
            return (start, end, false);
        }
        if start == end {
            return self.locate_empty(start, near);
        }
        let first = self.piece_at(start, near);
        let last = self.piece_at(end - 1, near);
        let (Some(first), Some(last)) = (first, last) else { return (0, self.length, true) };
        let from = self.pieces[first].from + if self.pieces[first].kept { start - self.begin(first) } else { 0 };
        let to = self.pieces[last].to - if self.pieces[last].kept { self.pieces[last].end - end } else { 0 };
        let kept = self.pieces[first..=last].iter().all(|piece| piece.kept) && to - from == end - start;
        (from, to, !kept)
    }

    fn locate_empty(&self, at: usize, near: &mut usize) -> Origin {
        let behind = self.piece_at(at, near);
        if let Some(index) = behind.filter(|&index| self.pieces[index].kept) {
            let from = self.pieces[index].from + at - self.begin(index);
            return (from, from, false);
        }
        let before = at.checked_sub(1).and_then(|last| self.piece_at(last, near));
        match (before.map(|index| self.pieces[index]), behind.map(|index| self.pieces[index])) {
            (Some(before), _) if before.kept => {
                let to = before.to - (before.end - at);
                (to, to, false)
            }
            (Some(before), Some(_)) if behind == self.piece_at(at - 1, near) => (before.from, before.to, true),
            (Some(before), Some(behind)) => (before.to, before.to.max(behind.from), true),
            (Some(before), None) => (before.to, before.to, true),
            (None, Some(behind)) => (behind.from, behind.from, true),
            (None, None) => (0, self.length, self.length > 0),
        }
    }

    /// Those of the text that edits, in order and apart, make of this one.
    pub fn rewritten(&self, edits: &[Edit]) -> Self {
        let mut made = Self { pieces: Vec::with_capacity(self.pieces.len() + 2 * edits.len()), length: self.length };
        let (mut at, mut near, mut there) = (0, 0, 0);
        for edit in edits {
            made.copy_from(self, at..edit.start, &mut there);
            let (from, to, _) = self.locate(edit.start, edit.end, &mut near);
            made.push(edit.written, from, to, false);
            at = edit.end;
        }
        made.copy_from(self, at..self.end(), &mut there);
        made
    }

    /// Those of a part of this text, as a text of its own.
    pub fn part(&self, range: Range<usize>) -> Self {
        let mut made = Self { pieces: Vec::new(), length: self.length };
        made.copy(self, range);
        made
    }

    /// Appends a part of another text's pieces.
    pub fn copy(&mut self, other: &Self, range: Range<usize>) {
        self.copy_from(other, range, &mut 0);
    }

    fn copy_from(&mut self, other: &Self, range: Range<usize>, near: &mut usize) {
        let mut at = range.start;
        let Some(first) = other.piece_at(at, near).filter(|_| at < range.end) else { return };
        for piece in &other.pieces[first..] {
            if at >= range.end {
                return;
            }
            let end = piece.end.min(range.end);
            if piece.kept {
                let to = piece.to - (piece.end - end);
                self.push(end - at, to - (end - at), to, true);
            } else {
                self.push(end - at, piece.from, piece.to, false);
            }
            at = end;
        }
    }

    /// Appends a piece; two that go on as one are one.
    fn push(&mut self, length: usize, from: usize, to: usize, kept: bool) {
        if length == 0 {
            return;
        }
        let end = self.end() + length;
        if let Some(last) = self.pieces.last_mut() {
            if kept && last.kept && last.to == from {
                last.end = end;
                last.to = to;
                return;
            }
            if !kept && !last.kept && (last.from, last.to) == (from, to) {
                last.end = end;
                return;
            }
        }
        self.pieces.push(Piece { end, from, to, kept });
    }

    fn end(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    fn begin(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.pieces[before].end)
    }

    /// The piece that holds this byte, looked for from `near` on when it is not before that.
    #[inline]
    fn piece_at(&self, at: usize, near: &mut usize) -> Option<usize> {
        let before = |piece: &Piece| piece.end <= at;
        let known = near.checked_sub(1).is_none_or(|last| self.pieces.get(last).is_some_and(before));
        let from = if known { *near } else { 0 };
        let steps = self.pieces[from.min(self.pieces.len())..].iter().take(STEPS).take_while(|piece| before(piece)).count();
        let index = if steps < STEPS { from + steps } else { self.pieces.partition_point(before) };
        *near = index;
        (index < self.pieces.len()).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, written: usize) -> Edit {
        Edit { start, end, written }
    }

    #[test]
    fn spans_lead_back_to_the_callers_text() {
        // "0123456789" -> "01XYZ456789" -> "01XYZ456" + "" (789 deleted)
        let first = Origins::of(10).rewritten(&[edit(2, 4, 3)]);
        let second = first.rewritten(&[edit(8, 11, 0)]);
        let rows = [
            ((0, 2), (0, 2, false)),
            ((0, 3), (0, 4, true)),
            ((3, 4), (2, 4, true)),
            ((4, 6), (2, 5, true)),
            ((5, 8), (4, 7, false)),
            ((2, 2), (2, 2, false)),
            ((3, 3), (2, 4, true)),
            ((5, 5), (4, 4, false)),
            ((8, 8), (7, 7, false)),
        ];
        for ((start, end), expected) in rows {
            assert_eq!(second.locate(start, end, &mut 0), expected, "{start}..{end}");
        }
        let nothing = second.rewritten(&[edit(0, 8, 0)]);
        assert_eq!(nothing.locate(0, 0, &mut 0), (0, 10, true));
        assert_eq!(Origins::of(0).locate(0, 0, &mut 0), (0, 0, false));
    }

    #[test]
    fn parts_put_together_are_the_whole() {
        let whole = Origins::of(20).rewritten(&[edit(3, 5, 7), edit(9, 12, 0), edit(15, 15, 2)]);
        for cut in 0..=whole.end() {
            let mut joined = whole.part(0..cut);
            joined.copy(&whole, cut..whole.end());
            assert_eq!(joined, whole, "{cut}");
        }
    }
}
