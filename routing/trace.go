package routing

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Trace explains a decision, or a refusal. It holds phone numbers of our
// lines but nothing about the recipients.
type Trace struct {
	// Branch is the branch taken, also when it ended in a refusal.
	Branch store.Reason `json:"branch"`

	// Chats holds the verdict on every chat considered, the most recently
	// active first, and MoreChats whether there were more.
	Chats     []ChatVerdict `json:"chats"`
	MoreChats bool          `json:"more_chats"`

	// Policy names the policy by which a line would be picked; empty for the
	// default one, or one without a name.
	Policy string `json:"policy,omitzero"`

	// ViewAt is the moment that the view of our lines stood for.
	ViewAt time.Time `json:"view_at,omitzero"`

	// Needs is the service that the line had to serve; zero for any, and on
	// reuse, where it only orders the chats.
	Needs message.Service `json:"needs,omitzero"`

	// DeliverAt is when the message goes out, where no line can open a chat now
	// and the picked one has the earliest slot; zero for at once.
	DeliverAt time.Time `json:"deliver_at,omitzero"`

	// Criteria names the policy's criteria in order. Picked and RunnerUp hold
	// a value for each of them; smaller wins. All three are empty on reuse,
	// Picked is nil on a refusal, RunnerUp is nil when there is no second line.
	Criteria []string   `json:"criteria,omitzero"`
	Picked   *LineScore `json:"picked,omitzero"`
	RunnerUp *LineScore `json:"runner_up,omitzero"`

	// PassedOver counts the lines of the fleet that may not open this chat, by
	// cause. It is zero on reuse, if no line is picked.
	PassedOver fleet.Counts `json:"passed_over"`
}

// ChatVerdict is the verdict on one chat. A trace read from a record names the
// chat that was reused or abandoned, and as many others as there was room for;
// of the rest it has only the verdict.
type ChatVerdict struct {
	ChatID   uuid.UUID         `json:"chat_id,omitzero"`
	Line     recipients.Handle `json:"line,omitzero"`
	Verdict  Verdict           `json:"verdict"`
	ActiveAt time.Time         `json:"active_at,omitzero"`
	Chosen   bool              `json:"chosen,omitzero"`    // reused
	Previous bool              `json:"abandoned,omitzero"` // failed over from

	// OtherService says that the chat runs on another service than the send
	// needs. Such chats come after all others.
	OtherService bool `json:"other_service,omitzero"`
}

// LineScore is one line with its criteria values.
type LineScore struct {
	Line   recipients.Handle `json:"line"`
	Values []int             `json:"values"`

	// Guarded is what the guard of the fleet makes of the line; nil without one,
	// and in a trace that was kept.
	Guarded *GuardedLine `json:"guarded,omitzero"`
}

// Explain returns the trace of the decision that Decide makes on the same
// input. It is pure, and safe for concurrent use; it costs more than the
// decision, so it is meant to be asked for.
func Explain(in Input) Trace {
	t := Trace{MoreChats: in.MoreChats, Chats: []ChatVerdict{}}
	if in.check() != nil {
		return t
	}
	t.Policy = in.Lines.Policy()
	if seen := in.Lines.At(); !seen.IsZero() {
		t.ViewAt = store.Micros(seen)
	}
	reuse, latest, _ := in.weigh()
	for _, i := range in.byRecency(nil) {
		c := &in.Chats[i]
		verdict, _ := in.judge(c)
		t.Chats = append(t.Chats, ChatVerdict{
			ChatID: c.ID, Line: c.Line, Verdict: verdict, ActiveAt: c.ActiveAt,
			Chosen:       i == reuse,
			Previous:     reuse < 0 && i == latest,
			OtherService: verdict.matches() && otherService(c, in.Send.NeededService(false)),
		})
	}
	switch {
	case reuse >= 0:
		t.Branch = store.ReusedActiveChat
		return t
	case latest < 0:
		t.Branch = store.NewBestNumber
	default:
		t.Branch = store.FailoverFlagged
	}
	q := in.Query(t.Branch)
	t.Needs = q.Service
	t.Criteria = slices.Collect(in.Lines.Criteria())
	t.PassedOver = in.Lines.PassedOver(q)
	if pick, found := in.Lines.Best(q); found {
		t.Picked = &LineScore{pick.Line.Number, valuesOf(pick.Values), guardedLine(in.Lines, pick.Line.Number)}
		t.DeliverAt = in.deliverAt(pick.Line.Number)
		if pick.HasRunnerUp {
			t.RunnerUp = &LineScore{pick.RunnerUp.Number, valuesOf(pick.RunnerUpValues), guardedLine(in.Lines, pick.RunnerUp.Number)}
		}
	}
	return t
}

func valuesOf(v fleet.Values) []int {
	values := make([]int, 0, v.Len())
	for _, n := range v.All() {
		values = append(values, n)
	}
	return values
}

// byRecency appends the indices of the chats, the most recently active first.
func (in *Input) byRecency(order []int) []int {
	for i := range in.Chats {
		order = append(order, i)
	}
	slices.SortFunc(order, func(i, j int) int {
		if in.Chats[i].MoreRecentThan(&in.Chats[j]) {
			return -1
		}
		return 1
	})
	return order
}
