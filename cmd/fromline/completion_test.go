//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
)

// completed returns what may stand at the last of some words.
func completed(words ...string) []string {
	var all []string
	for line := range strings.Lines(runWith("", append([]string{completing}, words...)...).stdout) {
		text, _, _ := strings.Cut(line, "\t")
		all = append(all, text)
	}
	return all
}

// TestCompletion says that each command is completed, each of its flags, and
// values that are words; and that files are left to the shell.
func TestCompletion(t *testing.T) {
	for _, c := range commands() {
		assert.Contains(t, completed(c.name[:2]), c.name)
		assert.Contains(t, completed("help", c.name[:1]), c.name)
		help := runWith("", c.name, "-h").stdout
		for _, flag := range completed(c.name, "-") {
			assert.Contains(t, help, "\n  "+flag+" ", c.name)
		}
		if c.add != nil {
			assert.Contains(t, completed(c.name, "-conf"), "-config")
		}
	}
	assert.Equal(t, []string{"sqlite:", "sharded:"}, completed("serve", "-store", "s"))
	assert.Equal(t, []string{"careful"}, completed("serve", "-reroute", "-guard", "c"), "a switch takes no value")
	assert.Equal(t, []string{"release", "reroute"}, completed("parked", "re"))
	assert.Empty(t, completed("serve", "-fleet", "f"))
	assert.Empty(t, completed("nothing", "-"))
	assert.Empty(t, completed())
}

// TestShellsComplete runs the scripts in the shells that they are for.
func TestShellsComplete(t *testing.T) {
	dir := t.TempDir()
	self, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(dir, "fromline")))
	for shell, script := range map[string]string{
		"bash": `source <(fromline completion bash)
			try() { COMP_LINE="$1"; COMP_POINT=${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fromline; printf '%s\n' "${COMPREPLY[@]}"; }
			try "fromline ser" fromline ser
			try "fromline serve -guard care" fromline serve -guard care
			try "fromline copy -from sql" fromline copy -from sql
			try "fromline copy -from sqlite:" fromline copy -from sqlite : 2>/dev/null; complete -p fromline`,
		"zsh": `autoload -U compinit && compinit -D -u; source <(fromline completion zsh)
			_describe() { print -l -- ${(P)2} }
			_files() { print files }
			try() { words=("$@"); CURRENT=$#; _fromline }
			try fromline ser; try fromline serve -guard care; try fromline copy -from sql; try fromline serve -fleet x`,
		"fish": `fromline completion fish | source
			complete -C "fromline ser"; complete -C "fromline serve -guard care"; complete -C "fromline copy -from sql"`,
	} {
		t.Run(shell, func(t *testing.T) {
			cmd := subprocess(t, needed.Program(t, shell, shell), "-c", script)
			cmd.Env = append(os.Environ(), asCommand+"=1", "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "XDG_CONFIG_HOME="+dir)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			for _, want := range []string{"serve", "careful", "sqlite"} {
				assert.Regexp(t, "(?m)^"+want, string(out))
			}
			assert.NotContains(t, string(out), "simulate")
		})
	}
}
