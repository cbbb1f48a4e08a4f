package message

import (
	"fmt"
	"strconv"
)

// Service is a messaging service. The zero value means that none is known or
// requested; it is not valid as text, and is null in JSON.
type Service uint8

// The services, in the spelling of the wire: "iMessage", "RCS" and "SMS"
// (docs/rules.md §4).
const (
	IMessage Service = 1 + iota
	RCS
	SMS
)

// ParseService returns the service of that exact name; case matters.
func ParseService(name string) (Service, error) {
	switch name {
	case "iMessage":
		return IMessage, nil
	case "RCS":
		return RCS, nil
	case "SMS":
		return SMS, nil
	}
	return 0, fmt.Errorf("message: unknown service %q: use iMessage, RCS or SMS", name)
}

// IsValid reports whether s is one of the services; the zero value is not.
func (s Service) IsValid() bool { return s >= IMessage && s <= SMS }

// String returns the name that [ParseService] reads, or "Service(n)" if s is
// not valid.
func (s Service) String() string {
	switch s {
	case IMessage:
		return "iMessage"
	case RCS:
		return "RCS"
	case SMS:
		return "SMS"
	}
	return "Service(" + strconv.Itoa(int(s)) + ")"
}

// AppendText appends the name to b. An invalid service, such as the zero value,
// is an error.
func (s Service) AppendText(b []byte) ([]byte, error) {
	if !s.IsValid() {
		return b, fmt.Errorf("message: %v has no text form", s)
	}
	return append(b, s.String()...), nil
}

// MarshalText returns the name. An invalid service, such as the zero value, is
// an error.
func (s Service) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// UnmarshalText is [ParseService]; on an error *s is left as it was.
func (s *Service) UnmarshalText(text []byte) error {
	parsed, err := ParseService(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
