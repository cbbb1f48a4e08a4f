package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// someDelivery returns message m of chat c with a content of some size.
func someDelivery(c, m int, content string) delivery.Delivery {
	return delivery.Delivery{
		Delivery: store.Delivery{
			MessageID: messageID(c, m), ChatID: chatID(c), From: ourLine, To: people(c),
			Reason: store.NewBestNumber, Content: []byte(content),
		},
		Tenant: tenant, Attempt: 1, At: time.Now(),
	}
}

// lineOf is a line of the file as a reader sees it.
type lineOf struct {
	MessageID string          `json:"message_id"`
	ChatID    string          `json:"chat_id"`
	From      string          `json:"from"`
	To        []string        `json:"to"`
	Reason    string          `json:"reason"`
	Message   json.RawMessage `json:"message"`
}

// readLines returns the whole lines of a file, and how many there are that are
// not JSON.
func readLines(t require.TestingT, path string) (whole []lineOf, torn int) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for l := range bytes.Lines(text) {
		var v lineOf
		d := json.NewDecoder(bytes.NewReader(l))
		d.DisallowUnknownFields()
		switch {
		case len(bytes.TrimSpace(l)) == 0:
		case d.Decode(&v) == nil && bytes.HasSuffix(l, []byte("\n")):
			whole = append(whole, v)
		default:
			torn++
		}
	}
	return whole, torn
}

func TestLineOfADelivery(t *testing.T) {
	d := someDelivery(7, 2, `{"parts":[{"type":"text","value":"Grüße"}]}`)
	to, err := recipients.Canonicalize([]string{"ann@example.com", "+13015550007", "+441632960960"})
	require.NoError(t, err)
	d.To = to
	line, err := d.AppendJSON([]byte("before "))
	require.NoError(t, err)
	assert.Equal(t, `before {"message_id":"02000000-0000-0007-0000-000000000003","chat_id":"01000000-0000-0007-0000-000000000001",`+
		`"from":"+12025550100","to":["+13015550007","+441632960960","ann@example.com"],"reason":"new_best_number",`+
		`"message":{"parts":[{"type":"text","value":"Grüße"}]}}`, string(line))

	d.Content = []byte("{\n \"parts\": []\r\n}")
	line, err = d.AppendJSON(nil)
	require.NoError(t, err)
	assert.NotContains(t, string(line), "\n", "a line stays a line")

	d.Content = []byte("not\nJSON")
	line, err = d.AppendJSON([]byte("before"))
	require.Error(t, err)
	assert.Equal(t, "before", string(line))
}

// TestFileHoldsWholeLines is the law of the file: whatever is appended
// concurrently, every message taken over is exactly one whole line.
func TestFileHoldsWholeLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deliveries")
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	var wg sync.WaitGroup
	const chats, messages = 8, 50
	for c := range chats {
		wg.Go(func() {
			for m := range messages {
				assert.NoError(t, s.Send(context.Background(), someDelivery(c, m, `{"parts":[]}`)))
			}
		})
	}
	wg.Wait()
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing again does nothing")
	require.Error(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)))

	whole, torn := readLines(t, path)
	assert.Zero(t, torn)
	seen := map[string]int{}
	for _, l := range whole {
		seen[l.MessageID]++
	}
	assert.Len(t, seen, chats*messages)
	assert.Len(t, whole, chats*messages)

	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "messages are nobody else's business")
}

// tornFile is the law of a file that was cut short anywhere, as often as may
// be: what was whole stays whole, and what is appended afterwards is whole.
func tornFile(t *rapid.T) {
	dir, err := os.MkdirTemp("", "torn")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "deliveries")
	var kept []string // ids of the lines that were whole after the last cut
	next := 0
	for range rapid.IntRange(1, 4).Draw(t, "lives") {
		s, err := delivery.OpenFile(path)
		require.NoError(t, err)
		for range rapid.IntRange(0, 3).Draw(t, "messages") {
			d := someDelivery(0, next, rapid.SampledFrom([]string{`{}`, `{"parts":[{"type":"text","value":"\n"}]}`}).Draw(t, "content"))
			require.NoError(t, s.Send(context.Background(), d))
			kept = append(kept, d.MessageID.String())
			next++
		}
		require.NoError(t, s.Close())
		require.Subset(t, idsIn(t, path), kept)

		text, err := os.ReadFile(path)
		require.NoError(t, err)
		keep := len(text) - rapid.IntRange(0, min(len(text), 60)).Draw(t, "cut")
		require.NoError(t, os.Truncate(path, int64(keep)))
		kept = idsIn(t, path)
	}
}

func idsIn(t require.TestingT, path string) []string {
	whole, _ := readLines(t, path)
	ids := make([]string, 0, len(whole))
	for _, l := range whole {
		ids = append(ids, l.MessageID)
	}
	return ids
}

func TestTornFile(t *testing.T) { rapid.Check(t, tornFile) }
func FuzzTornFile(f *testing.F) { f.Fuzz(rapid.MakeFuzz(tornFile)) }

func TestFileThatCannotBeUsed(t *testing.T) {
	_, err := delivery.OpenFile(filepath.Join(t.TempDir(), "missing", "deliveries"))
	require.ErrorIs(t, err, os.ErrNotExist)

	path := filepath.Join(t.TempDir(), "deliveries")
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	var failure *delivery.Failure
	require.ErrorAs(t, s.Send(context.Background(), someDelivery(0, 0, "not\nJSON")), &failure)
	require.True(t, failure.Permanent, "it will not become JSON by trying again")
}

// TestNewFileBehindALink says that the directory that is flushed is the one
// that the new file is in, which a link may lead to.
func TestNewFileBehindALink(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "there"), 0o700))
	link := filepath.Join(dir, "deliveries")
	require.NoError(t, os.Symlink(filepath.Join("there", "file"), link))
	s, err := delivery.OpenFile(link)
	require.NoError(t, err)
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)))
	require.NoError(t, s.Close())
	require.Len(t, idsIn(t, filepath.Join(dir, "there", "file")), 1)
}

// TestPipe says that what has no disk below it needs no flush.
func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	s, err := delivery.NewFileSender(w)
	require.NoError(t, err)
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)), "a pipe has nothing to flush")
	require.NoError(t, s.Close())
	var v lineOf
	require.NoError(t, json.NewDecoder(r).Decode(&v))
	require.NoError(t, r.Close())
}
