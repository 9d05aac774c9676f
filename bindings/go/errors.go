package gwplugins

// #include <gwplugins.h>
import "C"

import (
	"strings"
)

// Code is the number of an error, and an error to compare with: errors.Is(err, gwplugins.ErrTooLarge). 1 to 19 are for
// the programmer who calls, 20 to 39 for the author of the configuration, 40 to 59 for the sender of the content, 60 to
// 79 for the machine, 80 to 99 for gwplugins. A later library may have codes that have no name here.
type Code int32

// The codes of the library.
const (
	// ErrNullArg: a pointer is NULL that must not be; this package gives none.
	ErrNullArg Code = C.GWP_E_NULL_ARG
	// ErrBadHandle: the guard, limiter, codec or stream is closed.
	ErrBadHandle Code = C.GWP_E_BAD_HANDLE
	// ErrBadFlag: an option is unknown, or two contradict each other.
	ErrBadFlag Code = C.GWP_E_BAD_FLAG
	// ErrBadOffsets: the offsets of a column do not ascend, or pass the end of the buffer.
	ErrBadOffsets Code = C.GWP_E_BAD_OFFSETS
	// ErrBusy: another call is using the result or stream; this package lets them wait.
	ErrBusy Code = C.GWP_E_BUSY
	// ErrUnsupported: this guard or codec does not offer the call, or the library does not serve this package.
	ErrUnsupported Code = C.GWP_E_UNSUPPORTED
	// ErrFinished: the stream has been finished or has failed.
	ErrFinished Code = C.GWP_E_FINISHED
	// ErrOutOfRange: an index or a count is out of range.
	ErrOutOfRange Code = C.GWP_E_OUT_OF_RANGE
	// ErrBadType: a value of the wrong type (other languages only).
	ErrBadType Code = C.GWP_E_BAD_TYPE
	// ErrBadDetection: a detection does not fit the text (other languages only).
	ErrBadDetection Code = C.GWP_E_BAD_DETECTION
	// ErrBadState: the state of a limiter is damaged, or of a limiter with other dimensions or windows.
	ErrBadState Code = C.GWP_E_BAD_STATE
	// ErrUnknownKind: the library has no such kind of guard, or no such codec.
	ErrUnknownKind Code = C.GWP_E_UNKNOWN_KIND
	// ErrConfigSyntax: the configuration is not strict JSON, is nested too deep, or cannot be made into JSON.
	ErrConfigSyntax Code = C.GWP_E_CONFIG_SYNTAX
	// ErrConfigKey: a configuration key is unknown, double or missing.
	ErrConfigKey Code = C.GWP_E_CONFIG_KEY
	// ErrConfigType: a configuration value has the wrong type.
	ErrConfigType Code = C.GWP_E_CONFIG_TYPE
	// ErrConfigValue: a configuration value is not allowed.
	ErrConfigValue Code = C.GWP_E_CONFIG_VALUE
	// ErrPattern: a pattern is outside the portable grammar.
	ErrPattern Code = C.GWP_E_PATTERN
	// ErrPatternSize: a pattern is too large.
	ErrPatternSize Code = C.GWP_E_PATTERN_SIZE
	// ErrPatternEmpty: a pattern matches the empty string and must not.
	ErrPatternEmpty Code = C.GWP_E_PATTERN_EMPTY
	// ErrTooLarge: the text, or what decompression would give, is larger than the configured limit.
	ErrTooLarge Code = C.GWP_E_TOO_LARGE
	// ErrTooDeep: nested data is too deep (other languages only).
	ErrTooDeep Code = C.GWP_E_TOO_DEEP
	// ErrTooManyItems: nested data has too many items (other languages only).
	ErrTooManyItems Code = C.GWP_E_TOO_MANY_ITEMS
	// ErrTooManyFindings: there are more findings than the configured limit.
	ErrTooManyFindings Code = C.GWP_E_TOO_MANY_FINDINGS
	// ErrCycle: nested data contains itself (other languages only).
	ErrCycle Code = C.GWP_E_CYCLE
	// ErrBadData: compressed data is damaged, or of another format.
	ErrBadData Code = C.GWP_E_BAD_DATA
	// ErrTruncated: compressed data ends too early.
	ErrTruncated Code = C.GWP_E_TRUNCATED
	// ErrTrailing: something follows the end of compressed data.
	ErrTrailing Code = C.GWP_E_TRAILING
	// ErrChecksum: a checksum in compressed data does not match.
	ErrChecksum Code = C.GWP_E_CHECKSUM
	// ErrDictionary: compressed data needs another dictionary.
	ErrDictionary Code = C.GWP_E_DICTIONARY
	// ErrNotAcceptable: the other side accepts none of the codecs.
	ErrNotAcceptable Code = C.GWP_E_NOT_ACCEPTABLE
	// ErrNoMemory: there is no memory.
	ErrNoMemory Code = C.GWP_E_NO_MEMORY
	// ErrNoEntropy: the operating system gave no random bytes.
	ErrNoEntropy Code = C.GWP_E_NO_ENTROPY
	// ErrUnavailable: the server that holds the counts cannot be asked (other languages only).
	ErrUnavailable Code = C.GWP_E_UNAVAILABLE
	// ErrPanic: a defect in gwplugins; the message says where.
	ErrPanic Code = C.GWP_E_PANIC
)

