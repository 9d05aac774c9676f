package gwplugins

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// sized gives reads of random sizes.
type sized struct {
	from   io.Reader
	chance *rand.Rand
}

func (s sized) Read(text []byte) (int, error) {
	return s.from.Read(text[:min(len(text), 1+s.chance.IntN(50))])
}

// written is what a Writer passes on when a text is copied to it in pieces of random sizes.
func written(guard *Guard, text string, chance *rand.Rand, onReport func(Report) error) (string, error) {
	var to strings.Builder
	writer, err := guard.NewWriter(background, &to, onReport)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(writer, sized{strings.NewReader(text), chance})
	err = errors.Join(err, writer.Close())
	return to.String(), err
}

// read is what a Reader gives when a text comes in pieces of random sizes.
func read(guard *Guard, text string, chance *rand.Rand, onReport func(Report) error) (string, error) {
	reader, err := guard.NewReader(background, sized{strings.NewReader(text), chance}, onReport)
	if err != nil {
		return "", err
	}
	defer reader.Close()
	output, err := io.ReadAll(sized{reader, chance})
	return string(output), err
}

type way func(*Guard, string, *rand.Rand, func(Report) error) (string, error)

var ways = map[string]way{"Writer": written, "Reader": read}

func TestPipesPassTheTextRewritten(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	for name, pipe := range ways {
		chance := rand.New(rand.NewPCG(8, 0))
		for _, text := range append(randomTexts(9, 300), "", mail, strings.Repeat(mail+" ", 20_000)) {
			whole := must(guard.Rewrite(text))
			var findings []Finding
			output, err := pipe(guard, text, chance, func(part Report) error {
				findings = append(findings, part.Findings...)
				return nil
			})
			if err != nil || output != whole.Output {
				t.Fatalf("%s: %d bytes, not %d: %v", name, len(output), len(whole.Output), err)
			}
			same(t, findings, whole.Findings)
		}
	}
}

func TestAReaderIsAReader(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	text := strings.Repeat(mail+" ", 1000)
	expected := []byte(must(guard.Rewrite(text)).Output)
	for _, from := range []func(io.Reader) io.Reader{
		iotest.OneByteReader, iotest.DataErrReader, func(from io.Reader) io.Reader { return from },
	} {
		reader := must(guard.NewReader(background, from(strings.NewReader(text)), nil))
		if err := iotest.TestReader(reader, expected); err != nil {
			t.Fatal(err)
		}
		reader.Close()
	}
}

func TestContentThatMustNotPassEndsAPipe(t *testing.T) {
	guard := made(t, "pii_filter", `{"block_on_detection": true}`)
	before, after := strings.Repeat("clean ", 2000), strings.Repeat(" more", 2000)
	for name, pipe := range ways {
		output, err := pipe(guard, before+"jane@example.com john@example.com"+after, rand.New(rand.NewPCG(1, 0)), nil)
		var blocked *BlockedError
		if !errors.As(err, &blocked) || blocked.Report.Verdict != BlockVerdict || blocked.Report.Findings[0].Start != 12000 {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, blocked.Error(), "gwplugins: the content must not pass: email")
		if !strings.HasPrefix(before, output) || len(output) < 10_000 {
			t.Fatalf("%s passed %q", name, output[max(0, len(output)-40):])
		}
	}
}

func TestALimitEndsAPipe(t *testing.T) {
	guard := made(t, "pii_filter", `{"max_text_bytes": 5000}`)
	for name, pipe := range ways {
		output, err := pipe(guard, strings.Repeat("clean ", 2000), rand.New(rand.NewPCG(1, 0)), nil)
		refused(t, err, ErrTooLarge, "GWP_E_TOO_LARGE", "")
		if len(output) > 5000 {
			t.Fatalf("%s passed %d bytes", name, len(output))
		}
	}
}

func TestAnErrorOfOnReportEndsAPipe(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	enough := errors.New("enough")
	for name, pipe := range ways {
		output, err := pipe(guard, mail, rand.New(rand.NewPCG(1, 0)), func(Report) error { return enough })
		if !errors.Is(err, enough) || output != "" {
			t.Fatalf("%s: %q %v", name, output, err)
		}
	}
}

