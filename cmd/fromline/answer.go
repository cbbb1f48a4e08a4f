package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/rfc3339"
	"github.com/fromline/fromline/message"
)

// answer answers one line: with the body of the endpoint, an acknowledgement,
// or an error body, and then also with why it was refused, for standard error.
// With -explain it answers in words.
func (s *session) answer(ctx context.Context, number int, text []byte, unreadable error) (answer []byte, refusal string) {
	if unreadable != nil {
		return s.refuse(number, unreadable)
	}
	if isEvent(text) {
		return s.answerEvent(ctx, number, text)
	}
	return s.answerSend(ctx, number, text)
}

func (s *session) answerSend(ctx context.Context, number int, text []byte) ([]byte, string) {
	request, own, err := decodeLine(text)
	at := s.clock.at(own)
	if err != nil {
		return s.refuse(number, err)
	}
	checked, err := s.router.Check(request)
	if err != nil {
		return s.refuse(number, err)
	}
	if err := s.follow(ctx); err != nil {
		return s.refuse(number, err)
	}
	d, err := s.route(ctx, fromline.Outgoing{Tenant: s.tenant, Request: checked, At: at, Explain: s.explain})
	if err != nil {
		return s.refuse(number, err)
	}
	if s.explain {
		return explainDecision(number, &d), ""
	}
	line, err := d.AppendResponse(nil)
	if err != nil {
		return s.refuse(number, err)
	}
	return append(line, '\n'), ""
}

func (s *session) answerEvent(ctx context.Context, number int, text []byte) ([]byte, string) {
	event, err := fleet.ParseEvent(text)
	s.clock.at(time.Time{})
	if err != nil {
		return s.refuse(number, err)
	}
	receipt, err := s.router.Acknowledge(ctx, event)
	if err != nil {
		return s.refuse(number, err)
	}
	if s.explain {
		return explainEvent(number, event, receipt), ""
	}
	line, err := json.Marshal(receipt)
	if err != nil {
		return s.refuse(number, err)
	}
	return append(line, '\n'), ""
}

// refuse answers with the error body of the endpoint.
func (s *session) refuse(number int, err error) (answer []byte, refusal string) {
	body := envelope(err, s.traceID())
	refusal = fmt.Sprintf("%d %s", body.Error.Code, body.Error.Message)
	if wrong, is := errors.AsType[*fault.Error](err); is {
		refusal = strings.TrimPrefix(wrong.Error(), "fault: ") // without what the sender wrote
	} else if len(body.Error.Violations) > 0 {
		v := body.Error.Violations[0]
		refusal = fmt.Sprintf("%d %s: %s", body.Error.Code, v.Pointer, v.Rule)
	}
	if s.explain {
		return explainRefusal(number, err, body), refusal
	}
	line, err := json.Marshal(body)
	if err != nil {
		panic("an error body has no JSON form: " + err.Error()) // its strings are ours
	}
	return append(line, '\n'), refusal
}

// isEvent says whether a line is meant as a line event: an object with a
// member event_type and none named to.
func isEvent(text []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if open, err := dec.ReadToken(); err != nil || open.Kind() != jsontext.KindBeginObject {
		return false
	}
	event := false
	for dec.PeekKind() == jsontext.KindString {
		name, err := dec.ReadToken()
		if err != nil {
			return event
		}
		switch name.String() {
		case "to":
			return false
		case "event_type":
			event = true
		}
		if err := dec.SkipValue(); err != nil {
			return event
		}
	}
	return event
}

// decodeLine reads a send: a request body that may carry its key and its time
// beside it. A time that cannot be read is a fault of the line.
func decodeLine(text []byte) (*message.Request, time.Time, error) {
	request, err := message.DecodeRequest(text)
	if err != nil {
		return nil, time.Time{}, err
	}
	var at time.Time
	var rest message.Members
	for _, m := range request.Unknown {
		switch m.Name {
		case "idempotency_key":
			request.HeaderKey, err = textMember(m)
		case "at":
			at, err = timeMember(m)
		default:
			rest = append(rest, m)
		}
		if err != nil {
			return nil, time.Time{}, err
		}
	}
	request.Unknown = rest
	return request, at, nil
}

// textMember returns a member that is a string or null.
func textMember(m message.Member) (*string, error) {
	var text *string
	if err := json.Unmarshal(m.Value, &text); err != nil {
		return nil, badMember(m.Name, fault.CodeBody, fault.RuleJSONType, "a string")
	}
	return text, nil
}

func timeMember(m message.Member) (time.Time, error) {
	text, err := textMember(m)
	if err != nil || text == nil {
		return time.Time{}, err
	}
	at, err := rfc3339.Parse(*text)
	if err != nil {
		return time.Time{}, &fault.Error{Faults: []fault.Fault{{
			Pointer: "/" + m.Name, Rule: "line.at", Code: fault.CodeValue, Value: *text, Hint: err.Error(),
		}}}
	}
	return at, nil
}

func badMember(member string, code fault.Code, rule fault.Rule, want string) error {
	return &fault.Error{Faults: []fault.Fault{{
		Pointer: "/" + member, Rule: rule, Code: code, Nearest: want,
	}}}
}

// envelope is the error body for whatever a line can be refused with.
func envelope(err error, traceID string) fault.Envelope {
	if errors.Is(err, errLineTooLong) {
		err = &fault.Error{Faults: []fault.Fault{{Rule: fault.Rule("line.length"), Code: fault.CodeBody, Max: maxLine}}}
	}
	return fromline.Envelope(err, docBase, traceID)
}
