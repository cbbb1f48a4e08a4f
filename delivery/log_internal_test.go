package delivery

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// TestWhatIsLogged is the table of the line that each end of an attempt is: its
// level, and what is told only if there is some.
func TestWhatIsLogged(t *testing.T) {
	fault := errors.New("injected fault")
	receiver := &Failure{Err: fault, Receiver: true}
	for name, row := range map[string]struct {
		ended Settlement
		want  []string // parts of the last line, which begins with the level
	}{
		"sent":         {Settlement{Result: Sent}, []string{`"DEBUG","msg":"delivery","result":"sent"`, `"took_ms":1.5}`}},
		"returned":     {Settlement{Result: Returned, Err: fault}, []string{`"DEBUG","msg":"delivery","result":"returned"`, `"took_ms":1.5,"error":"injected fault"}`}},
		"rerouted":     {Settlement{Result: Rerouted}, []string{`"DEBUG","msg":"delivery","result":"rerouted"`, `"took_ms":1.5}`}},
		"lost":         {Settlement{Result: Lost, Err: fault}, []string{`"WARN","msg":"delivery","result":"lost"`, `"took_ms":1.5,"error":"injected fault"}`}},
		"retrying":     {Settlement{Result: Retrying, Err: fault, Wait: time.Second}, []string{`"WARN","msg":"delivery","result":"retrying"`, `"error":"injected fault","wait_ms":1000}`}},
		"no receiver":  {Settlement{Result: Retrying, Err: receiver, Wait: time.Second}, []string{`"DEBUG","msg":"delivery","result":"retrying"`, `"wait_ms":1000}`}},
		"refused":      {Settlement{Result: Parked, Why: store.ParkedRefused, Err: fault}, []string{`"ERROR","msg":"a message is parked: the receiver refused it for good"`, `"why":"refused"`}},
		"used up":      {Settlement{Result: Parked, Why: store.ParkedAttempts, Err: fault}, []string{`"ERROR","msg":"a message is parked: its attempts are used up"`}},
		"line flagged": {Settlement{Result: Parked, Why: store.ParkedLineFlagged, Err: fault}, []string{`"ERROR","msg":"a message is parked: `, `and the message is not rerouted"`}},
		"no line":      {Settlement{Result: Parked, Why: store.ParkedNoLine, Err: fault}, []string{`"ERROR","msg":"a message is parked: `, `and no other line could take the message in time"`}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			d := &Dispatcher{opts: Options{Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}}
			row.ended.Took = 1500 * time.Microsecond
			d.settled(row.ended)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			last := lines[len(lines)-1]
			for _, want := range row.want {
				assert.Contains(t, last, want)
			}
			assert.Equal(t, row.ended.Why != 0, strings.Contains(last, `"why"`))
			assert.Equal(t, row.ended.Wait != 0, strings.Contains(last, `"wait_ms"`))
			assert.Equal(t, row.ended.Err != nil, strings.Contains(last, `"error"`))
		})
	}
}

// TestWhenTheReceiverIsTold says that a receiver that takes nothing, or takes
// messages again, is told when that changes, and that it takes nothing no more
// than once in the longest wait.
func TestWhenTheReceiverIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		d := &Dispatcher{opts: Options{MaxBackoff: 5 * time.Minute, Logger: slog.New(slog.NewTextHandler(&out, nil))}}
		refuses := Settlement{Result: Retrying, Err: &Failure{Err: errors.New("injected fault"), Receiver: true}}
		takes := Settlement{Result: Sent}
		began := time.Now()
		for _, step := range []struct {
			at    time.Duration
			hears Settlement
			lines int
			told  bool
		}{
			{0, takes, 0, false},
			{time.Minute, refuses, 1, true},
			{2 * time.Minute, refuses, 1, true},
			{3 * time.Minute, takes, 2, false},
			{3 * time.Minute, takes, 2, false},
			{6*time.Minute - 1, refuses, 2, true},
			{6 * time.Minute, refuses, 3, true},
			{20 * time.Minute, refuses, 3, true},
			{21 * time.Minute, Settlement{Result: Retrying, Err: errors.New("injected fault")}, 3, false},
			{22 * time.Minute, takes, 4, false},
			{23 * time.Minute, refuses, 5, true},
		} {
			time.Sleep(step.at - time.Since(began))
			require.Equal(t, step.told, d.hear(step.hears), step.at)
			require.Equal(t, step.lines, strings.Count(out.String(), "\n"), step.at)
		}
	})
}

// TestFailuresSayWhatTheyMean is the table of the text of a Failure.
func TestFailuresSayWhatTheyMean(t *testing.T) {
	err := errors.New("injected fault")
	for text, f := range map[string]Failure{
		"injected fault":                      {Err: err, LineFlagged: true},
		"for good: injected fault":            {Err: err, Permanent: true},
		"the line is flagged: injected fault": {Err: err, Permanent: true, LineFlagged: true},
	} {
		assert.Equal(t, text, f.Error())
	}
}
