//! Thousands of literals in one pass: every occurrence of each, overlapping ones too.
//!
//! The automaton of Aho and Corasick, run only where four bytes of the text could begin a literal. Every byte is stepped over a bounded
//! number of times whatever the text. Tests: below, and the adversarial suite.

use memchr::memmem;

use crate::literal::Case;

/// Bits of the filter, as a power of two.
const FILTER_BITS: u32 = 16;
const FILTER_WORDS: usize = 1 << (FILTER_BITS - 6);
/// Makes capitals and small letters one; what else it joins costs a look at the automaton.
const JOIN_CASES: u32 = 0x2020_2020;

/// A set of literals that compare letters alike.
pub struct Automaton {
    /// What a byte of the text counts as.
    fold: [u8; 256],
    /// Bytes the filter looks at: 4, or those of the shortest literal.
    width: usize,
    /// Finds the only literal there is, when no letter folds.
    only: Option<memmem::Finder<'static>>,
    filter: Vec<u64>,
    root: [u32; 256],
    /// Open addressing; a key is state and byte, and one more, so that 0 is free.
    edges: Vec<(u32, u32)>,
    states: Vec<State>,
    /// Numbers and lengths of the literals, with the next one that ends in the same state.
    ends: Vec<End>,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// The longest proper suffix that is a state.
    fail: u32,
    /// 1 + index of the first literal that ends here, or 0.
    end: u32,
    /// The nearest state on the way of `fail` where one ends; 0 for none.
    next_end: u32,
}

#[derive(Clone, Copy)]
struct End {
    id: u32,
    length: u32,
    more: u32,
}

impl Automaton {
    /// An automaton of folded literals, none of them empty, with their numbers.
    pub fn new(needles: &[(&[u8], u32)], case: Case) -> Self {
        let mut fold: [u8; 256] = std::array::from_fn(|byte| byte as u8);
        if case != Case::Exact {
            fold.make_ascii_uppercase();
        }
        let bytes: usize = needles.iter().map(|(needle, _)| needle.len()).sum();
        let mut made = Self {
            fold,
            width: needles.iter().map(|(needle, _)| needle.len()).min().unwrap_or(1).clamp(1, 4),
            only: match needles {
                [(needle, _)] if case == Case::Exact => Some(memmem::Finder::new(needle).into_owned()),
                _ => None,
            },
            filter: vec![0; FILTER_WORDS],
            root: [0; 256],
            edges: vec![(0, 0); (2 * bytes + 2).next_power_of_two()],
            states: vec![State::default()],
            ends: Vec::with_capacity(needles.len()),
        };
        for (needle, id) in needles {
            made.insert(needle, *id);
        }
        made.link();
        made
    }

    fn insert(&mut self, needle: &[u8], id: u32) {
        let slot = self.slot(key_of(needle, 0, self.width));
        self.filter[slot / 64] |= 1 << (slot % 64);
        let mut state = 0;
        for &byte in needle {
            let next = self.goto(state, byte);
            state = if next == 0 { self.grow(state, byte) } else { next };
        }
        let end = &mut self.states[state as usize].end;
        self.ends.push(End { id, length: needle.len() as u32, more: *end });
        *end = self.ends.len() as u32;
    }

    fn grow(&mut self, state: u32, byte: u8) -> u32 {
        let made = self.states.len() as u32;
        self.states.push(State::default());
        if state == 0 {
            self.root[usize::from(byte)] = made;
        } else {
            let slot = self.edge(state, byte);
            self.edges[slot] = (edge_key(state, byte), made);
        }
        made
    }

