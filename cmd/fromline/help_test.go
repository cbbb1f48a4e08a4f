//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHelp says that help that was asked for goes to standard output, for each
// command in both ways, and that help for what is no command is a mistake.
func TestHelp(t *testing.T) {
	for _, command := range []string{"route", "serve", "import", "doctor"} {
		asked := runWith("", command, "-h")
		assert.Equal(t, exitOK, asked.status)
		assert.Empty(t, asked.stderr)
		assert.True(t, strings.HasPrefix(asked.stdout, "usage: fromline "+command+" "), asked.stdout)
		assert.Contains(t, asked.stdout, "\n  -store ", "the flags are described")
		assert.Equal(t, asked, runWith("", "help", command))
	}
	all := runWith("", "help")
	assert.Equal(t, exitOK, all.status)
	assert.Empty(t, all.stderr)
	assert.Equal(t, exitUsage, runWith("", "help", "rout").status)
}

// TestMistakesAreToldOnce says that a flag that is wrong is told in one line, and
// where to read on in another.
func TestMistakesAreToldOnce(t *testing.T) {
	for _, args := range [][]string{
		{"route", "-fast"}, {"serve", "-rate", "fast"}, {"import", "-after", "x"}, {"doctor", "-fast"}, {"doctor"}, {"serve"},
	} {
		r := runWith("", args...)
		assert.Equal(t, exitUsage, r.status)
		assert.Empty(t, r.stdout)
		lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
		require.Len(t, lines, 2, r.stderr)
		assert.Equal(t, "fromline "+args[0]+" -h describes the flags", lines[1])
	}
}

// TestFleetsOfTenants says what of a -fleet is the tenant: what stands before the
// first =, if it holds no slash; a file whose name has one is given with its path.
func TestFleetsOfTenants(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("dir", 0o700))
	for _, path := range []string{"a.json", "dir/a=b.json", "a=b.json"} {
		require.NoError(t, os.WriteFile(filepath.FromSlash(path), []byte(twoLines), 0o600))
	}
	for given, want := range map[string][2]string{
		"a.json":              {defaultTenant, "a.json"},
		"a=a.json":            {"a", "a.json"},
		"dir/a=b.json":        {defaultTenant, "dir/a=b.json"},
		"./a=b.json":          {defaultTenant, "./a=b.json"},
		"acme=dir/a=b.json":   {"acme", "dir/a=b.json"},
		"acme=./dir/a=b.json": {"acme", "./dir/a=b.json"},
	} {
		r := runWith("", "doctor", "-fleet", given)
		assert.Equal(t, exitOK, r.status, "%s: %s", given, r.stderr)
		assert.Contains(t, r.stdout, "fleet of tenant "+want[0]+", "+want[1]+"\n")
	}
	r := runWith("", "serve", "-fleet", "b=c.json", "-addr", "127.0.0.1:0")
	assert.Equal(t, exitUsage, r.status)
	assert.Contains(t, r.stderr, `"b"`, "the tenant that was read is told beside the file that is missing")
	assert.Contains(t, r.stderr, "c.json")
}
