//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/store/memory"
)

const (
	chatID  = "11111111-1111-4111-8111-111111111105"
	soundly = `{"id":"` + chatID + `","from":"+12025550101","to":["+14155550031"],"created_at":"2024-01-01T00:00:00Z"}`
)

// TestImportFaults says for each kind of fault what is told of it: where it is
// and how to mend it, and nothing of people that is not masked.
func TestImportFaults(t *testing.T) {
	with := func(old, new string) string {
		require.Contains(t, soundly, old)
		return strings.Replace(soundly, old, new, 1)
	}
	people := func(handle string) string { return with(`"+14155550031"`, `"`+handle+`"`) }
	at := func(text string) string { return with("2024-01-01T00:00:00Z", text) }
	for name, c := range map[string]struct {
		line string
		says []string
	}{
		"an id that is a number":      {with(`"`+chatID+`"`, "42"), []string{"/id", "a number", "UUID in quotes"}},
		"an id that is no UUID":       {with(chatID, "42"), []string{"/id", "no UUID"}},
		"the zero id":                 {with(chatID, uuid.Nil.String()), []string{"/id", "zeros"}},
		"no id":                       {with(`"id":"`+chatID+`",`, ""), []string{"/id is missing"}},
		"an id that is null":          {with(`"`+chatID+`"`, "null"), []string{"/id is missing"}},
		"a member misspelt":           {with("from", "form"), []string{`"form"`, "did you mean from"}},
		"a member of another kind":    {with(`{"id"`, `{"colour":1,"id"`), []string{`"colour"`, "active_at"}},
		"a member twice":              {with(`{"id"`, `{"id":"","id"`), []string{"/id", "twice"}},
		"people not in a list":        {with(`["+14155550031"]`, `"+14155550031"`), []string{"/to", "a string", "list"}},
		"nobody":                      {with(`"+14155550031"`, ""), []string{"/to", "empty"}},
		"a person that is a number":   {with(`"+14155550031"`, `"a@example.com",14155550031`), []string{"/to/1", "a number"}},
		"a time without zone":         {at("2024-01-01T00:00:00"), []string{"/created_at", "zone"}},
		"a time with a space":         {at("2024-01-01 00:00:00Z"), []string{"/created_at", "T between"}},
		"a time with neither":         {at("2024-01-01 00:00:00"), []string{"/created_at", "zone", "T between"}},
		"a date":                      {at("2024-01-01"), []string{"/created_at", "without a time"}},
		"an offset without colon":     {at("2024-01-01T00:00:00+0100"), []string{"/created_at", "colon"}},
		"a time in seconds":           {with(`"2024-01-01T00:00:00Z"`, "1704067200"), []string{"/created_at", "a number"}},
		"a time ahead":                {at("2057-01-01T00:00:00Z"), []string{"/created_at", "2057-01-01T00:00:00Z", "ahead", "5m"}},
		"an activity ahead":           {with(`"created_at"`, `"active_at":"2057-01-01T00:00:00Z","created_at"`), []string{"/active_at", "ahead"}},
		"a service misspelt":          {with(`"created_at"`, `"service":"imessage","created_at"`), []string{"/service", "iMessage"}},
		"a name instead of a boolean": {with(`"created_at"`, `"named":"friends","created_at"`), []string{"/named", "true or false"}},
		"a trunk zero":                {people("+4402079460123"), []string{"/to/0, +44•••23", "phone.trunk", "drop the 0 after +44", "meant is +44•••23"}},
		"too long":                    {people("+5215512345678"), []string{"/to/0, +52•••78", "phone.long"}},
		"too short":                   {people("+22507123456"), []string{"/to/0, +225•••56", "phone.short"}},
		"local only":                  {people("+5551234"), []string{"/to/0", "phone.short"}},
		"spaces":                      {people("+1 415 555 0031"), []string{"/to/0", "phone.space", "meant is +1•••31"}},
		"a national number":           {people("(415) 555-0031"), []string{"/to/0", "phone.plus", "-region"}},
		"no address":                  {people("ann@"), []string{"/to/0"}},
		"our line among the people":   {people("+12025550101"), []string{"line"}},
		"no line of a fleet":          {with("+12025550101", "+12025550"), []string{"/from", "+12025550", "phone.short"}},
		"a list":                      {"[" + soundly + "]", []string{"list", "JSON object"}},
		"columns":                     {"id,from,to", []string{"no JSON object", "'i'"}},
		"other quotes":                {"{'id': 1}", []string{"no JSON", "byte 1"}},
		"an object over lines":        {`{"id": "` + chatID + `",`, []string{"ends inside"}},
		"two objects":                 {soundly + soundly, []string{"behind the object"}},
		"another encoding":            {with("from", "fr\xe9m"), []string{"UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			r := runWith(c.line+"\n", "import", "-store", db)
			assert.Equal(t, exitRefused, r.status)
			assert.Equal(t, "0 loaded, 0 already there, 0 differs, 1 refused\n", r.stdout)
			assert.True(t, strings.HasPrefix(r.stderr, "line 1: "), r.stderr)
			for _, says := range c.says {
				assert.Contains(t, r.stderr, says)
			}
			for _, foreign := range []string{"jsontext", "json:", "recipients:", "store request", "nothing was written", "5550031", "2079460123", "5512345678", "07123456"} {
				assert.NotContains(t, r.stderr, foreign)
			}
		})
	}
	r := runWith(soundly, "import", "-store", "sqlite:"+filepath.Join(t.TempDir(), "chats.db"))
	assert.Equal(t, "1 loaded, 0 already there, 0 differs, 0 refused\n", r.stdout)
	assert.Empty(t, r.stderr)
}

