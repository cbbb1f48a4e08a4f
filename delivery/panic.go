package delivery

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// panicError is the error of a Sender that panicked. Of the value it shows the
// type only, and of the stack the place: both may hold the message.
type panicError struct {
	value any
	where string // empty: not known
}

// panicked returns the error of a panic. A deferred function calls it with what
// recover gave.
func panicked(value any) *panicError {
	e := &panicError{value: value}
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	begun := false // the frames below are those of the panic
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch inside := strings.HasPrefix(f.Function, "runtime."); {
		case inside:
			begun = begun || f.Function == "runtime.gopanic"
		case begun:
			e.where = fmt.Sprintf("%s, %s:%d", f.Function, filepath.Base(f.File), f.Line)
			return e
		}
	}
	return e
}

func (e *panicError) Error() string {
	text := fmt.Sprintf("the sender panicked with a %q", fmt.Sprintf("%T", e.value))
	if e.where != "" {
		text += " in " + e.where
	}
	return text
}
