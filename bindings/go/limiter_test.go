package gwplugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const second = uint64(time.Second)

// limiterOf is a limiter that is closed when the test ends.
func limiterOf(t testing.TB, config any) *Limiter {
	t.Helper()
	limiter, err := NewLimiter(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { limiter.Close() })
	return limiter
}

func TestALimiterTellsWhatItIs(t *testing.T) {
	limiter := limiterOf(t, map[string]any{"by_user": "3/3s", "dimensions": []any{map[string]any{"name": "team"}}})
	same(t, limiter.Dimensions(), []string{"user", "team"})
	limiter.Dimensions()[0] = "changed"
	same(t, limiter.Dimensions(), []string{"user", "team"})
	var told struct{ Dimensions []struct{ Name string } }
	if err := json.Unmarshal(limiter.Describe(), &told); err != nil || told.Dimensions[1].Name != "team" {
		t.Fatal(told, err)
	}
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(must(LimiterSchema()), &schema); err != nil || schema.Properties["by_user"] == nil {
		t.Fatal(schema, err)
	}
}

func TestALimiterDecides(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/3s"}`)
	now := 5 * second
	same(t, must(limiter.Check([]string{"alice"}, 2, now)), Decision{
		Allowed: true, Dimension: "user", Limit: 3, Remaining: 1, Reset: 2 * time.Second, NowNS: now,
	})
	refusal := Decision{
		Dimension: "user", Limit: 3, Remaining: 1, Reset: 2 * time.Second, RetryAfter: time.Second, NowNS: now,
	}
	same(t, must(limiter.Check([]string{"alice"}, 2, now)), refusal)
	same(t, must(limiter.Check([]string{"alice"}, 2, now, Peek)), refusal)
	dry := refusal
	dry.Allowed, dry.WouldRefuse = true, true
	same(t, must(limiter.Check([]string{"alice"}, 2, now, DryRun)), dry)
	same(t, must(limiter.Check([]string{"alice"}, 4, now)).RetryAfter, Never)
	same(t, must(limiter.Check([]string{"bob"}, 3, now)).Allowed, true)
	same(t, must(limiter.Check([]string{""}, 9, now)), Decision{
		Allowed: true, Window: -1, Limit: Unlimited, Remaining: Unlimited, NowNS: now,
	})
	same(t, must(limiter.Keys()), 2)
	same(t, must(limiter.Reset([]string{"alice"}, now)), 1)
	same(t, must(limiter.Check([]string{"alice"}, 3, now)).Remaining, uint64(0))
}

func TestALimiterHasAClock(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "1/h"}`)
	first := must(limiter.Check([]string{"alice"}, 1, 0))
	again := must(limiter.Check([]string{"alice"}, 1, 0))
	if !first.Allowed || again.Allowed || first.NowNS == 0 || again.NowNS < first.NowNS {
		t.Fatal(first, again)
	}
	if wait := again.RetryAfter; wait > time.Hour || wait < 59*time.Minute {
		t.Fatal(wait)
	}
}

func TestEveryWindowAnswers(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/s, 10/h", "by_tenant": "5/s"}`)
	decision := must(limiter.Check([]string{"alice", "acme"}, 2, second, EveryWindow))
	var told []string
	for _, one := range decision.Windows {
		told = append(told, fmt.Sprint(one.Dimension, one.Window, one.Limit, one.Remaining, one.Allowed))
	}
	same(t, told, []string{"user0 3 1 true", "user1 10 8 true", "tenant0 5 3 true"})
	only := must(limiter.Check([]string{"", "acme"}, 9, second, EveryWindow, Peek))
	same(t, []any{only.Allowed, len(only.Windows), only.Windows[0].RetryAfter}, []any{false, 1, Never})
	same(t, must(limiter.Check([]string{"alice", "acme"}, 0, second)).Windows, []Decision(nil))
}

func TestManyRequests(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/3s", "max_key_bytes": 300}`)
	long := strings.Repeat("x", 300)
	keys := [][]string{{"alice"}, {"alice"}, {"bob"}, {long}}
	var told []string
	for _, costs := range [][]uint64{{2, 2, 3, 1}, nil} {
		for _, decision := range must(limiter.CheckMany(keys, costs, second)) {
			told = append(told, fmt.Sprint(decision.Allowed, decision.Remaining))
		}
	}
	same(t, told, strings.Split("true 1,false 1,true 0,true 2,true 0,false 0,false 0,true 1", ","))
	same(t, len(must(limiter.CheckMany(nil, nil, second))), 0)
	decisions, err := limiter.CheckMany([][]string{{"carol"}, {long + "y"}, {"carol"}}, nil, second)
	refused(t, err, ErrTooLarge, "GWP_E_TOO_LARGE", "")
	same(t, []any{len(decisions), decisions[0].Remaining}, []any{1, uint64(2)})
	for _, costs := range [][]uint64{{}, {1}, {1, 1, 1, 1, 1}} {
		_, err = limiter.CheckMany(keys, costs, second)
		refused(t, err, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "")
	}
	_, err = limiter.CheckMany([][]string{{"a", "b"}, {}}, nil, second)
	refused(t, err, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "")
}

