package gwplugins

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

// codecOf is a codec that is closed when the test ends.
func codecOf(t testing.TB, name string, config any) *Codec {
	t.Helper()
	codec, err := NewCodec(name, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { codec.Close() })
	return codec
}

// payloads of many sizes and kinds.
func payloads() [][]byte {
	chance := rand.New(rand.NewPCG(11, 0))
	noise := make([]byte, 200_000)
	for index := range noise {
		noise[index] = byte(chance.Uint32())
	}
	words := []byte(strings.Repeat(`{"id": 17, "name": "Ada", "tags": ["a", "b"]}`, 5000))
	return [][]byte{nil, {}, []byte("x"), words[:100], words, noise, bytes.Repeat([]byte{0}, 300_000)}
}

func TestEveryCodecBringsBackWhatItTookInAnyChunks(t *testing.T) {
	chance := rand.New(rand.NewPCG(5, 0))
	names := must(Codecs())
	if len(names) < 8 {
		t.Fatal(names)
	}
	for _, name := range names {
		codec := codecOf(t, name, nil)
		for _, data := range payloads() {
			size := func() int { return 1 + chance.IntN(1+len(data)/20) }
			compressed := [][]byte{
				must(codec.Compress(data)),
				must(throughStream(codec.Compressor, data, size)),
				throughWriter(t, codec, data, size),
			}
			for index, packed := range compressed {
				for _, unpack := range []func() ([]byte, error){
					func() ([]byte, error) { return codec.Decompress(packed) },
					func() ([]byte, error) { return throughStream(codec.Decompressor, packed, size) },
					func() ([]byte, error) { return throughReader(codec, bytes.NewReader(packed)) },
				} {
					if output := must(unpack()); !bytes.Equal(output, data) {
						t.Fatalf("%s, %d bytes, way %d: %d came back", name, len(data), index, len(output))
					}
				}
			}
		}
		if packed := must(codec.Compress(payloads()[4])); name != "identity" && len(packed) > 30_000 {
			t.Fatalf("%s: %d bytes", name, len(packed))
		}
	}
}

