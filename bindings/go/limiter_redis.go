package gwplugins

// #include "calls.h"
import "C"

import (
	"fmt"
	"strconv"
	"unsafe"
)

// Operation is what is asked of a limiter whose counts are in Redis.
type Operation uint32

// The operations.
const (
	// CheckOperation is a check, or with a lease an acquire.
	CheckOperation Operation = C.GWP_REQUEST_CHECK
	// SettleOperation corrects the cost of a granted check.
	SettleOperation Operation = C.GWP_REQUEST_SETTLE
	// ReleaseOperation ends a lease. The first number of the reply is how many keys had it.
	ReleaseOperation Operation = C.GWP_REQUEST_RELEASE
	// ResetOperation forgets the keys. The first number of the reply is how many there were.
	ResetOperation Operation = C.GWP_REQUEST_RESET
)

// SharedRequest is what is asked of a limiter whose counts are in Redis. What an operation has no use for is not looked
// at.
type SharedRequest struct {
	Operation Operation
	// Values are those of the dimensions, in order.
	Values []string
	// Options of a check: Peek and DryRun.
	Options LimiterOption
	// Cost of a check is what is taken, of a settlement what was taken.
	Cost uint64
	// NowNS is on a clock that all hosts share, in nanoseconds; 0 is the server's own.
	NowNS uint64
	// Lease of a check is the id of the lease to take, unique among all hosts, 0 for none; of a release its id.
	Lease uint64
	// ReservedNS of a settlement is the NowNS of the decision about the check.
	ReservedNS uint64
	// Actual of a settlement is what should have been taken.
	Actual uint64
}

// String keeps the values out of logs.
func (r SharedRequest) String() string {
	return fmt.Sprintf("request %d of %d values", r.Operation, len(r.Values))
}

// GoString is String.
func (r SharedRequest) GoString() string {
	return r.String()
}

// Command is what EVALSHA takes. A server that answers NOSCRIPT is sent EVAL with the text of Script in place of SHA.
// All keys are in one slot of a cluster.
type Command struct {
	SHA  string
	Keys []string
	Args []string
}

// String keeps the values in the keys out of logs.
func (c Command) String() string {
	return fmt.Sprintf("EVALSHA %s, %d keys", c.SHA, len(c.Keys))
}

// GoString is String.
func (c Command) GoString() string {
	return c.String()
}

// Script is the Lua script of an operation. ErrOutOfRange: there is no such operation.
func (l *Limiter) Script(operation Operation) (string, error) {
	if err := l.handle.hold(); err != nil {
		return "", err
	}
	defer l.handle.release()
	return words(func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status {
		return C.gwp_limiter_script(l.address, C.uint32_t(operation), text, size, reported)
	})
}

// Command is what to send to the server. It is nil when nothing is to be sent: no window applies, or a block list
// refuses; ReadReply takes no numbers then. Errors as Check.
func (l *Limiter) Command(request SharedRequest) (*Command, error) {
	if err := l.handle.hold(); err != nil {
		return nil, err
	}
	defer l.handle.release()
	asked, err := request.record()
	if err != nil {
		return nil, err
	}
	var space joinSpace
	joined := space.join(request.Values)
	c, err := takeCall()
	if err != nil {
		return nil, err
	}
	status := C.gwgo_command(l.address, joined.text, joined.size, joined.offsets, joined.count, &asked, c.c)
	if c, err = c.checked(status); err != nil {
		return nil, err
	}
	defer c.giveBack()
	return c.command()
}

// command is what the parts of a call say, nil without parts.
func (c *call) command() (*Command, error) {
	if c.c.finding_count == 0 {
		return nil, nil
	}
	told, count := &Command{}, ""
	for _, part := range unsafe.Slice(c.c.findings, c.c.finding_count) {
		text := string(view(c.c.output, c.c.output_len)[part.start:part.end])
		switch part.rule {
		case C.GWP_PART_SHA:
			told.SHA = text
		case C.GWP_PART_KEY_COUNT:
			count = text
		case C.GWP_PART_KEY:
			told.Keys = append(told.Keys, text)
		case C.GWP_PART_ARGUMENT:
			told.Args = append(told.Args, text)
		}
	}
	if count != strconv.Itoa(len(told.Keys)) {
		return nil, fault(ErrPanic, "the library's command has another number of keys than it says")
	}
	return told, nil
}

// ReadReply decides by the server's reply to a check or a settlement: the numbers that came back, or none when nothing
// was sent. EveryWindow asks for Decision.Windows. ErrUnsupported: the reply to a release and a reset is its first
// number. ErrOutOfRange: a reply of another length.
func (l *Limiter) ReadReply(request SharedRequest, reply []int64, options ...LimiterOption) (Decision, error) {
	flags, room, err := l.limiterFlags(options)
	if err == nil && flags != 0 {
		err = fault(ErrBadFlag, "Peek and DryRun are options of the request")
	}
	if err != nil {
		return Decision{}, err
	}
	asked, err := request.record()
	if err != nil {
		return Decision{}, err
	}
	if err := l.handle.hold(); err != nil {
		return Decision{}, err
	}
	defer l.handle.release()
	var space joinSpace
	joined := space.join(request.Values)
	var decided C.gwp_decision
	var reported *C.gwp_error
	windows := make([]C.gwp_decision, room)
	status := C.gwp_limiter_read_reply(l.address, joined.text, joined.size, joined.offsets, joined.count, &asked,
		(*C.int64_t)(unsafe.SliceData(reply)), C.size_t(len(reply)), &decided, unsafe.SliceData(windows),
		C.size_t(room), &reported)
	if status != C.GWP_OK {
		return Decision{}, failed(status, &reported)
	}
	return l.told(&decided, windows), nil
}

func (request *SharedRequest) record() (C.gwp_limiter_request, error) {
	if request.Options&EveryWindow != 0 {
		return C.gwp_limiter_request{}, fault(ErrBadFlag, "EveryWindow is for ReadReply")
	}
	return C.gwp_limiter_request{
		operation:   C.uint32_t(request.Operation),
		flags:       C.uint32_t(request.Options),
		cost:        C.uint64_t(request.Cost),
		now_ns:      C.uint64_t(request.NowNS),
		lease:       C.uint64_t(request.Lease),
		reserved_ns: C.uint64_t(request.ReservedNS),
		actual:      C.uint64_t(request.Actual),
	}, nil
}
