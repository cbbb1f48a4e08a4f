//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sources are the texts of all files of Go below the root of the repository.
var sources = sync.OnceValues(func() (map[string]string, error) {
	root := filepath.Join("..", "..")
	texts := map[string]string{}
	return texts, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		texts[name] = string(text)
		return err
	})
})

var function = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)`)

// testsOf are the names of the tests and benchmarks of a package, or with /...
// of all below it.
func testsOf(t *testing.T, packages string) (names []string) {
	t.Helper()
	all, err := sources()
	require.NoError(t, err)
	dir, below := strings.CutSuffix(filepath.Clean(packages), "...")
	if below {
		dir = filepath.Clean(dir + ".")
	}
	for path, text := range all {
		in := filepath.Dir(path)
		if strings.HasSuffix(path, "_test.go") && (in == dir || below && (dir == "." || strings.HasPrefix(in, dir+"/"))) {
			for _, m := range function.FindAllStringSubmatch(text, -1) {
				names = append(names, m[1])
			}
		}
	}
	return names
}

// TestPagesNameTests says that the tests that a page names in a sentence or a
// table are there, and what its commands name, in a block or in a sentence.
func TestPagesNameTests(t *testing.T) {
	named := regexp.MustCompile("`(?:\\S+/)?(Test\\w+)`")
	inline := regexp.MustCompile("`([^`\n]+)`")
	tests := testsOf(t, "...")
	for page, text := range texts(t) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			assert.True(t, slices.Contains(tests, m[1]), "%s: %s", page, m[1])
		}
		for _, m := range inline.FindAllStringSubmatch(text, -1) {
			lookUp(t, page, m[1])
		}
	}
	for page, all := range pages(t) {
		for _, b := range all {
			for _, line := range commandsOf(page, b) {
				lookUp(t, page, line)
			}
		}
	}
}

var (
	goTest     = regexp.MustCompile(`^(?:cd (\S+) && )?((?:[A-Z_]+=\S+ )*)(?:nice )?go test\b(.*)`)
	goMain     = regexp.MustCompile(`^go (?:run|generate|install) (?:\.|github\.com/fromline/fromline)(/\S+?)(?:@latest)?(?: |$)`)
	steps      = regexp.MustCompile(`^(\.ci|bench)/run\b(.*)`)
	program    = regexp.MustCompile(`(?:^| )fromline ([a-z]+(?:-[a-z]+)*)(?: |$)(.*)`)
	fileOfOurs = regexp.MustCompile(`(?:^| |\$PWD/)((?:deploy|store|tools|examples)/[\w./-]+)`)
	flagOf     = regexp.MustCompile(`(?:^| )-([a-z][a-z.-]*)`)
)

// lookUp says that what a command names is there: packages, tests and flags of
// go test, programs, steps of scripts, files, and the flags of fromline.
func lookUp(t *testing.T, page, command string) {
	t.Helper()
	command, _, _ = strings.Cut(command, " #")
	at := page + ": " + command
	root := filepath.Join("..", "..")
	if m := goTest.FindStringSubmatch(command); m != nil {
		lookUpTests(t, at, m[1], m[2], strings.Fields(m[3]))
	}
	if m := goMain.FindStringSubmatch(command); m != nil {
		assert.DirExists(t, filepath.Join(root, m[1]), at)
	}
	if m := steps.FindStringSubmatch(command); m != nil {
		script, err := os.ReadFile(filepath.Join(root, m[1], "run"))
		require.NoError(t, err)
		for _, step := range strings.Fields(m[2]) {
			assert.Contains(t, string(script), "\n"+step+"() {", at)
		}
	}
	for _, m := range fileOfOurs.FindAllStringSubmatch(command, -1) {
		_, err := os.Stat(filepath.Join(root, m[1]))
		assert.NoError(t, err, at)
	}
	if m := program.FindStringSubmatch(command); m != nil && m[1] != "help" {
		help := runWith("", "help", m[1])
		assert.Equal(t, exitOK, help.status, at)
		for _, flag := range flagOf.FindAllStringSubmatch(m[2], -1) {
			assert.True(t, flag[1] == "h" || strings.Contains(help.stdout, "\n  -"+flag[1]+" "), "%s: -%s", at, flag[1])
		}
	}
}