// throughWriter is what a writer passes on.
func throughWriter(t *testing.T, codec *Codec, data []byte, size func() int) []byte {
	t.Helper()
	var to bytes.Buffer
	writer := must(codec.NewWriter(&to))
	for len(data) > 0 {
		cut := min(size(), len(data))
		same(t, must(writer.Write(data[:cut])), cut)
		data = data[cut:]
	}
	for range 2 {
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := writer.Write([]byte("more"))
	same(t, errors.Is(err, ErrClosed), true)
	return to.Bytes()
}

func TestOtherProgramsReadIt(t *testing.T) {
	type opened struct {
		write func(io.Writer) io.WriteCloser
		read  func(io.Reader) (io.ReadCloser, error)
	}
	for name, others := range map[string]opened{
		"gzip": {
			func(to io.Writer) io.WriteCloser { return gzip.NewWriter(to) },
			func(from io.Reader) (io.ReadCloser, error) { return gzip.NewReader(from) },
		},
		"zlib": {func(to io.Writer) io.WriteCloser { return zlib.NewWriter(to) }, zlib.NewReader},
		"deflate": {
			func(to io.Writer) io.WriteCloser { return must(flate.NewWriter(to, 6)) },
			func(from io.Reader) (io.ReadCloser, error) { return flate.NewReader(from), nil },
		},
	} {
		codec := codecOf(t, name, nil)
		for _, data := range payloads() {
			theirs := must(others.read(bytes.NewReader(must(codec.Compress(data)))))
			if output := must(io.ReadAll(theirs)); !bytes.Equal(output, data) {
				t.Fatalf("%s: %d bytes of %d", name, len(output), len(data))
			}
			var packed bytes.Buffer
			writer := others.write(&packed)
			must(writer.Write(data))
			writer.Close()
			if output := must(codec.Decompress(packed.Bytes())); !bytes.Equal(output, data) {
				t.Fatalf("%s: %d bytes of %d", name, len(output), len(data))
			}
		}
	}
}

func TestACodecTellsWhatItIs(t *testing.T) {
	codec := codecOf(t, "zstd", map[string]any{"level": 3})
	var told struct {
		Codec string
		Level int
	}
	if err := json.Unmarshal(codec.Describe(), &told); err != nil || told.Codec != "zstd" || told.Level != 3 {
		t.Fatal(told, err)
	}
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(must(CodecSchema()), &schema); err != nil || schema.Properties["level"] == nil {
		t.Fatal(schema, err)
	}
}

func TestRefusedCodecs(t *testing.T) {
	for _, one := range []struct {
		name   string
		config any
		code   Code
		told   string
		path   string
	}{
		{"lzma", nil, ErrUnknownKind, "GWP_E_UNKNOWN_KIND", ""},
		{"", nil, ErrUnknownKind, "GWP_E_UNKNOWN_KIND", ""},
		{"gzip", "[", ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"gzip", map[string]any{"levels": 1}, ErrConfigKey, "GWP_E_CONFIG_KEY", "$.levels"},
		{"gzip", map[string]any{"level": 99}, ErrConfigValue, "GWP_E_CONFIG_VALUE", "$.level"},
	} {
		codec, err := NewCodec(one.name, one.config)
		if codec != nil {
			t.Fatal(one)
		}
		refused(t, err, one.code, one.told, one.path)
	}
	auto := codecOf(t, "auto", nil)
	for _, ask := range []func() (any, error){
		func() (any, error) { return auto.Compress(nil) },
		func() (any, error) { return auto.Compressor() },
		func() (any, error) { return auto.NewWriter(io.Discard) },
	} {
		_, err := ask()
		refused(t, err, ErrUnsupported, "GWP_E_UNSUPPORTED", "")
	}
}

func TestDamagedDataIsAnErrorHoweverItComes(t *testing.T) {
	secret := strings.Repeat("secret", 1000)
	codec, small := codecOf(t, "gzip", nil), codecOf(t, "gzip", `{"max_output_bytes": 5999}`)
	good := must(codec.Compress([]byte(secret)))
	changed := bytes.Clone(good)
	changed[len(changed)-8] ^= 1
	for _, one := range []struct {
		codec *Codec
		data  []byte
		code  Code
		name  string
	}{
		{codec, nil, ErrTruncated, "GWP_E_TRUNCATED"},
		{codec, good[:len(good)-1], ErrTruncated, "GWP_E_TRUNCATED"},
		{codec, append(bytes.Clone(good), "secret"...), ErrTrailing, "GWP_E_TRAILING"},
		{codec, changed, ErrChecksum, "GWP_E_CHECKSUM"},
		{codec, []byte(secret), ErrBadData, "GWP_E_BAD_DATA"},
		{small, good, ErrTooLarge, "GWP_E_TOO_LARGE"},
	} {
		for name, unpack := range unpackings {
			output, err := unpack(one.codec, one.data)
			refused(t, err, one.code, one.name, "")
			if strings.Contains(err.Error(), "secret") || name == "one call" && output != nil {
				t.Fatal(name, err)
			}
		}
	}
}

func TestALargeAnswerOfFewBytesIsStopped(t *testing.T) {
	codec := codecOf(t, "gzip", nil)
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	must(writer.Write(make([]byte, 32<<20)))
	writer.Close()
	for name, unpack := range unpackings {
		if name == "chunks of 1" || strings.HasSuffix(name, "single bytes") {
			continue // the same as chunks of 7, and slow
		}
		_, err := unpack(codecOf(t, "auto", `{"max_output_bytes": 4194304}`), bomb.Bytes())
		refused(t, err, ErrTooLarge, "GWP_E_TOO_LARGE", "")
	}
	same(t, len(must(codec.Decompress(bomb.Bytes()))), 32<<20)
}

func TestAStreamOfACodecEndsOnce(t *testing.T) {
	codec := must(NewCodec("gzip", nil))
	stream, failing := must(codec.Compressor()), must(codec.Decompressor())
	codec.Close()
	must(stream.Push([]byte("text")))
	must(stream.Finish())
	_, err := failing.Push([]byte("no gzip at all"))
	refused(t, err, ErrBadData, "GWP_E_BAD_DATA", "")
	for _, ended := range []*CodecStream{stream, failing} {
		_, err = ended.Push([]byte("more"))
		refused(t, err, ErrFinished, "GWP_E_FINISHED", "")
		_, err = ended.Finish()
		refused(t, err, ErrFinished, "GWP_E_FINISHED", "")
		for range 2 {
			ended.Close()
			if _, err := ended.Push(nil); !errors.Is(err, ErrClosed) {
				t.Fatal(err)
			}
		}
	}
	var never CodecStream
	if _, err := never.Finish(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	never.Close()
}

func TestAClosedCodec(t *testing.T) {
	codec := codecOf(t, "gzip", nil)
	before := live.codecs.Load()
	for range 3 {
		if err := codec.Close(); err != nil {
			t.Fatal(err)
		}
		same(t, live.codecs.Load(), before-1)
	}
	for _, closed := range []*Codec{codec, {}} {
		for _, ask := range []func() (any, error){
			func() (any, error) { return closed.Compress(nil) },
			func() (any, error) { return closed.Decompress(nil) },
			func() (any, error) { return closed.Compressor() },
			func() (any, error) { return closed.Decompressor() },
			func() (any, error) { return closed.NewWriter(io.Discard) },
			func() (any, error) { return closed.NewReader(strings.NewReader("")) },
		} {
			if _, err := ask(); !errors.Is(err, ErrClosed) {
				t.Fatal(err)
			}
		}
		closed.Close()
	}
	same(t, strings.Contains(string(codec.Describe()), "gzip"), true)
}

// brokenWriter takes so many bytes, then fails, or takes fewer than it should.
type brokenWriter struct {
	room int
	err  error
}

func (w *brokenWriter) Write(data []byte) (int, error) {
	taken := min(len(data), w.room)
	w.room -= taken
	if taken < len(data) {
		return taken, w.err
	}
	return taken, nil
}

func TestErrorsOfTheOtherWriterAndReaderStay(t *testing.T) {
	codec, noise := codecOf(t, "gzip", nil), payloads()[5]
	broken := errors.New("broken")
	for _, expected := range []error{broken, io.ErrShortWrite} {
		to := &brokenWriter{room: 1000}
		if expected == broken {
			to.err = broken
		}
		writer := must(codec.NewWriter(to))
		taken, err := writer.Write(noise)
		if taken == len(noise) || !errors.Is(err, expected) {
			t.Fatal(taken, err)
		}
		_, again := writer.Write(noise)
		same(t, []error{again, writer.Close(), writer.Close()}, []error{expected, expected, expected})
	}
	packed := must(codec.Compress(noise))
	reader := must(codec.NewReader(io.MultiReader(bytes.NewReader(packed[:10_000]), iotest.ErrReader(broken))))
	output, err := io.ReadAll(reader)
	if !errors.Is(err, broken) || !bytes.HasPrefix(noise, output) || len(output) == 0 {
		t.Fatal(len(output), err)
	}
	_, err = reader.Read(make([]byte, 1))
	same(t, err, broken)
	reader.Close()
	_, err = reader.Read(make([]byte, 1))
	same(t, errors.Is(err, ErrClosed), true)
	stuck := must(codec.NewReader(iotest.ErrReader(nil)))
	_, err = stuck.Read(make([]byte, 1))
	same(t, err, io.ErrNoProgress)
}

func TestAReaderPrintsNoData(t *testing.T) {
	codec := codecOf(t, "gzip", nil)
	reader := must(codec.NewReader(bytes.NewReader(must(codec.Compress([]byte("jane jane"))))))
	must(reader.Read(make([]byte, 1)))
	same(t, reader.GoString(), "gwplugins.CodecReader")
}

func TestChoice(t *testing.T) {
	text := payloads()[4]
	for _, one := range []struct{ mediaType, accept, name string }{
		{"application/json", "gzip", "gzip"},
		{"application/json", "br", "brotli"},
		{"application/json", "deflate", "zlib"},
		{"application/json", "", "identity"},
		{"image/png", "gzip", "identity"},
		{"", "gzip;q=0, zstd", "zstd"},
	} {
		same(t, must(ChooseCodec(text, one.mediaType, one.accept)), one.name)
	}
	same(t, must(ChooseCodec(nil, "", "gzip")), "identity")
	_, err := ChooseCodec(text, "", "*;q=0")
	refused(t, err, ErrNotAcceptable, "GWP_E_NOT_ACCEPTABLE", "")
}

func TestADictionary(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 0))
	sample := func() []byte {
		name := "user" + string(rune('a'+chance.IntN(26)))
		return must(json.Marshal(map[string]any{"id": chance.IntN(1e6), "name": name, "roles": "reader"}))
	}
	var samples [][]byte
	for range 2000 {
		samples = append(samples, sample())
	}
	dictionary := must(TrainDictionary(samples, 4096))
	if len(dictionary) == 0 || len(dictionary) > 4096 {
		t.Fatal(len(dictionary))
	}
	plain, trained := codecOf(t, "zstd", nil), codecOf(t, "zstd", map[string]any{"dictionary": dictionary})
	data := sample()
	packed := must(trained.Compress(data))
	if len(packed) >= len(must(plain.Compress(data))) {
		t.Fatal(len(packed))
	}
	same(t, must(trained.Decompress(packed)), data)
	_, err := plain.Decompress(packed)
	refused(t, err, ErrDictionary, "GWP_E_DICTIONARY", "")
	for _, few := range [][][]byte{nil, {}, {nil}, {[]byte("x")}} {
		_, err := TrainDictionary(few, 4096)
		refused(t, err, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "")
	}
	_, err = TrainDictionary(samples, -1)
	refused(t, err, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "")
}

func TestGoroutinesShareACodec(t *testing.T) {
	codec, data := codecOf(t, "zstd", nil), payloads()[4]
	var running sync.WaitGroup
	for worker := range 8 {
		running.Add(1)
		go func() {
			defer running.Done()
			for call := range 20 {
				mine := data[worker*1000+call:]
				if output := must(codec.Decompress(must(codec.Compress(mine)))); !bytes.Equal(output, mine) {
					panic("another's data")
				}
			}
		}()
	}
	running.Wait()
}

func TestAStreamOfACodecIsClosedDuringCalls(t *testing.T) {
	codec := codecOf(t, "gzip", nil)
	for range 20 {
		stream := must(codec.Compressor())
		before := live.codecStreams.Load()
		var running sync.WaitGroup
		var pushed atomic.Int64
		for range 4 {
			running.Add(1)
			go func() {
				defer running.Done()
				for {
					if _, err := stream.Push([]byte(mail)); err != nil {
						if !errors.Is(err, ErrClosed) {
							panic(err)
						}
						return
					}
					pushed.Add(1)
				}
			}()
		}
		for pushed.Load() < 8 {
			runtime.Gosched()
		}
		stream.Close()
		running.Wait()
		same(t, live.codecStreams.Load(), before-1)
	}
}
