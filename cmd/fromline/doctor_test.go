package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// found are the findings of one run of doctor, by level.
type found struct {
	status          int
	ok, note, wrong []string
}

func examine(t *testing.T, args ...string) found {
	t.Helper()
	var out, complaints bytes.Buffer
	f := found{status: run(append([]string{"doctor"}, args...), strings.NewReader(""), &out, &complaints)}
	for line := range strings.Lines(out.String()) {
		level, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch level {
		case "ok":
			f.ok = append(f.ok, text)
		case "note":
			f.note = append(f.note, text)
		case "wrong":
			f.wrong = append(f.wrong, text)
		}
	}
	assert.Equal(t, len(f.wrong) > 0, f.status == exitRefused, "status 1 stands for something wrong: %s", out.String())
	return f
}

// lineOf is an entry of a fleet file.
func lineOf(number, more string) string {
	return `{"id":"` + number + `","phone_number":"` + number + `","reputation":{"status":"HEALTHY"}` + more + `}`
}

func fleetOf(t *testing.T, lines ...string) string {
	t.Helper()
	return write(t, "fleet.json", `{"phone_numbers":[`+strings.Join(lines, ",")+`]}`)
}

func TestDoctorOnFleets(t *testing.T) {
	fine := fleetOf(t, lineOf("+12055550101", ""), lineOf("+14155550102", ""))
	for name, c := range map[string]struct {
		args        []string
		note, wrong int
	}{
		"fine":                     {[]string{"-fleet", fine}, 0, 0},
		"a member nobody knows":    {[]string{"-fleet", fleetOf(t, lineOf("+12055550101", `,"colour":"red"`))}, 1, 0},
		"no such file":             {[]string{"-fleet", filepath.Join(t.TempDir(), "fleet.json")}, 0, 1},
		"not a fleet":              {[]string{"-fleet", write(t, "fleet.json", `{"phone_numbers":[{}]}`)}, 0, 1},
		"no line can open a chat":  {[]string{"-fleet", fleetOf(t, lineOf("+12055550101", `,"status":"FLAGGED"`))}, 0, 1},
		"a number in two fleets":   {[]string{"-fleet", "a=" + fine, "-fleet", "b=" + fine}, 0, 1},
		"one bad fleet, one other": {[]string{"-fleet", "a=" + fine, "-fleet", "b=" + write(t, "b.json", `[]`)}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := examine(t, c.args...)
			assert.Len(t, f.note, c.note)
			assert.Len(t, f.wrong, c.wrong)
		})
	}
}

func TestDoctorStatus(t *testing.T) {
	for name, args := range map[string][]string{
		"nothing to look at":   {},
		"an argument":          {"-fleet", "fleet.json", "more"},
		"two files a tenant":   {"-fleet", "a=x.json", "-fleet", "a=y.json"},
		"a store of no memory": {"-store", "memory:"},
		"an empty tenant":      {"-fleet", "=x.json"},
		"an unknown flag":      {"-flete", "x.json"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, exitUsage, examine(t, args...).status) })
	}
	assert.Equal(t, exitOK, runWith("", "doctor", "-h").status)
}

// TestDoctorChangesNothing says that looking makes no file and no schema.
func TestDoctorChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chats.db")
	assert.Len(t, examine(t, "-store", "sqlite:"+path).wrong, 1)
	_, err := os.Stat(path)
	assert.ErrorIs(t, err, os.ErrNotExist)

	dsn := pgtest.Database(t)
	assert.Len(t, examine(t, "-store", dsn).wrong, 1)
	assert.Len(t, examine(t, "-store", dsn).wrong, 1, "the schema is still missing")
}

