//go:build unix

package delivery

import (
	"os"
	"syscall"
)

// hasNoName says whether the file that something is known of was removed.
func hasNoName(info os.FileInfo) bool {
	s, is := info.Sys().(*syscall.Stat_t)
	return is && s.Nlink == 0
}
