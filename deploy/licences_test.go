package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/licensecheck"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLicences says that the page of dependencies names every module that the
// command links, with the licence that its text is, and none that asks more of
// those who pass the binary on than to keep its text.
func TestLicences(t *testing.T) {
	page, err := os.ReadFile("../docs/dependencies.md")
	require.NoError(t, err)
	named := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\S+\.\S+/\S+) \| ([\w.-]+) \|`).FindAllStringSubmatch(string(page), -1) {
		named[row[1]] = row[2]
	}
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}", "./cmd/fromline")
	cmd.Dir = ".."
	out, err := cmd.Output()
	require.NoError(t, err)
	linked := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, dir, found := strings.Cut(strings.TrimSpace(line), " ")
		if found {
			linked[path] = dir
		}
	}
	require.NotEmpty(t, linked)
	allowed := []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "CC-BY-4.0", "FTL"}
	for path, dir := range linked {
		licence := licenceOf(t, dir)
		assert.Contains(t, allowed, licence, path)
		assert.Equal(t, licence, named[path], "%s: docs/dependencies.md", path)
		delete(named, path)
	}
	for path := range named {
		assert.NotContains(t, linked, path)
	}
}

// licenceOf finds out what the licence of a module is by its text.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "LICEN[SC]E*"))
	require.NoError(t, err)
	more, err := filepath.Glob(filepath.Join(dir, "COPYING*"))
	require.NoError(t, err)
	either, err := filepath.Glob(filepath.Join(dir, "licenses", "ftl.txt")) // where one of two may be taken
	require.NoError(t, err)
	for _, path := range append(append(files, more...), either...) {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if c := licensecheck.Scan(text); len(c.Match) > 0 && c.Percent > 50 {
			return c.Match[0].ID
		}
	}
	return "none found in " + dir
}
