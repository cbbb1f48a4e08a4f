// Package needed is for tests that need a part which a machine may not have: a
// program, a server, a right. Only tests import it.
package needed

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program of a Debian package. If it is not
// installed, it ends the test as Missing does.
func Program(tb testing.TB, name, debian string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(tb, "%v: apt-get install %s", err, debian)
	}
	return path
}

// Missing ends a test for which a part is missing. It fails the test if the
// environment variable CI is set: there everything is installed, and no person
// reads the skips. Elsewhere it skips the test.
func Missing(tb testing.TB, what string, args ...any) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatalf("MISSING: "+what, args...)
	}
	tb.Skipf("SKIPPED, NOT PASSED: "+what, args...)
}
