//! libdeflate 1.26 (`../upstream`, MIT) with the changes that `../README.md` lists. Functions are upstream's, `libdeflate.h` describes them.

#![allow(unsafe_code)]

use std::ffi::c_void;

/// The longest text, in bytes, that the compressor for small texts should get.
pub const SMALL: usize = 4096;
/// `LIBDEFLATE_SUCCESS`.
pub const SUCCESS: i32 = 0;

/// Compresses texts at one level.
#[repr(C)]
pub struct Compressor {
    _opaque: [u8; 0],
}

/// Decompresses.
#[repr(C)]
pub struct Decompressor {
    _opaque: [u8; 0],
}

/// `libdeflate_deflate_compress` and its like for gzip and zlib: the bytes written, 0 when there is too little room.
pub type Compress =
    unsafe extern "C" fn(compressor: *mut Compressor, data: *const c_void, len: usize, out: *mut c_void, room: usize) -> usize;
/// `libdeflate_deflate_compress_bound` and its like. The compressor may be NULL.
pub type Bound = unsafe extern "C" fn(compressor: *mut Compressor, len: usize) -> usize;

unsafe extern "C" {
    /// A compressor of level 0 to 9; NULL when there is no memory.
    pub fn gwp_libdeflate_alloc_compressor(level: i32) -> *mut Compressor;
    /// Frees it; NULL is allowed.
    pub fn gwp_libdeflate_free_compressor(compressor: *mut Compressor);
    /// To raw deflate.
    pub fn gwp_libdeflate_deflate_compress(c: *mut Compressor, data: *const c_void, len: usize, out: *mut c_void, room: usize) -> usize;
    /// To gzip.
    pub fn gwp_libdeflate_gzip_compress(c: *mut Compressor, data: *const c_void, len: usize, out: *mut c_void, room: usize) -> usize;
    /// To zlib.
    pub fn gwp_libdeflate_zlib_compress(c: *mut Compressor, data: *const c_void, len: usize, out: *mut c_void, room: usize) -> usize;

    /// What raw deflate may become at most.
    pub fn gwp_libdeflate_deflate_compress_bound(compressor: *mut Compressor, len: usize) -> usize;
    /// What gzip may become at most.
    pub fn gwp_libdeflate_gzip_compress_bound(compressor: *mut Compressor, len: usize) -> usize;
    /// What zlib may become at most.
    pub fn gwp_libdeflate_zlib_compress_bound(compressor: *mut Compressor, len: usize) -> usize;

    /// A compressor for texts of up to [`SMALL`] bytes; longer ones become larger than they need be.
    pub fn gwp_libdeflate_small_alloc_compressor(level: i32) -> *mut Compressor;
    /// Frees it; NULL is allowed.
    pub fn gwp_libdeflate_small_free_compressor(compressor: *mut Compressor);
    /// To raw deflate.
    pub fn gwp_libdeflate_small_deflate_compress(
        c: *mut Compressor,
        data: *const c_void,
        len: usize,
        out: *mut c_void,
        room: usize,
    ) -> usize;
    /// To gzip.
    pub fn gwp_libdeflate_small_gzip_compress(c: *mut Compressor, data: *const c_void, len: usize, out: *mut c_void, room: usize) -> usize;
    /// To zlib.
    pub fn gwp_libdeflate_small_zlib_compress(c: *mut Compressor, data: *const c_void, len: usize, out: *mut c_void, room: usize) -> usize;

    /// CRC-32 of what came before, 0 for nothing, and of more. The data must not be NULL, which stands for nothing.
    pub fn gwp_libdeflate_crc32(crc: u32, data: *const c_void, len: usize) -> u32;
    /// Adler-32 of what came before, 1 for nothing, and of more. The data must not be NULL, which stands for nothing.
    pub fn gwp_libdeflate_adler32(adler: u32, data: *const c_void, len: usize) -> u32;

    /// NULL when there is no memory.
    pub fn gwp_libdeflate_alloc_decompressor() -> *mut Decompressor;
    /// Frees it; NULL is allowed.
    pub fn gwp_libdeflate_free_decompressor(decompressor: *mut Decompressor);
    /// One stream of gzip. `SUCCESS`, or what is wrong. With `written` NULL it has to fill all the room.
    pub fn gwp_libdeflate_gzip_decompress_ex(
        decompressor: *mut Decompressor,
        data: *const c_void,
        len: usize,
        out: *mut c_void,
        room: usize,
        read: *mut usize,
        written: *mut usize,
    ) -> i32;
    /// One stream of raw deflate, as above.
    pub fn gwp_libdeflate_deflate_decompress_ex(
        decompressor: *mut Decompressor,
        data: *const c_void,
        len: usize,
        out: *mut c_void,
        room: usize,
        read: *mut usize,
        written: *mut usize,
    ) -> i32;
}
