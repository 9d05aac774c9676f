package gwplugins

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shared asks a limiter whose counts are in a server.
type shared struct {
	*Limiter
	server *server
	leases *atomic.Uint64
}

// ask sends a request and gives the numbers that come back, none when nothing is to be sent.
func (s shared) ask(request SharedRequest) ([]int64, error) {
	command, err := s.Command(request)
	if err != nil || command == nil {
		return nil, err
	}
	words := append([]string{"EVALSHA", command.SHA, strconv.Itoa(len(command.Keys))}, command.Keys...)
	words = append(words, command.Args...)
	numbers, err := s.server.ask(words...)
	if err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") {
		if words[1], err = s.Script(request.Operation); err != nil {
			return nil, err
		}
		words[0] = "EVAL"
		numbers, err = s.server.ask(words...)
	}
	return numbers, err
}

// decide asks, and reads the reply.
func (s shared) decide(request SharedRequest) (Decision, error) {
	reply, err := s.ask(request)
	if err != nil {
		return Decision{}, err
	}
	return s.ReadReply(request, reply)
}

func (s shared) do(step *step) (any, error) {
	request := SharedRequest{
		Values: step.values(), Cost: step.Cost, NowNS: step.Now * 1000, Lease: step.Lease,
		ReservedNS: step.ReservedAt * 1000, Actual: step.Actual,
	}
	var lease uint64
	switch step.Op {
	case "peek":
		request.Options = Peek
	case "acquire":
		request.Lease = s.leases.Load() + 1
	case "settle":
		request.Operation, request.Cost = SettleOperation, step.Reserved
	case "release":
		request.Operation = ReleaseOperation
	case "reset":
		request.Operation = ResetOperation
	}
	if step.Op == "release" || step.Op == "reset" {
		reply, err := s.ask(request)
		if err != nil {
			return nil, err
		}
		return float64(append(reply, 0)[0]), nil
	}
	decision, err := s.decide(request)
	if step.Op == "acquire" && decision.Allowed {
		lease = s.leases.Add(1)
	}
	return answer(decision, lease), err
}

// server is a connection to a Redis server of our own.
type server struct {
	connection net.Conn
	replies    *bufio.Reader
}

// start a server that ends with the test; gives the address of its socket.
func start(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed")
	}
	folder, err := os.MkdirTemp("", "gwredis") // t.TempDir is too long for a socket's address
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(folder, "socket")
	command := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder)
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		os.RemoveAll(folder)
	})
	var said strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if fmt.Fprintln(&said, lines.Text()); strings.Contains(lines.Text(), "eady to accept connections") {
			go io.Copy(io.Discard, output)
			return socket
		}
	}
	t.Fatalf("the server ended: %s", said.String())
	return ""
}

func connect(t *testing.T, socket string) *server {
	t.Helper()
	connection, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return &server{connection, bufio.NewReader(connection)}
}

// ask sends a command; its reply is "OK", a number, or several.
func (s *server) ask(words ...string) ([]int64, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(s.connection, text.String()); err != nil {
		return nil, err
	}
	return s.reply()
}

