package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// File is a fleet file: the lines of one tenant, in the form in which the
// vendor's API lists numbers, with our own additions (docs/rules.md §15), among
// which label is [Line.Label]. It is read with [ParseFile], and written by any
// JSON encoder. The use of lines is no part of it.
type File struct {
	Lines []line.Line

	// DocBase, if set, is put before the path of the page about each line's
	// reputation, which stands in doc_url then. No file that is read sets it.
	DocBase string
}

// Warning names a member of a fleet file that is not known or has no effect.
type Warning struct {
	Pointer string // where, as an RFC 6901 JSON pointer
	Detail  string
}

// String says where and what.
func (w Warning) String() string { return w.Pointer + ": " + w.Detail }

// The file on the wire.
type (
	fileJSON struct {
		PhoneNumbers []*lineJSON               `json:"phone_numbers"`
		Unknown      map[string]jsontext.Value `json:",embed"`
	}
	lineJSON struct {
		ID               *string         `json:"id"`
		PhoneNumber      *string         `json:"phone_number"`
		ForwardingNumber *string         `json:"forwarding_number"`
		Reputation       *reputationJSON `json:"reputation"`
		HealthStatus     *reputationJSON `json:"health_status"`

		Status    *string     `json:"status,omitzero"`
		Eligible  *bool       `json:"eligible,omitzero"`
		Services  []*string   `json:"services,omitzero"`
		Limits    *limitsJSON `json:"limits,omitzero"`
		Label     *string     `json:"label,omitzero"`
		ChangedAt *string     `json:"changed_at,omitzero"`
		StartedAt *string     `json:"started_at,omitzero"`

		Guard jsontext.Value `json:"guard,omitzero"`

		Unknown map[string]jsontext.Value `json:",embed"`
	}
	reputationJSON struct {
		Status  *string                   `json:"status"`
		DocURL  *string                   `json:"doc_url,omitzero"` // of no use here
		Unknown map[string]jsontext.Value `json:",embed"`
	}
	limitsJSON struct {
		NewChatsPerDay *int64                    `json:"new_chats_per_day,omitzero"`
		MessagesPerDay *int64                    `json:"messages_per_day,omitzero"`
		Unknown        map[string]jsontext.Value `json:",embed"`
	}
)

// ParseFile reads a fleet file. Members that are not known are warnings; inside
// our own additions, and where they are within two changes of a known name,
// they are faults. The error is a *[FormatError] with every fault.
func ParseFile(text []byte) (File, []Warning, error) {
	var in fileJSON
	if err := decode(text, &in); err != nil {
		return File{}, nil, listMeant(text, err)
	}
	var r reader
	if in.PhoneNumbers == nil {
		r.fault(missing(), "/phone_numbers", "the list of lines is required")
	}
	r.unknown("", in.Unknown, "phone_numbers")
	f := File{Lines: make([]line.Line, 0, len(in.PhoneNumbers))}
	first := map[recipients.Handle]int{}
	for i, entry := range in.PhoneNumbers {
		at := "/phone_numbers/" + strconv.Itoa(i)
		if entry == nil {
			r.fault(malformed(), at, "null is no line")
			continue
		}
		l := r.line(at, entry)
		if before, there := first[l.Number]; there && l.Number.IsValid() {
			r.fault(badValue(), at+"/phone_number", "%v is line %d already", l.Number, before)
		}
		first[l.Number] = i
		f.Lines = append(f.Lines, l)
	}
	if err := r.result(); err != nil {
		return File{}, r.warnings, err
	}
	return f, r.warnings, nil
}

// listMeant adds to the error of a text that is a list what the file is then
// meant to be.
func listMeant(text []byte, err error) error {
	if first := bytes.TrimLeft(text, " \t\r\n"); len(first) > 0 && first[0] == '[' {
		if wrong := (*FormatError)(nil); errors.As(err, &wrong) && wrong.Faults[0].Pointer == "" {
			wrong.Faults[0].Detail += `: put it into {"phone_numbers": […]}`
		}
	}
	return err
}

