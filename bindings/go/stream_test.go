package gwplugins

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestPartsAreTheWholeWhereverTheTextIsCut(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	chance := rand.New(rand.NewPCG(7, 0))
	for _, text := range append(randomTexts(6, 1000), "", mail) {
		whole := must(guard.Rewrite(text))
		findings, output, err := inChunks(guard, []byte(text), func() int { return 1 + chance.IntN(40) })
		if err != nil {
			t.Fatal(err)
		}
		same(t, output, whole.Output)
		same(t, findings, whole.Findings)
	}
}

func TestAStreamCanOnlyLook(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	stream := must(guard.ScanStream(CodePoints))
	defer stream.Close()
	var findings []Finding
	for _, chunk := range []string{"ü jane@exam", "ple.com"} {
		part := must(stream.Push([]byte(chunk)))
		findings = append(findings, part.Findings...)
		same(t, len(part.Output), 0)
	}
	rest := must(stream.Finish())
	same(t, []any{len(rest.Output), rest.Changed}, []any{0, false})
	findings = append(findings, rest.Findings...)
	same(t, []int{len(findings), findings[0].Start, findings[0].End}, []int{1, 2, 18})
}

func TestAStreamEndsOnceAndOutlivesItsGuard(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	stream := must(guard.RewriteStream())
	guard.Close()
	output := must(stream.Push([]byte(mail))).Output
	same(t, string(append(output, must(stream.Finish()).Output...)), masked)
	_, err := stream.Push([]byte("more"))
	refused(t, err, ErrFinished, "GWP_E_FINISHED", "")
	_, err = stream.Finish()
	refused(t, err, ErrFinished, "GWP_E_FINISHED", "")
	for range 2 {
		stream.Close()
		if _, err := stream.Push(nil); !errors.Is(err, ErrClosed) {
			t.Fatal(err)
		}
		if part, err := stream.Finish(); !errors.Is(err, ErrClosed) || part.Verdict != BlockVerdict {
			t.Fatal(part, err)
		}
	}
	var never Stream
	if _, err := never.Push(nil); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	never.Close()
}

func TestAStreamOverALimitStaysFailed(t *testing.T) {
	stream := must(made(t, "pii_filter", `{"max_text_bytes": 64}`).RewriteStream())
	defer stream.Close()
	must(stream.Push([]byte(mail)))
	part, err := stream.Push([]byte(strings.Repeat("x", 65)))
	refused(t, err, ErrTooLarge, "GWP_E_TOO_LARGE", "")
	same(t, part, Rewritten[[]byte]{Report: unchecked})
	for _, use := range []func() (Rewritten[[]byte], error){
		func() (Rewritten[[]byte], error) { return stream.Push([]byte("x")) }, stream.Finish,
	} {
		part, err := use()
		refused(t, err, ErrFinished, "GWP_E_FINISHED", "")
		same(t, part, Rewritten[[]byte]{Report: unchecked})
	}
}

func TestAStreamWhoseAnswerWasLostStaysFailed(t *testing.T) {
	stream := must(made(t, "pii_filter", nil).RewriteStream())
	defer stream.Close()
	_, err := stream.part(func() (*call, error) { return nil, errDisk })
	same(t, err, errDisk)
	_, err = stream.Push([]byte(mail))
	refused(t, err, ErrFinished, "GWP_E_FINISHED", "")
}

func TestAGuardThatMustSeeTheWholeTextDoesNotStream(t *testing.T) {
	guard := made(t, "regex_filter", nil)
	for _, begin := range []func(...Option) (*Stream, error){guard.ScanStream, guard.RewriteStream} {
		stream, err := begin()
		refused(t, err, ErrUnsupported, "GWP_E_UNSUPPORTED", "")
		same(t, stream == nil, true)
	}
	writer, err := guard.NewWriter(background, &strings.Builder{}, nil)
	refused(t, err, ErrUnsupported, "GWP_E_UNSUPPORTED", "")
	reader, err := guard.NewReader(background, strings.NewReader(mail), nil)
	refused(t, err, ErrUnsupported, "GWP_E_UNSUPPORTED", "")
	same(t, []bool{writer == nil, reader == nil}, []bool{true, true})
	_, err = made(t, "pii_filter", nil).RewriteStream(CodePoints, UTF16)
	refused(t, err, ErrBadFlag, "GWP_E_BAD_FLAG", "")
}

func FuzzPartsAreTheWhole(f *testing.F) {
	guard := made(f, "pii_filter", nil)
	for _, text := range randomTexts(10, 50) {
		f.Add([]byte(text), uint8(len(text)))
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		whole := must(guard.RewriteBytes(text))
		findings, output, err := inChunks(guard, text, func() int { return 1 + int(size) })
		if err != nil {
			t.Fatal(err)
		}
		same(t, output, string(whole.Output))
		same(t, findings, whole.Findings)
	})
}
