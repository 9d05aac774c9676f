// Masks what comes in: mask [KIND [CONFIG_JSON]] <in >out. Exit 1, and no output, when the content must not pass.
package main

import (
	"fmt"
	"io"
	"os"

	"gwplugins"
)

func main() {
	kind, config := "pii_filter", ""
	if len(os.Args) > 1 {
		kind = os.Args[1]
	}
	if len(os.Args) > 2 {
		config = os.Args[2]
	}
	guard, err := gwplugins.New(kind, config)
	check(err)
	text, err := io.ReadAll(os.Stdin)
	check(err)
	result, err := guard.RewriteBytes(text)
	check(err)
	if result.Verdict == gwplugins.BlockVerdict {
		fmt.Fprintln(os.Stderr, "the content must not pass")
		os.Exit(1)
	}
	_, err = os.Stdout.Write(result.Output)
	check(err)
}

// check ends the program: what was not checked is not passed on.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
