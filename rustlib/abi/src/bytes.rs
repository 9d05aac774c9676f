//! Pointers and lengths in, pointers and lengths out.

use std::slice;

use gwplugins_core::fault::Fault;

/// The bytes that argument number `argument` of a call points to. NULL with length 0 is empty.
pub(crate) unsafe fn view<'a>(data: *const u8, len: usize, argument: u64) -> Result<&'a [u8], Fault> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Fault::with("null_arg", argument, 0));
    }
    if len > isize::MAX as usize {
        return Err(Fault::with("too_large", len as u64, isize::MAX as u64));
    }
    // SAFETY: not NULL, no longer than an object can be; the caller promises `len` readable bytes for the time of the call.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// The offsets of `count` items in a buffer of `len` bytes, to which argument number `argument` of a call points: `count + 1`
/// ascending 64-bit numbers, none for no item. As bytes, because they may be unaligned: hosts cut them out of larger buffers.
pub(crate) unsafe fn offsets<'a>(first: *const u64, count: usize, len: usize, argument: u64) -> Result<&'a [[u8; 8]], Fault> {
    if count == 0 {
        return Ok(&[]);
    }
    if first.is_null() {
        return Err(Fault::with("null_arg", argument, 0));
    }
    if count >= isize::MAX as usize / 8 {
        return Err(Fault::with("out_of_range", count as u64, isize::MAX as u64 / 8));
    }
    // SAFETY: not NULL, no larger than an object can be; the caller promises `count + 1` readable numbers. Bytes have any alignment.
    let offsets: &[[u8; 8]] = unsafe { slice::from_raw_parts(first.cast(), count + 1) };
    let mut before = 0;
    for (index, offset) in offsets.iter().enumerate() {
        let offset = u64::from_ne_bytes(*offset);
        if offset < before || offset > len as u64 {
            return Err(Fault::with("bad_offsets", index as u64, len as u64));
        }
        before = offset;
    }
    Ok(offsets)
}

/// A pair of out-parameters, set to NULL and 0 when it is made.
pub(crate) struct Out<T> {
    data: *mut *const T,
    len: *mut usize,
}

impl<T> Out<T> {
    /// Checks the two pointers, arguments number `argument` and the next.
    pub(crate) unsafe fn new(data: *mut *const T, len: *mut usize, argument: u64) -> Result<Self, Fault> {
        // SAFETY: passed on from the caller; each is written before the other is judged, so that no stale value stays behind.
        let (data, len) = unsafe { (place(data, std::ptr::null(), argument), place(len, 0, argument + 1)) };
        Ok(Self { data: data?, len: len? })
    }

    /// Hands out a view. An empty one is NULL and 0: Rust's own empty pointers are no addresses, and some hosts check.
    pub(crate) fn set(self, items: &[T]) {
        let data = if items.is_empty() { std::ptr::null() } else { items.as_ptr() };
        // SAFETY: `new` has checked both.
        unsafe {
            self.data.write(data);
            self.len.write(items.len());
        }
    }
}

/// An out-parameter, argument number `argument`; holds `empty` from now on, whatever becomes of the call.
pub(crate) unsafe fn place<T>(out: *mut T, empty: T, argument: u64) -> Result<*mut T, Fault> {
    if out.is_null() {
        return Err(Fault::with("null_arg", argument, 0));
    }
    // SAFETY: the caller promises that a pointer that is not NULL may be written.
    unsafe { out.write(empty) };
    Ok(out)
}
