package gwplugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

// trace is a line of tests/vectors/limiter/rate_limiter.jsonl.
type trace struct {
	ID     string
	Config json.RawMessage
	Steps  []step
	Expect struct{ Error *refusal }
}

type refusal struct {
	Code Code
	Path string
}

// step of a trace; times are microseconds.
type step struct {
	Op         string
	Now        uint64
	Key        []*string
	Cost       uint64
	Reserved   uint64
	ReservedAt uint64 `json:"reserved_at"`
	Actual     uint64
	Lease      uint64
	Expect     json.RawMessage
}

// values of a step: an absent one is empty.
func (s *step) values() []string {
	values := make([]string, len(s.Key))
	for index, value := range s.Key {
		if value != nil {
			values[index] = *value
		}
	}
	return values
}

// asked is what can be asked of a limiter here, and of a server with the counts.
type asked interface {
	do(s *step) (any, error)
}

// local asks the limiter itself.
type local struct{ *Limiter }

func (l local) do(s *step) (any, error) {
	values, now := s.values(), s.Now*1000
	switch s.Op {
	case "check":
		decision, err := l.Check(values, s.Cost, now)
		return answer(decision, 0), err
	case "peek":
		decision, err := l.Check(values, s.Cost, now, Peek)
		return answer(decision, 0), err
	case "settle":
		decision, err := l.Settle(values, s.Reserved, s.ReservedAt*1000, s.Actual, now)
		return answer(decision, 0), err
	case "acquire":
		decision, lease, err := l.Acquire(values, s.Cost, now)
		return answer(decision, lease), err
	case "release":
		released, err := l.Release(values, s.Lease, now)
		return map[bool]float64{true: 1}[released], err
	case "reset":
		count, err := l.Reset(values, now)
		return float64(count), err
	}
	return nil, errors.New("no operation is called " + s.Op)
}

// answer is a decision as the vectors write it.
func answer(decision Decision, lease uint64) map[string]any {
	said := map[string]any{
		"allowed": decision.Allowed, "would_refuse": decision.WouldRefuse, "blocked": decision.Blocked,
		"dimension": nil, "window": nil, "limit": nil, "remaining": nil, "retry": nil,
		"reset": float64(decision.Reset / time.Microsecond), "lease": float64(lease),
	}
	if decision.Dimension != "" {
		said["dimension"] = decision.Dimension
	}
	if decision.Window != -1 {
		said["window"] = float64(decision.Window)
	}
	if decision.Limit != Unlimited {
		said["limit"] = float64(decision.Limit)
	}
	if decision.Remaining != Unlimited {
		said["remaining"] = float64(decision.Remaining)
	}
	if decision.RetryAfter != Never {
		said["retry"] = float64(decision.RetryAfter / time.Microsecond)
	}
	return said
}

// differs does a step, and is what its answer has that the step does not expect.
func (s *step) differs(limiter asked) error {
	var expected any
	if err := json.Unmarshal(s.Expect, &expected); err != nil {
		return err
	}
	said, err := limiter.do(s)
	fields, several := expected.(map[string]any)
	if several && fields["error"] != nil {
		code := Code(fields["error"].(map[string]any)["code"].(float64))
		decision, decided := said.(map[string]any)
		if !errors.Is(err, code) || decided && decision["allowed"] != false {
			return fmt.Errorf("%v, %w; code %d was expected", said, err, code)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if !several {
		fields, said = map[string]any{"": expected}, map[string]any{"": said}
	}
	for field, value := range fields {
		if found := said.(map[string]any)[field]; found != value {
			return fmt.Errorf("%s %v, not %v", field, found, value)
		}
	}
	return nil
}

// replay makes a limiter and does all steps; an error is what differs.
func (one *trace) replay(ask func(*Limiter) asked) error {
	limiter, err := NewLimiter(one.Config)
	if expected := one.Expect.Error; expected != nil {
		var told *Error
		if !errors.As(err, &told) || told.Code != expected.Code || told.Path != expected.Path {
			return fmt.Errorf("error %d at %q was expected: %w", expected.Code, expected.Path, err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer limiter.Close()
	doer := ask(limiter)
	for number := range one.Steps {
		if err := one.Steps[number].differs(doer); err != nil {
			return fmt.Errorf("step %d, %s: %w", number, one.Steps[number].Op, err)
		}
	}
	return nil
}

func traces(t *testing.T) []trace {
	t.Helper()
	return lines[trace](t, "tests/vectors/limiter/rate_limiter.jsonl")
}

func TestLimiterVectors(t *testing.T) {
	all, steps := traces(t), 0
	for _, one := range all {
		if err := one.replay(func(limiter *Limiter) asked { return local{limiter} }); err != nil {
			t.Errorf("row %s: %v", one.ID, err)
		}
		steps += len(one.Steps)
	}
	if len(all) < 40 || steps < 150 {
		t.Fatal(len(all), steps)
	}
	t.Logf("%d rows, %d steps", len(all), steps)
}

func TestAWrongExpectationOfALimiterIsSeen(t *testing.T) {
	one := traces(t)[0]
	for _, wrong := range []string{`{"remaining": 7}`, `{"error": {"code": 8}}`, `3`} {
		one.Steps[0].Expect = json.RawMessage(wrong)
		if err := one.replay(func(limiter *Limiter) asked { return local{limiter} }); err == nil {
			t.Fatal(wrong)
		}
	}
}
