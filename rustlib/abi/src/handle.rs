//! Handles: heap objects behind opaque pointers, with a type tag that catches foreign and (mostly) freed pointers.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gwplugins_core::fault::Fault;

/// A C handle type and what is behind it.
pub(crate) trait Opaque {
    /// What the handle owns.
    type Inner;
    /// Eight letters that tell the types apart.
    const TAG: u64;
}

/// The tag comes first in every type, so that it can be read before the type is known.
#[repr(C)]
struct Handle<I> {
    tag: AtomicU64,
    busy: AtomicBool,
    inner: UnsafeCell<I>,
}

/// What freeing leaves where the tag was.
const FREED: u64 = u64::from_le_bytes(*b"gwpFREED");

/// Makes a handle; the caller owns it until `free`.
pub(crate) fn create<T: Opaque>(inner: T::Inner) -> *mut T {
    let handle = Handle { tag: AtomicU64::new(T::TAG), busy: AtomicBool::new(false), inner: UnsafeCell::new(inner) };
    Box::into_raw(Box::new(handle)).cast()
}

/// The handle behind argument number `argument` of a call.
unsafe fn find<'a, T: Opaque>(pointer: *const T, argument: u64) -> Result<&'a Handle<T::Inner>, Fault> {
    let pointer: *const Handle<T::Inner> = pointer.cast();
    if pointer.is_null() {
        return Err(Fault::with("null_arg", argument, 0));
    }
    // SAFETY: the caller of the C function promises a live handle; `is_aligned` and the tag catch what can be caught.
    let live = pointer.is_aligned() && unsafe { &(*pointer).tag }.load(Ordering::Acquire) == T::TAG;
    if !live {
        return Err(Fault::with("bad_handle", argument, 0));
    }
    // SAFETY: the tag says that `create::<T>` made it and nobody freed it.
    Ok(unsafe { &*pointer })
}

/// An immutable handle (guard, error), shared by any number of threads.
pub(crate) unsafe fn shared<'a, T: Opaque>(pointer: *const T, argument: u64) -> Result<&'a T::Inner, Fault> {
    // SAFETY: passed on from the caller. Handles of these types are never borrowed mutably.
    unsafe { find(pointer, argument).map(|handle| &*handle.inner.get()) }
}

/// A look at a handle that serves one call at a time, between its calls.
pub(crate) unsafe fn idle<'a, T: Opaque>(pointer: *const T, argument: u64) -> Result<&'a T::Inner, Fault> {
    // SAFETY: passed on from the caller.
    let handle = unsafe { find(pointer, argument) }?;
    if handle.busy.load(Ordering::Acquire) {
        return Err(Fault::new("busy"));
    }
    // SAFETY: no call is at work on it, and the caller promises to begin none while this one reads.
    Ok(unsafe { &*handle.inner.get() })
}

/// A handle that serves one call at a time (result, stream), taken for this call.
pub(crate) unsafe fn exclusive<'a, T: Opaque>(pointer: *mut T, argument: u64) -> Result<Taken<'a, T::Inner>, Fault> {
    // SAFETY: passed on from the caller.
    let handle = unsafe { find(pointer.cast_const(), argument) }?;
    if handle.busy.swap(true, Ordering::Acquire) {
        return Err(Fault::new("busy"));
    }
    Ok(Taken { handle })
}

/// The right to use a handle alone; given back on drop.
pub(crate) struct Taken<'a, I> {
    handle: &'a Handle<I>,
}

impl<I> Deref for Taken<'_, I> {
    type Target = I;

    fn deref(&self) -> &I {
        // SAFETY: `busy` was false and is now true: nobody else has a reference.
        unsafe { &*self.handle.inner.get() }
    }
}

impl<I> DerefMut for Taken<'_, I> {
    fn deref_mut(&mut self) -> &mut I {
        // SAFETY: as for `deref`.
        unsafe { &mut *self.handle.inner.get() }
    }
}

impl<I> Drop for Taken<'_, I> {
    fn drop(&mut self) {
        self.handle.busy.store(false, Ordering::Release);
    }
}

/// Frees a handle. NULL, foreign and freed pointers are left alone, as far as they can be told; so is a handle that
/// another call is using: it is poisoned and leaks, which is better than a use after free.
pub(crate) unsafe fn free<T: Opaque>(pointer: *mut T) {
    // SAFETY: passed on from the caller.
    let Ok(handle) = (unsafe { find(pointer.cast_const(), 1) }) else { return };
    let mine = handle.tag.compare_exchange(T::TAG, FREED, Ordering::AcqRel, Ordering::Relaxed).is_ok();
    if mine && !handle.busy.load(Ordering::Acquire) {
        // SAFETY: `create` made it with `Box::into_raw`, and only one caller can have changed the tag.
        drop(unsafe { Box::from_raw(pointer.cast::<Handle<T::Inner>>()) });
    }
}