// ParseAssigned reads the defaults of lines that are assigned to us: one entry of a
// fleet file without id and phone_number. Members that are not known are warnings,
// as in [ParseFile]. The error is a *[FormatError] with every fault.
func ParseAssigned(text []byte) (line.Line, []Warning, error) {
	var in lineJSON
	if err := decode(text, &in); err != nil {
		return line.Line{}, nil, err
	}
	var r reader
	if in.ID != nil {
		r.fault(badValue(), "/id", "leave it out: the number that is assigned has its own")
	}
	if in.PhoneNumber != nil {
		r.fault(badValue(), "/phone_number", "leave it out: it is that of the number that is assigned")
	}
	var l line.Line
	r.members("", &in, &l)
	if err := r.result(); err != nil {
		return line.Line{}, r.warnings, err
	}
	return l.Normal(), r.warnings, nil
}

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

// MarshalJSON writes the file. The members of the vendor's API are always
// there; our additions only where they are not the default. What ParseFile
// reads from it are the same lines, without their use.
func (f File) MarshalJSON() ([]byte, error) {
	out := fileJSON{PhoneNumbers: make([]*lineJSON, 0, len(f.Lines))}
	for i, l := range f.Lines {
		if err := l.Validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", i, err)
		}
		entry := entryOf(l.Normal())
		if f.DocBase != "" {
			entry.Reputation.DocURL = new(f.DocBase + ReputationPath + "#" + strings.ToLower(l.Reputation.String()))
			entry.HealthStatus.DocURL = entry.Reputation.DocURL
		}
		out.PhoneNumbers = append(out.PhoneNumbers, entry)
	}
	return json.Marshal(out)
}

// ReputationPath is the path of the page about the reputation of lines.
const ReputationPath = "/guides/phone-numbers/reputation"

// entryOf returns the line as it stands in a file.
func entryOf(l line.Line) *lineJSON {
	number, reputation := l.Number.String(), l.Reputation.String()
	out := &lineJSON{
		ID: &l.ID, PhoneNumber: &number,
		Reputation:   &reputationJSON{Status: &reputation},
		HealthStatus: &reputationJSON{Status: &reputation},
	}
	if l.Forwarding != "" {
		out.ForwardingNumber = &l.Forwarding
	}
	if l.Status != line.Active {
		status := l.Status.String()
		out.Status = &status
	}
	if l.Ineligible {
		out.Eligible = new(bool)
	}
	for _, service := range l.Services.List() {
		name := service.String()
		out.Services = append(out.Services, &name)
	}
	if l.Limits != (line.Limits{}) {
		out.Limits = &limitsJSON{NewChatsPerDay: limitJSON(l.Limits.NewChatsPerDay), MessagesPerDay: limitJSON(l.Limits.MessagesPerDay)}
	}
	if l.Label != "" {
		out.Label = &l.Label
	}
	if !l.ChangedAt.IsZero() {
		at := l.ChangedAt.UTC().Format(time.RFC3339Nano)
		out.ChangedAt = &at
	}
	if !l.StartedAt.IsZero() {
		at := l.StartedAt.UTC().Format(time.RFC3339Nano)
		out.StartedAt = &at
	}
	if l.Guard != nil {
		out.Guard = FormatGuard(*l.Guard)
	}
	return out
}

func limitJSON(n int) *int64 {
	if n == 0 {
		return nil
	}
	limit := int64(n)
	return &limit
}

// Load sets the lines of a tenant from a fleet file, as [Fleet.SetLines] does.
// It returns a warning for each member that has no effect. The error is that of
// ParseFile or SetLines, or [ErrAhead] for a changed_at or started_at more than
// five minutes in the future.
func (f *Fleet) Load(tenant string, text []byte) ([]Warning, error) {
	file, warnings, err := ParseFile(text)
	if err != nil {
		return warnings, err
	}
	latest := f.options.Clock().Add(maxAhead)
	for i, l := range file.Lines {
		if l.ChangedAt.After(latest) {
			return warnings, fmt.Errorf("/phone_numbers/%d/changed_at: %w: %v", i, ErrAhead, l.ChangedAt)
		}
		if l.StartedAt.After(latest) {
			return warnings, fmt.Errorf("/phone_numbers/%d/started_at: %w: %v", i, ErrAhead, l.StartedAt)
		}
	}
	if err := f.settable(tenant); err != nil {
		return warnings, err
	}
	return warnings, f.setLines(tenant, file.Lines, inFile)
}
