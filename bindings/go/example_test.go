package gwplugins_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"gwplugins"
)

func Example() {
	guard, err := gwplugins.New("pii_filter", `{"default_mask_strategy": "partial"}`)
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	result, err := guard.Rewrite("Mail jane@example.com")
	if err != nil {
		log.Fatal(err) // the text has not been checked
	}
	if result.Verdict == gwplugins.BlockVerdict {
		log.Fatal("this must not pass")
	}
	for _, finding := range result.Findings {
		fmt.Println(finding.Rule, finding.Start, finding.End)
	}
	fmt.Println(result.Output)
	// Output:
	// email 5 21
	// Mail j***e@example.com
}

func ExampleKinds() {
	kinds, err := gwplugins.Kinds()
	if err != nil {
		log.Fatal(err)
	}
	for _, kind := range kinds {
		if kind.Stream {
			fmt.Println(kind.Name)
		}
	}
	// Output:
	// pii_filter
}

func ExampleNew_errors() {
	_, err := gwplugins.New("pii_filter", map[string]any{"colour": "red"})
	fmt.Println(errors.Is(err, gwplugins.ErrConfigKey))
	var told *gwplugins.Error
	if errors.As(err, &told) {
		fmt.Println(told.Code == gwplugins.ErrConfigKey, told.Name, told.Path)
	}
	// Output:
	// true
	// true GWP_E_CONFIG_KEY $.colour
}

func ExampleGuard_Scan() {
	guard, err := gwplugins.New("sql_sanitizer", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	report, err := guard.Scan("DELETE FROM users", gwplugins.Details)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict, report.Findings[0].Rule, string(report.Findings[0].Detail))
	// Output: block delete_without_where {"issue":"DELETE without WHERE clause"}
}

func ExampleRewriteAll() {
	guard, err := gwplugins.New("pii_filter", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	texts := []string{"nothing", "call 555-123-4567"}
	results, err := gwplugins.RewriteAll(context.Background(), guard, texts)
	if err != nil {
		log.Fatal(err)
	}
	for _, result := range results {
		fmt.Println(result.Changed, result.Output)
	}
	// Output:
	// false nothing
	// true call [REDACTED]
}

func ExampleGuard_NewWriter() {
	guard, err := gwplugins.New("pii_filter", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	writer, err := guard.NewWriter(context.Background(), os.Stdout, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, piece := range []string{"Mail jane@", "example", ".com today"} {
		if _, err := io.WriteString(writer, piece); err != nil {
			log.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: Mail [REDACTED] today
}

func ExampleGuard_NewReader() {
	guard, err := gwplugins.New("pii_filter", `{"block_on_detection": true}`)
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	reader, err := guard.NewReader(context.Background(), strings.NewReader("Mail jane@example.com"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	_, err = io.ReadAll(reader)
	var blocked *gwplugins.BlockedError
	fmt.Println(errors.As(err, &blocked), err)
	// Output: true gwplugins: the content must not pass: email
}

func ExampleLimiter() {
	limiter, err := gwplugins.NewLimiter(map[string]any{"by_user": "2/s"})
	if err != nil {
		log.Fatal(err)
	}
	defer limiter.Close()
	now := uint64(time.Second) // of any clock; 0 is the library's own
	for range 3 {
		decision, err := limiter.Check([]string{"alice"}, 1, now)
		if err != nil {
			log.Fatal(err) // the request has not been allowed
		}
		fmt.Println(decision.Allowed, decision.Remaining, decision.RetryAfter)
	}
	// Output:
	// true 1 0s
	// true 0 0s
	// false 0 500ms
}

func ExampleCodec_NewWriter() {
	codec, err := gwplugins.NewCodec("zstd", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer codec.Close()
	var packed bytes.Buffer
	writer, err := codec.NewWriter(&packed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(writer, strings.Repeat("again and ", 100))
	if err := writer.Close(); err != nil {
		log.Fatal(err) // the data is not complete
	}
	fmt.Println(packed.Len() < 50)
	reader, err := codec.NewReader(&packed)
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	text, err := io.ReadAll(reader) // good only without an error
	fmt.Println(len(text), err)
	// Output:
	// true
	// 1000 <nil>
}
