package gwplugins

// #include <gwplugins.h>
import "C"

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Verdict is what the findings in a text ask for, the strongest of all.
type Verdict uint8

// The verdicts.
const (
	// PassVerdict: nothing was found.
	PassVerdict Verdict = C.GWP_VERDICT_PASS
	// AuditVerdict: there are findings to report, nothing more.
	AuditVerdict Verdict = C.GWP_VERDICT_AUDIT
	// ReplaceVerdict: there are findings that are replaced in the output.
	ReplaceVerdict Verdict = C.GWP_VERDICT_REPLACE
	// BlockVerdict: the content must not pass.
	BlockVerdict Verdict = C.GWP_VERDICT_BLOCK
)

// String is "pass", "audit", "replace" or "block".
func (verdict Verdict) String() string {
	if verdict == PassVerdict {
		return "pass"
	}
	return Action(verdict - 1).String()
}

// Action is what one finding asks for.
type Action uint8

// The actions.
const (
	// Audit reports only.
	Audit Action = C.GWP_ACTION_AUDIT
	// Replace puts something else in the output.
	Replace Action = C.GWP_ACTION_REPLACE
	// Block says that the content must not pass.
	Block Action = C.GWP_ACTION_BLOCK
)

// String is "audit", "replace" or "block".
func (action Action) String() string {
	switch action {
	case Audit:
		return "audit"
	case Replace:
		return "replace"
	default:
		return "block"
	}
}

// Finding is something that a rule found. Start and End are half-open and refer to the text that was given; they count
// bytes unless an Option says otherwise. In a batch they count from the beginning of the text they are in, in a stream
// from the stream's.
type Finding struct {
	// Rule is the name of the rule.
	Rule string
	// RuleIndex is its place in "rules" of Describe.
	RuleIndex int
	// Start is the first unit of the span.
	Start int
	// End is one past its last unit; an empty span has End == Start.
	End int
	// Item is the index of the text in a batch, else 0.
	Item int
	// Action is what the rule asks for.
	Action Action
	// Guess: another reading was possible.
	Guess bool
	// Derived: found in decoded or rewritten text; the span is the smallest part of the text that produced it.
	Derived bool
	// Score is 0 to 1000.
	Score int
	// Detail is what the engine says about the finding, with the option Details; nil for nothing.
	Detail json.RawMessage
}

// String is the finding without its detail, which may hold scanned text.
func (f Finding) String() string {
	return fmt.Sprintf("%s %d-%d %s %d", f.Rule, f.Start, f.End, f.Action, f.Score)
}

// GoString is String.
func (f Finding) GoString() string {
	return f.String()
}

// Report tells what was found in one text, or in one part of a stream.
type Report struct {
	// Verdict is the strongest action of the findings.
	Verdict Verdict
	// Score is the highest score of the findings, 0 to 1000.
	Score int
	// Findings are ordered by Start, then End. They may overlap.
	Findings []Finding
}

// String holds no scanned text; Rewritten has it from here, so that neither does.
func (r Report) String() string {
	return fmt.Sprintf("%s %d %v", r.Verdict, r.Score, r.Findings)
}

// GoString is String.
func (r Report) GoString() string {
	return r.String()
}

// LogValue is String, for log/slog.
func (r Report) LogValue() slog.Value {
	return slog.StringValue(r.String())
}

// unchecked is what a failed call reports.
var unchecked = Report{Verdict: BlockVerdict}

// Text is what can be scanned: any bytes, which should be UTF-8.
type Text interface{ ~string | ~[]byte }

// Rewritten is a Report with the text rewritten.
type Rewritten[T Text] struct {
	Report
	// Changed tells whether the output differs from the text.
	Changed bool
	// Output is the very text that was given when nothing changed.
	Output T
}

// Option changes how one call scans.
type Option uint32

// The options. Offsets count bytes unless CodePoints or UTF16 is given.
const (
	// Details asks for Finding.Detail, where the engine has any.
	Details Option = C.GWP_DETAILS
	// CodePoints makes offsets count Unicode code points.
	CodePoints Option = C.GWP_UNIT_CODE_POINTS
	// UTF16 makes offsets count UTF-16 units.
	UTF16 Option = C.GWP_UNIT_UTF16
)

// flagsOf puts options together. What the library does not know is its own to refuse.
func flagsOf(output C.uint32_t, options []Option) (C.uint32_t, error) {
	flags := output
	for _, option := range options {
		if option&C.GWP_OUTPUT != 0 {
			return 0, fault(ErrBadFlag, "an option is Details, CodePoints or UTF16")
		}
		flags |= C.uint32_t(option)
	}
	return flags, nil
}

// actionOf is the action in the flags of a finding; one this package does not know is taken for the strongest.
func actionOf(flags C.uint32_t) Action {
	return Action(min(flags&C.GWP_FINDING_ACTION, C.GWP_ACTION_BLOCK))
}

// verdictOf is the verdict on an item; one this package does not know is taken for the strongest.
func verdictOf(item *C.gwp_item) Verdict {
	return Verdict(min(item.verdict, C.GWP_VERDICT_BLOCK))
}
