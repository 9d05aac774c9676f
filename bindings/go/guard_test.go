package gwplugins

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
)

const (
	mail   = "Mail jane@example.com"
	masked = "Mail [REDACTED]"
)

// found is what pii_filter says about `mail`.
var found = Finding{Rule: "email", Start: 5, End: 21, Action: Replace, Score: 950}

// made is a guard that is closed when the test ends.
func made(t testing.TB, kind string, config any) *Guard {
	t.Helper()
	guard, err := New(kind, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guard.Close() })
	return guard
}

// must is an answer that cannot fail.
func must[T any](answer T, err error) T {
	if err != nil {
		panic(err)
	}
	return answer
}

func same(t *testing.T, said, expected any) {
	t.Helper()
	if !reflect.DeepEqual(said, expected) {
		t.Fatalf("%.1000s, not %.1000s", fmt.Sprint(said), fmt.Sprint(expected))
	}
}

// refused checks an error in all that it says.
func refused(t *testing.T, err error, code Code, name, path string) {
	t.Helper()
	var told *Error
	if !errors.As(err, &told) || !errors.Is(err, code) {
		t.Fatalf("%v is no %s", err, name)
	}
	same(t, Error{told.Code, told.Name, "", told.Path}, Error{code, name, "", path})
	if told.Message == "" || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), told.Message) {
		t.Fatalf("%q says too little", err)
	}
}

func TestLibrary(t *testing.T) {
	major, minor := ABIVersion()
	same(t, []int{major, minor}, []int{1, 2})
	if !strings.Contains(string(checkout(t, "rustlib/Cargo.toml")), `version = "`+Version()+`"`) {
		t.Fatalf("version %q", Version())
	}
	kinds := map[string]Kind{}
	for _, kind := range must(Kinds()) {
		kinds[kind.Name] = kind
		var schema struct{ Type string }
		if err := json.Unmarshal(kind.Schema, &schema); err != nil || schema.Type != "object" {
			t.Fatalf("%s: %v %v", kind.Name, schema, err)
		}
	}
	pii, repair := kinds["pii_filter"], kinds["json_repair"]
	same(t, []bool{pii.Output, pii.Stream, pii.Details}, []bool{true, true, false})
	same(t, []bool{repair.Output, repair.Stream, repair.Details}, []bool{true, false, true})
}

func TestScanFindsAndRewriteWrites(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	report := must(guard.Scan(mail))
	expected := found
	expected.RuleIndex = report.Findings[0].RuleIndex
	same(t, report, Report{Verdict: ReplaceVerdict, Score: 950, Findings: []Finding{expected}})
	same(t, must(guard.Rewrite(mail)), Rewritten[string]{Report: report, Changed: true, Output: masked})

	var told struct {
		Kind  string
		Rules []struct{ Name string }
	}
	if err := json.Unmarshal(guard.Describe(), &told); err != nil {
		t.Fatal(err)
	}
	same(t, []string{told.Kind, told.Rules[expected.RuleIndex].Name}, []string{"pii_filter", "email"})
}

func TestEveryWayToAskOnce(t *testing.T) {
	guard, ctx := made(t, "pii_filter", nil), context.Background()
	report := must(guard.Scan(mail))
	same(t, must(guard.ScanBytes([]byte(mail))), report)
	same(t, must(guard.ScanContext(ctx, mail)), report)
	same(t, must(guard.ScanBytesContext(ctx, []byte(mail))), report)
	whole := must(guard.Rewrite(mail))
	same(t, must(guard.RewriteContext(ctx, mail)), whole)
	same(t, asString(must(guard.RewriteBytes([]byte(mail)))), whole)
	same(t, asString(must(guard.RewriteBytesContext(ctx, []byte(mail)))), whole)
}

func TestTextThatStandsComesBackItself(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	clean := []byte("clean")
	output := must(guard.RewriteBytes(clean)).Output
	if &output[0] != &clean[0] || len(output) != len(clean) {
		t.Fatal("the output is a copy")
	}
	same(t, must(guard.Rewrite("clean")), Rewritten[string]{Output: "clean"})
	for _, empty := range [][]byte{nil, {}, clean[:0]} {
		same(t, must(guard.RewriteBytes(empty)), Rewritten[[]byte]{Output: empty})
	}
	same(t, must(guard.Rewrite("")), Rewritten[string]{})
}

func TestUnits(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	text := "ü😀 " + mail
	span := func(options ...Option) []int {
		finding := must(guard.Scan(text, options...)).Findings[0]
		return []int{finding.Start, finding.End}
	}
	same(t, [][]int{span(), span(CodePoints), span(UTF16)}, [][]int{{12, 28}, {8, 24}, {9, 25}})
	same(t, text[12:28], "jane@example.com")
	_, err := guard.Scan(text, UTF16, CodePoints)
	refused(t, err, ErrBadFlag, "GWP_E_BAD_FLAG", "")
	for _, unknown := range []Option{1, 1 << 31} {
		_, err := guard.Rewrite(text, unknown)
		refused(t, err, ErrBadFlag, "GWP_E_BAD_FLAG", "")
	}
}

