package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline/line"
)

// MarshalJSON writes the file. The members of the vendor's API are always
// there; our additions only if they are not the default. What ParseFile
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
