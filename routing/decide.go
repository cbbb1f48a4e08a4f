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
func Decide(in Input) (d Decision, err error) {
	err = in.decide(&d)
	return d, err
}

// decide fills in a decision, which on an error is the zero one.
func (in *Input) decide(d *Decision) error {
	*d = Decision{}
	if err := in.check(); err != nil {
		return err
	}
	reuse, latest, line := in.weigh()
	switch {
	case reuse >= 0:
		in.reuse(d, &in.Chats[reuse], line)
		return nil
	case latest < 0:
		return in.open(d, store.NewBestNumber, nil)
	}
	return in.open(d, store.FailoverFlagged, &in.Chats[latest])
}

// weigh returns the index of the chat to reuse, and that of the most recently
// active matching chat; -1 if there is none. line is that of the first.
func (in *Input) weigh() (reuse, latest int, line fleet.Ref) {
	reuse, latest = -1, -1
	reuseExcluded := false
	for i := range in.Chats {
		chat := &in.Chats[i]
		verdict, ref := in.judge(chat)
		if !verdict.matches() {
			continue
		}
		if latest < 0 || chat.MoreRecentThan(&in.Chats[latest]) {
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
			reuseExcluded == excluded && chat.MoreRecentThan(&in.Chats[reuse]):
			reuse, reuseExcluded, line = i, excluded, ref
		}
	}
	return reuse, latest, line
}

// reuse sends the message into a chat that exists, on a line that can continue.
func (in *Input) reuse(d *Decision, chat *store.Chat, line fleet.Ref) {
	d.Reason = store.ReusedActiveChat
	d.ChatID = chat.ID
	d.Line = chat.Line
	d.Roster = chat.Roster
	d.Service = chat.Service
	in.send(d)
	in.adviseOnLine(d, line)
}

// open sends the message, or the continuation, into a chat that is opened on
// the best line. The abandoned chat is nil on first contact. The error is a
// refusal, and leaves the decision alone.
func (in *Input) open(d *Decision, reason store.Reason, abandoned *store.Chat) error {
	line := in.Lines.BestRef(in.Query())
	if !line.IsValid() {
		return in.refuse()
	}
	d.Reason = reason
	d.ChatID = in.NewChatID
	d.Line = line.Number()
	d.Roster = store.NewRoster(in.Send.Recipients(), in.At)
	if abandoned != nil {
		d.PreviousChatID = abandoned.ID
		_, d.ContinuationUsed = in.Send.Continuation()
	}
	in.send(d)
	return nil
}

// send fills in what is the same in every branch: the one message, and when.
func (in *Input) send(d *Decision) {
	d.MessageID = in.MessageID
	d.At = store.Micros(in.At)
	d.MoreChats = in.MoreChats
	if d.Service == 0 {
		d.Service = in.Send.PreferredService()
	}
	d.say(in.Send)
}

// Query is what Decide asks the view where it has to pick a line.
func (in *Input) Query() fleet.Query {
	return fleet.Query{
		Recipients: in.Send.Recipients(),
		Excluded:   slices.Collect(in.Send.Excluded()),
		Service:    in.Send.PreferredService(),
		Label:      in.Label,
	}
}
