// Package gwplugins looks at every message that passes a gateway, an MCP server or an LLM application: personal data,
// words and patterns, SQL, JSON repair, whatever the library at hand has.
//
// It calls libgwplugins through cgo and knows no kind of guard itself: Kinds lists what the library has, New makes a
// guard of any kind. A Guard scans and rewrites strings and bytes; ScanAll and RewriteAll do it for many texts at once;
// NewWriter and NewReader for texts that arrive in pieces.
//
// A Limiter decides who may do how much; a Codec compresses and decompresses. A library that is older than they are, or
// was built without them, keeps its guards.
//
// A call that gives an error has not checked the text, nor allowed the request.
//
// This package never hands out memory of the library, and never puts scanned text into an error. Tests: beside each
// file, and tests/hosts/test_go.py in the checkout.
package gwplugins
