package line

import (
	"fmt"
	"strconv"

	"github.com/fromline/fromline/message"
)

// Status says whether a line may send at all. The zero value is not a status;
// where a [Line] is given with it, it stands for [Active].
type Status uint8

// The statuses, in the spelling of the wire: "ACTIVE" and "FLAGGED".
const (
	// Active lines may send, as far as their status goes.
	Active Status = 1 + iota
	// Flagged lines send nothing: no new chats, and none of their old ones.
	Flagged
)

// ParseStatus returns the status of that exact name.
func ParseStatus(name string) (Status, error) {
	switch name {
	case "ACTIVE":
		return Active, nil
	case "FLAGGED":
		return Flagged, nil
	}
	return 0, fmt.Errorf("line: unknown status %q: use ACTIVE or FLAGGED", name)
}

// IsValid reports whether s is one of the statuses; the zero value is not.
func (s Status) IsValid() bool { return s == Active || s == Flagged }

// String returns the name that [ParseStatus] reads, or "Status(n)" where s is
// not valid.
func (s Status) String() string {
	switch s {
	case Active:
		return "ACTIVE"
	case Flagged:
		return "FLAGGED"
	}
	return "Status(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText returns the name. A status that is not valid is an error.
func (s Status) MarshalText() ([]byte, error) {
	if !s.IsValid() {
		return nil, fmt.Errorf("line: %v has no text form", s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText is [ParseStatus]; on an error *s is left as it was.
func (s *Status) UnmarshalText(text []byte) error {
	parsed, err := ParseStatus(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Reputation says how close a line is to being flagged. A better reputation is
// a smaller value. The zero value is not a reputation; where a [Line] is given
// with it, it stands for [Healthy].
type Reputation uint8

// The reputations, in the spelling of the wire: "HEALTHY", "AT_RISK" and
// "CRITICAL".
const (
	// Healthy lines open chats before all others.
	Healthy Reputation = 1 + iota
	// AtRisk lines open chats where no healthy line can.
	AtRisk
	// Critical lines open no chats unless fleet.Policy.AllowCritical is set, and
	// then last of all; they continue the chats they have.
	Critical
)

// ParseReputation returns the reputation of that exact name.
func ParseReputation(name string) (Reputation, error) {
	switch name {
	case "HEALTHY":
		return Healthy, nil
	case "AT_RISK":
		return AtRisk, nil
	case "CRITICAL":
		return Critical, nil
	}
	return 0, fmt.Errorf("line: unknown reputation %q: use HEALTHY, AT_RISK or CRITICAL", name)
}

// IsValid reports whether r is one of the reputations; the zero value is not.
func (r Reputation) IsValid() bool { return r >= Healthy && r <= Critical }

// String returns the name that [ParseReputation] reads, or "Reputation(n)"
// where r is not valid.
func (r Reputation) String() string {
	switch r {
	case Healthy:
		return "HEALTHY"
	case AtRisk:
		return "AT_RISK"
	case Critical:
		return "CRITICAL"
	}
	return "Reputation(" + strconv.Itoa(int(r)) + ")"
}

// MarshalText returns the name. A reputation that is not valid is an error.
func (r Reputation) MarshalText() ([]byte, error) {
	if !r.IsValid() {
		return nil, fmt.Errorf("line: %v has no text form", r)
	}
	return []byte(r.String()), nil
}

// UnmarshalText is [ParseReputation]; on an error *r is left as it was.
func (r *Reputation) UnmarshalText(text []byte) error {
	parsed, err := ParseReputation(string(text))
	if err == nil {
		*r = parsed
	}
	return err
}

// ServiceSet is the services that a line can send over. The zero value is the
// set of all services. Sets are comparable with ==.
type ServiceSet uint8

const (
	services    = int(message.SMS) // how many services there are
	allServices = 1<<services - 1  // every bit set, which is written as 0
)

// Services returns the set of the given services. None at all, or all of them,
// is the set of all services. It panics on a service that is not valid, which
// is a mistake of the caller.
func Services(list ...message.Service) ServiceSet {
	var s ServiceSet
	for _, service := range list {
		if !service.IsValid() {
			panic("line: " + service.String() + " is not a service")
		}
		s |= 1 << (service - 1)
	}
	return s % allServices
}

// Has reports whether the set contains the service. Every set contains the zero
// Service, which means that any will do; none contains what is no service.
func (s ServiceSet) Has(service message.Service) bool {
	return service == 0 || s == 0 && service.IsValid() || s&(1<<(service-1)) != 0
}

// List returns the services of the set, in their order, and nil for the set of
// all services.
func (s ServiceSet) List() []message.Service {
	var list []message.Service
	for service := message.IMessage; s != 0 && int(service) <= services; service++ {
		if s.Has(service) {
			list = append(list, service)
		}
	}
	return list
}

// IsValid reports whether s is a value that [Services] returns.
func (s ServiceSet) IsValid() bool { return s < allServices }
