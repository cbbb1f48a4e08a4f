package fleet

import (
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// line reads one entry of the list.
func (r *reader) line(at string, in *lineJSON) line.Line {
	var l line.Line
	if in.ID == nil || *in.ID == "" {
		r.fault(missing(), at+"/id", "the id of the line is required")
	} else {
		l.ID = *in.ID
	}
	l.Number = r.number(at+"/phone_number", in.PhoneNumber, recipients.Options{})
	r.members(at, in, &l)
	return l.Normal()
}

// members reads what a line may be besides its id and number.
func (r *reader) members(at string, in *lineJSON, l *line.Line) {
	if in.ForwardingNumber != nil {
		l.Forwarding = *in.ForwardingNumber
	}
	l.Reputation = r.health(at+"/reputation", in.Reputation)
	if older := r.health(at+"/health_status", in.HealthStatus); in.Reputation == nil {
		l.Reputation = older
	} else if in.HealthStatus != nil && older != l.Reputation {
		r.warn(at+"/health_status", "it differs from /reputation, which counts")
	}
	l.Status = r.status(at+"/status", in.Status)
	l.Ineligible = in.Eligible != nil && !*in.Eligible
	l.Services = r.services(at+"/services", in.Services)
	if in.Limits != nil {
		l.Limits.NewChatsPerDay = r.limit(at+"/limits/new_chats_per_day", in.Limits.NewChatsPerDay)
		l.Limits.MessagesPerDay = r.limit(at+"/limits/messages_per_day", in.Limits.MessagesPerDay)
		for _, name := range slices.Sorted(maps.Keys(in.Limits.Unknown)) {
			r.fault(badValue(), at+"/limits"+pointerTo(name), "it is not known: the limits are new_chats_per_day and messages_per_day")
		}
	}
	if in.Label != nil {
		if l.Label = *in.Label; l.Label == "" {
			r.fault(badValue(), at+"/label", "leave it out for a line without a label")
		}
	}
	l.ChangedAt = r.time(at+"/changed_at", in.ChangedAt)
	l.StartedAt = r.time(at+"/started_at", in.StartedAt)
	if in.Guard != nil && in.Guard.Kind() != jsontext.KindNull {
		l.Guard = new(r.guard(at+"/guard", in.Guard))
	}
	r.unknown(at, in.Unknown, "phone_number", "forwarding_number", "reputation", "health_status",
		"status", "eligible", "services", "limits", "label", "changed_at", "started_at", "guard")
}

func (r *reader) health(at string, in *reputationJSON) line.Reputation {
	if in == nil {
		return 0
	}
	if in.Status == nil {
		r.fault(missing(), at+"/status", "the reputation is required here; leave %s out if it is not known", at)
	}
	r.unknown(at, in.Unknown, "status")
	return r.reputation(at+"/status", in.Status)
}

func (r *reader) services(at string, in []*string) line.ServiceSet {
	if in == nil {
		return 0
	}
	if len(in) == 0 {
		r.fault(badValue(), at, "name a service, or leave the list out for all of them")
	}
	var list []message.Service
	for i, name := range in {
		at := at + "/" + strconv.Itoa(i)
		if name == nil {
			r.fault(malformed(), at, "null is no service")
			continue
		}
		service, err := message.ParseService(*name)
		if err != nil {
			r.fault(badValue(), at, "%q is no service: use iMessage, RCS or SMS", *name)
			continue
		}
		list = append(list, service)
	}
	return line.Services(list...)
}

func (r *reader) limit(at string, n *int64) int {
	if n == nil {
		return 0
	}
	if *n < 1 || *n > line.MaxLimit {
		r.fault(badValue(), at, "%d is not between 1 and %d; leave it out for no limit", *n, line.MaxLimit)
		return 0
	}
	return int(*n)
}

// unknown reports members that are not known: one that is within two changes of
// a known name was meant to be that and is a fault, any other is a warning.
func (r *reader) unknown(at string, members map[string]jsontext.Value, known ...string) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if meant := nearest.Within(2, name, known); meant != "" {
			r.fault(badValue(), at+pointerTo(name), "%q is not known: %s is meant", name, meant)
			continue
		}
		r.warn(at+pointerTo(name), "this member is not known and has no effect")
	}
}

func (r *reader) warn(at, detail string) {
	r.warnings = append(r.warnings, Warning{Pointer: at, Detail: detail})
}

// pointerTo is the JSON pointer to a member of the text's top.
func pointerTo(name string) string { return string(jsontext.Pointer("").AppendToken(name)) }
