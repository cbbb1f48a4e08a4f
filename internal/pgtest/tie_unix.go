//go:build unix && !linux

package pgtest

import "syscall"

// tie does nothing where the kernel offers no such signal.
func tie(*syscall.SysProcAttr) {}
