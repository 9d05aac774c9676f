//! The one module of this crate with `unsafe`: room that coders write into without zeros being written there first; liblz4, whose safe
//! crate copies everything through a reader or writer; libdeflate, which has ours in `rustlib/libdeflate`. No pointer leaves this module.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use gwplugins_core::fault::Fault;

/// Has `write` put bytes behind those of `out`, where there is room for `most`, and appends as many as it says.
///
/// # Safety
/// `write` has written the bytes it counts, from the first on.
unsafe fn append<T>(out: &mut Vec<u8>, most: usize, write: impl FnOnce(&mut [MaybeUninit<u8>]) -> (usize, T)) -> Result<T, Fault> {
    out.try_reserve(most).map_err(|_| Fault::new("no_memory"))?;
    let (written, answer) = write(&mut out.spare_capacity_mut()[..most]);
    debug_assert!(written <= most);
    // SAFETY: `try_reserve` made room for `most`, and the caller promises that so many bytes are written.
    unsafe { out.set_len(out.len() + written) };
    Ok(answer)
}

/// zlib-rs into room without zeros.
#[cfg(any(feature = "gzip", feature = "zlib", feature = "deflate"))]
pub(crate) mod flate {
    use gwplugins_core::fault::Fault;
    use zlib_rs::{Deflate, DeflateError, DeflateFlush, Inflate, InflateError, InflateFlush, Status};

    /// Bytes read and written, and what zlib-rs says.
    pub(crate) type Went<E> = (usize, usize, Result<Status, E>);

    pub(crate) fn deflate(
        coder: &mut Deflate,
        input: &[u8],
        out: &mut Vec<u8>,
        room: usize,
        flush: DeflateFlush,
    ) -> Result<Went<DeflateError>, Fault> {
        let (read, written) = (coder.total_in(), coder.total_out());
        // SAFETY: zlib-rs has written what it counts.
        unsafe {
            super::append(out, room, |room| {
                let status = coder.compress_uninit(input, room, flush);
                let made = (coder.total_out() - written) as usize;
                (made, ((coder.total_in() - read) as usize, made, status))
            })
        }
    }

    pub(crate) fn inflate(coder: &mut Inflate, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Went<InflateError>, Fault> {
        let (read, written) = (coder.total_in(), coder.total_out());
        // SAFETY: zlib-rs has written what it counts.
        unsafe {
            super::append(out, room, |room| {
                // Who may finish at once keeps no window for a next call unless one is needed.
                let status = coder.decompress_uninit(input, room, InflateFlush::Finish);
                let made = (coder.total_out() - written) as usize;
                (made, ((coder.total_in() - read) as usize, made, status))
            })
        }
    }
}

/// libdeflate, for whole texts.
#[cfg(any(feature = "gzip", feature = "zlib", feature = "deflate"))]
pub(crate) mod libdeflate {
    use std::ptr::{self, NonNull};

    use gwplugins_core::fault::Fault;
    use gwplugins_libdeflate as sys;

    /// What is written around deflated data, and how much room it needs at most.
    pub(crate) struct Wrapping {
        whole: sys::Compress,
        small: sys::Compress,
        bound: sys::Bound,
    }

    #[cfg(feature = "gzip")]
    pub(crate) const GZIP: Wrapping = Wrapping {
        whole: sys::gwp_libdeflate_gzip_compress,
        small: sys::gwp_libdeflate_small_gzip_compress,
        bound: sys::gwp_libdeflate_gzip_compress_bound,
    };
    #[cfg(feature = "zlib")]
    pub(crate) const ZLIB: Wrapping = Wrapping {
        whole: sys::gwp_libdeflate_zlib_compress,
        small: sys::gwp_libdeflate_small_zlib_compress,
        bound: sys::gwp_libdeflate_zlib_compress_bound,
    };
    #[cfg(feature = "deflate")]
    pub(crate) const DEFLATE: Wrapping = Wrapping {
        whole: sys::gwp_libdeflate_deflate_compress,
        small: sys::gwp_libdeflate_small_deflate_compress,
        bound: sys::gwp_libdeflate_deflate_compress_bound,
    };