// TestDoctorCountsWhatFailsOver takes a line from people who know it, in each
// of the ways there are, and asks whether the other has room for them.
func TestDoctorCountsWhatFailsOver(t *testing.T) {
	stores := stores(t)
	delete(stores, "memory")
	stores["postgres"] = ""
	for name, dsn := range stores {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				dsn = pgtest.Database(t)
			}
			const old, spare = "+12055550101", "+14155550102"
			var sends strings.Builder
			for _, last := range []string{"71", "72", "73"} {
				sends.WriteString(sendTo("+120555598"+last, "hi") + "\n")
			}
			require.Zero(t, runWith(sends.String(), "route", "-fleet", fleetOf(t, lineOf(old, "")), "-store", dsn).status)

			room := func(limit string) string { return lineOf(spare, `,"limits":{"new_chats_per_day":`+limit+`}`) }
			enough := examine(t, "-store", dsn, "-fleet", fleetOf(t, lineOf(old, `,"status":"FLAGGED"`), room("3")))
			assert.Equal(t, exitOK, enough.status)
			require.Len(t, enough.note, 1)
			assert.Contains(t, enough.note[0], "3 chats")

			scarce := examine(t, "-store", dsn, "-fleet", fleetOf(t, lineOf(old, `,"eligible":false`), room("2")))
			require.Len(t, scarce.wrong, 1)
			assert.Contains(t, scarce.wrong[0], "can open 2")

			critical := strings.Replace(lineOf("+16175550103", ""), "HEALTHY", "CRITICAL", 1)
			assert.Len(t, examine(t, "-store", dsn, "-fleet", fleetOf(t, lineOf(old, `,"eligible":false`), room("2"), critical)).wrong, 1,
				"a critical line has no limit and is no room")

			gone := examine(t, "-store", dsn, "-fleet", fleetOf(t, room("2")))
			assert.Empty(t, gone.note)
			require.Len(t, gone.wrong, 2, "no fleet has their line, and there is no room for three")
			assert.Contains(t, gone.wrong[0], old)
			assert.Contains(t, gone.wrong[0], "3 chats")

			learned := runWith(flagEvent(old, "FLAGGED", time.Now())+"\n", "route", "-fleet", fleetOf(t, lineOf(old, ""), room("3")), "-store", dsn)
			require.Zero(t, learned.status)
			file := examine(t, "-store", dsn, "-fleet", fleetOf(t, lineOf(old, ""), room("3")))
			require.Len(t, file.note, 1, "the store knows better than the file")
			assert.Contains(t, file.note[0], "flagged")

			require.Zero(t, runWith(sendTo("+12055559871", "hi again")+"\n", "route", "-fleet", fleetOf(t, lineOf(old, ""), room("3")), "-store", dsn).status)
			moved := examine(t, "-store", dsn, "-fleet", fleetOf(t, lineOf(old, ""), room("3")))
			require.NotEmpty(t, moved.note)
			assert.Contains(t, moved.note[0], "2 chats", "one has failed over already")
		})
	}
}

// TestDoctorFindsParked says that what nobody delivers any more is found.
func TestDoctorFindsParked(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }))
	defer receiver.Close()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-deliver-url", receiver.URL, "-store", dsn, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"))
	eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/parked"), "message_id") })
	beside := examine(t, "-store", dsn)
	assert.Len(t, beside.wrong, 1, "it looks while serve runs")
	assert.Equal(t, 0, p.stop(t))
	assert.Len(t, examine(t, "-store", dsn).wrong, 1)
}

// A file that cannot be used is told as that: doctor does not say that no file
// was given, as it does of a tenant whose file was left out.
func TestDoctorOnABrokenFileOfOneTenant(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	good := fleetOf(t, lineOf("+14155550102", ""))
	require.Zero(t, runWith(sendTo("+14155559876", "hi"), "route", "-fleet", good, "-tenant", "acme", "-store", db).status)
	other := fleetOf(t, lineOf("+13125550103", ""))
	left := examine(t, "-store", db, "-fleet", "globex="+other)
	assert.Contains(t, strings.Join(left.note, " "), "no fleet file of tenant acme is given")
	broken := examine(t, "-store", db, "-fleet", "globex="+other, "-fleet", "acme="+write(t, "broken.json", "{"))
	assert.Len(t, broken.wrong, 1)
	assert.NotContains(t, strings.Join(broken.note, " "), "no fleet file")
}
