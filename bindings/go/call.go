package gwplugins

// #cgo noescape gwgo_scan
// #cgo nocallback gwgo_scan
// #cgo noescape gwgo_scan_batch
// #cgo nocallback gwgo_scan_batch
// #cgo noescape gwgo_push
// #cgo nocallback gwgo_push
// #cgo noescape gwgo_finish
// #cgo nocallback gwgo_finish
// #cgo noescape gwgo_compress
// #cgo nocallback gwgo_compress
// #cgo noescape gwgo_decompress
// #cgo nocallback gwgo_decompress
// #cgo noescape gwgo_codec_push
// #cgo nocallback gwgo_codec_push
// #cgo noescape gwgo_codec_finish
// #cgo nocallback gwgo_codec_finish
// #include "calls.h"
import "C"

import (
	"bytes"
	"encoding/json"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// keepBytes is how much a call may have answered to be used again: it keeps the memory of its largest answer.
const keepBytes = 1 << 20

// idle holds calls that wait to be used again. What the pool drops is freed by its cleanup.
var idle sync.Pool

// live counts what the library made and did not free yet.
var live struct{ guards, streams, calls, limiters, codecs, codecStreams atomic.Int64 }

// call is a result of the library for one call at a time. Its views end when it is given back.
type call struct {
	c       *C.gwgo_call
	cleanup runtime.Cleanup
	details C.size_t // bytes of details that were read
}

// takeCall is a call that nobody else uses.
func takeCall() (*call, error) {
	if waiting, ok := idle.Get().(*call); ok {
		return waiting, nil
	}
	made := C.gwgo_call_new()
	if made == nil {
		return nil, fault(ErrNoMemory, "no memory for a result")
	}
	live.calls.Add(1)
	taken := &call{c: made}
	taken.cleanup = runtime.AddCleanup(taken, freeCall, made)
	return taken, nil
}

// giveBack ends the use of a call.
func (c *call) giveBack() {
	records := c.c.item_count*C.sizeof_gwp_item + c.c.finding_count*C.sizeof_gwp_finding
	if records+c.c.output_len+c.details <= keepBytes {
		c.details = 0
		idle.Put(c)
	} else {
		c.drop()
	}
}

// drop frees a call that answered too much to be kept, or failed in whatever state.
func (c *call) drop() {
	c.cleanup.Stop()
	freeCall(c.c)
}

func freeCall(made *C.gwgo_call) {
	C.gwgo_call_free(made)
	live.calls.Add(-1)
}

// scan is a call that scanned a text, or why it failed.
func scan(guard *C.gwp_guard, text *C.uint8_t, size int, flags C.uint32_t) (*call, error) {
	c, err := takeCall()
	if err != nil {
		return nil, err
	}
	return c.checked(C.gwgo_scan(guard, text, C.size_t(size), flags, c.c))
}

// scanBatch is a call that scanned the texts between the offsets.
func scanBatch(guard *C.gwp_guard, text []byte, offsets []uint64, flags C.uint32_t) (*call, error) {
	c, err := takeCall()
	if err != nil {
		return nil, err
	}
	cuts := (*C.uint64_t)(unsafe.SliceData(offsets))
	count := C.size_t(len(offsets) - 1)
	return c.checked(C.gwgo_scan_batch(guard, bytesAt(text), C.size_t(len(text)), cuts, count, flags, c.c))
}

// push is a call that added a chunk to a stream.
func push(stream *C.gwp_stream, chunk []byte) (*call, error) {
	c, err := takeCall()
	if err != nil {
		return nil, err
	}
	return c.checked(C.gwgo_push(stream, bytesAt(chunk), C.size_t(len(chunk)), c.c))
}

// finish is a call that ended a stream.
func finish(stream *C.gwp_stream) (*call, error) {
	c, err := takeCall()
	if err != nil {
		return nil, err
	}
	return c.checked(C.gwgo_finish(stream, c.c))
}

// checked is the call itself after success, else its error.
func (c *call) checked(status C.gwp_status) (*call, error) {
	if status == C.GWP_OK {
		return c, nil
	}
	err := failed(status, &c.c.error)
	c.drop()
	return nil, err
}

// output is a copy of all that was put out; the call is given back.
func (c *call) output() []byte {
	defer c.giveBack()
	return bytes.Clone(view(c.c.output, c.c.output_len))
}

// itemViews are the verdicts, one for each text.
func (c *call) itemViews() []C.gwp_item {
	return unsafe.Slice(c.c.items, c.c.item_count)
}

// outputOf is the part of the output that belongs to an item: a view.
func (c *call) outputOf(item *C.gwp_item) []byte {
	return view(c.c.output, c.c.output_len)[item.output_start:item.output_end]
}

// reports tells what was found in each text; `first` is the index of the first.
func (c *call) reports(rules []string, first int) ([]Report, error) {
	found, err := c.allFindings(rules, first)
	if err != nil {
		return nil, err
	}
	items := c.itemViews()
	reports := make([]Report, len(items))
	for index := range items {
		count := 0
		for count < len(found) && found[count].Item == first+index {
			count++
		}
		reports[index] = reportOf(&items[index], found[:count:count])
		found = found[count:]
	}
	return reports, nil
}

// report tells what was found in the only text.
func (c *call) report(rules []string) (Report, error) {
	found, err := c.allFindings(rules, 0)
	if err != nil {
		return unchecked, err
	}
	return reportOf(&c.itemViews()[0], found), nil
}

func reportOf(item *C.gwp_item, found []Finding) Report {
	if len(found) == 0 {
		found = nil
	}
	return Report{Verdict: verdictOf(item), Score: int(item.score), Findings: found}
}

// allFindings are the findings in all texts; `first` is the index of the first text.
func (c *call) allFindings(rules []string, first int) ([]Finding, error) {
	if c.c.finding_count == 0 {
		return nil, nil
	}
	found := make([]Finding, c.c.finding_count)
	for index, raw := range unsafe.Slice(c.c.findings, c.c.finding_count) {
		detail, err := c.detailOf(raw.detail)
		if err != nil {
			return nil, err
		}
		found[index] = Finding{
			Rule:      ruleName(rules, int(raw.rule)),
			RuleIndex: int(raw.rule),
			Start:     int(raw.start),
			End:       int(raw.end),
			Item:      first + int(raw.item),
			Action:    actionOf(raw.flags),
			Guess:     raw.flags&C.GWP_FINDING_GUESS != 0,
			Derived:   raw.flags&C.GWP_FINDING_DERIVED != 0,
			Score:     int(raw.flags >> C.GWP_FINDING_SCORE_SHIFT),
			Detail:    detail,
		}
	}
	return found, nil
}

func (c *call) detailOf(index C.uint32_t) (json.RawMessage, error) {
	if index == 0 {
		return nil, nil
	}
	if status := C.gwgo_detail(c.c, index); status != C.GWP_OK {
		return nil, failed(status, &c.c.error)
	}
	c.details += c.c.detail_len
	return append(json.RawMessage(nil), view(c.c.detail, c.c.detail_len)...), nil
}

// ruleName is empty for a rule that the guard did not describe.
func ruleName(rules []string, index int) string {
	if index >= len(rules) {
		return ""
	}
	return rules[index]
}
