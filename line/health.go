package line

import (
	"database/sql/driver"
	"fmt"
	"strconv"
)

// Status says whether a line may send at all. The zero value is not a status;
// in a [Line] that is given to a fleet or a view it means [Active].
type Status uint8

// The statuses, in the spelling of the wire: "ACTIVE" and "FLAGGED".
const (
	// Active lines may send, unless another fact stops them.
	Active Status = 1 + iota
	// Flagged lines send nothing: they neither open nor continue chats.
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

// String returns the name that [ParseStatus] reads, "unsaid" for zero, and
// "Status(n)" for any other value.
func (s Status) String() string {
	switch s {
	case 0:
		return unsaid
	case Active:
		return "ACTIVE"
	case Flagged:
		return "FLAGGED"
	}
	return "Status(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText returns the name, and the empty text for zero. A value that is
// neither is an error.
func (s Status) MarshalText() ([]byte, error) { return textOf(s) }

// UnmarshalText reads what MarshalText writes; on an error *s is left as it
// was.
func (s *Status) UnmarshalText(text []byte) error { return readText(s, text, ParseStatus) }

// Value implements driver.Valuer: it is the name, and NULL for zero.
func (s Status) Value() (driver.Value, error) { return valueOf(s) }

// Scan implements sql.Scanner: NULL and the empty text are zero.
func (s *Status) Scan(src any) error { return scan(s, src, ParseStatus) }

// Reputation says how close a line is to being flagged. A better reputation is
// a smaller value. The zero value is not a reputation; in a [Line] that is
// given to a fleet or a view it means [Healthy].
type Reputation uint8

// The reputations, in the spelling of the wire: "HEALTHY", "AT_RISK" and
// "CRITICAL".
const (
	// Healthy lines come first when a line is picked.
	Healthy Reputation = 1 + iota
	// AtRisk lines come after healthy lines when a line is picked.
	AtRisk
	// Critical lines open no chats unless fleet.Policy.AllowCritical is set,
	// and then last of all; they continue the chats they have.
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

// String returns the name that [ParseReputation] reads, "unsaid" for zero, and
// "Reputation(n)" for any other value.
func (r Reputation) String() string {
	switch r {
	case 0:
		return unsaid
	case Healthy:
		return "HEALTHY"
	case AtRisk:
		return "AT_RISK"
	case Critical:
		return "CRITICAL"
	}
	return "Reputation(" + strconv.Itoa(int(r)) + ")"
}

// MarshalText returns the name, and the empty text for zero. A value that is
// neither is an error.
func (r Reputation) MarshalText() ([]byte, error) { return textOf(r) }

// UnmarshalText reads what MarshalText writes; on an error *r is left as it
// was.
func (r *Reputation) UnmarshalText(text []byte) error { return readText(r, text, ParseReputation) }

// Value implements driver.Valuer: it is the name, and NULL for zero.
func (r Reputation) Value() (driver.Value, error) { return valueOf(r) }

// Scan implements sql.Scanner: NULL and the empty text are zero.
func (r *Reputation) Scan(src any) error { return scan(r, src, ParseReputation) }