// lookUpTests says that a go test, in a directory, finds its packages, and in
// them what it runs and the flags and variables that it sets.
func lookUpTests(t *testing.T, at, dir, variables string, words []string) {
	t.Helper()
	var packages []string
	patterns, flags := map[string]string{}, []string{}
	for i := 0; i < len(words); i++ {
		switch flag, isFlag := strings.CutPrefix(words[i], "-"); {
		case !isFlag:
			packages = append(packages, filepath.Join(dir, words[i]))
		case slices.Contains([]string{"v", "short", "race"}, flag):
		case flag == "update": // a flag of ours
			flags = append(flags, flag)
		case i+1 == len(words):
			assert.Fail(t, "a flag without a value", at)
		case flag == "run" || flag == "bench":
			i++
			patterns[flag] = strings.Trim(words[i], "'")
		default:
			i++
			flags = append(flags, flag)
		}
	}
	if packages == nil {
		packages = []string{filepath.Join(dir, "...")} // a sentence may leave out the package
	}
	var tests []string
	for _, name := range packages {
		in := testsOf(t, name)
		assert.NotEmpty(t, in, "%s: no tests in %s", at, name)
		tests = append(tests, in...)
	}
	for flag, pattern := range patterns {
		prefix := map[string]string{"run": "Test", "bench": "Benchmark"}[flag]
		for one := range strings.SplitSeq(pattern, "|") {
			p := regexp.MustCompile(one)
			assert.True(t, one == "^$" || slices.ContainsFunc(tests, func(name string) bool {
				return strings.HasPrefix(name, prefix) && p.MatchString(name)
			}), "%s: no %s of %s", at, prefix, one)
		}
	}
	all, err := sources()
	require.NoError(t, err)
	read := func(word string) bool {
		for _, text := range all {
			if strings.Contains(text, word) {
				return true
			}
		}
		return false
	}
	for _, flag := range flags {
		assert.True(t, slices.Contains([]string{"benchtime", "count", "timeout"}, flag) || read(`("`+flag+`", `), "%s: -%s", at, flag)
	}
	for variable := range strings.FieldsSeq(variables) {
		name, _, _ := strings.Cut(variable, "=")
		assert.True(t, read(`"`+name+`"`), "%s: no test reads %s", at, name)
	}
}

// TestPagesShowPrograms says that Go code in a page is a piece of a file that a
// test runs, and that JSON in a page is JSON, where … may stand for the last
// members.
func TestPagesShowPrograms(t *testing.T) {
	all, err := sources()
	require.NoError(t, err)
	runs := regexp.MustCompile(`(?m)^func Test|^\s*// (?:Unordered o|O)utput:`)
	called := func(text string) bool { // an example without output, which a test calls
		for _, m := range regexp.MustCompile(`(?m)^func (Example\w*\(\))`).FindAllStringSubmatch(text, -1) {
			for _, other := range all {
				if strings.Contains(other, "\n\t"+m[1]+"\n") && runs.MatchString(other) {
					return true
				}
			}
		}
		return false
	}
	var programs strings.Builder
	for path, text := range all {
		if strings.HasSuffix(path, "_test.go") && (runs.MatchString(text) || called(text)) || path == "examples/embed/main.go" { // which TestEmbed runs
			programs.WriteString(oneLine(text) + "\n")
		}
	}
	run := programs.String()
	for page, all := range pages(t) {
		for _, b := range all {
			switch b.language {
			case "go":
				assert.True(t, strings.Contains(run, oneLine(b.text)), "%s: this program is in no file that a test runs:\n%s", page, b.text)
			case "json":
				text := regexp.MustCompile(`,\s*…`).ReplaceAllString(b.text, "")
				assert.True(t, jsontext.Value(text).IsValid(), "%s: this is no JSON:\n%s", page, b.text)
			}
		}
	}
}

// oneLine is a text with a blank for all white space, so that indentation tells
// nothing.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
