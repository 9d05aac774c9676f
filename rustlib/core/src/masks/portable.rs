//! The masks in plain Rust: what the vector paths must equal, and what runs where there is none. Tests: those of [`super`].

use super::{BLOCK, Blocks, JsonMasks, Masks, fill_by, fill_json_by};

static CLASS: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => 1,
            b'A'..=b'Z' | b'a'..=b'z' => 2,
            b'_' => 4,
            b'@' => 8,
            b':' => 16,
            b'-' => 32,
            b'.' => 64,
            b',' => 128,
            b' ' | b'/' | b'(' | b')' => 256,
            128.. => 512,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[inline(never)]
pub fn fill(text: &[u8], from: usize, masks: &mut [Masks]) {
    fill_by(text, from, masks, masks_of);
}

fn masks_of(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks::default();
    for (lane, &byte) in block.iter().enumerate() {
        let class = u64::from(CLASS[byte as usize]);
        let bit = |number: u32| (class >> number & 1) << lane;
        masks.digit |= bit(0);
        masks.letter |= bit(1);
        masks.underscore |= bit(2);
        masks.at |= bit(3);
        masks.colon |= bit(4);
        masks.dash |= bit(5);
        masks.dot |= bit(6);
        masks.comma |= bit(7);
        masks.blank |= bit(8);
        masks.wide |= bit(9);
    }
    masks
}

static JSON_CLASS: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'"' => 1,
            b'\\' => 2,
            b'\t' | b'\n' | b'\r' => 4 | 16,
            0..=0x1F => 4,
            b'{' | b'[' => 8,
            b' ' => 16,
            128.. => 32,
            b'}' | b']' => 64,
            b':' => 128,
            b',' => 256,
            b'0' => 512 | 1024,
            b'1'..=b'9' => 512,
            b'.' => 2048,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[inline(never)]
pub fn fill_json(text: &[u8], from: usize, masks: &mut JsonMasks<Blocks>) {
    fill_json_by(text, from, masks, json_masks_of);
}

fn json_masks_of(block: &[u8; BLOCK]) -> JsonMasks {
    let mut masks = JsonMasks::default();
    for (lane, &byte) in block.iter().enumerate() {
        let class = u64::from(JSON_CLASS[byte as usize]);
        let bit = |number: u32| (class >> number & 1) << lane;
        masks.quote |= bit(0);
        masks.backslash |= bit(1);
        masks.control |= bit(2);
        masks.open |= bit(3);
        masks.blank |= bit(4);
        masks.wide |= bit(5);
        masks.close |= bit(6);
        masks.colon |= bit(7);
        masks.comma |= bit(8);
        masks.digit |= bit(9);
        masks.zero |= bit(10);
        masks.dot |= bit(11);
    }
    masks
}

#[inline(never)]
pub fn skip_plain(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = text.get(at..at + BLOCK) {
        let hit = block.iter().fold(false, |hit, &byte| hit | (byte.wrapping_sub(b'0') <= 10) | (byte == b'@'));
        if hit {
            break;
        }
        at += BLOCK;
    }
    at
}
