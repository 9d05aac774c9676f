package gwplugins

// #cgo noescape gwp_limiter_check
// #cgo nocallback gwp_limiter_check
// #cgo noescape gwp_limiter_settle
// #cgo nocallback gwp_limiter_settle
// #cgo noescape gwp_limiter_acquire
// #cgo nocallback gwp_limiter_acquire
// #cgo noescape gwp_limiter_release
// #cgo nocallback gwp_limiter_release
// #include "calls.h"
import "C"

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"time"
	"unsafe"
)

// Limiter decides who may do how much: a rate limiter with the counts of all its keys. Any number of goroutines may use
// it, and close it, at the same time.
//
// A request brings one value for each of the limiter's dimensions, in the order of Dimensions; an empty one means that
// the dimension does not apply. Times are nanoseconds of any clock, always the same one; 0 asks for the library's own,
// which never steps back. They are at most 9e18, costs at most 2^50: ErrOutOfRange.
//
// A call that gives an error has not allowed the request: its Decision is the zero one.
type Limiter struct {
	handle      *handle
	address     *C.gwp_limiter
	dimensions  []string
	windows     int // most that one request can have
	description string
}

// Unlimited is a limit when no window applies.
const Unlimited uint64 = C.GWP_UNLIMITED

// Never is the wait when none helps.
const Never time.Duration = math.MaxInt64

// Decision is what a limiter says about a request, or about one window. Of several windows it tells about the one that
// matters: of refusals the longest wait, else what leaves least.
type Decision struct {
	// Allowed tells whether the request may go on. If not, nothing was taken anywhere.
	Allowed bool
	// WouldRefuse: a dry run let pass what would be refused; nothing was taken.
	WouldRefuse bool
	// Blocked: a block list refused.
	Blocked bool
	// Dimension is its name; empty when no window applies.
	Dimension string
	// Window is its index among those of the key, a concurrency limit being the last; -1 when no window applies, or a
	// block list refused.
	Window int
	// Limit is the most that can be had at once, or Unlimited.
	Limit uint64
	// Remaining is what is left after this request, or Unlimited.
	Remaining uint64
	// Reset is how long it takes until everything can be had again, if nothing comes.
	Reset time.Duration
	// RetryAfter is how long it takes until the same request would be allowed, if nothing comes: 0 when it is, or
	// Never.
	RetryAfter time.Duration
	// NowNS is when it was decided, on the clock of the request: whole microseconds, in nanoseconds.
	NowNS uint64
	// Windows are what every window says, with the option EveryWindow.
	Windows []Decision
}

// LimiterOption changes how one call decides.
type LimiterOption uint32

// The options.
const (
	// Peek takes nothing, and tells what a check would get.
	Peek LimiterOption = C.GWP_LIMITER_PEEK
	// DryRun refuses nothing; Decision.WouldRefuse tells.
	DryRun LimiterOption = C.GWP_LIMITER_DRY_RUN
	// EveryWindow asks for Decision.Windows.
	EveryWindow LimiterOption = 1 << 31
)

// NewLimiter makes a limiter without any counts. The configuration is given as to New. All calls but Command and
// ReadReply count in this process, whatever its "backend" says.
//
// ErrUnsupported: the library has no limiters, or is older than they are. Close frees the limiter; one that is forgotten
// is freed after it was garbage collected.
func NewLimiter(config any) (*Limiter, error) {
	if err := usable(forLimiters); err != nil {
		return nil, err
	}
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	var made *C.gwp_limiter
	var reported *C.gwp_error
	status := C.gwp_limiter_new(bytesAt(text), C.size_t(len(text)), &made, &reported)
	if status != C.GWP_OK {
		return nil, absent(failed(status, &reported), "limiters")
	}
	live.limiters.Add(1)
	limiter := &Limiter{address: made, handle: &handle{end: func() { freeLimiter(made) }}}
	runtime.AddCleanup(limiter, (*handle).close, limiter.handle)
	if err := limiter.readDescription(); err != nil {
		limiter.Close()
		return nil, err
	}
	return limiter, nil
}

