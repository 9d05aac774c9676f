//! The one module of this crate with `unsafe`: it asks for memory before it is read. Tests: those of `Limiter::check_many`.

#![allow(unsafe_code)]

/// Has the memory of a place on its way to the processor. A read would wait, and locks wait for reads.
#[inline]
pub fn expect<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: it takes any address, and changes nothing that a program can see.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch(std::ptr::from_ref(place).cast(), _MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
