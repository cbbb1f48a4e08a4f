//go:build !linux

package uptime

import "time"

// boot names the start of the machine: it has no name here.
func boot() string { return "" }

// up is not told here.
func up() (since time.Duration, told bool) { return 0, false }
