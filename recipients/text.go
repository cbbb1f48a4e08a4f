package recipients

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// MarshalText returns the canonical text; empty for the zero handle.
func (h Handle) MarshalText() ([]byte, error) { return h.AppendTo(nil), nil }

// UnmarshalText reads what MarshalText wrote, and empty text as the zero
// handle. It checks [Syntax] only, so stored phone numbers stay readable when
// numbering plans change.
func (h *Handle) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*h = Handle{}
		return nil
	}
	parsed, err := Options{Strength: Syntax}.Parse(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// Value returns the canonical text for a database, NULL for the zero handle.
func (h Handle) Value() (driver.Value, error) {
	if !h.IsValid() {
		return nil, nil
	}
	return h.String(), nil
}

// Scan reads what Value wrote, as UnmarshalText does. NULL is the zero handle.
func (h *Handle) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*h = Handle{}
		return nil
	case string:
		return h.UnmarshalText([]byte(src))
	case []byte:
		return h.UnmarshalText(src)
	}
	return fmt.Errorf("recipients: cannot scan %T into a Handle; store it as text", src)
}

// MarshalJSON returns the members as an array of texts, in order.
func (s Set) MarshalJSON() ([]byte, error) {
	if !s.IsValid() {
		return []byte("[]"), nil
	}
	return json.Marshal(s.members())
}

// UnmarshalJSON reads an array of texts in any order. Of phone numbers it
// checks [Syntax] only. An empty array is the zero Set.
func (s *Set) UnmarshalJSON(data []byte) error {
	var members []Handle
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	if len(members) == 0 {
		*s = Set{}
		return nil
	}
	set, err := NewLargeSet(members...)
	if err != nil {
		return err
	}
	*s = set
	return nil
}
