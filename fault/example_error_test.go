package fault_test

import (
	"fmt"

	"github.com/fromline/fromline/fault"
)

// An error holds every fault of a request; the primary one decides the status.
func ExampleError() {
	err := &fault.Error{Faults: []fault.Fault{
		{Pointer: "/to", Rule: fault.RuleMissing, Code: fault.CodeMissing},
		{Pointer: "/message", Rule: fault.RuleMissing, Code: fault.CodeMissing},
	}}
	for _, f := range err.Faults {
		fmt.Println(f.Pointer, f.Rule, f.Code)
	}
	fmt.Println(err.Primary().Status(), err.Primary().Pointer)
	// Output:
	// /to member.missing 1001
	// /message member.missing 1001
	// 400 /to
}
