package needed_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fromline/fromline/internal/needed"
)

// outcome is how a test ended.
type outcome struct {
	testing.TB
	text string
}

func (*outcome) Helper()                 {}
func (o *outcome) Fatalf(string, ...any) { o.end("failed") }
func (o *outcome) Skipf(string, ...any)  { o.end("skipped") }
func (o *outcome) end(text string)       { o.text = text; runtime.Goexit() }
func (o *outcome) of(f func()) (was string) {
	ended := make(chan bool)
	go func() {
		defer close(ended)
		f()
		o.text = "went on"
	}()
	<-ended
	return o.text
}

// What is missing fails a test under CI, and skips it elsewhere.
func TestMissingFailsUnderCI(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped", "true": "failed", "1": "failed"} {
		t.Setenv("CI", ci)
		o := &outcome{}
		assert.Equal(t, want, o.of(func() { needed.Missing(o, "a right") }), "CI=%q", ci)
		assert.Equal(t, want, o.of(func() { needed.Program(o, "no-such-program", "none") }), "CI=%q", ci)
		assert.Equal(t, "went on", o.of(func() { needed.Program(o, "go", "golang") }), "CI=%q", ci)
	}
}
