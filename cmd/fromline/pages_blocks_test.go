//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// block is a piece of code of a page: its language, "" for one that is
// indented. A comment before it may say that it is a file, or the output of the
// command before it.
type block struct {
	language, file, text string
	output               bool
}

// texts are the pages by their paths below the root of the repository.
func texts(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			all[name] = string(text)
		}
	}
	return all
}

// pages are the blocks of each page.
func pages(t *testing.T) map[string][]block {
	t.Helper()
	all := map[string][]block{}
	for name, text := range texts(t) {
		all[name] = blocks(t, name, text)
	}
	return all
}

// blockOf is the one block of a page in docs that holds a word.
func blockOf(t *testing.T, page, word string) (found block) {
	t.Helper()
	n := 0
	for _, b := range pages(t)[filepath.Join("docs", page)] {
		if strings.Contains(b.text, word) {
			found = b
			n++
		}
	}
	require.Equal(t, 1, n, "%s: blocks with %q", page, word)
	return found
}

var (
	fileComment = regexp.MustCompile(`^<!-- file: (\S+) -->$`)
	// Code that blocks does not read: in a list, in a quotation, or in another
	// form.
	otherCode = regexp.MustCompile("^(\\s+|.*> *)(```|~~~)|^~~~|^\t|<pre|<code")
)

// blocks returns the code of a page, in order.
func blocks(t *testing.T, name, page string) (all []block) {
	t.Helper()
	var open *block
	fenced, before := false, ""
	var next block
	for line := range strings.Lines(page) {
		text := strings.TrimSuffix(line, "\n")
		fence, isFence := strings.CutPrefix(text, "```")
		indented, isIndented := strings.CutPrefix(text, "    ")
		switch {
		case isFence && fenced:
			fenced, open, next = false, nil, block{}
		case isFence:
			next.language = fence
			all = append(all, next)
			fenced, open = true, &all[len(all)-1]
		case fenced:
			open.text += line
		case isIndented && (open != nil || before == ""):
			if open == nil {
				all = append(all, next)
				open = &all[len(all)-1]
			}
			open.text += indented + "\n"
		default:
			require.NotRegexp(t, otherCode, text, name)
			open = nil
			if m := fileComment.FindStringSubmatch(text); m != nil {
				next = block{file: m[1]}
			} else if text == "<!-- output -->" {
				next = block{output: true}
			} else if text != "" {
				next = block{}
			}
		}
		before = text
	}
	require.False(t, fenced, "%s: a fence is not closed", name)
	return all
}

// pattern is what a block or a command looks like, and the test that holds it.
type pattern struct {
	of   *regexp.Regexp
	test string // "" for a drawing
}

// notCommands are blocks that are no commands, as PAGE:LANGUAGE and their text,
// or whose commands another test runs as a whole.
var notCommands = []pattern{
	{regexp.MustCompile(`^docs/errors\.md:`), "TestFilesAreCurrent"}, // generated, and TestExamplesAreTrue has asked a server
	{regexp.MustCompile(`^\S+:go\n`), "TestPagesShowPrograms"},
	{regexp.MustCompile(`^\S+:json\n`), "TestPagesShowPrograms"},
	{regexp.MustCompile(`^\S+:mermaid\n`), ""},
	{regexp.MustCompile(`^README\.md:\nno chat with exactly these people ─+►`), ""},
	{regexp.MustCompile(`^docs/commands\.md:text\nschema: migration `), "TestMigrationsTellHowFarTheyAre"},
	{regexp.MustCompile(`^docs/mutation\.md:\ntools/mutation/run `), "TestMutationTool"},
	{regexp.MustCompile(`^docs/operations\.md:\n(?:.*\n)*(?:sqlite3 .*\.backup|rm -f chats\.db|pg_dump |psql .*DROP SCHEMA)`), "TestBackupAndRestore"},
	{regexp.MustCompile(`^docs/operations\.md:\n(?:sqlite3 -readonly|psql "\$DATABASE" -c) `), "TestWhichMessagesWait"},
	{regexp.MustCompile(`^docs/operations\.md:sh\ncurl .*phone_numbers`), "TestFlagsOfAReceiverAreUndone"},
	{regexp.MustCompile(`^docs/stores\.md:\npostgres://`), "TestPagesNameStores"},
	{regexp.MustCompile(`^docs/stores\.md:sql\nCREATE ROLE `), "TestRoleThatOwnsItsDatabase"},
	{regexp.MustCompile(`^docs/stores\.md:sql\nGRANT USAGE `), "TestRoleWithFewRights"},
}

