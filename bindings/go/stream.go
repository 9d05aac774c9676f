package gwplugins

// #include <gwplugins.h>
import "C"

import (
	"bytes"
	"runtime"
	"sync"
)

// Stream is one text that arrives in chunks, cut anywhere, inside a character too. Findings and outputs of all parts,
// one after the other, are those of the whole text; offsets count from its beginning. What may still belong to a
// finding is held back, by a bounded number of bytes.
//
// Limits count over all chunks. After an error the stream gives only ErrFinished, and what it held back must not pass.
// Calls from several goroutines are made one after the other.
type Stream struct {
	mutex    sync.Mutex
	address  *C.gwp_stream
	cleanup  runtime.Cleanup
	rules    []string
	rewrites bool
	failed   bool
}

// ScanStream begins a text that is only looked at: outputs are empty. ErrUnsupported: this guard must see the whole
// text.
func (g *Guard) ScanStream(options ...Option) (*Stream, error) {
	return g.stream(false, options)
}

// RewriteStream begins a text that is rewritten. ErrUnsupported: this guard must see the whole text.
func (g *Guard) RewriteStream(options ...Option) (*Stream, error) {
	return g.stream(true, options)
}

func (g *Guard) stream(rewrites bool, options []Option) (*Stream, error) {
	output := C.uint32_t(0)
	if rewrites {
		output = C.GWP_OUTPUT
	}
	flags, err := flagsOf(output, options)
	if err != nil {
		return nil, err
	}
	if err := g.handle.hold(); err != nil {
		return nil, err
	}
	defer g.handle.release()
	var made *C.gwp_stream
	var reported *C.gwp_error
	if status := C.gwp_stream_new(g.address, flags, &made, &reported); status != C.GWP_OK {
		return nil, failed(status, &reported)
	}
	live.streams.Add(1)
	stream := &Stream{address: made, rules: g.rules, rewrites: rewrites}
	stream.cleanup = runtime.AddCleanup(stream, freeStream, made)
	return stream, nil
}

func freeStream(made *C.gwp_stream) {
	C.gwp_stream_free(made)
	live.streams.Add(-1)
}

// Push adds a chunk. The part has the findings that have become certain and the output that is safe to emit.
func (s *Stream) Push(chunk []byte) (Rewritten[[]byte], error) {
	return s.part(func() (*call, error) { return push(s.address, chunk) })
}

// Finish ends the text; the part has the rest. The stream is still to be closed.
func (s *Stream) Finish() (Rewritten[[]byte], error) {
	return s.part(func() (*call, error) { return finish(s.address) })
}

// Close frees the stream, finished or not. It may be called again; other calls give ErrClosed then. The error is always
// nil. A forgotten stream is freed after it was garbage collected.
func (s *Stream) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.address != nil {
		s.cleanup.Stop()
		freeStream(s.address)
		s.address = nil
	}
	return nil
}

// part is the answer of a call, which makes use of the stream. After a failure there is none.
func (s *Stream) part(ask func() (*call, error)) (Rewritten[[]byte], error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	failure := Rewritten[[]byte]{Report: unchecked}
	switch {
	case s.address == nil:
		return failure, ErrClosed
	case s.failed:
		return failure, fault(ErrFinished, "the stream has failed")
	}
	c, err := ask()
	if err != nil {
		s.failed = true
		return failure, err
	}
	defer c.giveBack()
	report, err := c.report(s.rules)
	if err != nil {
		s.failed = true
		return failure, err
	}
	part := Rewritten[[]byte]{Report: report}
	if item := &c.itemViews()[0]; s.rewrites {
		part.Changed, part.Output = item.changed != 0, bytes.Clone(c.outputOf(item))
	}
	return part, nil
}