func TestBytesMayBeAnything(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	around := func(text string) string { return "\xff\x00\xed\xa0" + text + "\xc3" }
	same(t, must(guard.Rewrite(around(mail))).Output, around(masked))
	same(t, string(must(guard.RewriteBytes([]byte(around(mail)))).Output), around(masked))
}

func TestAnswersAreCopies(t *testing.T) {
	guard := made(t, "json_repair", nil)
	first := must(guard.RewriteBytes([]byte("{a: 1,}"), Details))
	output, detail := bytes.Clone(first.Output), string(first.Findings[0].Detail)
	for range 100 {
		must(guard.RewriteBytes([]byte("['another', text"), Details))
	}
	same(t, first.Output, output)
	same(t, string(first.Findings[0].Detail), detail)
}

func TestDetails(t *testing.T) {
	guard := made(t, "json_repair", nil)
	if detail := must(guard.Scan("[1,]")).Findings[0].Detail; detail != nil {
		t.Fatalf("a detail nobody asked for: %s", detail)
	}
	var detail map[string]any
	if err := json.Unmarshal(must(guard.Scan("[1,]", Details)).Findings[0].Detail, &detail); err != nil {
		t.Fatal(err)
	}
	same(t, detail, map[string]any{"kind": "trailing_comma", "offset": 2.0, "removed": ",", "inserted": ""})
}

