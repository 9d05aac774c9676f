package gwplugins

import (
	"context"
	"errors"
	"io"
	"sync"
)

// pieceBytes is how much of a text a Writer and a Reader have checked between two looks at their context.
const pieceBytes = 64 << 10

var errPanicked = errors.New("gwplugins: onReport panicked")

// filter is the part that a Writer and a Reader share: text in, text out that may pass, and the end at the first error.
type filter struct {
	ctx      context.Context
	stream   *Stream
	onReport func(Report) error
	err      error
}

func newFilter(ctx context.Context, guard *Guard, onReport func(Report) error, options []Option) (filter, error) {
	if err := ctx.Err(); err != nil {
		return filter{}, err
	}
	stream, err := guard.RewriteStream(options...)
	return filter{ctx: ctx, stream: stream, onReport: onReport}, err
}

// pass is what may pass after one more piece.
func (f *filter) pass(piece []byte) ([]byte, error) {
	return f.allowed(func() (Rewritten[[]byte], error) { return f.stream.Push(piece) })
}

// rest is what may pass after the last piece.
func (f *filter) rest() ([]byte, error) {
	return f.allowed(f.stream.Finish)
}

func (f *filter) allowed(ask func() (Rewritten[[]byte], error)) ([]byte, error) {
	if err := f.ctx.Err(); err != nil {
		return nil, f.end(err)
	}
	part, err := ask()
	if err != nil {
		return nil, f.end(err)
	}
	if err := f.report(part.Report); err != nil {
		return nil, f.end(err)
	}
	if part.Verdict == BlockVerdict {
		return nil, f.end(&BlockedError{Report: part.Report})
	}
	return part.Output, nil
}

// report tells onReport. Should that panic, the text has ended: its part was not passed on.
func (f *filter) report(report Report) error {
	if f.onReport == nil {
		return nil
	}
	f.err = errPanicked
	err := f.onReport(report)
	f.err = nil
	return err
}

// end makes this the answer to all that follows. The first one stays.
func (f *filter) end(err error) error {
	if f.err == nil {
		f.err = err
		f.stream.Close()
	}
	return f.err
}

// Writer passes what is written to it on to another writer, rewritten. Close passes on the rest: without it the end of
// the text is missing.
//
// Content that must not pass ends it with a *BlockedError; what came before has been passed on by then. After an error
// nothing more is passed on, and all calls give that error. Calls from several goroutines are made one after the other.
type Writer struct {
	mutex  sync.Mutex
	filter filter
	to     io.Writer
	closed bool
}

// NewWriter begins a text that is passed on to a writer. Once the context is done nothing more passes.
//
// `onReport` may be nil. It is called with what was found in each part before that part is passed on; an error of it
// ends the text. It must not use the Writer. ErrUnsupported: this guard must see the whole text.
func (g *Guard) NewWriter(
	ctx context.Context, to io.Writer, onReport func(Report) error, options ...Option,
) (*Writer, error) {
	made, err := newFilter(ctx, g, onReport, options)
	if err != nil {
		return nil, err
	}
	return &Writer{filter: made, to: to}, nil
}

// Write adds to the text. Its answer counts the bytes that were taken, not those that were passed on.
func (w *Writer) Write(text []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.closed {
		return 0, ErrClosed
	}
	taken := 0
	for w.filter.err == nil && taken < len(text) {
		piece := text[taken:min(taken+pieceBytes, len(text))]
		if err := w.emit(w.filter.pass(piece)); err != nil {
			break
		}
		taken += len(piece)
	}
	return taken, w.filter.err
}

// Close ends the text, passes on the rest and frees what the Writer had; the other writer stays open. Called again, it
// gives the same answer.
func (w *Writer) Close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.closed && w.filter.err == nil {
		_ = w.emit(w.filter.rest()) // it stays in the filter
	}
	w.closed = true
	w.filter.stream.Close()
	return w.filter.err
}

// emit passes on what may pass.
func (w *Writer) emit(output []byte, err error) error {
	if err != nil || len(output) == 0 {
		return err
	}
	written, err := w.to.Write(output)
	if err == nil && written < len(output) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return w.filter.end(err)
	}
	return nil
}

// Reader reads from another reader and gives what may pass, rewritten.
//
// Content that must not pass ends it with a *BlockedError, and the other reader's error with that error: nothing that
// was held back is given then. All calls after an error give that error. Calls from several goroutines are made one
// after the other.
type Reader struct {
	mutex  sync.Mutex
	filter filter
	from   io.Reader
	piece  []byte
	ready  []byte
	closed bool
}

// NewReader begins a text that comes from a reader. Once the context is done no more is read; a Read of the other
// reader that has begun is not interrupted.
//
// `onReport` may be nil. It is called with what was found in each part before that part is given; an error of it ends
// the text. It must not use the Reader. ErrUnsupported: this guard must see the whole text.
func (g *Guard) NewReader(
	ctx context.Context, from io.Reader, onReport func(Report) error, options ...Option,
) (*Reader, error) {
	made, err := newFilter(ctx, g, onReport, options)
	if err != nil {
		return nil, err
	}
	return &Reader{filter: made, from: from, piece: make([]byte, pieceBytes)}, nil
}

// String keeps the text that the Reader holds out of logs.
func (r *Reader) String() string {
	return "gwplugins.Reader"
}

// GoString is String.
func (r *Reader) GoString() string {
	return r.String()
}

// maxEmptyReads is how often the other reader may give neither text nor an error, as in bufio.
const maxEmptyReads = 100

// Read gives text that may pass; io.EOF at the end of a text that passed.
func (r *Reader) Read(text []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return 0, ErrClosed
	}
	if len(text) == 0 {
		return 0, nil
	}
	for empty := 0; len(r.ready) == 0; {
		if r.filter.err != nil {
			return 0, r.filter.err
		}
		read := r.fill()
		if empty++; read > 0 {
			empty = 0
		} else if empty == maxEmptyReads {
			return 0, r.filter.end(io.ErrNoProgress)
		}
	}
	given := copy(text, r.ready)
	r.ready = r.ready[given:]
	return given, nil
}

// fill reads once and makes ready what may pass. It gives the number of bytes that came, or leaves an error.
func (r *Reader) fill() int {
	if err := r.filter.ctx.Err(); err != nil {
		r.filter.end(err)
		return 0
	}
	read, failure := r.from.Read(r.piece)
	if failure != nil && failure != io.EOF {
		r.filter.end(failure)
		return read
	}
	ready, err := r.filter.pass(r.piece[:read])
	if err == nil && failure == io.EOF {
		var rest []byte
		rest, err = r.filter.rest()
		ready = append(ready, rest...)
		r.filter.end(io.EOF)
	}
	if err == nil {
		r.ready = ready
	}
	return read
}

// Close frees what the Reader had; the other reader stays open. It may be called again. The error is always nil.
func (r *Reader) Close() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.closed = true
	r.filter.stream.Close()
	return nil
}
