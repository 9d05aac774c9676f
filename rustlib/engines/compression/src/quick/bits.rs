//! Bits, the first one lowest (RFC 1951, 3.1.1), into room that is large enough.

/// Bits that are not a whole byte yet, and how many.
pub(super) type Held = (u64, u32);
pub(super) const NONE: Held = (0, 0);

/// More bytes than a block takes, which is twelve bits a literal and the codes; and those that `flush` writes too much.
const MOST: usize = 64 << 10;
pub(super) type Room = [u8; MOST + 8];

pub(super) struct Bits<'a> {
    room: &'a mut Room,
    at: usize,
    hold: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(room: &'a mut Room, (hold, count): Held) -> Self {
        Self { room, at: 0, hold, count }
    }

    /// Adds bits: no more than 57 between two calls of `flush`.
    #[inline(always)]
    pub fn put(&mut self, bits: u64, count: u32) {
        self.hold |= bits << (self.count % 64);
        self.count += count;
    }

    /// Writes whole bytes; fewer than eight bits stay.
    #[inline(always)]
    pub fn flush(&mut self) {
        self.room[self.at % MOST..][..8].copy_from_slice(&self.hold.to_le_bytes());
        self.at += (self.count / 8) as usize;
        self.hold >>= self.count / 8 * 8 % 64;
        self.count %= 8;
    }

    /// Bytes so far, a part of one counted whole.
    pub fn bytes(&self) -> usize {
        self.at + self.count.div_ceil(8) as usize
    }

    /// Appends what was written: whole bytes, or at the end all, with zeros after the last bit.
    pub fn hand_over(mut self, end: bool, out: &mut Vec<u8>) -> Held {
        let all = self.bytes();
        self.flush();
        if end {
            out.extend_from_slice(&self.room[..all]);
            return NONE;
        }
        out.extend_from_slice(&self.room[..self.at]);
        (self.hold, self.count)
    }
}
