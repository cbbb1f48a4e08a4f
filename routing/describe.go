package routing

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
)

// String describes the trace for people: the branch, each chat with its
// verdict, the line picked against the runner-up criterion by criterion, and
// the lines passed over. Lines are printed in full, recipients do not occur.
func (t Trace) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "branch: %s\n", branchWords(t.Branch))
	for _, c := range t.Chats {
		mark := ""
		switch {
		case c.Chosen:
			mark = "  <- reused"
		case c.Previous:
			mark = "  <- abandoned"
		}
		if c.OtherService {
			mark = ", on another service" + mark
		}
		if c.ChatID == uuid.Nil {
			fmt.Fprintf(&b, "  another chat: %s%s\n", strings.ReplaceAll(c.Verdict.String(), "_", " "), mark)
			continue
		}
		fmt.Fprintf(&b, "  chat %s on %s, active %s: %s%s\n",
			c.ChatID, c.Line, c.ActiveAt.UTC().Format(time.RFC3339), strings.ReplaceAll(c.Verdict.String(), "_", " "), mark)
	}
	if t.MoreChats {
		fmt.Fprintf(&b, "  and more chats than the %d considered\n", store.MaxChats)
	}
	if t.Branch == store.ReusedActiveChat {
		return b.String()
	}
	if t.Needs != 0 {
		fmt.Fprintf(&b, "  needs a line that serves %s\n", t.Needs)
	}
	t.Picked.describe(&b, "picked", t.Criteria)
	t.RunnerUp.describe(&b, "runner-up", t.Criteria)
	if !t.DeliverAt.IsZero() {
		fmt.Fprintf(&b, "  goes out at %s: no line can open a chat now, and this one has the earliest slot\n", t.DeliverAt.UTC().Format(time.RFC3339))
	} else if t.Picked != nil && t.RunnerUp != nil {
		fmt.Fprintf(&b, "  decided by: %s\n", t.decidedBy())
	}
	fmt.Fprintf(&b, "  passed over: %s\n", countWords(t.PassedOver))
	return b.String()
}

func branchWords(r store.Reason) string {
	switch r {
	case store.ReusedActiveChat:
		return "reuse, a matching chat is on a line that can continue"
	case store.NewBestNumber:
		return "new, no chat matches these people"
	case store.FailoverFlagged:
		return "failover, chats match and none is on a line that can continue"
	}
	return "none, the input contradicts itself"
}

func (s *LineScore) describe(b *strings.Builder, role string, criteria []string) {
	if s == nil {
		fmt.Fprintf(b, "  %s: none\n", role)
		return
	}
	fmt.Fprintf(b, "  %s: %s", role, s.Line)
	for i, name := range criteria {
		fmt.Fprintf(b, " %s=%d", name, s.Values[i])
	}
	if s.Guarded != nil {
		fmt.Fprintf(b, " (%s)", s.Guarded)
	}
	b.WriteByte('\n')
}

// decidedBy names the first criterion in which the two lines differ.
func (t Trace) decidedBy() string {
	for i, name := range t.Criteria {
		if t.Picked.Values[i] != t.RunnerUp.Values[i] {
			return name
		}
	}
	return "the ring (equal in every criterion)"
}

// countWords lists the causes that occur.
func countWords(c fleet.Counts) string {
	var words []string
	for _, n := range []struct {
		count int
		cause string
	}{
		{c.Flagged, "flagged"}, {c.Ineligible, "ineligible"}, {c.Critical, "critical"},
		{c.NewChatLimit, "at the new-chat limit"}, {c.Pace, "paced"}, {c.MessageLimit, "at the message limit"},
		{c.FailoverShare, "at the failover share"},
		{c.WrongService, "without the service"},
		{c.OtherCountry, "of another country"}, {c.OtherProvince, "of another province"}, {c.OtherArea, "of another place"}, {c.OtherLabel, "of another label"},
		{c.Excluded, "excluded"}, {c.Recipient, "a recipient itself"},
	} {
		if n.count > 0 {
			words = append(words, fmt.Sprintf("%d %s", n.count, n.cause))
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
