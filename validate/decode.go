package validate

import (
	"errors"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// DecodeFault returns the error of [message.DecodeRequest] as an [*fault.Error]
// with its one violation of code 1003, and nil for any other error.
func DecodeFault(err error) *fault.Error {
	d, ok := errors.AsType[*message.DecodeError](err)
	if !ok {
		return nil
	}
	return &fault.Error{Faults: []fault.Fault{{
		Pointer: d.Pointer, Rule: d.Rule, Code: fault.CodeBody, Found: d.Offset, Value: d.Got, Nearest: d.Want,
	}}}
}
