package uptime

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// boot names the start of the machine; empty where that cannot be told.
func boot() string {
	name, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if _, told := up(); err != nil || !told {
		return ""
	}
	return strings.TrimSpace(string(name))
}

// up returns how long the machine has been up, the times at which it slept
// among them.
func up() (since time.Duration, told bool) {
	var at unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &at)
	return time.Duration(at.Nano()), err == nil
}
