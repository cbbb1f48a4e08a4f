package fleet

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// File is a fleet file: the lines of one tenant, in the form in which the
// vendor's API lists numbers, with our own additions (docs/rules.md §15), among
// which label is [Line.Label]. It is read with [ParseFile], and written by any
// JSON encoder. The use of lines is no part of it.
type File struct {
	Lines []line.Line

	// DocBase, if set, is the beginning of doc_url, the link to the page about
	// the reputation of each line. ParseFile never sets it.
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

// ParseFile reads a fleet file. An unknown member is a warning. It is a fault
// inside our own additions, or if its name is within two edits of a known one.
// The error is a *[FormatError] with every fault.
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
		if wrong := &err.(*FormatError).Faults[0]; wrong.Pointer == "" {
			wrong.Detail += `: put it into {"phone_numbers": […]}`
		}
	}
	return err
}

// ParseAssigned reads the defaults of lines that are assigned to us: one entry
// of a fleet file without id and phone_number. Members that are not known are
// warnings, as in [ParseFile]. The error is a *[FormatError] with every fault.
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
