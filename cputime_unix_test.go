//go:build unix

package fromline_test

import (
	"syscall"
	"time"
)

// processorTime returns the processor time that this process has used. On a
// machine that others use as well it says more than the time of day.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
