//go:build unix && !linux

package pgtest

import "syscall"

// tie does nothing: this kernel has no such signal.
func tie(*syscall.SysProcAttr) {}
