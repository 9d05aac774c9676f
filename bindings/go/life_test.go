package gwplugins

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// long takes long enough for something to happen meanwhile.
var long = strings.Repeat("jane@example.com 555-123-4567 ", 20_000)

const deadline = 30 * time.Second

// collectUntil collects garbage until it is true.
func collectUntil(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !condition(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("never freed: %d guards, %d streams, %d results",
				live.guards.Load(), live.streams.Load(), live.calls.Load())
		}
		runtime.GC()
	}
}

func TestCloseFreesOnceAndEveryUseAfterItIsAnError(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	before := live.guards.Load()
	for range 3 {
		if err := guard.Close(); err != nil {
			t.Fatal(err)
		}
		same(t, live.guards.Load(), before-1)
	}
	for _, closed := range []*Guard{guard, {}} {
		for index, err := range usesOf(closed) {
			if !errors.Is(err, ErrClosed) || !errors.Is(err, ErrBadHandle) {
				t.Fatalf("use %d: %v", index, err)
			}
		}
		closed.Close()
	}
	same(t, strings.Contains(string(guard.Describe()), "pii_filter"), true)
}

// usesOf a guard are what every method says.
func usesOf(guard *Guard) (all []error) {
	ctx := context.Background()
	did := func(_ any, err error) { all = append(all, err) }
	did(guard.Scan(mail))
	did(guard.ScanBytes(nil))
	did(guard.ScanContext(ctx, mail))
	did(guard.ScanBytesContext(ctx, nil))
	did(guard.Rewrite(mail))
	did(guard.RewriteBytes(nil))
	did(guard.RewriteContext(ctx, mail))
	did(guard.RewriteBytesContext(ctx, nil))
	did(ScanAll(ctx, guard, []string{}))
	did(RewriteAll(ctx, guard, []string{mail}))
	did(guard.ScanColumn(ctx, nil, nil))
	did(guard.RewriteColumn(ctx, nil, []uint64{0}))
	did(guard.ScanStream())
	did(guard.RewriteStream())
	did(guard.NewWriter(ctx, io.Discard, nil))
	did(guard.NewReader(ctx, strings.NewReader(mail), nil))
	return all
}

func TestForgottenGuardsAndStreamsAreFreed(t *testing.T) {
	kept := made(t, "pii_filter", nil)
	guards, streams := live.guards.Load(), live.streams.Load()
	for range 100 {
		must(must(New("pii_filter", nil)).Scan(mail))
		must(must(kept.RewriteStream()).Push([]byte(mail)))
		must(must(kept.NewWriter(context.Background(), io.Discard, nil)).Write([]byte(mail)))
	}
	must(New("pii_filter", nil)).Close()
	must(kept.ScanStream()).Close()
	freed := func() bool { return live.guards.Load() == guards && live.streams.Load() == streams }
	collectUntil(t, freed)
	runtime.GC()
	same(t, freed(), true)
	same(t, must(kept.Rewrite(mail)).Output, masked)
}

func TestResultsAreUsedAgainAndFreed(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	for range 1000 {
		must(guard.Rewrite(mail))
	}
	if count := live.calls.Load(); !sanitized && count > 20 {
		t.Fatalf("%d results for one call at a time", count)
	}
	collectUntil(t, func() bool { return live.calls.Load() == 0 })
	must(guard.Rewrite(strings.Repeat("x", 2*keepBytes) + mail))
	same(t, live.calls.Load(), int64(0))
	limited := made(t, "pii_filter", `{"max_text_bytes": 4}`)
	if _, err := limited.Scan(mail); err == nil {
		t.Fatal("no error")
	}
	same(t, live.calls.Load(), int64(0))
}

func TestAGuardClosedDuringCallsIsFreedAfterThem(t *testing.T) {
	for range 20 {
		guard := made(t, "pii_filter", nil)
		expected := must(guard.Rewrite(long)).Output
		before := live.guards.Load()
		var running sync.WaitGroup
		var began, finished, refused atomic.Int64
		for range 8 {
			running.Add(1)
			go func() {
				defer running.Done()
				began.Add(1)
				for {
					answer, err := guard.Rewrite(long)
					if errors.Is(err, ErrClosed) {
						refused.Add(1)
						return
					}
					if err != nil || answer.Output != expected {
						panic("a wrong answer")
					}
					finished.Add(1)
				}
			}()
		}
		for began.Load() < 8 || finished.Load() < 8 {
			runtime.Gosched()
		}
		for range 2 {
			running.Add(1)
			go func() {
				defer running.Done()
				guard.Close()
			}()
		}
		running.Wait()
		same(t, []int64{refused.Load(), live.guards.Load()}, []int64{8, before - 1})
	}
}

