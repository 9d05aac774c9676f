// One JSON line for each kind of text: time per call for SMALL_FILE, speed for BIG_FILE, 20 samples of each.
//
// Usage: bench KIND CONFIG_JSON SMALL_FILE BIG_FILE
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"time"

	"gwplugins"
)

const (
	sampleCount = 20
	sampleTime  = 20 * time.Millisecond
)

// report is a line of what bench/hosts of the checkout reads.
type report struct {
	Host      string    `json:"host"`
	Path      string    `json:"path"`
	NsPerCall []float64 `json:"ns_per_call"`
	MbPerS    []float64 `json:"mb_per_s"`
}

func main() {
	if len(os.Args) != 5 {
		end(fmt.Errorf("usage: bench KIND CONFIG_JSON SMALL_FILE BIG_FILE"))
	}
	guard, err := gwplugins.New(os.Args[1], os.Args[2])
	end(err)
	small, err := os.ReadFile(os.Args[3])
	end(err)
	big, err := os.ReadFile(os.Args[4])
	end(err)
	end(verify(guard, small))
	end(verify(guard, big))
	tell("cgo-string", small, big, func(text []byte) func() error {
		given := string(text)
		return func() error {
			_, err := guard.Scan(given)
			return err
		}
	})
	tell("cgo-bytes", small, big, func(text []byte) func() error {
		return func() error {
			_, err := guard.ScanBytes(text)
			return err
		}
	})
}

// end ends the program with an error.
func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// verify that what is timed is right: the string and the bytes tell the same, and rewriting agrees with scanning.
func verify(guard *gwplugins.Guard, text []byte) error {
	scanned, err := guard.ScanBytes(text)
	if err != nil {
		return err
	}
	asString, err := guard.Scan(string(text))
	if err != nil {
		return err
	}
	rewritten, err := guard.Rewrite(string(text))
	if err != nil {
		return err
	}
	switch {
	case !reflect.DeepEqual(asString, scanned) || !reflect.DeepEqual(rewritten.Report, scanned):
		return fmt.Errorf("string and bytes, or scanning and rewriting, differ")
	case rewritten.Changed != (rewritten.Output != string(text)):
		return fmt.Errorf("`Changed` does not tell whether the output differs")
	case scanned.Verdict == gwplugins.PassVerdict && rewritten.Changed:
		return fmt.Errorf("text changed in which nothing was found")
	}
	return nil
}

// tell measures one way to call; `prepare` makes the call for a text.
func tell(path string, small, big []byte, prepare func(text []byte) func() error) {
	line := report{Host: "go", Path: path}
	for _, ns := range samples(prepare(small)) {
		line.NsPerCall = append(line.NsPerCall, rounded(ns))
	}
	for _, ns := range samples(prepare(big)) {
		line.MbPerS = append(line.MbPerS, rounded(float64(len(big))/ns*1e3))
	}
	end(json.NewEncoder(os.Stdout).Encode(line))
}

func rounded(value float64) float64 {
	return math.Round(value*10) / 10
}

// samples are nanoseconds for one call, each over enough calls to fill its time.
func samples(call func() error) []float64 {
	count := 1
	for timed(call, count) < sampleTime*6/5 {
		count *= 2
	}
	all := make([]float64, sampleCount)
	for index := range all {
		all[index] = float64(timed(call, count).Nanoseconds()) / float64(count)
	}
	return all
}

func timed(call func() error, count int) time.Duration {
	began := time.Now()
	for range count {
		end(call())
	}
	return time.Since(began)
}