// Error is the name of the code, such as "GWP_E_TOO_LARGE"; "GWP_E_UNKNOWN" for one the library does not know.
func (code Code) Error() string {
	return C.GoString(C.gwp_status_name(C.gwp_status(code)))
}

// Error is what the library reports. A call that gives one has not checked the text. It never holds scanned text.
type Error struct {
	Code Code
	// Name of the code, such as "GWP_E_TOO_LARGE".
	Name string
	// Message is one line.
	Message string
	// Path of the configuration value at fault, such as "$.custom_patterns[0].pattern"; empty when it is about none.
	Path string
}

// Error is the name and the message, which begins with the path if there is one.
func (e *Error) Error() string {
	return "gwplugins: " + e.Name + ": " + e.Message
}

// Unwrap is the code, so that errors.Is finds it.
func (e *Error) Unwrap() error {
	return e.Code
}

// ErrClosed is what a guard, a limiter, a codec and a stream give after Close. Its code is ErrBadHandle.
var ErrClosed error = &Error{Code: ErrBadHandle, Name: "GWP_E_BAD_HANDLE", Message: "it was closed"}

// BlockedError ends a Writer or a Reader at content that must not pass.
type BlockedError struct {
	// Report on the part that was not passed on.
	Report Report
}

// Error names the rules that say so.
func (e *BlockedError) Error() string {
	var rules []string
	named := map[string]bool{}
	for _, finding := range e.Report.Findings {
		if finding.Action == Block && !named[finding.Rule] {
			named[finding.Rule] = true
			rules = append(rules, finding.Rule)
		}
	}
	return "gwplugins: the content must not pass: " + strings.Join(rules, ", ")
}

// fault is an error of this package with a code of the library.
func fault(code Code, message string) *Error {
	return &Error{Code: code, Name: code.Error(), Message: message}
}

// failed is the error of a call with this status, which set `reported` or left it NULL; frees what it set.
func failed(status C.gwp_status, reported **C.gwp_error) error {
	var message, path *C.uint8_t
	var messageLen, pathLen C.size_t
	told := fault(Code(status), "no reason was given")
	if *reported == nil {
		return told
	}
	C.gwp_error_message(*reported, &message, &messageLen)
	C.gwp_error_path(*reported, &path, &pathLen)
	told.Message, told.Path = string(view(message, messageLen)), string(view(path, pathLen))
	C.gwp_error_free(*reported)
	*reported = nil
	return told
}