    /// CRC-32 as gzip has it (RFC 1952, 8.).
    #[cfg(feature = "gzip")]
    pub(crate) fn crc32(data: &[u8]) -> u32 {
        // SAFETY: libdeflate reads `data` and nothing else.
        unsafe { sys::gwp_libdeflate_crc32(0, data.as_ptr().cast(), data.len()) }
    }

    /// Adler-32 (RFC 1950, 9.).
    #[cfg(feature = "zlib")]
    pub(crate) fn adler32(data: &[u8]) -> u32 {
        // SAFETY: libdeflate reads `data` and nothing else.
        unsafe { sys::gwp_libdeflate_adler32(1, data.as_ptr().cast(), data.len()) }
    }

    /// One of the two compressors, made when it is first needed.
    struct Lazy {
        compressor: Option<NonNull<sys::Compressor>>,
        alloc: unsafe extern "C" fn(i32) -> *mut sys::Compressor,
        free: unsafe extern "C" fn(*mut sys::Compressor),
    }

    // SAFETY: a compressor is memory of its own, and one thread at a time has it.
    unsafe impl Send for Lazy {}

    impl Lazy {
        const WHOLE: Self =
            Self { compressor: None, alloc: sys::gwp_libdeflate_alloc_compressor, free: sys::gwp_libdeflate_free_compressor };
        const SMALL: Self =
            Self { compressor: None, alloc: sys::gwp_libdeflate_small_alloc_compressor, free: sys::gwp_libdeflate_small_free_compressor };

        fn get(&mut self, level: i32) -> Result<*mut sys::Compressor, Fault> {
            if self.compressor.is_none() {
                // SAFETY: it takes any level, and answers NULL when it cannot serve.
                self.compressor = NonNull::new(unsafe { (self.alloc)(level) });
            }
            self.compressor.map(NonNull::as_ptr).ok_or_else(|| Fault::new("no_memory"))
        }
    }

    impl Drop for Lazy {
        fn drop(&mut self) {
            if let Some(compressor) = self.compressor {
                // SAFETY: made by `get` with what belongs to it, freed once.
                unsafe { (self.free)(compressor.as_ptr()) };
            }
        }
    }

    /// Compresses texts, one after the other.
    pub(crate) struct Packer {
        level: i32,
        wrapping: &'static Wrapping,
        whole: Lazy,
        small: Lazy,
    }

    impl Packer {
        pub fn new(level: i32, wrapping: &'static Wrapping) -> Self {
            Self { level, wrapping, whole: Lazy::WHOLE, small: Lazy::SMALL }
        }

        pub fn pack(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
            let (compressor, compress) = if data.len() <= sys::SMALL {
                (self.small.get(self.level)?, self.wrapping.small)
            } else {
                (self.whole.get(self.level)?, self.wrapping.whole)
            };
            // SAFETY: the compressor is live and belongs to the function; libdeflate has written as many bytes as it answers, and finds
            // the bound without a compressor.
            let written = unsafe {
                super::append(out, (self.wrapping.bound)(ptr::null_mut(), data.len()), |room| {
                    let written = compress(compressor, data.as_ptr().cast(), data.len(), room.as_mut_ptr().cast(), room.len());
                    (written, written)
                })
            }?;
            // 0 stands for too little room, which cannot be.
            if written == 0 { Err(Fault::new("panic")) } else { Ok(()) }
        }
    }

    /// Opens texts, one after the other.
    pub(crate) struct Opener(NonNull<sys::Decompressor>);

    // SAFETY: a decompressor is memory of its own, and one thread at a time has it.
    unsafe impl Send for Opener {}