    /// Where the edge is, or is to be.
    fn edge(&self, state: u32, byte: u8) -> usize {
        let mask = self.edges.len() - 1;
        let key = edge_key(state, byte);
        let mut slot = key.wrapping_mul(0x9E37_79B1) as usize >> 4 & mask;
        while self.edges[slot].0 != 0 && self.edges[slot].0 != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The state that the literals' tree has there; 0 for none.
    fn goto(&self, state: u32, byte: u8) -> u32 {
        if state == 0 { self.root[usize::from(byte)] } else { self.edges[self.edge(state, byte)].1 }
    }

    fn step(&self, mut state: u32, byte: u8) -> u32 {
        loop {
            let next = self.goto(state, byte);
            if next != 0 || state == 0 {
                return next;
            }
            state = self.states[state as usize].fail;
        }
    }

    /// Sets what a failed step goes on with, nearest states first.
    fn link(&mut self) {
        // In order of the key: of the state, then of the byte.
        let mut children: Vec<(u32, u32)> = self.edges.iter().copied().filter(|edge| edge.0 != 0).collect();
        children.sort_unstable();
        let mut queue: Vec<u32> = self.root.iter().copied().filter(|&state| state != 0).collect();
        let mut at = 0;
        while let Some(&state) = queue.get(at) {
            at += 1;
            let first = children.partition_point(|child| child.0 < edge_key(state, 0));
            for &(key, child) in children[first..].iter().take_while(|child| (child.0 - 1) >> 8 == state) {
                let fail = self.step(self.states[state as usize].fail, (key - 1) as u8);
                let ends = self.states[fail as usize].end != 0;
                self.states[child as usize].fail = fail;
                self.states[child as usize].next_end = if ends { fail } else { self.states[fail as usize].next_end };
                queue.push(child);
            }
        }
    }

    fn slot(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS)) as usize
    }

    /// The first place from `at` on where a literal may begin.
    #[inline]
    fn skip(&self, text: &[u8], mut at: usize) -> Option<usize> {
        if let Some(only) = &self.only {
            return only.find(&text[at..]).map(|offset| at + offset);
        }
        let mask = u32::MAX >> (32 - 8 * self.width as u32);
        let join = JOIN_CASES & mask;
        let Ok(filter) = <&[u64; FILTER_WORDS]>::try_from(&self.filter[..]) else { return Some(at) };
        let may = |bytes: u64| {
            let slot = self.slot(bytes as u32 & mask | join);
            filter[slot / 64] >> (slot % 64) & 1 != 0
        };
        while let Some(&[a, b, c, d, e, f, g, h]) = text.get(at..at + 8).and_then(|eight| eight.first_chunk()) {
            let eight = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            // All of them before any jump: a candidate is rare.
            let found = [may(eight), may(eight >> 8), may(eight >> 16), may(eight >> 24), may(eight >> 32)];
            if found != [false; 5] {
                let first = found.iter().position(|&one| one).unwrap_or(0);
                return Some(at + first);
            }
            at += 5;
        }
        while let Some(&[a, b, c, d]) = text.get(at..at + 4).and_then(|four| four.first_chunk()) {
            if may(u64::from(u32::from_le_bytes([a, b, c, d]))) {
                return Some(at);
            }
            at += 1;
        }
        (at + self.width <= text.len()).then_some(at)
    }

    /// Calls `found(number, start, end)` with every occurrence, by where they end, until it says false.
    pub fn each(&self, text: &[u8], found: &mut dyn FnMut(u32, usize, usize) -> bool) {
        let (mut state, mut at) = (0, 0);
        while at < text.len() {
            if state == 0 {
                let Some(candidate) = self.skip(text, at) else { return };
                at = candidate;
            }
            state = self.step(state, self.fold[usize::from(text[at])]);
            at += 1;
            let mut ending = state;
            while ending != 0 {
                let mut end = self.states[ending as usize].end;
                while let Some(one) = (end as usize).checked_sub(1).map(|index| self.ends[index]) {
                    if !found(one.id, at - one.length as usize, at) {
                        return;
                    }
                    end = one.more;
                }
                ending = self.states[ending as usize].next_end;
            }
        }
    }
}

fn edge_key(state: u32, byte: u8) -> u32 {
    (state << 8 | u32::from(byte)) + 1
}

/// What the filter makes of a literal's first bytes.
fn key_of(bytes: &[u8], at: usize, width: usize) -> u32 {
    let byte = |index: usize| u32::from(bytes.get(at + index).copied().unwrap_or(0) | 0x20) << (8 * index);
    (0..width).map(byte).fold(0, |key, part| key | part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(automaton: &Automaton, text: &str) -> Vec<(u32, usize, usize)> {
        let mut found = Vec::new();
        automaton.each(text.as_bytes(), &mut |id, start, end| {
            found.push((id, start, end));
            true
        });
        found.sort_unstable();
        found
    }

    fn naive(needles: &[&str], text: &str) -> Vec<(u32, usize, usize)> {
        let mut found = Vec::new();
        for (id, needle) in needles.iter().enumerate() {
            let ends = (0..text.len()).filter(|&start| text.as_bytes()[start..].starts_with(needle.as_bytes()));
            found.extend(ends.map(|start| (id as u32, start, start + needle.len())));
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn finds_what_a_plain_search_finds() {
        let sets: &[&[&str]] =
            &[&["a"], &["ab", "b", "abab", "babb"], &["hers", "he", "she", "his", "he"], &["aaaa", "aaaaa", "aab"], &["ing the"]];
        let texts = ["", "a", "abababb", "ushers", "aaaaaaab", "singing the blues", "xxxxxab", "xhe", "b"];
        for needles in sets {
            let numbered: Vec<_> = needles.iter().enumerate().map(|(id, needle)| (needle.as_bytes(), id as u32)).collect();
            let automaton = Automaton::new(&numbered, Case::Exact);
            for text in texts {
                assert_eq!(all(&automaton, text), naive(needles, text), "{needles:?} in {text:?}");
            }
        }
    }

    #[test]
    fn ascii_letters_in_any_case() {
        let automaton = Automaton::new(&[(b"SECRET", 7)], Case::Ascii);
        assert_eq!(all(&automaton, "a sEcrEt"), [(7, 2, 8)]);
        assert_eq!(all(&automaton, "a \u{17F}ecret"), []);
    }
}
