package gwplugins

// #include "calls.h"
import "C"

import (
	"io"
	"runtime"
	"sync"
)

// CodecStream is data that arrives in chunks, cut anywhere. Outputs of all chunks, one after the other, are those of
// the whole data. Limits count over all chunks. After an error the stream gives only ErrFinished. Calls from several
// goroutines are made one after the other.
type CodecStream struct {
	mutex   sync.Mutex
	address *C.gwp_codec_stream
	cleanup runtime.Cleanup
}

// Compressor begins data to be compressed. ErrUnsupported: "auto" only decompresses.
func (c *Codec) Compressor() (*CodecStream, error) {
	return c.stream(C.GWP_CODEC_COMPRESS)
}

// Decompressor begins data to be decompressed. Only the success of Finish says that it was complete and good.
func (c *Codec) Decompressor() (*CodecStream, error) {
	return c.stream(C.GWP_CODEC_DECOMPRESS)
}

func (c *Codec) stream(flags C.uint32_t) (*CodecStream, error) {
	if err := c.handle.hold(); err != nil {
		return nil, err
	}
	defer c.handle.release()
	var made *C.gwp_codec_stream
	var reported *C.gwp_error
	if status := C.gwp_codec_stream_new(c.address, flags, &made, &reported); status != C.GWP_OK {
		return nil, failed(status, &reported)
	}
	live.codecStreams.Add(1)
	stream := &CodecStream{address: made}
	stream.cleanup = runtime.AddCleanup(stream, freeCodecStream, made)
	return stream, nil
}

func freeCodecStream(made *C.gwp_codec_stream) {
	C.gwp_codec_stream_free(made)
	live.codecStreams.Add(-1)
}

// Push adds a chunk and gives what it has led to, which may be nothing. What a chunk decompresses to is in memory at
// once, up to max_ratio times the chunk: pass small ones.
func (s *CodecStream) Push(chunk []byte) ([]byte, error) {
	return s.part(func(result *call) C.gwp_status {
		return C.gwgo_codec_push(s.address, bytesAt(chunk), C.size_t(len(chunk)), result.c)
	})
}

// Finish ends the data and gives the rest. The stream is still to be closed.
func (s *CodecStream) Finish() ([]byte, error) {
	return s.part(func(result *call) C.gwp_status { return C.gwgo_codec_finish(s.address, result.c) })
}

func (s *CodecStream) part(ask func(*call) C.gwp_status) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.address == nil {
		return nil, ErrClosed
	}
	return outputOf(ask)
}

// Close frees the stream, finished or not. It may be called again; other calls give ErrClosed then. The error is always
// nil. A forgotten stream is freed after it was garbage collected.
func (s *CodecStream) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.address != nil {
		s.cleanup.Stop()
		freeCodecStream(s.address)
		s.address = nil
	}
	return nil
}

// compressBytes is how much a CodecWriter compresses at a time, decompressBytes how much a CodecReader decompresses: a
// little, as it may become much.
const (
	compressBytes   = 64 << 10
	decompressBytes = 4 << 10
)

// CodecWriter compresses what is written to it and passes it on to another writer. Close passes on the rest: without
// it the data is not complete. All calls after an error give that error. Calls from several goroutines are made one
// after the other.
type CodecWriter struct {
	mutex  sync.Mutex
	stream *CodecStream
	to     io.Writer
	err    error
	closed bool
}

// NewWriter begins data that is compressed on its way to a writer. ErrUnsupported: "auto" only decompresses.
func (c *Codec) NewWriter(to io.Writer) (*CodecWriter, error) {
	stream, err := c.Compressor()
	if err != nil {
		return nil, err
	}
	return &CodecWriter{stream: stream, to: to}, nil
}

// Write adds to the data. Its answer counts the bytes that were taken, not those that were passed on.
func (w *CodecWriter) Write(data []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.closed {
		return 0, ErrClosed
	}
	taken := 0
	for w.err == nil && taken < len(data) {
		piece := data[taken:min(taken+compressBytes, len(data))]
		if w.emit(w.stream.Push(piece)); w.err == nil {
			taken += len(piece)
		}
	}
	return taken, w.err
}

// Close ends the data, passes on the rest and frees what the CodecWriter had; the other writer stays open. Called
// again, it gives the same answer.
func (w *CodecWriter) Close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.closed && w.err == nil {
		w.emit(w.stream.Finish())
	}
	w.closed = true
	w.stream.Close()
	return w.err
}

// emit passes on, or keeps the error.
func (w *CodecWriter) emit(output []byte, err error) {
	if err == nil && len(output) > 0 {
		var written int
		if written, err = w.to.Write(output); err == nil && written < len(output) {
			err = io.ErrShortWrite
		}
	}
	w.err = err
}

// CodecReader reads from another reader and gives what its data holds.
//
// What it gives has not been checked to the end before io.EOF comes: a wrong checksum or an end that is missing is an
// error only then. All calls after an error give that error. Calls from several goroutines are made one after the
// other.
type CodecReader struct {
	mutex  sync.Mutex
	stream *CodecStream
	from   io.Reader
	piece  []byte
	ready  []byte
	err    error
	closed bool
}

// NewReader begins data that is decompressed on its way from a reader, which is read to its end.
func (c *Codec) NewReader(from io.Reader) (*CodecReader, error) {
	stream, err := c.Decompressor()
	if err != nil {
		return nil, err
	}
	return &CodecReader{stream: stream, from: from, piece: make([]byte, decompressBytes)}, nil
}

// String keeps the data that the CodecReader holds out of logs.
func (r *CodecReader) String() string {
	return "gwplugins.CodecReader"
}

// GoString is String.
func (r *CodecReader) GoString() string {
	return r.String()
}

// Read gives data; io.EOF at the end of data that was complete and good.
func (r *CodecReader) Read(data []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		return 0, ErrClosed
	}
	if len(data) == 0 {
		return 0, nil
	}
	for empty := 0; len(r.ready) == 0; {
		if r.err != nil {
			return 0, r.err
		}
		if empty++; r.fill() > 0 {
			empty = 0
		} else if empty == maxEmptyReads && r.err == nil {
			r.err = io.ErrNoProgress
		}
	}
	given := copy(data, r.ready)
	r.ready = r.ready[given:]
	return given, nil
}

// fill reads once and makes ready what it led to. It gives the number of bytes that came, or leaves an error.
func (r *CodecReader) fill() int {
	read, failure := r.from.Read(r.piece)
	if read > 0 {
		r.ready, r.err = r.stream.Push(r.piece[:read])
	}
	if r.err == nil && failure == io.EOF {
		var rest []byte
		if rest, failure = r.stream.Finish(); failure == nil {
			r.ready, failure = append(r.ready, rest...), io.EOF
		}
	}
	if r.err == nil {
		r.err = failure
	}
	return read
}

// Close frees what the CodecReader had; the other reader stays open. It may be called again. The error is always nil.
func (r *CodecReader) Close() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.closed = true
	r.stream.Close()
	return nil
}