func TestConfigurations(t *testing.T) {
	text := `{"detect_email": false}`
	fields := struct {
		Email bool `json:"detect_email"`
	}{}
	object := map[string]any{"detect_email": false}
	for _, config := range []any{text, []byte(text), json.RawMessage(text), object, fields, &fields} {
		same(t, must(made(t, "pii_filter", config).Scan(mail)).Verdict, PassVerdict)
	}
	for _, fine := range []string{"\ufffd", `\ufffd`, `\`, "<&>\u2028"} {
		guard := made(t, "pii_filter", map[string]any{"redaction_text": fine})
		same(t, must(guard.Rewrite(mail)).Output, "Mail "+fine)
	}
	for _, config := range []any{nil, "", []byte(nil), json.RawMessage{}, "{}", struct{}{}, map[string]any{}} {
		same(t, must(made(t, "pii_filter", config).Scan(mail)).Verdict, ReplaceVerdict)
	}
}

func TestRefusedConfigurations(t *testing.T) {
	cycle := map[string]any{}
	cycle["self"] = cycle
	var nothing map[string]any
	for _, one := range []struct {
		kind   string
		config any
		code   Code
		name   string
		path   string
	}{
		{"nope", nil, ErrUnknownKind, "GWP_E_UNKNOWN_KIND", ""},
		{"", nil, ErrUnknownKind, "GWP_E_UNKNOWN_KIND", ""},
		{"pii_filter\x00", nil, ErrUnknownKind, "GWP_E_UNKNOWN_KIND", ""},
		{"pii_filter", "{", ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"pii_filter", "{\"a\": \"\xff\"}", ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"pii_filter", map[string]any{"colour": 1}, ErrConfigKey, "GWP_E_CONFIG_KEY", "$.colour"},
		{"pii_filter", `{"max_text_bytes": 1.0}`, ErrConfigType, "GWP_E_CONFIG_TYPE", "$.max_text_bytes"},
		{"pii_filter", []int{}, ErrConfigType, "GWP_E_CONFIG_TYPE", "$"},
		{"pii_filter", 1, ErrConfigType, "GWP_E_CONFIG_TYPE", "$"},
		{"pii_filter", nothing, ErrConfigType, "GWP_E_CONFIG_TYPE", "$"},
		{"pii_filter", map[string]any{"max_text_bytes": 0}, ErrConfigValue, "GWP_E_CONFIG_VALUE", "$.max_text_bytes"},
		{"pii_filter", cycle, ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"pii_filter", map[string]any{"a": math.NaN()}, ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"pii_filter", func() {}, ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"pii_filter", map[string]any{"redaction_text": "\xff"}, ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{"regex_filter", `{"words": [{"search": "(", "replace": ""}]}`, ErrPattern, "GWP_E_PATTERN", "$.words[0].search"},
	} {
		guard, err := New(one.kind, one.config)
		if guard != nil {
			t.Fatalf("%v: a guard", one)
		}
		refused(t, err, one.code, one.name, one.path)
	}
}

func TestTextOverALimitIsAnErrorAndNeverQuoted(t *testing.T) {
	guard := made(t, "pii_filter", `{"max_text_bytes": 16, "max_findings": 1}`)
	ctx := context.Background()
	asks := map[string]func() (Report, error){
		"Scan":      func() (Report, error) { return guard.Scan(mail) },
		"ScanBytes": func() (Report, error) { return guard.ScanBytes([]byte(mail)) },
		"Rewrite": func() (Report, error) {
			answer, err := guard.Rewrite(mail)
			return answer.Report, errors.Join(err, empty(answer.Output))
		},
		"RewriteBytes": func() (Report, error) {
			answer, err := guard.RewriteBytes([]byte(mail))
			return answer.Report, errors.Join(err, empty(answer.Output))
		},
		"ScanAll": func() (Report, error) {
			answer, err := ScanAll(ctx, guard, []string{"clean", mail})
			return unchecked, errors.Join(err, empty(answer))
		},
		"RewriteAll": func() (Report, error) {
			answer, err := RewriteAll(ctx, guard, []string{"clean", mail})
			return unchecked, errors.Join(err, empty(answer))
		},
		"RewriteColumn": func() (Report, error) {
			answer, err := guard.RewriteColumn(ctx, []byte(mail), []uint64{0, uint64(len(mail))})
			return unchecked, errors.Join(err, empty(answer))
		},
	}
	for name, ask := range asks {
		report, err := ask()
		refused(t, err, ErrTooLarge, "GWP_E_TOO_LARGE", "")
		if strings.Contains(err.Error(), "jane") || strings.Contains(err.Error(), "output") {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, report, Report{Verdict: BlockVerdict})
	}
	_, err := guard.Scan("a@b.org c@d.org")
	refused(t, err, ErrTooManyFindings, "GWP_E_TOO_MANY_FINDINGS", "")
	same(t, must(guard.Scan("clean")).Verdict, PassVerdict)
}

// empty is an error unless a failed call gave nothing.
func empty[T any](answer T) error {
	if reflect.ValueOf(answer).Len() != 0 {
		return errors.New("there is output")
	}
	return nil
}

func TestContextThatIsDone(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	asks := []func() (Report, error){
		func() (Report, error) { return guard.ScanContext(ctx, mail) },
		func() (Report, error) { return guard.ScanBytesContext(ctx, []byte(mail)) },
		func() (Report, error) {
			answer, err := guard.RewriteContext(ctx, mail)
			return answer.Report, errors.Join(err, empty(answer.Output))
		},
		func() (Report, error) {
			answer, err := guard.RewriteBytesContext(ctx, []byte(mail))
			return answer.Report, errors.Join(err, empty(answer.Output))
		},
		func() (Report, error) { _, err := ScanAll(ctx, guard, []string{}); return unchecked, err },
		func() (Report, error) { _, err := guard.ScanColumn(ctx, nil, nil); return unchecked, err },
		func() (Report, error) { _, err := guard.RewriteColumn(ctx, nil, []uint64{0, 0}); return unchecked, err },
		func() (Report, error) { _, err := RewriteAll(ctx, guard, []string{mail}); return unchecked, err },
		func() (Report, error) { _, err := guard.NewWriter(ctx, &bytes.Buffer{}, nil); return unchecked, err },
		func() (Report, error) { _, err := guard.NewReader(ctx, &bytes.Buffer{}, nil); return unchecked, err },
	}
	for index, ask := range asks {
		report, err := ask()
		if !errors.Is(err, context.Canceled) || report.Verdict != BlockVerdict {
			t.Fatalf("%d: %v %v", index, report, err)
		}
	}
}

func TestVerdictsAndActionsHaveNames(t *testing.T) {
	var names []string
	for verdict := PassVerdict; verdict <= BlockVerdict+1; verdict++ {
		names = append(names, verdict.String())
	}
	for action := Audit; action <= Block+1; action++ {
		names = append(names, action.String())
	}
	same(t, names, strings.Fields("pass audit replace block block audit replace block block"))
}

func TestVerdicts(t *testing.T) {
	for config, verdict := range map[string]Verdict{
		`{}`:                           ReplaceVerdict,
		`{"block_on_detection": true}`: BlockVerdict,
		`{"detect_email": false}`:      PassVerdict,
	} {
		same(t, must(made(t, "pii_filter", config).Scan(mail)).Verdict, verdict)
	}
}

func TestWhatIsPrintedHoldsNoText(t *testing.T) {
	answer := must(made(t, "json_repair", nil).Rewrite(`{secret: 'jane'}`, Details))
	pii := must(made(t, "pii_filter", `{"block_on_detection": true}`).Rewrite(mail))
	same(t, pii.String(), "block 950 [email 5-21 block 950]")
	reader := must(made(t, "pii_filter", nil).NewReader(background, strings.NewReader("jane jane"), nil))
	must(reader.Read(make([]byte, 1)))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "answer", answer, "report", answer.Report)
	for _, printed := range []any{answer, &answer, answer.Report, answer.Findings, pii, reader} {
		fmt.Fprintf(&log, "%v %+v %#v %s", printed, printed, printed, printed)
	}
	for _, word := range []string{"jane", "secret", "106 97 110 101", "0x6a, 0x61"} {
		if strings.Contains(log.String(), word) {
			t.Fatalf("%s is in %s", word, log.String())
		}
	}
	if strings.Count(log.String(), "replace") < 10 {
		t.Fatal(log.String())
	}
}
