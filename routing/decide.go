package routing

import (
	"slices"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
)

// Decide says from which line and in which chat the message goes out (§9):
//
//   - reuse: some matching chat is on a line that can continue;
//   - new: no chat matches;
//   - failover: chats match, and none is on a line that can continue.
//
// It is pure and total: the same input gives the same decision, and every
// input gives one or an error. The error is a [*Refusal] that says why no line
// may be picked and carries its trace, or wraps [ErrInput] when the input
// contradicts itself. It is safe for concurrent use.
func Decide(in Input) (Decision, error) {
	if err := in.check(); err != nil {
		return Decision{}, err
	}
	reuse, latest := in.weigh()
	switch {
	case reuse >= 0:
		return in.reuse(&in.Chats[reuse]), nil
	case latest < 0:
		return in.open(store.NewBestNumber, nil)
	default:
		return in.open(store.FailoverFlagged, &in.Chats[latest])
	}
}

// weigh returns the index of the chat to reuse, and that of the most recently
// active matching chat; -1 if there is none.
func (in *Input) weigh() (reuse, latest int) {
	reuse, latest = -1, -1
	reuseExcluded := false
	for i := range in.Chats {
		verdict := in.judge(&in.Chats[i])
		if !verdict.matches() {
			continue
		}
		if latest < 0 || store.MoreRecent(in.Chats[i], in.Chats[latest]) {
			latest = i
		}
		if !verdict.continues() {
			continue
		}
		// A line that is not excluded comes first; it does not have to be the
		// more recently active one. An excluded line never ends a chat.
		excluded := verdict == ContinuesExcluded
		switch {
		case reuse < 0, reuseExcluded && !excluded,
			reuseExcluded == excluded && store.MoreRecent(in.Chats[i], in.Chats[reuse]):
			reuse, reuseExcluded = i, excluded
		}
	}
	return reuse, latest
}

// reuse sends the message into a chat that exists.
func (in *Input) reuse(chat *store.Chat) Decision {
	d := Decision{
		Reason:    store.ReusedActiveChat,
		ChatID:    chat.ID,
		Line:      chat.Line,
		MessageID: in.MessageID,
		At:        store.Micros(in.At),
		MoreChats: in.MoreChats,
		Roster:    chat.Roster,
		Service:   chat.Service,
	}
	if d.Service == 0 {
		d.Service = in.Send.PreferredService()
	}
	d.say(in.Send)
	in.adviseOnLine(&d)
	return d
}

// open sends the message, or the continuation, into a chat that is opened on
// the best line. The abandoned chat is nil on first contact.
func (in *Input) open(reason store.Reason, abandoned *store.Chat) (Decision, error) {
	pick, found := in.Lines.Best(in.query())
	if !found {
		return Decision{}, in.refuse()
	}
	d := Decision{
		Reason:    reason,
		ChatID:    in.NewChatID,
		Line:      pick.Line.Number,
		MessageID: in.MessageID,
		At:        store.Micros(in.At),
		MoreChats: in.MoreChats,
		Roster:    store.NewRoster(in.Send.Recipients(), in.At),
		Service:   in.Send.PreferredService(),
	}
	if reason == store.FailoverFlagged {
		d.PreviousChatID = abandoned.ID
		_, d.ContinuationUsed = in.Send.Continuation()
	}
	d.say(in.Send)
	return d, nil
}

// query asks the view for the best line of this send.
func (in *Input) query() fleet.Query {
	return fleet.Query{
		Recipients: in.Send.Recipients(),
		Excluded:   slices.Collect(in.Send.Excluded()),
		Service:    in.Send.PreferredService(),
	}
}