    impl Opener {
        pub fn new() -> Result<Self, Fault> {
            // SAFETY: it answers NULL when there is no memory.
            NonNull::new(unsafe { sys::gwp_libdeflate_alloc_decompressor() }).map(Self).ok_or_else(|| Fault::new("no_memory"))
        }

        /// Appends what `data` holds, if that is one stream of gzip of exactly `size` bytes and nothing else; false, and nothing, if not.
        pub fn gzip(&mut self, data: &[u8], out: &mut Vec<u8>, size: usize) -> Result<bool, Fault> {
            let opener = self.0.as_ptr();
            let mut read = 0;
            // SAFETY: the decompressor is live; without a place for their number libdeflate fills all bytes, or fails.
            unsafe {
                super::append(out, size, |room| {
                    let (from, to) = (data.as_ptr().cast(), room.as_mut_ptr().cast());
                    let result =
                        sys::gwp_libdeflate_gzip_decompress_ex(opener, from, data.len(), to, room.len(), &mut read, ptr::null_mut());
                    let whole = result == sys::SUCCESS && read == data.len();
                    (if whole { room.len() } else { 0 }, whole)
                })
            }
        }
    }

    impl Drop for Opener {
        fn drop(&mut self) {
            // SAFETY: made by `new`, freed once.
            unsafe { sys::gwp_libdeflate_free_decompressor(self.0.as_ptr()) };
        }
    }
}

/// Frames of liblz4.
#[cfg(feature = "lz4")]
pub(crate) mod lz4 {
    use std::ffi::CStr;
    use std::ptr;

    use gwplugins_core::fault::Fault;
    use lz4_sys::{
        BlockChecksum, BlockMode, BlockSize, ContentChecksum, FrameType, LZ4F_VERSION, LZ4F_compressBegin, LZ4F_compressBound,
        LZ4F_compressEnd, LZ4F_compressUpdate, LZ4F_createCompressionContext, LZ4F_createDecompressionContext, LZ4F_decompress,
        LZ4F_freeCompressionContext, LZ4F_freeDecompressionContext, LZ4F_getErrorName, LZ4F_isError, LZ4F_resetDecompressionContext,
        LZ4FCompressOptions, LZ4FCompressionContext, LZ4FDecompressionContext, LZ4FFrameInfo, LZ4FPreferences,
    };

    /// `LZ4F_HEADER_SIZE_MAX` of lz4frame.h.
    const LONGEST_HEADER: usize = 19;

    /// Writes frames, one after the other.
    pub(crate) struct Packer {
        context: LZ4FCompressionContext,
        preferences: LZ4FPreferences,
        options: LZ4FCompressOptions,
    }

    impl Packer {
        /// `whole`: each frame is pushed in one piece, of which nothing need be kept.
        pub fn new(level: u32, checksum: bool, whole: bool) -> Result<Self, Fault> {
            let mut context = LZ4FCompressionContext(ptr::null_mut());
            // SAFETY: the place for the context is ours.
            counted(unsafe { LZ4F_createCompressionContext(&mut context, LZ4F_VERSION) })?;
            let frame_info = LZ4FFrameInfo {
                block_size_id: BlockSize::Max64KB,
                block_mode: BlockMode::Linked,
                content_checksum_flag: if checksum { ContentChecksum::ChecksumEnabled } else { ContentChecksum::NoChecksum },
                frame_type: FrameType::Frame,
                content_size: 0,
                dict_id: 0,
                block_checksum_flag: BlockChecksum::NoBlockChecksum,
            };
            let preferences = LZ4FPreferences {
                frame_info,
                compression_level: level,
                auto_flush: u32::from(whole),
                favor_dec_speed: 0,
                reserved: [0; 3],
            };
            Ok(Self { context, preferences, options: LZ4FCompressOptions { stable_src: u32::from(whole), reserved: [0; 3] } })
        }