func (s *server) reply() ([]int64, error) {
	line, err := s.replies.ReadString('\n')
	if err != nil {
		return nil, err
	}
	rest := strings.TrimSpace(line[1:])
	switch line[0] {
	case '-':
		return nil, fmt.Errorf("%s", rest)
	case '+':
		return nil, nil
	}
	number, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || line[0] == ':' {
		return []int64{number}, err
	}
	if line[0] != '*' {
		return nil, fmt.Errorf("a reply of another type: %q", line[0])
	}
	var all []int64
	for range number {
		one, err := s.reply()
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	return all, nil
}

func TestLimiterVectorsInRedis(t *testing.T) {
	server := connect(t, start(t))
	for _, one := range traces(t) {
		must(server.ask("FLUSHALL"))
		ask := func(limiter *Limiter) asked { return shared{limiter, server, &atomic.Uint64{}} }
		if err := one.replay(ask); err != nil {
			t.Errorf("row %s: %v", one.ID, err)
		}
	}
}

func TestLimitersShareTheirCountsInRedis(t *testing.T) {
	socket := start(t)
	var running sync.WaitGroup
	var granted atomic.Int64
	for range 4 {
		limiter := shared{limiterOf(t, `{"by_user": "100/h"}`), connect(t, socket), nil}
		running.Add(1)
		go func() {
			defer running.Done()
			for range 50 {
				request := SharedRequest{Values: []string{"alice"}, Cost: 1, NowNS: 3600 * second}
				if must(limiter.decide(request)).Allowed {
					granted.Add(1)
				}
			}
		}()
	}
	running.Wait()
	same(t, granted.Load(), int64(100))
}

func TestCommandsAndReplies(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/3s"}`)
	request := SharedRequest{Values: []string{"alice"}, Cost: 2, NowNS: 5 * second}
	command := must(limiter.Command(request))
	same(t, []int{len(command.SHA), len(command.Keys), len(command.Args)}, []int{40, 1, 5})
	same(t, command.Args[:2], []string{"5000000", "2"})
	for _, printed := range []any{command, *command, request, &request} {
		text := fmt.Sprintf("%v %+v %#v %s", printed, printed, printed, printed)
		if strings.Contains(text, "alice") || !strings.Contains(text, "1 ") {
			t.Fatal(text)
		}
	}
	same(t, strings.Contains(command.Keys[0], "alice"), true)
	decision := must(limiter.ReadReply(request, []int64{0, 5000000, 0, 1, 2000000, 1000000}, EveryWindow))
	same(t, []any{decision.Allowed, decision.RetryAfter, decision.NowNS}, []any{false, time.Second, 5 * second})
	same(t, len(decision.Windows), 1)
	never := must(limiter.ReadReply(request, []int64{0, 5000000, 0, 3, 0, -1}))
	same(t, []any{never.Allowed, never.RetryAfter}, []any{false, Never})

	nothing := must(limiter.Command(SharedRequest{Values: []string{""}, Cost: 2}))
	same(t, nothing == nil, true)
	same(t, must(limiter.ReadReply(SharedRequest{Values: []string{""}, Cost: 2}, nil)).Allowed, true)
}

func TestBadCommandsAndRepliesAllowNothing(t *testing.T) {
	limiter := limiterOf(t, `{"by_user": "3/3s"}`)
	request := SharedRequest{Values: []string{"alice"}, Cost: 1}
	good := []int64{1, 5000000, 1, 1, 2000000, 0}
	for _, bad := range [][]int64{nil, {}, good[:5], append(good[:6:6], 0)} {
		decision, err := limiter.ReadReply(request, bad)
		refused(t, err, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "")
		same(t, decision, Decision{})
	}
	decision, err := limiter.ReadReply(request, good, Peek)
	refused(t, err, ErrBadFlag, "GWP_E_BAD_FLAG", "")
	same(t, decision, Decision{})
	reset := SharedRequest{Operation: ResetOperation, Values: []string{"alice"}}
	_, err = limiter.ReadReply(reset, good[:1])
	refused(t, err, ErrUnsupported, "GWP_E_UNSUPPORTED", "")
	for _, bad := range []struct {
		change func(*SharedRequest)
		code   Code
		name   string
	}{
		{func(r *SharedRequest) { r.Operation = 4 }, ErrOutOfRange, "GWP_E_OUT_OF_RANGE"},
		{func(r *SharedRequest) { r.Values = nil }, ErrOutOfRange, "GWP_E_OUT_OF_RANGE"},
		{func(r *SharedRequest) { r.Cost = 1 << 60 }, ErrOutOfRange, "GWP_E_OUT_OF_RANGE"},
		{func(r *SharedRequest) { r.Options = EveryWindow }, ErrBadFlag, "GWP_E_BAD_FLAG"},
		{func(r *SharedRequest) { r.Options = 4 }, ErrBadFlag, "GWP_E_BAD_FLAG"},
		{func(r *SharedRequest) { r.Values = []string{strings.Repeat("x", 1025)} }, ErrTooLarge, "GWP_E_TOO_LARGE"},
	} {
		changed := request
		bad.change(&changed)
		command, err := limiter.Command(changed)
		refused(t, err, bad.code, bad.name, "")
		same(t, command == nil, true)
	}
	_, err = limiter.Script(9)
	refused(t, err, ErrOutOfRange, "GWP_E_OUT_OF_RANGE", "")
}
