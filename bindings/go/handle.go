package gwplugins

// #include <gwplugins.h>
import "C"

import "sync/atomic"

// closed is the bit of handle.state that says so; the other bits count the calls that are running.
const closed = 1 << 62

// handle owns a guard of the library: it frees it when it is closed and the last running call has ended.
type handle struct {
	address *C.gwp_guard
	state   atomic.Int64
}

// hold keeps the guard from being freed until release, or gives ErrClosed.
func (h *handle) hold() error {
	if h == nil {
		return ErrClosed
	}
	for {
		state := h.state.Load()
		if state&closed != 0 {
			return ErrClosed
		}
		if h.state.CompareAndSwap(state, state+1) {
			return nil
		}
	}
}

func (h *handle) release() {
	if h.state.Add(-1) == closed {
		h.free()
	}
}

// close may be called again.
func (h *handle) close() {
	for {
		state := h.state.Load()
		if state&closed != 0 {
			return
		}
		if h.state.CompareAndSwap(state, state|closed) {
			if state == 0 {
				h.free()
			}
			return
		}
	}
}

// free is reached once: after closing, the count only falls.
func (h *handle) free() {
	C.gwp_guard_free(h.address)
	live.guards.Add(-1)
}