func TestASettledReservation(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "10/10s"}`)
	alice := []string{"alice"}
	reserved := must(limiter.Check(alice, 8, second))
	same(t, must(limiter.Settle(alice, 8, reserved.NowNS, 3, second)).Remaining, uint64(7))
	same(t, must(limiter.Check(alice, 7, second)).Allowed, true)
	debt := must(limiter.Settle(alice, 7, second, 9, second))
	same(t, []any{debt.Allowed, debt.Remaining}, []any{false, uint64(0)})
}

func TestLeases(t *testing.T) {
	limiter := limiterOf(t, `{"dimensions": [{"name": "host", "concurrency": 1}]}`)
	host := []string{"a"}
	decision, lease, err := limiter.Acquire(host, 1, second)
	same(t, []any{decision.Allowed, lease, err}, []any{true, uint64(1), nil})
	decision, lease, err = limiter.Acquire(host, 1, second)
	same(t, []any{decision.Allowed, lease, err}, []any{false, uint64(0), nil})
	same(t, must(limiter.Release(host, 1, second)), true)
	same(t, must(limiter.Release(host, 1, second)), false)
	_, lease, err = limiter.Acquire(host, 1, second)
	same(t, []any{lease, err}, []any{uint64(2), nil})
	_, lease, err = limiter.Acquire(host, 1, second, EveryWindow)
	refused(t, err, ErrBadFlag, "GWP_E_BAD_FLAG", "")
	same(t, lease, uint64(0))
}

func TestCountsMove(t *testing.T) {
	config := `{"by_user": "3/3s"}`
	from, to := limiterOf(t, config), limiterOf(t, config)
	must(from.Check([]string{"alice"}, 2, second))
	state := must(from.Export(second))
	for range 50 {
		must(from.Export(second))
	}
	same(t, must(to.Import(state, second)), 1)
	same(t, must(to.Check([]string{"alice"}, 0, second)).Remaining, uint64(1))
	longer := append(state[:len(state):len(state)], 0)
	for _, bad := range [][]byte{nil, {}, state[:len(state)-1], longer, []byte("alice")} {
		_, err := to.Import(bad, second)
		refused(t, err, ErrBadState, "GWP_E_BAD_STATE", "")
	}
	_, err := limiterOf(t, `{"by_tenant": "3/3s"}`).Import(state, second)
	refused(t, err, ErrBadState, "GWP_E_BAD_STATE", "")
	same(t, must(to.Keys()), 1)
}

func TestRefusedRequestsAllowNothing(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/3s", "max_key_bytes": 4}`)
	one := []string{"abcd"}
	for _, bad := range []struct {
		values       []string
		cost, now    uint64
		option       LimiterOption
		code         Code
		name, secret string
	}{
		{nil, 1, second, 0, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", ""},
		{[]string{"a", "b"}, 1, second, 0, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", ""},
		{[]string{"alice"}, 1, second, 0, ErrTooLarge, "GWP_E_TOO_LARGE", "alice"},
		{one, 1<<50 + 1, second, 0, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "abcd"},
		{one, 1, 9e18 + 1000, 0, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "abcd"},
		{one, 1, second, 4, ErrBadFlag, "GWP_E_BAD_FLAG", "abcd"},
		{one, 1, second, EveryWindow | Peek, ErrBadFlag, "GWP_E_BAD_FLAG", "abcd"},
	} {
		decision, err := limiter.Check(bad.values, bad.cost, bad.now, bad.option)
		refused(t, err, bad.code, bad.name, "")
		same(t, decision, Decision{})
		if bad.secret != "" && strings.Contains(err.Error(), bad.secret) {
			t.Fatal(err)
		}
		decision, lease, err := limiter.Acquire(bad.values, bad.cost, bad.now, bad.option)
		refused(t, err, bad.code, bad.name, "")
		same(t, []any{decision, lease}, []any{Decision{}, uint64(0)})
	}
	same(t, must(limiter.Keys()), 0)
}

func TestGoroutinesNeverGetMoreThanTheQuota(t *testing.T) {
	for _, algorithm := range []string{"gcra", "fixed_window", "sliding_window_log", "sliding_window_counter"} {
		limiter := limiterOf(t, map[string]any{
			"algorithm":  algorithm,
			"by_user":    "1000/h",
			"dimensions": []any{map[string]any{"name": "host", "concurrency": 100}},
		})
		var granted, leased atomic.Int64
		var running sync.WaitGroup
		for range 8 {
			running.Add(1)
			go func() {
				defer running.Done()
				for range 300 {
					if must(limiter.Check([]string{"alice", ""}, 1, 3600*second)).Allowed {
						granted.Add(1)
					}
					if _, lease, err := limiter.Acquire([]string{"", "a"}, 1, 3600*second); err != nil {
						panic(err)
					} else if lease != 0 {
						leased.Add(1)
					}
				}
			}()
		}
		running.Wait()
		same(t, []int64{granted.Load(), leased.Load()}, []int64{1000, 100})
	}
}

func TestAClosedLimiter(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/3s"}`)
	before := live.limiters.Load()
	for range 3 {
		if err := limiter.Close(); err != nil {
			t.Fatal(err)
		}
		same(t, live.limiters.Load(), before-1)
	}
	for _, closed := range []*Limiter{limiter, {}} {
		for index, err := range usesOfLimiter(closed) {
			if !errors.Is(err, ErrClosed) {
				t.Fatalf("use %d: %v", index, err)
			}
		}
		closed.Close()
	}
	same(t, strings.Contains(string(limiter.Describe()), "user"), true)
}

// usesOfLimiter are what every method says.
func usesOfLimiter(limiter *Limiter) (all []error) {
	did := func(_ any, err error) { all = append(all, err) }
	did(limiter.Check([]string{"a"}, 1, 0))
	did(limiter.CheckMany(nil, nil, 0))
	did(limiter.Settle([]string{"a"}, 1, 0, 1, 0))
	_, _, err := limiter.Acquire([]string{"a"}, 1, 0)
	did(nil, err)
	did(limiter.Release([]string{"a"}, 1, 0))
	did(limiter.Reset([]string{"a"}, 0))
	did(limiter.Export(0))
	did(limiter.Import(nil, 0))
	did(limiter.Keys())
	did(limiter.Script(CheckOperation))
	did(limiter.Command(SharedRequest{}))
	did(limiter.ReadReply(SharedRequest{}, nil))
	return all
}

func TestALimiterIsClosedDuringCalls(t *testing.T) {
	for range 20 {
		limiter := must(NewLimiter(`{"by_user": "1000000/s"}`))
		before := live.limiters.Load()
		var running sync.WaitGroup
		var checked atomic.Int64
		for range 4 {
			running.Add(1)
			go func() {
				defer running.Done()
				for {
					if _, err := limiter.Check([]string{"alice"}, 1, 0); err != nil {
						if !errors.Is(err, ErrClosed) {
							panic(err)
						}
						return
					}
					checked.Add(1)
				}
			}()
		}
		for checked.Load() < 8 {
			runtime.Gosched()
		}
		limiter.Close()
		running.Wait()
		same(t, live.limiters.Load(), before-1)
	}
}

func TestForgottenLimitersCodecsAndTheirStreamsAreFreed(t *testing.T) {
	kept := codecOf(t, "gzip", nil)
	limiters, codecs, streams := live.limiters.Load(), live.codecs.Load(), live.codecStreams.Load()
	for range 100 {
		must(NewLimiter(nil))
		must(must(NewCodec("gzip", nil)).Compressor())
		must(kept.Decompressor())
	}
	collectUntil(t, func() bool {
		return live.limiters.Load() == limiters && live.codecs.Load() == codecs && live.codecStreams.Load() == streams
	})
}

func TestACheckCostsNoAllocation(t *testing.T) {
	if sanitized {
		t.Skip("allocations are counted, and the sanitizer makes some of its own")
	}
	limiter := limiterOf(t, `{"by_user": "1000000/s", "by_tenant": "1000000/s"}`)
	values := []string{"alice", "acme"}
	must(limiter.Check(values, 1, 0))
	if count := testing.AllocsPerRun(1000, func() { must(limiter.Check(values, 1, 0)) }); count != 0 {
		t.Errorf("%v allocations", count)
	}
}

func TestRefusedLimiters(t *testing.T) {
	for _, one := range []struct {
		config any
		code   Code
		name   string
		path   string
	}{
		{"{", ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
		{map[string]any{"by_users": "1/s"}, ErrConfigKey, "GWP_E_CONFIG_KEY", "$.by_users"},
		{map[string]any{"by_user": "1"}, ErrConfigValue, "GWP_E_CONFIG_VALUE", "$.by_user"},
		{func() {}, ErrConfigSyntax, "GWP_E_CONFIG_SYNTAX", ""},
	} {
		limiter, err := NewLimiter(one.config)
		if limiter != nil {
			t.Fatal(one)
		}
		refused(t, err, one.code, one.name, one.path)
	}
}
