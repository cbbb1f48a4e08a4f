//go:build unix

package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSettingsHaveAnOrder says that the command line goes before the
// environment, and that before the file, for every command that has the flag.
func TestSettingsHaveAnOrder(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"line", "environment", "file"} {
		require.NoError(t, os.WriteFile(name+".json", []byte(twoLines), 0o600))
	}
	require.NoError(t, os.WriteFile("config.json", []byte(`{"fleet": "file.json", "deliver-url": "https://gateway.example.com"}`), 0o600))
	told := func(args ...string) string {
		r := runWith("", append([]string{"doctor"}, args...)...)
		require.Equal(t, exitOK, r.status, r.stderr)
		first, _, _ := strings.Cut(r.stdout, "\n")
		return strings.TrimPrefix(first, "fleet of tenant default, ")
	}
	assert.Equal(t, "file.json", told("-config", "config.json"))
	t.Setenv("FROMLINE_CONFIG", "config.json")
	assert.Equal(t, "file.json", told())
	t.Setenv("FROMLINE_FLEET", "environment.json")
	assert.Equal(t, "environment.json", told())
	assert.Equal(t, "line.json", told("-fleet", "line.json"))
	t.Setenv("FROMLINE_FLEET", "a=environment.json,b=line.json")
	assert.Equal(t, 2, strings.Count(runWith("", "doctor").stdout, "fleet of tenant "))

	t.Setenv("FROMLINE_CONFIG", "")
	t.Setenv("FROMLINE_EXPLAIN", "true")
	r := runWith("", "route", "-fleet", "line.json", "-dry-run", os.DevNull)
	assert.Equal(t, exitOK, r.status, "what is done only once is not in the environment: %s", r.stderr)
}

// TestSettingsThatAreWrong says that a setting that is unknown, misspelt or has
// no such value is told with where it stands.
func TestSettingsThatAreWrong(t *testing.T) {
	for config, says := range map[string]string{
		`{"stroe": "sqlite:x"}`:        `did you mean "store"?`,
		`{"xyzzy": 1}`:                 "serve -h",
		`{"rate": "fast"}`:             `"rate"`,
		`{"rate": {}}`:                 `"rate" is an object: give a number`,
		`{"store": 5}`:                 `"store" is a number: give a string, the store that keeps`,
		`{"store": null}`:              `"store" is null: give a string`,
		`{"deliver-url": true}`:        `"deliver-url" is true or false: give a string, the URL to`,
		`{"webhook-secret": {"a": 1}}`: `"webhook-secret" is an object: give a string`,
		`{"token": [["a=@b"]]}`:        `"token" is a list in a list: give a string`,
		`{"opt-outs": 5}`:              `"opt-outs" "5": give true, false, or languages`,
		`{"defer": 5}`:                 `"defer" "5": give a time with its unit`,
		`[]`:                           "JSON object",
		`{"store": ["memory:", "x:"]}`: "2 values",
	} {
		r := runWith("", "serve", "-fleet", fleetFile, "-config", write(t, "config.json", config))
		assert.Equal(t, exitUsage, r.status, config)
		assert.Contains(t, r.stderr, says)
		assert.Contains(t, r.stderr, "-config")
	}
	t.Setenv("FROMLINE_RATE", "fast")
	r := runWith("", "serve", "-fleet", fleetFile)
	assert.Equal(t, exitUsage, r.status)
	assert.Contains(t, r.stderr, "FROMLINE_RATE")
}

// TestSettingThatIsNotUsedIsChecked says that a wrong value of the file is told
// also where the command line wins, or the command has no such flag: else a
// later start of serve would find it.
func TestSettingThatIsNotUsedIsChecked(t *testing.T) {
	config := write(t, "config.json", `{"rate": "fast", "store": "memory:"}`)
	for _, args := range [][]string{{"serve", "-rate", "5", "-fleet", fleetFile}, {"doctor"}} {
		r := runWith("", append(args, "-config", config)...)
		assert.Equal(t, exitUsage, r.status, args)
		assert.Contains(t, r.stderr, `"rate" "fast"`)
	}
}

// TestTextIsAString says that a setting whose value is text takes no number in
// its place, whichever setting it is: it would be the name of a file, or a
// secret that is shown.
func TestTextIsAString(t *testing.T) {
	set := settings()
	n := 0
	set.VisitAll(func(f *flag.Flag) {
		if !takesText(f) {
			return
		}
		n++
		err := setAll(set, f, []byte("4711"))
		require.Error(t, err, f.Name)
		assert.Regexp(t, "^is a number: give a string, the .*"+`\w`, err.Error(), f.Name)
		assert.NotContains(t, err.Error(), "4711")
	})
	assert.Greater(t, n, 10)
	for _, name := range []string{"rate", "max-backlog", "traces", "opt-outs", "defer", "log-level"} {
		assert.False(t, takesText(set.Lookup(name)), name)
	}
}

// TestEverySettingHasAVariable says that no two flags of serve share one, and
// that every flag that takes a list is known to.
func TestEverySettingHasAVariable(t *testing.T) {
	seen := map[string]string{}
	settings().VisitAll(func(f *flag.Flag) {
		name := variable(f.Name)
		assert.Regexp(t, "^FROMLINE_[A-Z_]+$", name)
		assert.Empty(t, seen[name])
		seen[name] = f.Name
		_, text := flag.UnquoteUsage(f)
		assert.Equal(t, strings.Contains(text, "may be repeated"), repeats(f), f.Name)
	})
}
