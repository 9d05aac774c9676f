package gwplugins_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

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
