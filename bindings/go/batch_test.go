package gwplugins

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

var background = context.Background()

// oneByOne are the answers on texts that are asked alone, numbered as in a batch.
func oneByOne[T Text](guard *Guard, texts []T) (all []Rewritten[T]) {
	for item, text := range texts {
		answer := must(guard.Rewrite(string(text)))
		for index := range answer.Findings {
			answer.Findings[index].Item = item
		}
		one := Rewritten[T]{Report: answer.Report, Changed: answer.Changed, Output: text}
		if answer.Changed {
			one.Output = T(answer.Output)
		}
		all = append(all, one)
	}
	return all
}

func reportsOf[T Text](answers []Rewritten[T]) (all []Report) {
	for _, answer := range answers {
		all = append(all, answer.Report)
	}
	return all
}

type line string

func TestABatchAnswersForEachText(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	texts := []line{"clean", mail, "", "\U0001f600 " + mail, mail + " " + mail, "\xff"}
	expected := oneByOne(guard, texts)
	same(t, must(RewriteAll(background, guard, texts)), expected)
	same(t, must(ScanAll(background, guard, texts)), reportsOf(expected))

	var raw [][]byte
	for _, text := range texts {
		raw = append(raw, []byte(text))
	}
	answers := must(RewriteAll(background, guard, raw))
	same(t, answers, oneByOne(guard, raw))
	if findings := answers[1].Findings; cap(findings) != len(findings) {
		t.Fatal("appending to the findings of one text overwrites those of the next")
	}
	if &answers[0].Output[0] != &raw[0][0] {
		t.Fatal("a text that stands was copied")
	}
	same(t, len(must(ScanAll(background, guard, []string(nil)))), 0)
	_, err := ScanAll(background, guard, texts, CodePoints, UTF16)
	refused(t, err, ErrBadFlag, "GWP_E_BAD_FLAG", "")
}

func TestBatchesOfAnySize(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	var texts []string
	for index := range 30_000 {
		text := "text number " + strconv.Itoa(index)
		if index%3 == 0 {
			text += " " + mail
		}
		if index%7000 == 0 {
			text += strings.Repeat(" no number here.", 40_000) + " " + mail
		}
		texts = append(texts, text)
	}
	expected := oneByOne(guard, texts)
	same(t, must(RewriteAll(background, guard, texts)), expected)
	same(t, must(ScanAll(background, guard, texts)), reportsOf(expected))
}

func TestDetailsOfABatch(t *testing.T) {
	guard := made(t, "json_repair", nil)
	for item, report := range must(ScanAll(background, guard, []string{"[1,]", "{a: 1}"}, Details)) {
		if report.Findings[0].Item != item || len(report.Findings[0].Detail) == 0 {
			t.Fatalf("%d: %v", item, report)
		}
	}
}

// countdown is a context that is done after it was looked at some times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestABatchLooksAtItsContext(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	texts := make([]string, 8)
	for index := range texts {
		texts[index] = strings.Repeat("x", batchBytes)
	}
	same(t, len(must(RewriteAll(&countdown{background, 9}, guard, texts))), 8)
	for left := range 9 {
		answers, err := RewriteAll(&countdown{background, left}, guard, texts)
		if !errors.Is(err, context.DeadlineExceeded) || answers != nil {
			t.Fatalf("%d: %d answers, %v", left, len(answers), err)
		}
	}
}

func TestColumns(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	texts := [][]byte{[]byte("clean"), []byte(mail), nil, []byte(mail + " " + mail)}
	buffer := append([]byte("before"), bytes.Join(texts, nil)...)
	offsets := []uint64{6}
	for _, text := range texts {
		offsets = append(offsets, offsets[len(offsets)-1]+uint64(len(text)))
	}
	texts[2] = []byte{}
	expected := oneByOne(guard, texts)
	answers := must(guard.RewriteColumn(background, append(buffer, "after"...), offsets))
	same(t, answers, expected)
	same(t, must(guard.ScanColumn(background, buffer, offsets)), reportsOf(expected))
	same(t, []int{len(answers[0].Output), cap(answers[0].Output)}, []int{5, 5})
	for _, none := range [][]uint64{nil, {0}, {3}} {
		same(t, len(must(guard.RewriteColumn(background, buffer, none))), 0)
	}
	for _, bad := range [][]uint64{{0, 5, 4}, {0, uint64(len(buffer)) + 1}, {1 << 63, 0}, {^uint64(0), ^uint64(0)}} {
		answers, err := guard.RewriteColumn(background, buffer, bad)
		refused(t, err, ErrBadOffsets, "GWP_E_BAD_OFFSETS", "")
		same(t, answers == nil, true)
	}
}

func TestLongColumns(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	texts := []string{strings.Repeat("x ", batchBytes), mail, "", mail}
	for range 20_000 {
		texts = append(texts, mail+" and some more")
	}
	offsets := []uint64{0}
	for _, text := range texts {
		offsets = append(offsets, offsets[len(offsets)-1]+uint64(len(text)))
	}
	buffer := []byte(strings.Join(texts, ""))
	expected := oneByOne(guard, texts)
	answers := must(guard.RewriteColumn(background, buffer, offsets))
	for index, answer := range answers {
		same(t, asString(answer), expected[index])
	}
	same(t, must(guard.ScanColumn(background, buffer, offsets)), reportsOf(expected))
	_, err := guard.ScanColumn(&countdown{background, 2}, buffer, offsets)
	same(t, err, context.DeadlineExceeded)
	offsets[len(offsets)-1]++
	_, err = guard.ScanColumn(background, buffer, offsets)
	refused(t, err, ErrBadOffsets, "GWP_E_BAD_OFFSETS", "")
}

// atoms are what is hard for offsets and for cuts.
var atoms = []string{
	"jane@example.com", "555-123-4567", "123-45-6789", "\xed\xa0\x80", "\xf0\x9f", "\x98\x80", "😀", "\U0010ffff",
	"\xc3", "ü", "\x00", "\xff", " ", " ", " ", "word ",
}

func randomTexts(seed uint64, count int) (texts []string) {
	chance := rand.New(rand.NewPCG(seed, 0))
	for range count {
		size := chance.IntN(12)
		if chance.IntN(10) == 0 {
			size = chance.IntN(2000)
		}
		var text strings.Builder
		for range size {
			text.WriteString(atoms[chance.IntN(len(atoms))])
		}
		texts = append(texts, text.String())
	}
	return texts
}

func TestFindingsAreWhatIsReplacedAndNothingElseChanges(t *testing.T) {
	guard := made(t, "pii_filter", `{"redaction_text": "<🔒>"}`)
	texts := randomTexts(5, 3000)
	batch := must(RewriteAll(background, guard, texts))
	count := 0
	for index, text := range texts {
		var rebuilt strings.Builder
		from := 0
		for _, finding := range batch[index].Findings {
			rebuilt.WriteString(text[from:finding.Start] + "<🔒>")
			from = finding.End
		}
		same(t, batch[index].Output, rebuilt.String()+text[from:])
		same(t, batch[index].Changed, len(batch[index].Findings) > 0)
		count += len(batch[index].Findings)
	}
	if count < 10_000 {
		t.Fatalf("%d findings", count)
	}
	same(t, batch, oneByOne(guard, texts))
}
