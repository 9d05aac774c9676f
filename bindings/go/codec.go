package gwplugins

// #include "calls.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"unsafe"
)

// Codec makes bytes fewer and brings them back: zstd, gzip, zlib, deflate, lz4, brotli, snappy, identity, as the
// library at hand has them, or auto, which decompresses what tells its format by its first bytes. It is immutable: any
// number of goroutines may use it, and close it, at the same time.
//
// What decompression may give is bounded by the configuration (max_output_bytes, max_ratio): ErrTooLarge.
type Codec struct {
	handle      *handle
	address     *C.gwp_codec
	description string
}

// Codecs lists the names of the library's codecs, what NewCodec takes. ErrUnsupported: the library is older than they
// are. A library that was built without codecs lists none.
func Codecs() ([]string, error) {
	if err := usable(forCodecs); err != nil {
		return nil, err
	}
	names := make([]string, C.gwp_codec_count())
	for index := range names {
		name, err := words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
			return C.gwp_codec_name(C.size_t(index), text, size, reported)
		})
		if err != nil {
			return nil, err
		}
		names[index] = name
	}
	return names, nil
}

// CodecSchema is the JSON Schema of every codec's configuration. Errors as NewCodec.
func CodecSchema() (json.RawMessage, error) {
	if err := codecsUsable(); err != nil {
		return nil, err
	}
	text, err := words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
		return C.gwp_codec_schema(text, size, reported)
	})
	return json.RawMessage(text), err
}

// NewCodec makes a codec (see Codecs). The configuration is given as to New; a dictionary may be a []byte in it.
// ErrUnsupported: the library has no codecs, or is older than they are. Close frees it; one that is forgotten is freed
// after it was garbage collected.
func NewCodec(name string, config any) (*Codec, error) {
	if err := codecsUsable(); err != nil {
		return nil, err
	}
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	var made *C.gwp_codec
	var reported *C.gwp_error
	status := C.gwp_codec_new(stringAt(name), C.size_t(len(name)), bytesAt(text), C.size_t(len(text)), &made, &reported)
	if status != C.GWP_OK {
		return nil, failed(status, &reported)
	}
	live.codecs.Add(1)
	codec := &Codec{address: made, handle: &handle{end: func() { freeCodec(made) }}}
	runtime.AddCleanup(codec, (*handle).close, codec.handle)
	codec.description, err = words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
		return C.gwp_codec_describe(made, text, size, reported)
	})
	if err != nil {
		codec.Close()
		return nil, err
	}
	return codec, nil
}

func freeCodec(made *C.gwp_codec) {
	C.gwp_codec_free(made)
	live.codecs.Add(-1)
}

// codecsUsable is why there are no codecs, or nil.
func codecsUsable() error {
	if err := usable(forCodecs); err != nil {
		return err
	}
	if C.gwp_codec_count() == 0 {
		return fault(ErrUnsupported, "the loaded libgwplugins was built without codecs")
	}
	return nil
}

// Describe is what the codec says about itself, a JSON object: name, version, level, limits. It works after Close, too.
func (c *Codec) Describe() json.RawMessage {
	return json.RawMessage(c.description)
}

// Close frees the codec, when the last call that uses it has ended. It may be called again; all other calls give
// ErrClosed then. Streams live on. The error is always nil.
func (c *Codec) Close() error {
	c.handle.close()
	return nil
}

// Compress gives the compressed data. The bytes are read where they lie and must not change meanwhile.
func (c *Codec) Compress(data []byte) ([]byte, error) {
	return c.output(func(result *call) C.gwp_status {
		return C.gwgo_compress(c.address, bytesAt(data), C.size_t(len(data)), result.c)
	})
}

// Decompress gives what the data holds. All of it must be good: with an error, a wrong checksum at the very end
// included, there is no output.
func (c *Codec) Decompress(data []byte) ([]byte, error) {
	return c.output(func(result *call) C.gwp_status {
		return C.gwgo_decompress(c.address, bytesAt(data), C.size_t(len(data)), result.c)
	})
}

func (c *Codec) output(ask func(*call) C.gwp_status) ([]byte, error) {
	if err := c.handle.hold(); err != nil {
		return nil, err
	}
	defer c.handle.release()
	return outputOf(ask)
}

// outputOf is a copy of what a call puts out.
func outputOf(ask func(*call) C.gwp_status) ([]byte, error) {
	result, err := takeCall()
	if err != nil {
		return nil, err
	}
	if result, err = result.checked(ask(result)); err != nil {
		return nil, err
	}
	return result.output(), nil
}

// ChooseCodec names the codec that suits data best for a side that accepts what `accept`, the value of an
// Accept-Encoding field, says: "*" when there was none; empty, as RFC 9110 has it, accepts "identity" alone. The media
// type is the data's, such as "application/json", or empty. "identity" means: leave the data as it is. "br" of HTTP is
// "brotli" here, and its "deflate" is "zlib".
//
// ErrNotAcceptable: everything is refused.
func ChooseCodec(data []byte, mediaType, accept string) (string, error) {
	if err := codecsUsable(); err != nil {
		return "", err
	}
	return words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
		return C.gwp_codec_choose(bytesAt(data), C.size_t(len(data)), stringAt(mediaType), C.size_t(len(mediaType)),
			stringAt(accept), C.size_t(len(accept)), text, size, reported)
	})
}

// TrainDictionary makes a zstd dictionary of at most maxBytes bytes from samples of what is to be compressed. It costs
// seconds for many megabytes. ErrOutOfRange: the samples are too few or too small. ErrUnsupported: there is no zstd.
func TrainDictionary(samples [][]byte, maxBytes int) ([]byte, error) {
	if err := codecsUsable(); err != nil {
		return nil, err
	}
	if maxBytes < 0 {
		return nil, fault(ErrOutOfRange, "a dictionary has no negative size")
	}
	var joined []byte
	offsets := []C.uint64_t{0}
	for _, sample := range samples {
		joined = append(joined, sample...)
		offsets = append(offsets, C.uint64_t(len(joined)))
	}
	return outputOf(func(result *call) C.gwp_status {
		return C.gwgo_train(bytesAt(joined), C.size_t(len(joined)), unsafe.SliceData(offsets), C.size_t(len(samples)),
			C.size_t(maxBytes), result.c)
	})
}
