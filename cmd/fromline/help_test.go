//go:build unix

package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHelp says that help that was asked for goes to standard output, for each
// command in both ways, and that help for what is no command is a mistake.
func TestHelp(t *testing.T) {
	const screen, width = 50, 100
	for _, c := range commands() {
		if c.name == "help" {
			continue
		}
		asked := runWith("", c.name, "-h")
		assert.Equal(t, exitOK, asked.status)
		assert.Empty(t, asked.stderr)
		assert.True(t, strings.HasPrefix(asked.stdout, "usage: fromline "+c.name), asked.stdout)
		assert.LessOrEqual(t, strings.Count(asked.stdout, "\n"), screen)
		full := runWith("", "help", c.name)
		assert.Equal(t, exitOK, full.status)
		assert.Empty(t, full.stderr)
		for line := range strings.Lines(asked.stdout + full.stdout) {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), width+1, line)
		}
		if c.add != nil {
			flag := cmp.Or(map[string]string{"copy": "\n  -from ", "simulate": "\n  -scene "}[c.name], "\n  -store ")
			assert.Contains(t, asked.stdout, flag, "the flags are described")
			assert.Contains(t, full.stdout, flag, "the flags are described")
		}
		assert.Contains(t, full.stdout, "status", "so are the exit statuses")
	}
	all := runWith("", "help")
	for _, asked := range [][]string{{"-h"}, {"-help"}, {"--help"}, {"help", "help"}, {"help", "-h"}, {"help", "--help"}} {
		assert.Equal(t, all, runWith("", asked...), asked)
	}
	assert.Equal(t, exitOK, all.status)
	assert.Empty(t, all.stderr)
	for _, c := range commands() {
		assert.Contains(t, all.stdout, "fromline "+c.name+" ")
	}
	assert.Equal(t, exitUsage, runWith("", "help", "rout").status)
}

// TestDidYouMean says that a command or a flag that is misspelt is told with
// the one that was meant, and one that is like none is not.
func TestDidYouMean(t *testing.T) {
	for _, c := range commands() {
		for _, wrong := range []string{c.name[1:], c.name + "s", c.name[1:2] + c.name[:1] + c.name[2:]} {
			if _, known := find(wrong); known {
				continue
			}
			for _, args := range [][]string{{wrong}, {"help", wrong}} {
				r := runWith("", args...)
				assert.Equal(t, exitUsage, r.status)
				assert.Contains(t, r.stderr, "did you mean "+c.name+"?", wrong)
			}
		}
	}
	assert.NotContains(t, runWith("", "xyzzy").stderr, "did you mean")
	for _, args := range [][]string{{"route", "-flete", "x"}, {"serve", "--fleets=x"}, {"doctor", "-fleat", "x"}} {
		assert.Contains(t, runWith("", args...).stderr, "did you mean -fleet?")
	}
	assert.NotContains(t, runWith("", "route", "-xyzzy").stderr, "did you mean")
}

// TestNumbersThatAreNone says that a flag takes no number that means nothing.
func TestNumbersThatAreNone(t *testing.T) {
	for _, args := range [][]string{
		{"-rate", "NaN"}, {"-rate", "Inf"}, {"-rate", "-Inf"}, {"-rate", "-1"}, {"-rate", "1e300"}, {"-rate", "1e-300"}, {"-rate", "0.00009"}, {"-rate", "5", "-burst", "-1"},
		{"-rate", "5", "-burst", "9223372036854775807"}, {"-stop-within", "-1s"}, {"-stop-within", "NaN"},
	} {
		r := runWith("", append([]string{"serve", "-fleet", fleetFile}, args...)...)
		assert.Equal(t, exitUsage, r.status, args)
		assert.Contains(t, r.stderr, args[len(args)-2])
	}
}

// TestMistakesAreToldOnce says that a flag that is wrong is told in one line,
// and where to read on in another.
func TestMistakesAreToldOnce(t *testing.T) {
	for _, args := range [][]string{
		{"route", "-fast"}, {"serve", "-rate", "fast"}, {"import", "-after", "x"}, {"doctor", "-fast"}, {"doctor"}, {"serve"},
	} {
		r := runWith("", args...)
		assert.Equal(t, exitUsage, r.status)
		assert.Empty(t, r.stdout)
		lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
		require.Len(t, lines, 2, r.stderr)
		assert.Equal(t, "fromline "+args[0]+" -h lists the flags", lines[1])
	}
}

// TestFleetsOfTenants says what of a -fleet is the tenant: what stands before
// the first =, if it holds no slash; a file whose name has one is given with
// its path.
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
