package gwplugins

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkout is a file of the checkout, which GWPLUGINS_CHECKOUT names when the tests run from a copy of this folder.
func checkout(t *testing.T, path string) []byte {
	t.Helper()
	root := os.Getenv("GWPLUGINS_CHECKOUT")
	if root == "" {
		root = "../.."
	}
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// row is a line of tests/vectors/<kind>.jsonl, whose README.md says what the keys mean.
type row struct {
	ID         string
	Config     json.RawMessage
	ConfigText *string `json:"config_text"`
	Input      jsonText
	InputHex   *string `json:"input_hex"`
	Expect     struct {
		Findings  []json.RawMessage
		Details   []any
		Score     *int
		Output    *jsonText
		OutputHex *string `json:"output_hex"`
		Error     *struct {
			Code Code
			Path string
		}
	}
}

// jsonText is a string of JSON as bytes. Unlike Go's own reading it keeps a surrogate without a partner: three bytes.
type jsonText []byte

func (text *jsonText) UnmarshalJSON(quoted []byte) error {
	rest := string(quoted[1 : len(quoted)-1])
	for rest != "" {
		var plain string
		escape := strings.IndexByte(rest, '\\')
		if escape < 0 {
			escape = len(rest)
		}
		*text = append(*text, rest[:escape]...)
		if rest = rest[escape:]; rest == "" {
			break
		}
		size := 2
		if rest[1] == 'u' {
			size = 6
			if len(rest) >= 12 && lead(rest) && rest[6:8] == `\u` && strings.ContainsRune("cdef", rune(rest[9]|0x20)) {
				size = 12
			}
		}
		if err := json.Unmarshal([]byte(`"`+rest[:size]+`"`), &plain); err != nil {
			return err
		}
		if plain == "\ufffd" && size == 6 {
			plain = unit(rest)
		}
		*text, rest = append(*text, plain...), rest[size:]
	}
	return nil
}

// lead tells whether an escape is the first half of a pair.
func lead(escape string) bool {
	return strings.EqualFold(escape[2:3], "d") && strings.ContainsRune("89ab", rune(escape[3]|0x20))
}

// unit is the three bytes of one escape.
func unit(escape string) string {
	raw, _ := hex.DecodeString(escape[2:6])
	value := int(raw[0])<<8 | int(raw[1])
	return string([]byte{byte(0xe0 | value>>12), byte(0x80 | value>>6&0x3f), byte(0x80 | value&0x3f)})
}

func rows(t *testing.T, kind string) []row {
	t.Helper()
	all := lines[row](t, "tests/vectors/"+kind+".jsonl")
	for index := range all {
		if one := &all[index]; one.InputHex != nil {
			one.Input, _ = hex.DecodeString(*one.InputHex)
		}
		if one := &all[index]; one.ConfigText != nil {
			one.Config = json.RawMessage(*one.ConfigText)
		}
	}
	return all
}

// lines of JSON in a file of the checkout.
func lines[Line any](t *testing.T, path string) []Line {
	t.Helper()
	var all []Line
	for _, line := range bytes.Split(checkout(t, path), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var one Line
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// told is a finding as the vectors write it.
func told(finding Finding) string {
	words := []any{finding.Rule, finding.Start, finding.End, finding.Action.String(), finding.Score}
	if finding.Guess {
		words = append(words, "guess")
	}
	if finding.Derived {
		words = append(words, "derived")
	}
	text, _ := json.Marshal(words)
	return string(text)
}

// differs says what an answer has that the row does not expect.
func (r *row) differs(answer Rewritten[string]) error {
	expect := r.Expect
	if expect.Findings != nil && len(answer.Findings) != len(expect.Findings) {
		return fmt.Errorf("%d findings, not %d", len(answer.Findings), len(expect.Findings))
	}
	for index, finding := range answer.Findings {
		if expect.Findings != nil && told(finding) != compact(expect.Findings[index]) {
			return fmt.Errorf("%s, not %s", told(finding), expect.Findings[index])
		}
		var detail any
		if finding.Detail != nil {
			if err := json.Unmarshal(finding.Detail, &detail); err != nil {
				return err
			}
		}
		if expect.Details != nil && !reflect.DeepEqual(detail, expect.Details[index]) {
			return fmt.Errorf("detail %v, not %v", detail, expect.Details[index])
		}
	}
	switch {
	case expect.Score != nil && *expect.Score != answer.Score:
		return fmt.Errorf("score %d, not %d", answer.Score, *expect.Score)
	case expect.Output != nil && string(*expect.Output) != answer.Output:
		return fmt.Errorf("output %q, not %q", answer.Output, *expect.Output)
	case expect.OutputHex != nil && *expect.OutputHex != hex.EncodeToString([]byte(answer.Output)):
		return fmt.Errorf("output %x, not %s", answer.Output, *expect.OutputHex)
	}
	return nil
}

func compact(text []byte) string {
	var words []any
	if err := json.Unmarshal(text, &words); err != nil {
		return err.Error()
	}
	again, _ := json.Marshal(words)
	return string(again)
}

// check asks in every way; whether one of them was a stream.
func (r *row) check(guard *Guard) (streamed bool, err error) {
	text := string(r.Input)
	whole, err := guard.Rewrite(text, Details)
	if err != nil {
		return false, err
	}
	said := whole
	if r.InputHex == nil {
		if said, err = guard.Rewrite(text, Details, CodePoints); err != nil {
			return false, err
		}
		said.Report = whole.Report
		said.Findings = inCodePoints(text, whole.Findings)
		counted, err := guard.Scan(text, Details, CodePoints)
		if err != nil || !reflect.DeepEqual(counted, said.Report) {
			return false, fmt.Errorf("offsets do not count code points: %w", err)
		}
	}
	if err := r.differs(said); err != nil {
		return false, err
	}
	if whole.Changed != (whole.Output != text) {
		return false, errors.New("changed does not tell whether the output differs")
	}
	if err := r.otherWays(guard, whole); err != nil {
		return false, err
	}
	return r.streams(guard, whole)
}

// inCodePoints are findings whose offsets count bytes with offsets that count code points.
func inCodePoints(text string, findings []Finding) []Finding {
	var counted []Finding
	for _, finding := range findings {
		finding.Start, finding.End = codePoints(text[:finding.Start]), codePoints(text[:finding.End])
		counted = append(counted, finding)
	}
	return counted
}

// codePoints counts as the library does: a surrogate in three bytes is one.
func codePoints(text string) (count int) {
	for index := range len(text) {
		if utf8.RuneStart(text[index]) {
			count++
		}
	}
	return count
}

// otherWays to ask give the same.
func (r *row) otherWays(guard *Guard, whole Rewritten[string]) error {
	text := string(r.Input)
	asBytes, err := guard.RewriteBytes(r.Input, Details)
	if err != nil || !reflect.DeepEqual(asString(asBytes), whole) {
		return fmt.Errorf("bytes differ: %w", err)
	}
	for _, ask := range []func() (Report, error){
		func() (Report, error) { return guard.Scan(text, Details) },
		func() (Report, error) { return guard.ScanBytes(r.Input, Details) },
	} {
		if report, err := ask(); err != nil || !reflect.DeepEqual(report, whole.Report) {
			return fmt.Errorf("a scan differs: %w", err)
		}
	}
	batch, err := RewriteAll(context.Background(), guard, []string{text, text}, Details)
	if err != nil || len(batch) != 2 {
		return fmt.Errorf("a batch of %d: %w", len(batch), err)
	}
	for index := range batch[1].Findings {
		batch[1].Findings[index].Item = 0
	}
	if !reflect.DeepEqual(batch, []Rewritten[string]{whole, whole}) {
		return errors.New("a batch differs")
	}
	return nil
}

func asString(answer Rewritten[[]byte]) Rewritten[string] {
	return Rewritten[string]{Report: answer.Report, Changed: answer.Changed, Output: string(answer.Output)}
}

// streams gives the text in chunks. The guard's configuration may exclude it.
func (r *row) streams(guard *Guard, whole Rewritten[string]) (bool, error) {
	for _, size := range []int{1, 7} {
		findings, output, err := inChunks(guard, r.Input, func() int { return size }, Details)
		if errors.Is(err, ErrUnsupported) {
			return false, nil
		}
		if err != nil || output != whole.Output || !reflect.DeepEqual(findings, whole.Findings) {
			return false, fmt.Errorf("chunks of %d differ: %w", size, err)
		}
	}
	return true, nil
}

// inChunks is what a stream says, given chunks of the sizes that `size` says.
func inChunks(guard *Guard, text []byte, size func() int, options ...Option) ([]Finding, string, error) {
	stream, err := guard.RewriteStream(options...)
	if err != nil {
		return nil, "", err
	}
	defer stream.Close()
	var findings []Finding
	var output []byte
	for last := false; !last; {
		var part Rewritten[[]byte]
		if last = len(text) == 0; last {
			part, err = stream.Finish()
		} else {
			cut := min(size(), len(text))
			part, err = stream.Push(text[:cut])
			text = text[cut:]
		}
		if err != nil {
			return nil, "", err
		}
		findings, output = append(findings, part.Findings...), append(output, part.Output...)
	}
	return findings, string(output), nil
}

// outcome checks a row; an error is what differs.
func outcome(kind string, r row) (streamed bool, err error) {
	guard, err := New(kind, r.Config)
	if err == nil {
		defer guard.Close()
		streamed, err = r.check(guard)
	}
	expected := r.Expect.Error
	var told *Error
	switch {
	case expected == nil:
		return streamed, err
	case !errors.As(err, &told):
		return false, fmt.Errorf("error %d at %q was expected: %w", expected.Code, expected.Path, err)
	case told.Code != expected.Code || told.Path != expected.Path:
		return false, fmt.Errorf("error %d at %q was expected: %w at %q", expected.Code, expected.Path, told, told.Path)
	}
	return false, nil
}

func TestVectors(t *testing.T) {
	kinds, err := Kinds()
	if err != nil || len(kinds) == 0 {
		t.Fatal(kinds, err)
	}
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			all, streamed := rows(t, kind.Name), 0
			for _, r := range all {
				asStream, err := outcome(kind.Name, r)
				if err != nil {
					t.Errorf("row %s: %v", r.ID, err)
				}
				if asStream {
					streamed++
				}
			}
			if len(all) == 0 || (streamed > 0) != kind.Stream {
				t.Errorf("%d rows, %d of them as a stream; the kind streams: %t", len(all), streamed, kind.Stream)
			}
			t.Logf("%d rows, %d of them as a stream too", len(all), streamed)
		})
	}
}
