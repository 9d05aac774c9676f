package gwplugins

// #include <gwplugins.h>
import "C"

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
)

// Guard is a configured engine. It is immutable: any number of goroutines may use it, and close it, at the same time.
//
// A call that gives an error has not checked the text, which must not pass then.
type Guard struct {
	handle      *handle
	address     *C.gwp_guard
	rules       []string
	description string
}

// New makes a guard of a kind (see Kinds). The configuration is nil for all defaults, JSON text (a string, []byte or
// json.RawMessage), or anything that json.Marshal makes into an object of the kind's schema.
//
// A refused configuration gives a code of 20 to 39, and Path names the value at fault. ErrUnsupported: the library does
// not serve this package. Make a guard once: it costs microseconds, and more for each pattern of your own. Close frees
// it; one that is forgotten is freed after it was garbage collected.
func New(kind string, config any) (*Guard, error) {
	if err := usable(forGuards); err != nil {
		return nil, err
	}
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	var made *C.gwp_guard
	var reported *C.gwp_error
	status := C.gwp_guard_new(stringAt(kind), C.size_t(len(kind)), bytesAt(text), C.size_t(len(text)), &made, &reported)
	if status != C.GWP_OK {
		return nil, failed(status, &reported)
	}
	live.guards.Add(1)
	guard := &Guard{address: made, handle: &handle{end: func() { freeGuard(made) }}}
	runtime.AddCleanup(guard, (*handle).close, guard.handle)
	if err := guard.readDescription(); err != nil {
		guard.Close()
		return nil, err
	}
	return guard, nil
}

func freeGuard(made *C.gwp_guard) {
	C.gwp_guard_free(made)
	live.guards.Add(-1)
}

// configText is the configuration as the library reads it.
func configText(config any) ([]byte, error) {
	switch given := config.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(given), nil
	case []byte:
		return given, nil
	case json.RawMessage:
		return given, nil
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, fault(ErrConfigSyntax, fmt.Sprintf("the configuration cannot be made into JSON: %v", err))
	}
	if replaced(text) {
		return nil, fault(ErrConfigSyntax, `the configuration holds a string that is not UTF-8 (or the escape \ufffd)`)
	}
	return text, nil
}

// replaced tells whether json.Marshal put U+FFFD for what is not UTF-8: that one it writes as an escape.
func replaced(text []byte) bool {
	for at := 0; at < len(text); at++ {
		if text[at] == '\\' {
			if bytes.HasPrefix(text[at:], []byte(`\ufffd`)) {
				return true
			}
			at++ // what follows belongs to this escape
		}
	}
	return false
}

func (g *Guard) readDescription() error {
	var text *C.uint8_t
	var size C.size_t
	var reported *C.gwp_error
	if status := C.gwp_guard_describe(g.address, &text, &size, &reported); status != C.GWP_OK {
		return failed(status, &reported)
	}
	g.description = string(view(text, size))
	var told struct{ Rules []struct{ Name string } }
	if err := json.Unmarshal([]byte(g.description), &told); err != nil {
		return fault(ErrPanic, "the library's description of the guard is no JSON")
	}
	for _, rule := range told.Rules {
		g.rules = append(g.rules, rule.Name)
	}
	return nil
}

// Describe is what the guard says about itself, a JSON object: kind, version, limits and rules. It
// works after Close, too.
func (g *Guard) Describe() json.RawMessage {
	return json.RawMessage(g.description)
}

// Close frees the guard, when the last call that uses it has ended. It may be called again; all other calls give
// ErrClosed then. Streams live on. The error is always nil.
func (g *Guard) Close() error {
	g.handle.close()
	return nil
}

// Scan finds, and builds no output. A text in which nothing is found costs no allocation.
//
// With an error, here and in all that follows, the verdict is BlockVerdict: the text has not been checked.
func (g *Guard) Scan(text string, options ...Option) (Report, error) {
	return g.scan(stringAt(text), len(text), options)
}

// ScanBytes is Scan for bytes, which are read where they lie and must not change meanwhile.
func (g *Guard) ScanBytes(text []byte, options ...Option) (Report, error) {
	return g.scan(bytesAt(text), len(text), options)
}

// ScanContext is Scan, or the error of a context that is done already. A scan that has begun is not interrupted.
func (g *Guard) ScanContext(ctx context.Context, text string, options ...Option) (Report, error) {
	if err := ctx.Err(); err != nil {
		return unchecked, err
	}
	return g.scan(stringAt(text), len(text), options)
}

// ScanBytesContext is ScanContext for bytes.
func (g *Guard) ScanBytesContext(ctx context.Context, text []byte, options ...Option) (Report, error) {
	if err := ctx.Err(); err != nil {
		return unchecked, err
	}
	return g.scan(bytesAt(text), len(text), options)
}

// Rewrite finds and rewrites. Look at the verdict first: BlockVerdict means that the output must not pass either.
func (g *Guard) Rewrite(text string, options ...Option) (Rewritten[string], error) {
	return rewrite(g, text, stringAt(text), options, copyString)
}

// RewriteBytes is Rewrite for bytes, which are read where they lie and must not change meanwhile.
func (g *Guard) RewriteBytes(text []byte, options ...Option) (Rewritten[[]byte], error) {
	return rewrite(g, text, bytesAt(text), options, bytes.Clone)
}

// RewriteContext is Rewrite, or the error of a context that is done already.
func (g *Guard) RewriteContext(ctx context.Context, text string, options ...Option) (Rewritten[string], error) {
	if err := ctx.Err(); err != nil {
		return Rewritten[string]{Report: unchecked}, err
	}
	return rewrite(g, text, stringAt(text), options, copyString)
}

// RewriteBytesContext is RewriteContext for bytes.
func (g *Guard) RewriteBytesContext(ctx context.Context, text []byte, options ...Option) (Rewritten[[]byte], error) {
	if err := ctx.Err(); err != nil {
		return Rewritten[[]byte]{Report: unchecked}, err
	}
	return rewrite(g, text, bytesAt(text), options, bytes.Clone)
}

func (g *Guard) scan(at *C.uint8_t, size int, options []Option) (Report, error) {
	flags, err := flagsOf(0, options)
	if err != nil {
		return unchecked, err
	}
	if err := g.handle.hold(); err != nil {
		return unchecked, err
	}
	defer g.handle.release()
	c, err := scan(g.address, at, size, flags)
	if err != nil {
		return unchecked, err
	}
	defer c.giveBack()
	return c.report(g.rules)
}

// rewrite scans the text that lies at an address; `clone` copies what changed.
func rewrite[T Text](g *Guard, text T, at *C.uint8_t, options []Option, clone func([]byte) T) (Rewritten[T], error) {
	failure := Rewritten[T]{Report: unchecked}
	flags, err := flagsOf(C.GWP_OUTPUT, options)
	if err != nil {
		return failure, err
	}
	if err := g.handle.hold(); err != nil {
		return failure, err
	}
	defer g.handle.release()
	c, err := scan(g.address, at, len(text), flags)
	if err != nil {
		return failure, err
	}
	defer c.giveBack()
	report, err := c.report(g.rules)
	if err != nil {
		return failure, err
	}
	item := &c.itemViews()[0]
	if item.changed == 0 {
		return Rewritten[T]{Report: report, Output: text}, nil
	}
	return Rewritten[T]{Report: report, Changed: true, Output: clone(c.outputOf(item))}, nil
}

func copyString(view []byte) string {
	return string(view)
}
