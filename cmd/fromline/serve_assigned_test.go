package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Numbers come and go by events: a released one is out of use over a restart,
// until a fleet file names it after one that did not; an assigned one becomes a
// line by -assigned, and doctor tells it otherwise.
func TestNumbersComeAndGo(t *testing.T) {
	const mine, theirs = "+12052535597", "+12052535598"
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	both, one := fleetOf(t, lineOf(mine, ""), lineOf(theirs, "")), fleetOf(t, lineOf(mine, ""))
	assigned := write(t, "assigned.json", `{"limits":{"new_chats_per_day":7},"label":"new"}`)
	event := func(kind, number string, at time.Time) string {
		return `{"event_type":"phone_number.` + kind + `","event_id":"e","data":{"phone_number":"` + number + `","changed_at":"` + at.UTC().Format(time.RFC3339Nano) + `"}}`
	}
	people := 0
	serving := func(file string, told string, more ...string) map[string]bool {
		p := start(t, append([]string{"-fleet", file, "-store", db, "-addr", "127.0.0.1:0", "-deliveries", filepath.Join(t.TempDir(), "out")}, more...)...)
		if told != "" {
			status, answer := p.send(t, "POST", "/v3/events", told)
			require.Equal(t, 200, status, answer)
		}
		usable := map[string]bool{}
		for _, from := range []string{mine, theirs, "+12052535599"} {
			people++ // each send is a first contact
			others := strings.ReplaceAll(`["`+mine+`","`+theirs+`","+12052535599"]`, `"`+from+`"`, `"+12025550100"`)
			body := strings.Replace(sendTo(fmt.Sprintf("+1415555%04d", people), "hi"), "{", `{"exclude_from":`+others+`,`, 1)
			status, answer := p.send(t, "POST", "/v3/messages", body)
			usable[from] = status == 202 && answer["from"] == from
		}
		require.Equal(t, 0, p.stop(t))
		return usable
	}
	want := func(mine_, theirs_, third bool) map[string]bool {
		return map[string]bool{mine: mine_, theirs: theirs_, "+12052535599": third}
	}
	now := time.Now()
	assert.Equal(t, want(true, false, false), serving(both, event("released", theirs, now)))
	assert.Equal(t, want(true, false, false), serving(both, ""), "the file was not brought up to date")
	assert.Equal(t, want(true, false, false), serving(one, ""))
	assert.Equal(t, want(true, true, false), serving(both, ""), "named again")

	assert.Equal(t, want(true, true, false), serving(both, event("assigned", "+12052535599", now)))
	doctor := runWith("", "doctor", "-fleet", both, "-store", db)
	assert.Contains(t, doctor.stdout, "+12052535599 was assigned to us")
	assert.Equal(t, want(true, true, true), serving(both, "", "-assigned", assigned))

	for _, wrong := range []string{`{"id":"1"}`, `{"phone_number":"+12052535599"}`, `{"limit":{}}`, `{"services":[]}`, `[]`, ``} {
		r := runWith("", "serve", "-fleet", both, "-assigned", write(t, "wrong.json", wrong), "-addr", "127.0.0.1:0")
		assert.Equal(t, exitUsage, r.status, wrong)
	}
}
