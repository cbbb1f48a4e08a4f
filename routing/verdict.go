package routing

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Verdict is what Decide made of one chat.
type Verdict uint8

// The verdicts, from a chat that can be reused to one that does not match.
const (
	Continues         Verdict = 1 + iota // its line can continue
	ContinuesExcluded                    // its line can continue, and is in exclude_from
	LineFlagged                          // matches; its line is flagged, or the message leaves it
	LineIneligible                       // matches; its line is not eligible to send
	LineGone                             // matches; its line is not in the fleet any more
	Left                                 // does not match: our line has left it
	Named                                // does not match: a named group, and those are skipped
	OtherParticipants                    // does not match: its participants are not the recipients
	NotNamed                             // does not match: the send names another line, or another chat
)

var verdictTexts = [...]string{
	"", "continues", "continues_excluded", "line_flagged", "line_ineligible", "line_gone",
	"left", "named", "other_people", "not_named",
}

// String returns a word for logs and traces, such as line_flagged.
func (v Verdict) String() string {
	if v >= 1 && int(v) < len(verdictTexts) {
		return verdictTexts[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// MarshalText returns the word that String returns; other values are an error.
func (v Verdict) MarshalText() ([]byte, error) {
	if v >= 1 && int(v) < len(verdictTexts) {
		return []byte(verdictTexts[v]), nil
	}
	return nil, fmt.Errorf("routing: %s is not a verdict", v)
}

// UnmarshalText accepts exactly the words that MarshalText returns.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, t := range verdictTexts[1:] {
		if t == string(text) {
			*v = Verdict(i + 1)
			return nil
		}
	}
	return fmt.Errorf("routing: %q is not a verdict", text)
}

func (v Verdict) matches() bool   { return v <= LineGone }
func (v Verdict) continues() bool { return v <= ContinuesExcluded }

// judge says whether a chat matches and whether its line can continue, and
// which line that is.
func (in *Input) judge(c *store.Chat) (Verdict, fleet.Ref) {
	switch {
	case c.Roster.Set().Key() != in.Send.Recipients().Key():
		return OtherParticipants, fleet.Ref{}
	case in.From.IsValid() && c.Line != in.From, in.Into != uuid.Nil && c.ID != in.Into:
		return NotNamed, fleet.Ref{}
	case c.LineLeft:
		return Left, fleet.Ref{}
	case in.skipsNamed() && c.Named && c.Roster.Set().IsGroup():
		return Named, fleet.Ref{}
	}
	ref := in.Lines.Find(c.Line)
	switch {
	case !ref.IsValid():
		return LineGone, ref
	case ref.Status() == line.Flagged, c.Line == in.Leaves:
		return LineFlagged, ref
	case !ref.CanContinue():
		return LineIneligible, ref
	case in.Send.IsExcluded(c.Line):
		return ContinuesExcluded, ref
	}
	return Continues, ref
}

// ErrInput is wrapped by errors of Decide about an input that contradicts
// itself: a mistake of the caller.
var ErrInput = errors.New("routing: invalid input")

// check refuses what no decision can be based on.
func (in *Input) check() error {
	switch {
	case !in.Send.IsValid():
		return fmt.Errorf("%w: the send was not checked: use validate.Request", ErrInput)
	case in.At.IsZero():
		return fmt.Errorf("%w: the time is zero", ErrInput)
	case in.MessageID == uuid.Nil:
		return fmt.Errorf("%w: the message id must be drawn before", ErrInput)
	case in.Into != uuid.Nil && !in.From.IsValid():
		return fmt.Errorf("%w: a chat is named without its line", ErrInput)
	}
	return nil
}