// shellCommands are those that a page may show, with the test that runs them;
// the comment says why that is not TestPagesRun.
var shellCommands = []pattern{
	{begins(`fromline copy .* -to etcd://`), "TestMovesOfTheCookbook"}, // the command is built with etcd
	{begins(`(?:fromline|go run \./cmd/fromline|curl|jq) `), "TestPagesRun"},
	{begins(`go run \./examples/forget `), "TestForget"},            // that test runs the program
	{begins(`go get `), "TestModuleIsGot"},                          // it runs in another module
	{begins(`go install \S+@latest$`), "TestBuildsAreReproducible"}, // no version is released; that test builds the same package
	{begins(`(?:go test|\.ci/run)\b`), "TestPagesNameTests"},        // they run this test; that one looks up what they name
	{begins(`docker build -f deploy/Dockerfile `), "TestImage"},     // a test has no container engine
	{begins(`docker run .* fromline serve `), "TestImage"},          // the same
	{begins(`install .* /etc/systemd/system/$`), "TestUnit"},        // it would change the machine
	{begins(`systemctl \S+ .*fromline$`), "TestUnit"},               // the same
	{begins(`deploy/build `), "TestBuildsAreReproducible"},          // a module of its own
	{begins(`store/etcd/build `), "TestProgram"},                    // the same
}

// begins is a pattern of a line of a shell that begins so, behind variables.
func begins(text string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:[A-Z_]+=\S+ )*(?:nice )?` + text)
}

// match returns the first of the patterns that a text has.
func match(patterns []pattern, text string) (p *pattern) {
	if i := slices.IndexFunc(patterns, func(p pattern) bool { return p.of.MatchString(text) }); i >= 0 {
		return &patterns[i]
	}
	return nil
}

// testOf is the test that runs a command, "" if none is known.
func testOf(command string) string {
	if p := match(shellCommands, command); p != nil {
		return p.test
	}
	return ""
}

// commandsOf returns the lines of a shell that a block of a page holds, nil if
// it holds something else. A line goes on in the next if it ends in a backslash
// or within quotes.
func commandsOf(page string, b block) (lines []string) {
	if b.file != "" || b.output || match(notCommands, page+":"+b.language+"\n"+b.text) != nil {
		return nil
	}
	quoted := false
	for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", "")) {
		if line = strings.TrimRight(line, "\n"); quoted {
			lines[len(lines)-1] += "\n" + line
		} else {
			lines = append(lines, line)
		}
		quoted = quoted != (strings.Count(line, "'")%2 == 1)
	}
	return lines
}

// TestEveryBlockIsTested says that each block of a page is a file, an output or
// commands of TestPagesRun, or has another test, which is there; and that each
// pattern is needed.
func TestEveryBlockIsTested(t *testing.T) {
	tests := append(testsOf(t, "..."), "")
	needed := map[*pattern]bool{}
	for page, all := range pages(t) {
		for _, b := range all {
			needed[match(notCommands, page+":"+b.language+"\n"+b.text)] = true
			for _, command := range commandsOf(page, b) {
				p := match(shellCommands, command)
				needed[p] = true
				assert.True(t, p != nil && (b.language == "" || b.language == "sh"), "%s: no test knows this:\n%s", page, command)
			}
		}
	}
	for _, patterns := range [][]pattern{notCommands, shellCommands} {
		for i := range patterns {
			assert.True(t, slices.Contains(tests, patterns[i].test), "no test is named %s", patterns[i].test)
			assert.True(t, needed[&patterns[i]], "no page has %s", patterns[i].of)
		}
	}
}

// TestPagesNameStores says that the name of a store in a page can be read.
func TestPagesNameStores(t *testing.T) {
	name := strings.TrimSpace(blockOf(t, "stores.md", "postgres://app@").text)
	parsed, err := pgx.ParseConfig(name)
	require.NoError(t, err)
	require.Len(t, parsed.Fallbacks, 3, "two servers, each with TLS and without")
	require.NotNil(t, parsed.ValidateConnect, "only a server that accepts writes")
}

// TestPagesAreWrapped says that no line of a page is longer than 100
// characters, but for tables, code, links and what is generated.
func TestPagesAreWrapped(t *testing.T) {
	const width = 100
	for page, text := range texts(t) {
		if strings.HasPrefix(text, "<!-- Generated") {
			continue
		}
		fenced, number := false, 0
		for line := range strings.Lines(text) {
			number++
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if fenced || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "![") {
				continue
			}
			assert.LessOrEqual(t, len([]rune(line)), width, "%s:%d", page, number)
		}
	}
}