        /// Begins a frame. `size`: of its content, 0 for unknown.
        pub fn begin(&mut self, size: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
            self.preferences.frame_info.content_size = size as u64;
            let (context, preferences) = (self.context, &self.preferences);
            self.written(out, LONGEST_HEADER, |room, len| {
                // SAFETY: the context is live, and there is room for the longest header.
                unsafe { LZ4F_compressBegin(context, room, len, preferences) }
            })
        }

        pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
            let (context, options) = (self.context, &self.options);
            self.written(out, self.bound(chunk.len()), |room, len| {
                // SAFETY: the context is live; `stable_src` is only set for who pushes once.
                unsafe { LZ4F_compressUpdate(context, room, len, chunk.as_ptr(), chunk.len(), options) }
            })
        }

        pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
            let context = self.context;
            self.written(out, self.bound(0), |room, len| {
                // SAFETY: the context is live. What was pushed is compressed, or liblz4 has its own copy.
                unsafe { LZ4F_compressEnd(context, room, len, ptr::null()) }
            })
        }

        fn bound(&self, len: usize) -> usize {
            // SAFETY: it only reads the preferences.
            unsafe { LZ4F_compressBound(len, &self.preferences) }
        }

        fn written(&self, out: &mut Vec<u8>, most: usize, write: impl FnOnce(*mut u8, usize) -> usize) -> Result<(), Fault> {
            // SAFETY: liblz4 has written as many bytes as it answers.
            let answer = unsafe {
                super::append(out, most, |room| {
                    let answer = counted(write(room.as_mut_ptr().cast(), room.len()));
                    (*answer.as_ref().unwrap_or(&0), answer)
                })
            };
            answer?.map(|_| ())
        }
    }

    impl Drop for Packer {
        fn drop(&mut self) {
            // SAFETY: made by `new`, freed once.
            unsafe { LZ4F_freeCompressionContext(self.context) };
        }
    }

    /// Reads frames, one after the other.
    pub(crate) struct Opener(LZ4FDecompressionContext);

    impl Opener {
        pub fn new() -> Result<Self, Fault> {
            let mut context = LZ4FDecompressionContext(ptr::null_mut());
            // SAFETY: the place for the context is ours.
            counted(unsafe { LZ4F_createDecompressionContext(&mut context, LZ4F_VERSION) })?;
            Ok(Self(context))
        }

        /// The bytes read, and whether the frame is complete.
        pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(usize, bool), Fault> {
            let mut read = input.len();
            // SAFETY: liblz4 has written as many bytes as it counts, none after a fault.
            let answer = unsafe {
                super::append(out, room, |room| {
                    let mut written = room.len();
                    // SAFETY: the context is live; input and room are as long as is said.
                    let left =
                        counted(LZ4F_decompress(self.0, room.as_mut_ptr().cast(), &mut written, input.as_ptr(), &mut read, ptr::null()));
                    (if left.is_ok() { written } else { 0 }, left)
                })
            };
            Ok((read, answer?? == 0))
        }

        /// Ready for another frame.
        pub fn reset(&mut self) {
            // SAFETY: the context is live.
            unsafe { LZ4F_resetDecompressionContext(self.0) };
        }
    }

    impl Drop for Opener {
        fn drop(&mut self) {
            // SAFETY: made by `new`, freed once.
            unsafe { LZ4F_freeDecompressionContext(self.0) };
        }
    }

    /// An answer of liblz4: a number, or an error with a name, of `LZ4F_errorCodes` in lz4frame.h.
    fn counted(answer: usize) -> Result<usize, Fault> {
        // SAFETY: these two take any number; names live as long as the library.
        let name = unsafe {
            if LZ4F_isError(answer) == 0 {
                return Ok(answer);
            }
            CStr::from_ptr(LZ4F_getErrorName(answer)).to_bytes()
        };
        let says = |words: &[u8]| name.windows(words.len()).any(|part| part == words);
        Err(Fault::new(match () {
            () if says(b"hecksum_invalid") => "codec_checksum",
            () if says(b"allocation_failed") => "no_memory",
            () => "codec_data",
        }))
    }
}