// LimiterSchema is the JSON Schema of a limiter's configuration. Errors as NewLimiter.
func LimiterSchema() (json.RawMessage, error) {
	if err := usable(forLimiters); err != nil {
		return nil, err
	}
	text, err := words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
		return C.gwp_limiter_schema(text, size, reported)
	})
	return json.RawMessage(text), absent(err, "limiters")
}

func freeLimiter(made *C.gwp_limiter) {
	C.gwp_limiter_free(made)
	live.limiters.Add(-1)
}

func (l *Limiter) readDescription() error {
	text, err := words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
		return C.gwp_limiter_describe(l.address, text, size, reported)
	})
	if err != nil {
		return err
	}
	l.description = text
	var told struct {
		Dimensions []struct{ Name string }
		Windows    int `json:"most_windows"`
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return fault(ErrPanic, "the library's description of the limiter is no JSON")
	}
	for _, dimension := range told.Dimensions {
		l.dimensions = append(l.dimensions, dimension.Name)
	}
	l.windows = told.Windows
	return nil
}

// Dimensions are the names of what is counted by, in the order in which requests bring values.
func (l *Limiter) Dimensions() []string {
	return append([]string(nil), l.dimensions...)
}

// Describe is what the limiter says about itself, a JSON object: version, dimensions and windows. It works after Close,
// too.
func (l *Limiter) Describe() json.RawMessage {
	return json.RawMessage(l.description)
}

// Close frees the limiter and its counts, when the last call that uses it has ended. It may be called again; all other
// calls give ErrClosed then. The error is always nil.
func (l *Limiter) Close() error {
	l.handle.close()
	return nil
}

