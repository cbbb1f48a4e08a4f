package fleet

import (
	stdjson "encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// The defaults of lines that are assigned are read as the same members of an
// entry of a file are: as the same line, with the same warnings, or with the
// same faults.
func TestDefaultsAreReadAsAnEntry(t *testing.T) {
	same := func(t require.TestingT, members string) {
		const at = "/phone_numbers/0"
		text := `{"phone_numbers":[{"id":"a","phone_number":"+14155550100"` + strings.TrimSuffix(","+members, ",") + `}]}`
		file, told, wrong := ParseFile([]byte(text))
		l, warnings, err := ParseAssigned([]byte(`{` + members + `}`))
		require.Equal(t, strings.ReplaceAll(faults(wrong), at, ""), faults(err), members)
		for i := range told {
			told[i].Pointer = strings.TrimPrefix(told[i].Pointer, at)
		}
		require.Equal(t, told, warnings, members)
		if err != nil {
			require.Zero(t, l)
			return
		}
		want := file.Lines[0]
		want.Number, want.ID = recipients.Handle{}, ""
		require.Equal(t, want, l, members)
	}
	for _, members := range []string{
		``, `"uid":"x","label":"autumn"`, `"status":"PAUSED"`, `"status":1`, `"labels":"x","services":["sms"],"uid":1`,
		`"limits":{"new_chats_per_day":0,"x":1}`, `"services":[null]`, `"status":"ACTIVE","status":"ACTIVE"`, `"guard":{"gap":"1h"}`,
	} {
		same(t, members)
	}
	rapid.Check(t, func(t *rapid.T) {
		l := drawLine(t)
		l.ID, l.NewChats, l.Failovers = "a", 0, 0
		l.NewChatsFullUntil, l.MessagesFullUntil, l.FailoversFullUntil, l.PacedAt, l.RecoveredAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
		text, err := stdjson.Marshal(File{Lines: []line.Line{l}})
		require.NoError(t, err)
		var written struct {
			Lines []map[string]stdjson.RawMessage `json:"phone_numbers"`
		}
		require.NoError(t, stdjson.Unmarshal(text, &written))
		maps.DeleteFunc(written.Lines[0], func(name string, _ stdjson.RawMessage) bool { return name == "id" || name == "phone_number" })
		members, err := stdjson.Marshal(written.Lines[0])
		require.NoError(t, err)
		same(t, string(members[1:len(members)-1]))
	})
}

// They name no line: an id and a number are faults, each at its place, beside
// others.
func TestDefaultsNameNoLine(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":""}`:                                 "bad_value /id",
		`{"phone_number":"+14155550100"}`:           "bad_value /phone_number",
		`{"id":"a","phone_number":"","x":1}`:        "bad_value /id, bad_value /phone_number",
		`{"status":"x","phone_number":"","id":"a"}`: "bad_value /id, bad_value /phone_number, bad_value /status",
		`{"id":null,"phone_number":null}`:           "fine",
		`[]`:                                        "malformed",
		``:                                          "malformed",
	} {
		l, _, err := ParseAssigned([]byte(text))
		require.Equal(t, want, faults(err), text)
		if err != nil {
			require.Zero(t, l)
		}
	}
}