// TestImportRegion says that numbers as a country dials them are read where
// that is asked for, and are then the people of sends.
func TestImportRegion(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	r := runWith(strings.Replace(soundly, "+14155550031", "(415) 555-0031", 1), "import", "-region", "US", "-store", db)
	assert.Equal(t, exitOK, r.status, r.stderr)
	r = runWith(soundly, "import", "-store", db)
	assert.Equal(t, "0 loaded, 1 already there, 0 differs, 0 refused\n", r.stdout, "they are the same people")
}

// TestImportDifferences says of any lines about one chat that the store keeps
// what the first one said, or says what the last one said, as the flag has it;
// that the activity is the latest of all; and that once the store says what a
// file says, the file is already there.
func TestImportDifferences(t *testing.T) {
	type version struct {
		people []string
		named  bool
		active int
	}
	versions := rapid.Custom(func(t *rapid.T) version {
		return version{
			people: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"+14155550031", "+14155550032", "+14155550033", "ann@example.com"}), 1, 4, rapid.ID).Draw(t, "people"),
			named:  rapid.Bool().Draw(t, "named"),
			active: rapid.IntRange(1, 28).Draw(t, "active"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(versions, 1, 6).Draw(t, "lines")
		update := rapid.Bool().Draw(t, "update")
		atOnce := rapid.Bool().Draw(t, "in one batch")
		chats := memory.New(memory.Options{})
		defer chats.Close()
		load := func(lines ...version) *loader {
			var text bytes.Buffer
			for _, v := range lines {
				fmt.Fprintf(&text, `{"id":%q,"from":"+12025550101","to":["%s"],"created_at":"2024-01-01T00:00:00Z","active_at":"2024-01-%02dT00:00:00Z","named":%t}`+"\n",
					chatID, strings.Join(v.people, `","`), v.active, v.named)
			}
			var told bytes.Buffer
			l := loaderOn(chats, &told)
			l.update = update
			require.NoError(t, l.load(t.Context(), 0, &text))
			require.Equal(t, l.counts[differs], strings.Count(told.String(), "\n"))
			require.Equal(t, len(lines), l.counts[loaded]+l.counts[already]+l.counts[differs])
			return l
		}
		if atOnce {
			load(all...)
		} else {
			for _, v := range all {
				load(v)
			}
		}
		want, latest := all[0], 0
		if update {
			want = all[len(all)-1]
		}
		for _, v := range all {
			latest = max(latest, v.active)
		}
		c, err := chats.Chat(t.Context(), "acme", uuid.MustParse(chatID))
		require.NoError(t, err)
		require.Equal(t, len(want.people), c.Roster.Len())
		for _, h := range c.Roster.Set().All() {
			require.Contains(t, want.people, h.String())
		}
		require.Equal(t, want.named, c.Named)
		require.Equal(t, time.Date(2024, 1, latest, 0, 0, 0, 0, time.UTC), c.ActiveAt)
		require.Equal(t, 1, load(want).counts[already])
	})
}

// TestImportTenant says that a store with the chats of others is given no chats
// of a tenant that was not named.
func TestImportTenant(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	for _, c := range []struct {
		args   []string
		status int
	}{
		{nil, exitOK}, {nil, exitOK}, // of nobody else
		{[]string{"-tenant", "acme"}, exitOK},
		{nil, exitUsage}, {[]string{"-dry-run"}, exitUsage},
		{[]string{"-tenant", defaultTenant}, exitOK},
	} {
		r := runWith(soundly, append([]string{"import", "-store", db}, c.args...)...)
		assert.Equal(t, c.status, r.status)
		if c.status == exitUsage {
			assert.Contains(t, r.stderr, "tenant")
			assert.Empty(t, r.stdout)
		}
	}
}

