package fromline_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store/memory"
)

// Every change of a line is told once to the observer and once to the log, in
// the process that learned it and in one that follows it; what changes nothing
// is not told. Neither needs the other.
func TestChangesOfLinesAreTold(t *testing.T) {
	chats := memory.New(memory.Options{})
	var told [2][]string
	var logs [2]bytes.Buffer
	var routers [2]*fromline.Router
	for i := range routers {
		f, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		o := fromline.Options{Observer: fromline.Observer{LineChanged: func(_ context.Context, tenant string, before, after line.Line) {
			told[i] = append(told[i], fmt.Sprint(tenant, " ", before.Number, " ", before.Status, " ", after.Status))
		}}}
		if i == 0 { // the other one has no log
			o.Logger = slog.New(slog.NewJSONHandler(&logs[i], nil))
		}
		routers[i], err = fromline.New(chats, f, o)
		require.NoError(t, err)
		_, err = routers[i].Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)}) // which polls the store
		require.NoError(t, err)
	}
	flagged := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Flagged, ChangedAt: time.Now().Add(-time.Minute)}
	for range 2 { // the second time it is no news
		_, err := routers[0].ReportLine(t.Context(), flagged)
		require.NoError(t, err)
	}
	want := []string{fmt.Sprint("acme ", dc, " ACTIVE FLAGGED")}
	require.Equal(t, want, told[0])
	require.Equal(t, 1, bytes.Count(logs[0].Bytes(), []byte("ACTIVE → FLAGGED")))
	require.Empty(t, told[1])
	require.Eventually(t, func() bool { // its poll is due after a while
		_, err := routers[1].Preview(context.Background(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		return err == nil && len(told[1]) > 0
	}, time.Minute, 50*time.Millisecond)
	require.Equal(t, want, told[1])
}

// A refusal for want of a line is a line of the log in words.
func TestRefusalsAreToldInWords(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, fromline.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))}, line.Line{Number: dc, Status: line.Flagged})
	_, err := r.send(request(t, nil, ann))
	require.Error(t, err)
	require.Contains(t, log.String(), "send refused, no line can take it: 1 flagged")
	require.NotContains(t, log.String(), ann.String()[1:])
}
