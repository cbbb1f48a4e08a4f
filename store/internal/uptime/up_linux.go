package uptime

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// boot names the start of the machine. It is empty if the system does not tell
// its name or how long it has been up.
func boot() string {
	name, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if _, told := up(); err != nil || !told {
		return ""
	}
	return strings.TrimSpace(string(name))
}

// up returns how long the machine has been up, including the times when it
// slept.
func up() (since time.Duration, told bool) {
	var at unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &at)
	return time.Duration(at.Nano()), err == nil
}
