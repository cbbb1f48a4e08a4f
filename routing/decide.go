package routing

import (
	"slices"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
)

// Decide says from which line and in which chat the message goes out:
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
	if err := in.stopFrom(); err != nil {
		return err
	}
	reuse, latest, line := in.weigh()
	switch {
	case reuse >= 0:
		in.reuse(d, &in.Chats[reuse], line)
		return nil
	case in.From.IsValid():
		return in.openFrom(d)
	case latest < 0:
		return in.open(d, store.NewBestNumber, nil)
	}
	return in.open(d, store.FailoverFlagged, &in.Chats[latest])
}

// weigh returns the index of the chat to reuse, and that of the most recently
// active matching chat; -1 if there is none. line is that of the first.
func (in *Input) weigh() (reuse, latest int, line fleet.Ref) {
	reuse, latest = -1, -1
	reuseExcluded, reuseOther := false, false
	needed := in.Send.NeededService(false)
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
		// A line that is not excluded comes first, and then a chat that is not
		// known to run on another service than the needed one; neither has to
		// be the more recently active one. Neither ever ends a chat.
		excluded, other := verdict == ContinuesExcluded, otherService(chat, needed)
		better := false
		switch {
		case reuse < 0:
			better = true
		case excluded != reuseExcluded:
			better = reuseExcluded
		case other != reuseOther:
			better = reuseOther
		default:
			better = chat.MoreRecentThan(&in.Chats[reuse])
		}
		if better {
			reuse, reuseExcluded, reuseOther, line = i, excluded, other, ref
		}
	}
	return reuse, latest, line
}

// otherService says whether a chat is known to run on another service than the
// needed one.
func otherService(chat *store.Chat, needed message.Service) bool {
	return needed != 0 && chat.Service != 0 && chat.Service != needed
}

// reuse sends the message into a chat that exists, on a line that can continue.
func (in *Input) reuse(d *Decision, chat *store.Chat, line fleet.Ref) {
	d.Reason = store.ReusedActiveChat
	d.ChatID = chat.ID
	d.Line = chat.Line
	d.Roster = chat.Roster
	d.Service = chat.Service
	in.send(d)
	in.adviseOnLine(d, chat, line)
	if in.KeepTrace {
		d.KeptTrace = in.keepReuse(d)
	}
}

// open sends the message, or the continuation, into a chat that is opened on
// the best line. The abandoned chat is nil on first contact. The error is a
// refusal, and leaves the decision alone.
func (in *Input) open(d *Decision, reason store.Reason, abandoned *store.Chat) error {
	q := in.query(abandoned != nil)
	var pick fleet.Pick
	if in.KeepTrace {
		pick, _ = in.Lines.Best(q)
		d.Line = pick.Line.Number
	} else {
		d.Line = in.Lines.BestRef(q).Number()
	}
	if !d.Line.IsPhone() {
		return in.refuse(q)
	}
	d.Reason = reason
	d.DeliverAt = in.deliverAt(d.Line)
	d.ChatID = in.NewChatID
	d.Roster = store.NewRoster(in.Send.Recipients(), in.At)
	if abandoned != nil {
		d.PreviousChatID = abandoned.ID
		_, d.ContinuationUsed = in.Send.Continuation()
	}
	in.send(d)
	in.adviseOnOpening(d)
	if in.KeepTrace {
		d.KeptTrace = in.keepPick(d, q, &pick)
	}
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
	in.adviseOnPeople(d)
}

// Query returns what Decide asks the view when it has to pick a line for a
// decision with that reason.
func (in *Input) Query(reason store.Reason) fleet.Query {
	return in.query(reason == store.FailoverFlagged)
}

func (in *Input) query(failover bool) fleet.Query {
	_, continuation := in.Send.Continuation()
	excluded := slices.Collect(in.Send.Excluded())
	if in.Leaves.IsValid() {
		excluded = append(excluded, in.Leaves)
	}
	return fleet.Query{
		Recipients: in.Send.Recipients(),
		Excluded:   excluded,
		Service:    in.Send.NeededService(failover && continuation),
		Label:      in.Label,
		Failover:   failover,
		Known:      in.Known,
		Only:       in.From,
		DeferUntil: in.deferUntil(),
	}
}
