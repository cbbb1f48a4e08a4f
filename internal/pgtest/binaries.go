package pgtest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// errNoBinaries means that no usable installation was found.
var errNoBinaries = errors.New("pgtest: no PostgreSQL server binaries found: " +
	"install them (Debian: apt-get install postgresql), put initdb and postgres in PATH, or set FROMLINE_POSTGRES_DSN")

// binaries returns the directory of initdb and postgres. It takes the highest
// version below the usual directories of packagers before PATH, which often has
// the client programs only.
func binaries() (string, error) {
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/usr/local/pgsql/bin",
	} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("pgtest: %s: %w", pattern, err)
		}
		found = append(found, matches...)
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	for _, dir := range found {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errNoBinaries
}

// version returns the first number in a path, 0 if there is none.
func version(path string) int {
	start := slices.IndexFunc([]byte(path), digit)
	if start < 0 {
		return 0
	}
	end := start
	for end < len(path) && digit(path[end]) {
		end++
	}
	n, _ := strconv.Atoi(path[start:end])
	return n
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}
