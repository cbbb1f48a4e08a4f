package console

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// Desk is what the console shows and does. Its methods are called concurrently;
// an error is shown as it is, so it names no person.
type Desk interface {
	// Lines returns the lines of a tenant in the order of their numbers.
	Lines(ctx context.Context, tenant string) ([]Line, error)
	// Backlog returns what waits and what is parked, over all tenants.
	Backlog(ctx context.Context) (Backlog, error)
	// Parked returns parked messages of a tenant, at most limit, and whether there
	// are more.
	Parked(ctx context.Context, tenant string, limit int) (parked []Parked, more bool, err error)
	// Act does something about parked messages and returns about how many. An
	// error that wraps ErrGone says that the message is not parked (any more).
	Act(ctx context.Context, tenant string, do Action) (done int, err error)
	// Recent returns the last decisions and refusals of a tenant, the latest
	// first.
	Recent(tenant string) []Event
	// Explain returns what is known of a message. An error that wraps ErrGone says
	// that there is no record of it (any more).
	Explain(ctx context.Context, tenant string, message uuid.UUID) (Story, error)
	// Preview says what would become of a send to these people.
	Preview(ctx context.Context, tenant string, ask Ask) (Story, error)
	// Examine lets the doctor look; it may take long.
	Examine(ctx context.Context) ([]Finding, error)
}

// Line is one of our lines.
type Line struct {
	Number          string
	State           string // in words
	Tone            Tone
	Since           time.Time // of the state, zero if that is not known
	NewChats        int       // in the window
	NewChatLimit    int       // its allowance today; 0: any number
	Messages        int       // in the window
	MessageLimit    int       // 0: none
	Waiting         string    // chats that wait for another line, "" if none does
	NextChat        time.Time // when it can open a chat; zero: not before its state changes
	NextIsNow       bool
	Deferred        int // openings that wait for their slots
	Services        string
	ShareOfChats    int // percent of the limit, 0 to 100
	ShareOfMessages int // percent of the message limit, 0 to 100

	Guarded       bool   // a guard makes something of it, as the next four say
	Ramp          string // on which day of its ramp it is, in words; "" for a grown line
	Failovers     int    // taken in the window
	FailoverLimit int    // 0: any number
	ShareOfTaken  int    // percent of that limit taken, 0 to 100
}

// Tone is how good something is.
type Tone string

// The tones.
const (
	Good  Tone = "good"
	Doubt Tone = "doubt"
	Bad   Tone = "bad"
)

// Backlog is the outbox over all tenants.
type Backlog struct {
	Waiting, Parked int
	Oldest          time.Time // zero: none waits
}

// Parked is a message that is not tried any more.
type Parked struct {
	Message, Chat uuid.UUID
	Line          string
	To            recipients.Set
	Why           string // in words, "" if that is not known
	Reason        string // the word of the wire for it
	Attempts      int
	At            time.Time // when it was decided
}

// Action is something to do about parked messages: about one, or about all for
// a reason or of a line.
type Action struct {
	Do      string // release, reroute or drop
	Message uuid.UUID
	Reason  string
	Line    string
}

// Event is a decision or a refusal.
type Event struct {
	At      time.Time
	Message uuid.UUID // zero for a refusal
	Chat    uuid.UUID
	Line    string
	What    string // the branch, or why it was refused
	Tone    Tone
	Detail  string // of a refusal, in words
}

// Ask is a send that is not made.
type Ask struct {
	To      []string
	Exclude []string
	Service string // "" for none
	Label   string
}

// Story is a decision explained.
type Story struct {
	Refused  bool
	Message  uuid.UUID
	Chat     uuid.UUID
	Previous uuid.UUID
	Line     string
	Reason   string
	At       time.Time
	To       recipients.Set
	Notes    []string
	Moves    []string // where it was to go before it was rerouted, in words
	Trace    string   // in words, a line each; "" if none was kept
	Delivery string   // in words, "" for a preview
}

// Finding is one line of what the doctor says.
type Finding struct {
	About string // the heading it belongs to
	Tone  Tone
	Text  string
}
