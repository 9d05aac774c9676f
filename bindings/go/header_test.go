package gwplugins

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestEveryCodeHasAName holds errors.go against the header; that the numbers are the header's is cgo's work.
func TestEveryCodeHasAName(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	named := names(regexp.MustCompile(`Code = C\.(GWP_E_\w+)`), source)
	defined := names(regexp.MustCompile(`(?m)^#define (GWP_E_\w+) \d+$`), checkout(t, "include/gwplugins.h"))
	if len(defined) < 20 {
		t.Fatal(defined)
	}
	same(t, named, defined)
}

func TestACodeIsAnError(t *testing.T) {
	same(t, ErrTooLarge.Error(), "GWP_E_TOO_LARGE")
	same(t, Code(12345).Error(), "GWP_E_UNKNOWN")
}

func names(pattern *regexp.Regexp, text []byte) (all []string) {
	for _, match := range pattern.FindAllSubmatch(text, -1) {
		all = append(all, string(match[1]))
	}
	slices.Sort(all)
	return all
}

// TestNewerFunctionsAreWeak holds calls.h against the header: a program must start with a library that is older than
// some functions.
func TestNewerFunctionsAreWeak(t *testing.T) {
	source, err := os.ReadFile("calls.h")
	if err != nil {
		t.Fatal(err)
	}
	weak := names(regexp.MustCompile(`(?m)^#pragma weak (gwp_\w+)$`), source)
	newer := names(regexp.MustCompile(`Since: ABI 1\.[1-9]\d*\.\n \*/\n\w[^;(]*?\b(gwp_\w+)\(`), withoutCost(t))
	if len(newer) < 30 {
		t.Fatal(newer)
	}
	same(t, weak, newer)
	calls, err := os.ReadFile("calls.c")
	if err != nil {
		t.Fatal(err)
	}
	same(t, names(regexp.MustCompile(`\(function\)(gwp_\w+),`), calls), newer)
}

// withoutCost is the header without what follows "Since" in the comments.
func withoutCost(t *testing.T) []byte {
	t.Helper()
	cost := regexp.MustCompile(`(?s)(Since: ABI \d+\.\d+\.)\n \* Cost:.*?\n \*/`)
	return cost.ReplaceAll(checkout(t, "include/gwplugins.h"), []byte("$1\n */"))
}
