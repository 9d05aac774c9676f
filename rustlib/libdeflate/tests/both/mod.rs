//! Deflated data by zlib-rs and by libdeflate with our changes. `strict.rs` and the fuzz target `deflate` compare them.

use std::ptr::NonNull;

use gwplugins_libdeflate as libdeflate;
use zlib_rs::{Inflate, InflateFlush, Status};

const ROOM: usize = 1 << 16;

/// Bytes read, and what they held; `None` for what is refused.
pub type Answer = Option<(usize, Vec<u8>)>;

/// `Err` when there was too little room.
pub fn by_zlib(data: &[u8]) -> Result<Answer, ()> {
    let mut out = vec![0; ROOM];
    let mut inflate = Inflate::new(false, 15);
    match inflate.decompress(data, &mut out, InflateFlush::Finish) {
        Ok(Status::StreamEnd) => {
            out.truncate(inflate.total_out() as usize);
            Ok(Some((inflate.total_in() as usize, out)))
        }
        _ if inflate.total_out() as usize == ROOM => Err(()),
        _ => Ok(None),
    }
}

pub struct Opener(NonNull<libdeflate::Decompressor>);

impl Opener {
    pub fn new() -> Self {
        // SAFETY: it answers NULL when there is no memory.
        Self(NonNull::new(unsafe { libdeflate::gwp_libdeflate_alloc_decompressor() }).expect("memory"))
    }

    pub fn open(&mut self, data: &[u8]) -> Answer {
        let (mut out, mut read, mut written) = (vec![0; ROOM], 0, 0);
        let (from, to) = (data.as_ptr().cast(), out.as_mut_ptr().cast());
        // SAFETY: the decompressor is live; data and room are as long as is said.
        let result = unsafe {
            libdeflate::gwp_libdeflate_deflate_decompress_ex(self.0.as_ptr(), from, data.len(), to, ROOM, &mut read, &mut written)
        };
        out.truncate(written);
        (result == libdeflate::SUCCESS).then_some((read, out))
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once.
        unsafe { libdeflate::gwp_libdeflate_free_decompressor(self.0.as_ptr()) };
    }
}
