package gwplugins

import "sync/atomic"

// closed is the bit of handle.state that says so; the other bits count the calls that are running.
const closed = 1 << 62

// handle owns what the library made: it ends it when it is closed and the last running call has ended.
type handle struct {
	end   func()
	state atomic.Int64
}

// hold keeps what it owns from being freed until release, or gives ErrClosed.
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
		h.end()
	}
}

// close may be called again. The end is reached once: after closing, the count only falls.
func (h *handle) close() {
	if h == nil {
		return
	}
	for {
		state := h.state.Load()
		if state&closed != 0 {
			return
		}
		if h.state.CompareAndSwap(state, state|closed) {
			if state == 0 {
				h.end()
			}
			return
		}
	}
}