// Check decides about one request, and takes its cost from all windows of all its keys, or from none. Without options
// and for short values of keys that are known it costs no allocation.
//
// ErrOutOfRange: another number of values than there are dimensions. ErrTooLarge: a value is too long.
func (l *Limiter) Check(values []string, cost, nowNS uint64, options ...LimiterOption) (Decision, error) {
	flags, room, err := l.limiterFlags(options)
	if err != nil {
		return Decision{}, err
	}
	if err := l.handle.hold(); err != nil {
		return Decision{}, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(values)
	var decided C.gwp_decision
	var reported *C.gwp_error
	windows := make([]C.gwp_decision, room)
	status := C.gwp_limiter_check(l.address, joined.text, joined.size, joined.offsets, joined.count,
		C.uint64_t(cost), C.uint64_t(nowNS), flags, &decided, unsafe.SliceData(windows), C.size_t(room), &reported)
	if status != C.GWP_OK {
		return Decision{}, failed(status, &reported)
	}
	return l.told(&decided, windows), nil
}

// CheckMany is Check for many requests, one after the other. Without costs each costs 1. The first request that fails
// ends the call: the decisions before it are given beside the error, and stand.
func (l *Limiter) CheckMany(requests [][]string, costs []uint64, nowNS uint64) ([]Decision, error) {
	if costs != nil && len(costs) != len(requests) {
		return nil, fault(ErrOutOfRange, fmt.Sprintf("%d costs for %d requests", len(costs), len(requests)))
	}
	values := make([]string, 0, len(requests)*len(l.dimensions))
	for _, request := range requests {
		if len(request) != len(l.dimensions) {
			return nil, fault(ErrOutOfRange,
				fmt.Sprintf("%d values for a limiter of %d dimensions", len(request), len(l.dimensions)))
		}
		values = append(values, request...)
	}
	if err := l.handle.hold(); err != nil {
		return nil, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(values)
	decided := make([]C.gwp_decision, len(requests))
	var reported *C.gwp_error
	status := C.gwp_limiter_check_many(l.address, joined.text, joined.size, joined.offsets, joined.count,
		C.size_t(len(requests)), (*C.uint64_t)(unsafe.SliceData(costs)), C.uint64_t(nowNS), 0,
		unsafe.SliceData(decided), &reported)
	decisions := l.allTold(decided)
	if status != C.GWP_OK {
		return decisions, failed(status, &reported)
	}
	return decisions, nil
}

// Settle corrects the cost of a granted check, once: `reserved` and `reservedNS` are its cost and its Decision.NowNS,
// `actual` is what it should have been. More is taken even beyond the limit, up to twice the limit; less comes back as
// far as the windows still hold it. Allowed is false while a window is beyond its limit.
func (l *Limiter) Settle(values []string, reserved, reservedNS, actual, nowNS uint64) (Decision, error) {
	if err := l.handle.hold(); err != nil {
		return Decision{}, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(values)
	var decided C.gwp_decision
	var reported *C.gwp_error
	status := C.gwp_limiter_settle(l.address, joined.text, joined.size, joined.offsets, joined.count,
		C.uint64_t(reserved), C.uint64_t(reservedNS), C.uint64_t(actual), C.uint64_t(nowNS), &decided, &reported)
	if status != C.GWP_OK {
		return Decision{}, failed(status, &reported)
	}
	return l.told(&decided, nil), nil
}

// Acquire is a Check that counts concurrency limits, too, and takes a lease of each. The lease is its number, 0 when it
// was refused; it ends with Release, or by itself after the configured time. EveryWindow is not for it: ErrBadFlag.
func (l *Limiter) Acquire(values []string, cost, nowNS uint64, options ...LimiterOption) (Decision, uint64, error) {
	flags, room, err := l.limiterFlags(options)
	if err == nil && room > 0 {
		err = fault(ErrBadFlag, "EveryWindow is for Check")
	}
	if err != nil {
		return Decision{}, 0, err
	}
	if err := l.handle.hold(); err != nil {
		return Decision{}, 0, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(values)
	var lease C.uint64_t
	var decided C.gwp_decision
	var reported *C.gwp_error
	status := C.gwp_limiter_acquire(l.address, joined.text, joined.size, joined.offsets, joined.count,
		C.uint64_t(cost), C.uint64_t(nowNS), flags, &lease, &decided, &reported)
	if status != C.GWP_OK {
		return Decision{}, 0, failed(status, &reported)
	}
	return l.told(&decided, nil), uint64(lease), nil
}

// Release ends a lease that the same values got. It tells whether the lease was there and had not run out.
func (l *Limiter) Release(values []string, lease, nowNS uint64) (bool, error) {
	if err := l.handle.hold(); err != nil {
		return false, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(values)
	var released C.uint32_t
	var reported *C.gwp_error
	status := C.gwp_limiter_release(l.address, joined.text, joined.size, joined.offsets, joined.count,
		C.uint64_t(lease), C.uint64_t(nowNS), &released, &reported)
	if status != C.GWP_OK {
		return false, failed(status, &reported)
	}
	return released != 0, nil
}

// Reset forgets the keys of all values that are not empty. It tells how many of them had counts.
func (l *Limiter) Reset(values []string, nowNS uint64) (int, error) {
	if err := l.handle.hold(); err != nil {
		return 0, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(values)
	var removed C.size_t
	var reported *C.gwp_error
	status := C.gwp_limiter_reset(l.address, joined.text, joined.size, joined.offsets, joined.count,
		C.uint64_t(nowNS), &removed, &reported)
	if status != C.GWP_OK {
		return 0, failed(status, &reported)
	}
	return int(removed), nil
}

// Export is all counts, as bytes for Import. They hold the values of all keys. Other goroutines may go on; what they
// change meanwhile is in it or not.
func (l *Limiter) Export(nowNS uint64) ([]byte, error) {
	if err := l.handle.hold(); err != nil {
		return nil, err
	}
	defer l.handle.release()
	c, err := takeCall()
	if err != nil {
		return nil, err
	}
	if c, err = c.checked(C.gwgo_export(l.address, C.uint64_t(nowNS), c.c)); err != nil {
		return nil, err
	}
	return c.output(), nil
}

// Import adds the counts of an export of a limiter with the same dimensions and windows; a key that is there is
// replaced. With a time of 0, for counts of the library's clock, all times move by what has passed since, so that
// nothing has run out meanwhile; else they stay. It tells how many keys came. ErrBadState: then nothing was added.
func (l *Limiter) Import(state []byte, nowNS uint64) (int, error) {
	if err := l.handle.hold(); err != nil {
		return 0, err
	}
	defer l.handle.release()
	var imported C.size_t
	var reported *C.gwp_error
	status := C.gwp_limiter_import(l.address, bytesAt(state), C.size_t(len(state)), C.uint64_t(nowNS), &imported,
		&reported)
	if status != C.GWP_OK {
		return 0, failed(status, &reported)
	}
	return int(imported), nil
}

// Keys is the number of keys whose counts are held now.
func (l *Limiter) Keys() (int, error) {
	if err := l.handle.hold(); err != nil {
		return 0, err
	}
	defer l.handle.release()
	var count C.size_t
	var reported *C.gwp_error
	if status := C.gwp_limiter_key_count(l.address, &count, &reported); status != C.GWP_OK {
		return 0, failed(status, &reported)
	}
	return int(count), nil
}

// limiterFlags puts options together; `room` is how many windows may answer. What the library does not know is its own
// to refuse.
func (l *Limiter) limiterFlags(options []LimiterOption) (flags C.uint32_t, room int, err error) {
	for _, option := range options {
		if option == EveryWindow {
			room = l.windows
		} else if option&EveryWindow != 0 {
			return 0, 0, fault(ErrBadFlag, "an option is Peek, DryRun or EveryWindow")
		} else {
			flags |= C.uint32_t(option)
		}
	}
	return flags, room, nil
}

// told is a decision with those of its windows: of the room for them, what was filled.
func (l *Limiter) told(decided *C.gwp_decision, windows []C.gwp_decision) Decision {
	decision := Decision{
		Allowed:     decided.allowed == 1,
		WouldRefuse: decided.flags&C.GWP_DECISION_WOULD_REFUSE != 0,
		Blocked:     decided.flags&C.GWP_DECISION_BLOCKED != 0,
		Window:      -1,
		Limit:       uint64(decided.limit),
		Remaining:   uint64(decided.remaining),
		Reset:       duration(decided.reset_ns),
		RetryAfter:  duration(decided.retry_after_ns),
		NowNS:       uint64(decided.now_ns),
		Windows:     l.allTold(windows),
	}
	if int(decided.dimension) < len(l.dimensions) {
		decision.Dimension = l.dimensions[decided.dimension]
	}
	if decided.window != C.GWP_NO_INDEX {
		decision.Window = int(decided.window)
	}
	return decision
}

// allTold are the decisions up to the first that holds zeros only, which was never made.
func (l *Limiter) allTold(decided []C.gwp_decision) (all []Decision) {
	for index := range decided {
		if decided[index] == (C.gwp_decision{}) {
			break
		}
		all = append(all, l.told(&decided[index], nil))
	}
	return all
}

// duration is Never for what is longer than 292 years.
func duration(nanoseconds C.uint64_t) time.Duration {
	return time.Duration(min(nanoseconds, math.MaxInt64))
}

// absent says what the library was built without, if that is the error.
func absent(err error, family string) error {
	if told, ok := err.(*Error); ok && told.Code == ErrUnsupported {
		told.Message = "the loaded libgwplugins was built without " + family
	}
	return err
}

// joinSpace is room for the values of most requests, so that no call needs to allocate it.
type joinSpace struct {
	text    [256]byte
	offsets [9]C.uint64_t
}

// joined are values in one buffer, as the library takes them.
type joined struct {
	text    *C.uint8_t
	size    C.size_t
	offsets *C.uint64_t
	count   C.size_t
}

func (space *joinSpace) join(values []string) joined {
	text, offsets := space.text[:0], append(space.offsets[:0], 0)
	for _, value := range values {
		text = append(text, value...)
		offsets = append(offsets, C.uint64_t(len(text)))
	}
	return joined{bytesAt(text), C.size_t(len(text)), unsafe.SliceData(offsets), C.size_t(len(values))}
}
