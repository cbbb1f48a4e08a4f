package simulate

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/rfc3339"
	"github.com/fromline/fromline/line"
)

// Scene is what is simulated: our lines, their chats, and what people want of
// them. It is data; [DefaultScene] is a fleet of fifty lines.
type Scene struct {
	// Fleet is a fleet file in JSON, for the lines as they are. Without it there
	// are Lines lines with a limit of Limit new chats a day, of which the share
	// Young is less than four weeks old.
	Fleet jsontext.Value `json:"fleet,omitzero"`
	Lines int            `json:"lines"`
	Young float64        `json:"young"`
	Limit int            `json:"limit"`

	// Chats is how many chats each grown line has at the start; a young one has
	// as many as its age allows. Each is wanted about Sends times a day; the share
	// Broadcast of that at one hour, in a time as long as BroadcastOver.
	Chats         int     `json:"chats"`
	Sends         float64 `json:"sends"`
	Broadcast     float64 `json:"broadcast"`
	BroadcastAt   Span    `json:"broadcast_at"`
	BroadcastOver Span    `json:"broadcast_over"`

	// First is how many first contacts come a day, between 8 and 20 o'clock. The
	// share Stay of them become chats that are wanted again. The share Replies of
	// all openings is answered.
	First   float64 `json:"first"`
	Stay    float64 `json:"stay"`
	Replies float64 `json:"replies"`

	// Joins new lines come on day JoinDay.
	Joins   int `json:"joins"`
	JoinDay int `json:"join_day"`

	// Outage is the median time for which a flagged line is out, at least 24
	// hours; the share Replaced never comes back, and a new line takes its place.
	Outage   Span    `json:"outage"`
	Replaced float64 `json:"replaced"`

	// Retry is for how long a refused send is tried again.
	Retry Span `json:"retry"`

	// Begins is when the first day begins, and Days is how many there are.
	Begins time.Time `json:"begins"`
	Days   int       `json:"days"`

	lines []line.Line // of Fleet
}

// DefaultScene returns fifty lines with six hundred chats each, for sixty days.
func DefaultScene() Scene {
	return Scene{
		Lines: 50, Young: 0.2, Limit: line.Yardstick,
		Chats: 600, Sends: 0.4, Broadcast: 0.5, BroadcastAt: Span(15 * time.Hour), BroadcastOver: Span(10 * time.Minute),
		First: 1250, Stay: 0.3, Replies: 0.4,
		JoinDay: 10, Outage: Span(36 * time.Hour), Replaced: 0.1, Retry: Span(48 * time.Hour),
		Begins: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Days: 60,
	}
}

// ParseScene reads a scene; members that are left out are those of
// [DefaultScene], and one that is not known is an error.
func ParseScene(text []byte) (Scene, error) {
	s := DefaultScene()
	if err := json.Unmarshal(text, &s, json.RejectUnknownMembers(true)); err != nil {
		if bad, is := errors.AsType[*time.ParseError](err); is {
			_, err = rfc3339.Parse(bad.Value)
			return Scene{}, fmt.Errorf("not a scene: begins %q: %w", bad.Value, err)
		}
		return Scene{}, fmt.Errorf("not a scene: %w", err)
	}
	return s, nil
}

// Check returns every fault of a scene, and reads its fleet.
func (s *Scene) Check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	between := func(name string, value, low, high float64) {
		if !(value >= low && value <= high) {
			wrong("%s is %v: give a number from %v to %v", name, value, low, high)
		}
	}
	for name, share := range map[string]float64{"young": s.Young, "broadcast": s.Broadcast, "stay": s.Stay, "replies": s.Replies, "replaced": s.Replaced} {
		between(name, share, 0, 1)
	}
	s.lines = nil
	if len(s.Fleet) > 0 {
		file, _, err := fleet.ParseFile(s.Fleet)
		if err != nil {
			wrong("fleet: %w", err)
		} else if s.lines = file.Lines; len(s.lines) == 0 {
			wrong("fleet: it has no lines")
		}
	} else {
		between("lines", float64(s.Lines), 1, 10_000)
	}
	between("limit", float64(s.Limit), 0, 1_000_000)
	between("chats", float64(s.Chats), 0, 100_000)
	between("sends", s.Sends, 0, 100)
	between("first", s.First, 0, 1_000_000)
	between("joins", float64(s.Joins), 0, 10_000)
	if year := s.Begins.Year(); year < 2000 || year > 2200 {
		wrong("begins is %v: give a time from 2000 to 2200", s.Begins)
	}
	between("join_day", float64(s.JoinDay), 0, float64(s.Days))
	between("days", float64(s.Days), 1, 3650)
	for _, d := range []struct {
		name      string
		span      Span
		low, high time.Duration
	}{
		{"broadcast_at", s.BroadcastAt, 0, 24 * time.Hour},
		{"broadcast_over", s.BroadcastOver, time.Second, 24 * time.Hour},
		{"outage", s.Outage, time.Hour, 1000 * time.Hour},
		{"retry", s.Retry, time.Minute, 1000 * time.Hour},
	} {
		if v := time.Duration(d.span); v < d.low || v > d.high {
			wrong("%s is %v: give a duration from %v to %v", d.name, d.span, Span(d.low), Span(d.high))
		}
	}
	return errors.Join(errs...)
}

// Limits returns how many chats the lines of the scene may open a day together;
// one without a limit counts as one with line.Yardstick.
func (s *Scene) Limits() (sum int) {
	if len(s.Fleet) == 0 {
		return s.Lines * cmp.Or(s.Limit, line.Yardstick)
	}
	file, _, err := fleet.ParseFile(s.Fleet)
	if err != nil {
		return 0 // which Check tells
	}
	for _, l := range file.Lines {
		sum += cmp.Or(l.Limits.NewChatsPerDay, line.Yardstick)
	}
	return sum
}
