package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMessagesSayWhatToType says of mistakes that people made that the answer
// holds what to write instead, and none of the words that mislead.
func TestMessagesSayWhatToType(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	file := func(name, text string) string {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	fleet := file("fleet.json", twoLines)
	stored := "sqlite:chats.db"
	require.Equal(t, exitOK, runWith("", "migrate", "-store", stored).status)
	chat := func(member string) string {
		return `{"id": "0198c0de-0000-7000-8000-000000000001", "from": "+12055550101", "to": ["+14155559876"], "created_at": "2025-01-02T03:04:05Z", ` + member + "}\n"
	}
	send := func(members string) string { return `{"to": ["+14155559876"], ` + members + "}\n" }

	for name, c := range map[string]struct {
		stdin string
		args  []string
		says  []string
	}{
		"a folder that is not there": {"", []string{"import", "-store", "sqlite:nowhere/chats.db"}, []string{"nowhere", "make it first"}},
		"a file that is not there":   {"", []string{"lines", "-store", "sqlite:nothing.db"}, []string{"nothing.db", "no such file"}},
		"a port that is no number":   {"", []string{"import", "-store", "postgres://app:p/w@db:54x2/app"}, []string{"%2F"}},
		"a store without its kind":   {"", []string{"import", "-store", "chats.db"}, []string{"sqlite:chats.db"}},
		"an id that is a number":     {strings.Replace(chat(`"named": false`), `"0198c0de-0000-7000-8000-000000000001"`, "42", 1), []string{"import", "-store", stored}, []string{"/id", "UUID in quotes"}},
		"a chat without a zone":      {chat(`"active_at": "2025-01-02T03:04:05"`), []string{"import", "-store", stored}, []string{"/active_at", "zone", "Z"}},
		"a send without a zone":      {send(`"message": {"parts": [{"type": "text", "value": "x"}]}, "at": "2025-01-02T03:04:05"`), []string{"route", "-explain", "-fleet", fleet}, []string{"/at", "zone", "Z"}},
		"a fleet that is an array":   {"", []string{"doctor", "-fleet", file("array.json", `["+12055550101"]`)}, []string{`{"phone_numbers": […]}`}},
		"a text without parts":       {send(`"message": {"text": "x"}`), []string{"route", "-explain", "-fleet", fleet}, []string{"/message/text", `"parts": [{"type": "text", "value": "…"}]`}},
		"a text beside the people":   {send(`"text": "x"`), []string{"route", "-explain", "-fleet", fleet}, []string{"/text", `"message": {"parts"`}},
		"a text in a part":           {send(`"message": {"parts": [{"type": "text", "text": "x"}]}`), []string{"route", "-explain", "-fleet", fleet}, []string{"did you mean value?"}},
		"a key that is too long":     {"", []string{"explain", "-store", stored, "-key", strings.Repeat("k", 300)}, []string{"300", "255"}},
		"a tenant that is no text":   {"", []string{"lines", "-store", stored, "-tenant", "\xff"}, []string{"-tenant"}},
	} {
		r := runWith(c.stdin, c.args...)
		assert.NotEqual(t, exitOK, r.status, name)
		told := r.stdout + r.stderr
		for _, words := range c.says {
			assert.Contains(t, told, words, name)
		}
		assert.NotContains(t, told, "nothing was written", name)
		assert.NotContains(t, told, "invalid store request", name)
	}
}

// TestFoldersThatCannotBeWritten says of a store in such a folder whose the
// fault is.
func TestFoldersThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	if f, err := os.CreateTemp(dir, "x"); err == nil { // root writes everywhere but here
		require.NoError(t, f.Close())
		dir = "/proc"
	}
	r := runWith("", "import", "-store", "sqlite:"+filepath.Join(dir, "chats.db"))
	assert.Equal(t, exitUsage, r.status)
	assert.Contains(t, r.stderr, "may not write in the folder "+dir)
}
