package fault_test

import (
	"encoding/json"
	"fmt"

	"github.com/fromline/fromline/fault"
)

// The body of an answer that is no success, from the faults that were found.
func ExampleError_Envelope() {
	err := &fault.Error{Faults: []fault.Fault{
		{Pointer: "/to", Rule: fault.RuleMissing, Code: fault.CodeMissing},
	}}
	body := err.Envelope("https://docs.example.com", "0123456789abcdef0123456789abcdef")
	fmt.Println(body.Error.Status, body.Error.Code, body.Error.DocURL)
	text, _ := json.Marshal(body.Error.Violations[0])
	fmt.Println(string(text))
	// Output:
	// 400 1001 https://docs.example.com/error/codes/1xxx/1001/
	// {"pointer":"/to","rule":"member.missing","code":1001,"status":400,"message":"to is required"}
}
