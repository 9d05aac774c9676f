package gwplugins

// #cgo !gwplugins_static pkg-config: gwplugins
// #cgo gwplugins_static LDFLAGS: -Wl,--as-needed -l:libgwplugins.a
// #cgo gwplugins_static pkg-config: --static gwplugins
// #cgo gwplugins_static CFLAGS: -DGWGO_STATIC
// #include "calls.h"
import "C"

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

// Kind is an entry of the library's catalogue.
type Kind struct {
	// Name is what New takes.
	Name string
	// Schema is the JSON Schema of the configuration.
	Schema json.RawMessage
	// Output tells whether guards of this kind rewrite text.
	Output bool
	// Stream tells whether they can stream, although a configuration may exclude it.
	Stream bool
	// Details tells whether they write details.
	Details bool
}

// Kinds lists the kinds of guards that the library has. It fails when the library does not serve this package.
func Kinds() ([]Kind, error) {
	if err := usable(forGuards); err != nil {
		return nil, err
	}
	kinds := make([]Kind, C.gwp_kind_count())
	for index := range kinds {
		if err := kinds[index].read(C.size_t(index)); err != nil {
			return nil, err
		}
	}
	return kinds, nil
}

func (kind *Kind) read(index C.size_t) error {
	var name, schema *C.uint8_t
	var nameLen, schemaLen C.size_t
	var caps C.uint32_t
	var reported *C.gwp_error
	if status := C.gwp_kind_name(index, &name, &nameLen, &reported); status != C.GWP_OK {
		return failed(status, &reported)
	}
	if status := C.gwp_kind_schema(index, &schema, &schemaLen, &reported); status != C.GWP_OK {
		return failed(status, &reported)
	}
	if status := C.gwp_kind_caps(index, &caps, &reported); status != C.GWP_OK {
		return failed(status, &reported)
	}
	kind.Name = string(view(name, nameLen))
	kind.Schema = append(json.RawMessage(nil), view(schema, schemaLen)...)
	kind.Output = caps&C.GWP_CAP_OUTPUT != 0
	kind.Stream = caps&C.GWP_CAP_STREAM != 0
	kind.Details = caps&C.GWP_CAP_DETAILS != 0
	return nil
}

// Version is that of the library, such as "0.1.0".
func Version() string {
	return C.GoString(C.gwp_version())
}

// ABIVersion is that of the library, such as 1, 0.
func ABIVersion() (major, minor int) {
	version := C.gwp_abi_version()
	return int(version >> 16), int(version & 0xffff)
}

// family of calls that came with a minor version of the ABI.
type family struct {
	name  string
	minor C.uint32_t
	there func() bool // whether the library has its functions
}

// The families that this package has.
var (
	forGuards   = family{"guards", 0, func() bool { return true }}
	forLimiters = family{"limiters", 1, func() bool { return C.gwgo_has_limiters() != 0 }}
	forCodecs   = family{"codecs", 2, func() bool { return C.gwgo_has_codecs() != 0 }}
)

// usable is why the library cannot be used for a family, or nil. A program may meet another library than it was
// compiled with, one that is older than some families, too.
func usable(asked family) error {
	served := C.gwp_abi_supports(C.GWP_ABI_MAJOR, asked.minor) != 0
	if served && asked.there() {
		return nil
	}
	why := ", but not all functions of " + asked.name
	if !served {
		why = fmt.Sprintf("; %s need %d.%d", asked.name, C.GWP_ABI_MAJOR, asked.minor)
	}
	major, minor := ABIVersion()
	message := fmt.Sprintf("the loaded libgwplugins has ABI %d.%d%s", major, minor, why)
	return &Error{Code: ErrUnsupported, Name: "GWP_E_UNSUPPORTED", Message: message}
}

// words is a text of the library that a call points to, or why there is none.
func words(ask func(text **C.uint8_t, size *C.size_t, reported **C.gwp_error) C.gwp_status) (string, error) {
	var text *C.uint8_t
	var size C.size_t
	var reported *C.gwp_error
	if status := ask(&text, &size, &reported); status != C.GWP_OK {
		return "", failed(status, &reported)
	}
	return string(view(text, size)), nil
}

// view is memory of the library as a slice, which must be copied before its owner is used again or freed.
func view(memory *C.uint8_t, size C.size_t) []byte {
	return unsafe.Slice((*byte)(memory), size)
}

// bytesAt is the memory of a slice as the library takes it.
func bytesAt(text []byte) *C.uint8_t {
	return (*C.uint8_t)(unsafe.SliceData(text))
}

// stringAt is the memory of a string as the library takes it.
func stringAt(text string) *C.uint8_t {
	return (*C.uint8_t)(unsafe.StringData(text))
}
