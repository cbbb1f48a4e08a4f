package store

import (
	"database/sql/driver"
	"fmt"
)

// Reason is the branch that a decision took.
type Reason uint8

// The branches of docs/rules.md §9; the texts are those of the API.
const (
	ReusedActiveChat Reason = 1 + iota // a matching chat's line can continue
	NewBestNumber                      // no chat matches
	FailoverFlagged                    // chats match and none of their lines can continue
)

var reasonTexts = [...]string{"", "reused_active_chat", "new_best_number", "failover_flagged"}

// String returns the text of the API, or reason(n) for other values.
func (r Reason) String() string {
	if r >= 1 && int(r) < len(reasonTexts) {
		return reasonTexts[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// MarshalText returns the text of the API. A value that is none of the
// constants is an error.
func (r Reason) MarshalText() ([]byte, error) {
	if r >= 1 && int(r) < len(reasonTexts) {
		return []byte(reasonTexts[r]), nil
	}
	return nil, fmt.Errorf("store: %s is not a reason", r)
}

// UnmarshalText accepts exactly the texts that MarshalText returns.
func (r *Reason) UnmarshalText(text []byte) error {
	for i, t := range reasonTexts[1:] {
		if t == string(text) {
			*r = Reason(i + 1)
			return nil
		}
	}
	return fmt.Errorf("store: %q is not a reason: use reused_active_chat, new_best_number or failover_flagged", text)
}

// Value implements driver.Valuer with the text of the API. A value that is none
// of the constants, such as zero, is an error.
func (r Reason) Value() (driver.Value, error) {
	text, err := r.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements sql.Scanner for the texts that Value returns. Anything else,
// such as NULL, is an error, and leaves *r as it was.
func (r *Reason) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return r.UnmarshalText([]byte(src))
	case []byte:
		return r.UnmarshalText(src)
	}
	return fmt.Errorf("store: a %T cannot be read as a reason", src)
}
