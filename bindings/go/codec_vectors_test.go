package gwplugins

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
)

// packed is a line of tests/vectors/codec/compression.jsonl.
type packed struct {
	ID       string
	Codec    string
	Config   json.RawMessage
	InputHex string `json:"input_hex"`
	Expect   struct {
		OutputHex *string `json:"output_hex"`
		Error     string  // name of a code, less GWP_E_
	}
}

// unpackings are all ways to decompress.
var unpackings = map[string]func(*Codec, []byte) ([]byte, error){
	"one call": (*Codec).Decompress,
	"chunks of 1": func(codec *Codec, data []byte) ([]byte, error) {
		return throughStream(codec.Decompressor, data, func() int { return 1 })
	},
	"chunks of 7": func(codec *Codec, data []byte) ([]byte, error) {
		return throughStream(codec.Decompressor, data, func() int { return 7 })
	},
	"a reader": func(codec *Codec, data []byte) ([]byte, error) {
		return throughReader(codec, bytes.NewReader(data))
	},
	"a reader of single bytes": func(codec *Codec, data []byte) ([]byte, error) {
		return throughReader(codec, iotest.OneByteReader(bytes.NewReader(data)))
	},
	"a reader that ends with data": func(codec *Codec, data []byte) ([]byte, error) {
		return throughReader(codec, iotest.DataErrReader(bytes.NewReader(data)))
	},
}

// throughStream is what a stream gives for data that comes in chunks of the sizes that `size` says.
func throughStream(begin func() (*CodecStream, error), data []byte, size func() int) ([]byte, error) {
	stream, err := begin()
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var output []byte
	for len(data) > 0 {
		cut := min(size(), len(data))
		part, err := stream.Push(data[:cut])
		if err != nil {
			return nil, err
		}
		output, data = append(output, part...), data[cut:]
	}
	rest, err := stream.Finish()
	return append(output, rest...), err
}

func throughReader(codec *Codec, from io.Reader) ([]byte, error) {
	reader, err := codec.NewReader(from)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

// differs decompresses in one way; an error is what the row does not expect.
func (row *packed) differs(unpack func(*Codec, []byte) ([]byte, error)) error {
	data, err := hex.DecodeString(row.InputHex)
	if err != nil {
		return err
	}
	var output []byte
	codec, err := NewCodec(row.Codec, row.Config)
	if err == nil {
		defer codec.Close()
		output, err = unpack(codec, data)
	}
	if row.Expect.OutputHex == nil {
		var told *Error
		if !errors.As(err, &told) || told.Name != "GWP_E_"+row.Expect.Error {
			return fmt.Errorf("%s was expected: %w", row.Expect.Error, err)
		}
		return nil
	}
	if err == nil && hex.EncodeToString(output) != *row.Expect.OutputHex {
		err = errors.New("another output")
	}
	return err
}

func TestCodecVectors(t *testing.T) {
	all, refused := lines[packed](t, "tests/vectors/codec/compression.jsonl"), 0
	for _, row := range all {
		for name, unpack := range unpackings {
			if err := row.differs(unpack); err != nil {
				t.Errorf("row %s, %s: %v", row.ID, name, err)
			}
		}
		if row.Expect.Error != "" {
			refused++
		}
	}
	if len(all) < 200 || refused < 50 || refused > 200 {
		t.Fatal(len(all), refused)
	}
	t.Logf("%d rows, %d of them errors", len(all), refused)
}

func TestAWrongExpectationOfACodecIsSeen(t *testing.T) {
	wrong := "00"
	row := lines[packed](t, "tests/vectors/codec/compression.jsonl")[0]
	row.Expect.OutputHex = &wrong
	same(t, row.differs((*Codec).Decompress) != nil, true)
	row.Expect.OutputHex, row.Expect.Error = nil, "TOO_LARGE"
	same(t, row.differs((*Codec).Decompress) != nil, true)
}
