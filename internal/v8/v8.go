// Package v8 asks V8, the JavaScript engine, how it counts text: an opinion
// about UTF-16 from outside this project. It runs node, version 20 or later, as
// a process. Only tests import it. It does not assert V8's answers.
package v8

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fromline/fromline/internal/needed"
)

//go:embed oracle.mjs
var script string

// Question is a question about a text.
type Question struct {
	Text   string   `json:"text"`
	Places []int    `json:"places"` // in code units
	Ranges [][2]int `json:"ranges"` // in code units

	Clusters bool `json:"clusters"` // segment the text too, which is slow
}

// Answer is the answer of V8.
type Answer struct {
	Length   int       `json:"length"`   // in code units
	Places   []Place   `json:"places"`   // one for each asked
	Slices   []*string `json:"slices"`   // one for each range; nil if the slice has half a surrogate pair
	Clusters []int     `json:"clusters"` // where each grapheme cluster starts, in code units, if asked
	Emoji    bool      `json:"emoji"`    // the text is one emoji that Unicode recommends for general interchange
	Unicode  string    `json:"unicode"`  // the version of Unicode that V8 has
}

// Place is a place in the text, in other units. The zero value is a place
// inside a surrogate pair.
type Place struct {
	Whole bool `json:"whole"`
	Byte  int  `json:"byte"`
	Rune  int  `json:"rune"`
}

// Engine is a running V8. It is not safe for concurrent use. Make one with
// Start.
type Engine struct {
	ask    *json.Encoder
	answer *bufio.Reader
}

// Start runs node until the test ends. Without node the test is skipped, or
// fails under CI.
func Start(t testing.TB) *Engine {
	t.Helper()
	cmd := exec.Command(needed.Program(t, "node", "nodejs"), "--input-type=module", "--eval", script)
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // node ends with its input
		if err := cmd.Wait(); err != nil {
			t.Errorf("node: %v\n%s", err, stderr)
		}
	})
	return &Engine{ask: json.NewEncoder(stdin), answer: bufio.NewReader(stdout)}
}

// Ask returns the answer to a question. It fails the test if node does not
// answer.
func (e *Engine) Ask(t rapid.TB, q Question) Answer {
	t.Helper()
	if q.Places == nil {
		q.Places = []int{}
	}
	if q.Ranges == nil {
		q.Ranges = [][2]int{}
	}
	var a Answer
	if err := e.ask.Encode(q); err != nil {
		t.Fatalf("asking node: %v", err)
	}
	line, err := e.answer.ReadBytes('\n')
	if err != nil {
		t.Fatalf("node has not answered about %+q: %v", q.Text, err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatalf("node answered %q: %v", line, err)
	}
	return a
}
