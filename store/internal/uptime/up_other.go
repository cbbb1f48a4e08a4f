//go:build !linux

package uptime

import "time"

// boot is empty: this system has no name for the start of the machine.
func boot() string { return "" }

// up is not known on this system.
func up() (since time.Duration, told bool) { return 0, false }