// TestImportDryRun says that a dry run counts as the run would, makes no file,
// and leaves one that is there as it was.
func TestImportDryRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chats.db")
	more := strings.Replace(soundly, `["`, `["+14155550032","`, 1)
	text := soundly + "\n" + soundly + "\n{}\n"
	dry := func(text string, args ...string) string {
		r := runWith(text, append([]string{"import", "-dry-run", "-store", "sqlite:" + path}, args...)...)
		return r.stdout
	}
	assert.Equal(t, "1 loaded, 1 already there, 0 differs, 1 refused\n", dry(text))
	assert.NoFileExists(t, path)
	require.Equal(t, exitOK, runWith(soundly, "import", "-store", "sqlite:"+path).status)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "0 loaded, 2 already there, 0 differs, 1 refused\n", dry(text))
	assert.Equal(t, "0 loaded, 0 already there, 1 differs, 0 refused\n", dry(more, "-on-difference", "update"))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	r := runWith(soundly, "import", "-dry-run", "-store", "sqlite:"+filepath.Join(t.TempDir(), "nowhere", "chats.db"))
	assert.Equal(t, exitUsage, r.status, "the run would fail")
}

// TestImportFleet says that chats on lines that are not ours are told once a
// line, with their number, and loaded: the line may come.
func TestImportFleet(t *testing.T) {
	other := strings.Replace(strings.Replace(soundly, "2025550101", "3125550199", 1), chatID, "11111111-1111-4111-8111-111111111106", 1)
	r := runWith(soundly+"\n"+other+"\n"+other, "import", "-store", "sqlite:"+filepath.Join(t.TempDir(), "chats.db"),
		"-fleet", fleetOf(t, lineOf("+12025550101", "")))
	assert.Equal(t, exitOK, r.status)
	assert.Equal(t, "2 loaded, 1 already there, 0 differs, 0 refused\n", r.stdout)
	told := strings.Split(strings.TrimSpace(r.stderr), "\n")
	require.Len(t, told, 2)
	assert.True(t, strings.HasPrefix(told[0], "line 2: +13125550199"))
	assert.True(t, strings.HasPrefix(told[1], "2 chats are on +13125550199"))
}

func inUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// TestEncodings says of everything that a command reads that a byte order mark
// is passed over, and that UTF-16 is named once and nothing more.
func TestEncodings(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	reads := map[string]struct {
		text string
		run  func(text string) ran
	}{
		"import": {soundly + "\n" + soundly, func(text string) ran { return runWith(text, "import", "-store", db) }},
		"import, a file": {soundly + "\n", func(text string) ran {
			return runWith("", "import", "-store", db, write(t, "chats.jsonl", text))
		}},
		"import, the fleet": {twoLines, func(text string) ran {
			return runWith("", "import", "-store", db, "-fleet", write(t, "fleet.json", text))
		}},
		"route": {sendTo("+14155559876", "hi"), func(text string) ran {
			return runWith(text, "route", "-fleet", write(t, "fleet.json", twoLines))
		}},
		"route, the fleet": {twoLines, func(text string) ran {
			return runWith(sendTo("+14155559876", "hi"), "route", "-fleet", write(t, "fleet.json", text))
		}},
	}
	for name, c := range reads {
		t.Run(name, func(t *testing.T) {
			r := c.run("\ufeff" + c.text)
			assert.Equal(t, exitOK, r.status, r.stderr)
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				for _, mark := range []bool{true, false} {
					r := c.run(inUTF16(c.text, order, mark))
					assert.Equal(t, exitUsage, r.status)
					assert.Empty(t, r.stdout)
					assert.Equal(t, 1, strings.Count(r.stderr, "UTF-16"), r.stderr)
					assert.Equal(t, 1, strings.Count(r.stderr, "\n"), r.stderr)
				}
			}
		})
	}
}

// TestProgress says what is told and when: the rate, and the time left where
// the length of the input is known; on a terminal in one line that changes.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &progress{out: &out, started: start, told: start, size: 1000}
	p.tell(start.Add(time.Second), 10, "all well")
	assert.Empty(t, out.String(), "it is too soon")
	p.read.Store(250)
	p.tell(start.Add(10*time.Second), 1000, "all well")
	assert.Equal(t, "1000 lines, 100/s, 30s left: all well\n", out.String())
	out.Reset()
	p.terminal, p.size = true, 0
	p.tell(start.Add(20*time.Second), 3000, "all well")
	p.clear()
	assert.Equal(t, "\r3000 lines, 150/s: all well\x1b[K\r\x1b[K", out.String())
}