func TestAHeldGuardIsNotFreed(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	before := live.guards.Load()
	for range 2 {
		if err := guard.handle.hold(); err != nil {
			t.Fatal(err)
		}
	}
	guard.Close()
	guard.handle.release()
	same(t, live.guards.Load(), before)
	same(t, guard.handle.hold(), ErrClosed)
	guard.handle.release()
	same(t, live.guards.Load(), before-1)
}

func TestAStreamClosedDuringPushes(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	for range 20 {
		stream := must(guard.RewriteStream())
		before := live.streams.Load()
		var running sync.WaitGroup
		var pushed atomic.Int64
		for range 4 {
			running.Add(1)
			go func() {
				defer running.Done()
				for {
					if _, err := stream.Push([]byte(mail)); err != nil {
						if !errors.Is(err, ErrClosed) {
							panic(err)
						}
						return
					}
					pushed.Add(1)
				}
			}()
		}
		for pushed.Load() < 8 {
			runtime.Gosched()
		}
		stream.Close()
		running.Wait()
		same(t, live.streams.Load(), before-1)
	}
}

func TestGoroutinesShareAGuard(t *testing.T) {
	guard := made(t, "pii_filter", nil)
	var running sync.WaitGroup
	for worker := range 8 {
		running.Add(1)
		go func() {
			defer running.Done()
			for call := range 500 {
				number := strconv.Itoa(worker*1000 + call)
				if output := must(guard.Rewrite(number + " " + mail)).Output; output != number+" "+masked {
					panic(output)
				}
				if output := must(guard.Rewrite(number)).Output; output != number {
					panic(output)
				}
				texts := []string{number, mail}
				if all := must(RewriteAll(context.Background(), guard, texts)); all[0].Output != number || all[1].Output != masked {
					panic(all[0].Output)
				}
				if call%50 == 0 {
					runtime.GC()
				}
			}
		}()
	}
	running.Wait()
}

func TestACleanTextCostsNoAllocation(t *testing.T) {
	if sanitized {
		t.Skip("allocations are counted, and the sanitizer makes some of its own")
	}
	guard := made(t, "pii_filter", nil)
	ctx := context.Background()
	text := "The quick brown fox jumps over the lazy dog, and nothing here is personal."
	raw := []byte(text)
	for name, ask := range map[string]func(){
		"Scan":           func() { must(guard.Scan(text)) },
		"Scan, options":  func() { must(guard.Scan(text, Details, UTF16)) },
		"ScanBytes":      func() { must(guard.ScanBytes(raw)) },
		"ScanContext":    func() { must(guard.ScanContext(ctx, text)) },
		"Rewrite":        func() { must(guard.Rewrite(text)) },
		"RewriteBytes":   func() { must(guard.RewriteBytes(raw)) },
		"RewriteContext": func() { must(guard.RewriteContext(ctx, text)) },
	} {
		if count := testing.AllocsPerRun(1000, ask); count != 0 {
			t.Errorf("%s: %v allocations", name, count)
		}
	}
	if count := testing.AllocsPerRun(1000, func() { must(guard.Scan(mail)) }); count == 0 {
		t.Error("the count of allocations does not count")
	}
}

// residentBytes of this process.
func residentBytes(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("memory is read from /proc, which only Linux has")
	}
	return must(strconv.Atoi(strings.Fields(string(text))[1])) * os.Getpagesize()
}

func TestMemoryDoesNotGrow(t *testing.T) {
	if sanitized {
		t.Skip("memory is measured, and the sanitizer keeps what was freed")
	}
	guard, codec := made(t, "pii_filter", nil), codecOf(t, "zstd", nil)
	round := func() {
		for call := range 2000 {
			must(guard.Rewrite(mail))
			must(New("pii_filter", nil)).Close()
			must(guard.RewriteStream()).Close()
			if call%10 == 0 {
				limiter := must(NewLimiter(`{"by_user": "3/3s"}`))
				must(limiter.Check([]string{mail}, 1, 0))
				must(limiter.Export(0))
				limiter.Close()
				compressor := must(codec.Compressor())
				must(compressor.Push([]byte(mail)))
				compressor.Close()
				must(codec.Decompress(must(codec.Compress([]byte(mail)))))
			}
			if _, err := New("pii_filter", `{"colour": 1}`); err == nil {
				t.Fatal("no error")
			}
			if call%500 == 0 {
				must(guard.Rewrite(long))
			}
		}
		runtime.GC()
	}
	round()
	before := residentBytes(t)
	for range 5 {
		round()
	}
	if grown := residentBytes(t) - before; grown > 32<<20 {
		t.Fatalf("%d bytes more", grown)
	}
}
