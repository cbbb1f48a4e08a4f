package message

import (
	"database/sql/driver"
	"fmt"
)

// Value implements driver.Valuer: it is the name, and NULL for zero. Any other
// value is an error.
func (s Service) Value() (driver.Value, error) {
	if s == 0 {
		return nil, nil
	}
	text, err := s.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements sql.Scanner: NULL is zero, and a text is a name, read as
// [ParseService] does. Anything else is an error, and leaves *s as it was.
func (s *Service) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*s = 0
		return nil
	case string:
		return s.UnmarshalText([]byte(src))
	case []byte:
		return s.UnmarshalText(src)
	}
	return fmt.Errorf("message: a %T cannot be read as a service", src)
}