func TestAPanicOfOnReportEndsAPipe(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	panics := func(Report) error { panic("on purpose") }
	recovered := func(use func()) (found any) {
		defer func() { found = recover() }()
		use()
		return nil
	}
	var to strings.Builder
	writer := must(guard.NewWriter(background, &to, panics))
	same(t, recovered(func() { _, _ = writer.Write([]byte(mail)) }), "on purpose")
	_, err := writer.Write([]byte(mail))
	same(t, []error{err, writer.Close()}, []error{errPanicked, errPanicked})
	same(t, to.String(), "")

	reader := must(guard.NewReader(background, strings.NewReader(mail), panics))
	same(t, recovered(func() { _, _ = reader.Read(make([]byte, 100)) }), "on purpose")
	output, err := io.ReadAll(reader)
	same(t, []any{len(output), err}, []any{0, errPanicked})
	reader.Close()
}

// failing is a writer and a reader with an error of its own.
type failing struct{ written bytes.Buffer }

var errDisk = errors.New("the disk is full")

func (f *failing) Write(text []byte) (int, error) {
	f.written.Write(text)
	return 0, errDisk
}

// short takes less than it is given, and says nothing.
type short struct{}

func (short) Write(text []byte) (int, error) { return len(text) - 1, nil }

func TestAWriterThatFailsIsWrittenToOnce(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	text := []byte(strings.Repeat("clean ", 1000))
	to := &failing{}
	writer := must(guard.NewWriter(background, to, nil))
	count, err := writer.Write(text)
	same(t, []any{count, err}, []any{0, errDisk})
	size := to.written.Len()
	count, err = writer.Write(text)
	same(t, []any{count, err, writer.Close(), writer.Close()}, []any{0, errDisk, errDisk, errDisk})
	same(t, to.written.Len(), size)

	writer = must(guard.NewWriter(background, short{}, nil))
	_, err = writer.Write(text)
	same(t, []error{err, writer.Close()}, []error{io.ErrShortWrite, io.ErrShortWrite})
}

func TestAReaderThatFailsGivesNothingThatWasHeldBack(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	from := io.MultiReader(strings.NewReader("jane@exam"), iotest.ErrReader(errDisk))
	reader := must(guard.NewReader(background, from, nil))
	output, err := io.ReadAll(reader)
	same(t, []any{string(output), err}, []any{"", errDisk})
	_, err = reader.Read(make([]byte, 1))
	same(t, err, errDisk)
}

// idleReader gives neither text nor an error.
type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

func TestAReaderDoesNotWaitForever(t *testing.T) {
	reader := must(made(t, "pii_filter", nil).NewReader(background, idleReader{}, nil))
	_, err := reader.Read(make([]byte, 1))
	same(t, err, io.ErrNoProgress)
}

func TestPipesAreClosedOnce(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	before := live.streams.Load()
	var to strings.Builder
	writer := must(guard.NewWriter(background, &to, nil))
	must(writer.Write([]byte(mail)))
	reader := must(guard.NewReader(background, strings.NewReader(mail), nil))
	for range 2 {
		same(t, []error{writer.Close(), reader.Close()}, []error{nil, nil})
		same(t, to.String(), masked)
		_, err := writer.Write([]byte(mail))
		same(t, err, ErrClosed)
		_, err = reader.Read(make([]byte, 1))
		same(t, err, ErrClosed)
	}
	same(t, live.streams.Load(), before)
}

func TestPipesLookAtTheirContext(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	text := []byte(strings.Repeat("clean ", 100_000))
	var to bytes.Buffer
	writer := must(guard.NewWriter(&countdown{background, 4}, &to, nil))
	count, err := writer.Write(text)
	same(t, []any{count, err}, []any{3 * pieceBytes, context.DeadlineExceeded})
	size := to.Len()
	same(t, writer.Close(), context.DeadlineExceeded)
	if to.Len() != size || size > 3*pieceBytes || !bytes.HasPrefix(text, to.Bytes()) {
		t.Fatalf("%d bytes passed, %d then", to.Len(), size)
	}
	ctx, cancel := context.WithCancel(background)
	reader := must(guard.NewReader(ctx, bytes.NewReader(text), nil))
	must(reader.Read(make([]byte, 10)))
	cancel()
	output, err := io.ReadAll(reader)
	if !errors.Is(err, context.Canceled) || len(output) > 2*pieceBytes {
		t.Fatalf("%d bytes, %v", len(output), err)
	}
}

func TestBlockedErrorNamesEachRuleOnce(t *testing.T) {
	findings := []Finding{
		{Rule: "b", Action: Block}, {Rule: "a", Action: Replace}, {Rule: "b", Action: Block}, {Rule: "c", Action: Block},
	}
	err := &BlockedError{Report: Report{Verdict: BlockVerdict, Findings: findings}}
	same(t, err.Error(), "gwplugins: the content must not pass: b, c")
}
