package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// postChat sends a message from the line that the request names: into the chat
// with these people on that line, or into one that is opened (docs/rules.md
// §9a).
func (x *exchange) postChat() error {
	if err := x.admit(); err != nil {
		return err
	}
	request, err := x.request()
	if err != nil {
		return err
	}
	from, faults, err := takeFrom(request)
	if err != nil {
		return err
	}
	faults = append(faults, notHere(request)...)
	checked, err := x.router.Check(request)
	if err := join(faults, err); err != nil {
		return err
	}
	x.unsafe = checked.IdempotencyKey() == ""
	ctx, cancel := x.patience()
	defer cancel()
	d, err := x.router.Route(ctx, fromline.Outgoing{Tenant: x.tenant, Request: checked, From: from})
	if err != nil {
		return err
	}
	answered, err := x.settled(&d)
	if err != nil {
		return err
	}
	return x.answerJSON(http.StatusCreated, &chatCreated{sentChat{
		ID: d.ChatID, DisplayName: defaultName(d.Roster.Set()), Handles: answered.Handles, IsGroup: answered.IsGroup,
		Message: answered.Message, Service: answered.Service,
		Health: x.health(optOutOverridden(&d), d.Roster.Since()),
	}})
}

// optOutOverridden says whether the person of the chat had opted out, and was
// sent to nevertheless.
func optOutOverridden(d *routing.Decision) bool {
	return slices.ContainsFunc(d.Advisories, func(a validate.Advisory) bool { return a.Rule == routing.OptOutOverridden })
}

// postChatMessage sends a message into a chat.
func (x *exchange) postChatMessage() error {
	if err := x.admit(); err != nil {
		return err
	}
	id, err := x.uuid(errNoChat)
	if err != nil {
		return err
	}
	request, err := x.request()
	if err != nil {
		return err
	}
	if faults := notInChat(request); faults != nil {
		_, err := x.router.Check(request)
		return join(faults, withoutPeople(err))
	}
	x.unsafe = request.HeaderKey == nil && (request.Message == nil || request.Message.IdempotencyKey == nil)
	ctx, cancel := x.patience()
	defer cancel()
	d, err := x.router.SendInto(ctx, x.tenant, id, request)
	if err != nil {
		return chatError(err)
	}
	answered, err := x.settled(&d)
	if err != nil {
		return err
	}
	return x.answerJSON(http.StatusAccepted, &messageSent{d.ChatID, answered.Message})
}

// chatError makes the answer of a send into a chat that may not be there.
func chatError(err error) error {
	if known := storeError(err); known == errNoChat || known == errNoEndpoint {
		return known
	}
	return err
}

// takeFrom takes the line out of the members of a request, and says what is
// wrong with it. The error is one of the body.
func takeFrom(request *message.Request) (from recipients.Handle, faults []fault.Fault, err error) {
	value := jsontext.Value(nil)
	rest := request.Unknown[:0:0]
	for _, m := range request.Unknown {
		if m.Name == "from" {
			value = m.Value
		} else {
			rest = append(rest, m)
		}
	}
	request.Unknown = rest
	if value == nil || value.Kind() == 'n' {
		return from, []fault.Fault{{Pointer: "/from", Rule: fault.RuleMissing, Code: fault.CodeMissing}}, nil
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return from, nil, &fault.Error{Faults: []fault.Fault{{Pointer: "/from", Rule: fault.RuleJSONType, Code: fault.CodeBody, Nearest: "a string", Value: value.Kind().String()}}}
	}
	from, err = recipients.Options{Strength: recipients.Syntax}.Parse(text)
	if err != nil || !from.IsPhone() {
		f := lineFault(text, err)
		f.Pointer = "/from"
		return from, []fault.Fault{f}, nil
	}
	return from, nil, nil
}

// lineFault returns what is wrong with a text that is no number of a line. The
// error is that of its parsing, nil for an address.
func lineFault(text string, err error) fault.Fault {
	if err == nil || strings.Contains(text, "@") {
		return notLine
	}
	return handleFault(text, err)
}

// notHere returns the members of POST /v3/messages that a send has not which
// names its line or its chat.
func notHere(request *message.Request) (faults []fault.Fault) {
	if request.ContinuationMessage != nil {
		faults = append(faults, unknownMember("continuation_message", "this send never fails over to another line; POST /v3/messages takes continuation_message"))
	}
	if request.ExcludeFrom != nil {
		faults = append(faults, unknownMember("exclude_from", "the line of this send is named; POST /v3/messages takes exclude_from"))
	}
	return faults
}

// notInChat returns those that a send has not which names its chat, and takes
// them out of the request.
func notInChat(request *message.Request) (faults []fault.Fault) {
	if request.To != nil {
		faults = append(faults, unknownMember("to", "the path names the chat, and its people get the message; POST /v3/messages takes to"))
	}
	for i, m := range request.Unknown {
		if m.Name == "from" {
			f := unknownMember("from", "the line of the chat sends; POST /v3/chats takes from")
			f.Rule = fault.RuleFrom
			faults = append(faults, f)
			request.Unknown = slices.Delete(slices.Clone(request.Unknown), i, i+1)
			break
		}
	}
	faults = append(faults, notHere(request)...)
	request.To, request.ContinuationMessage, request.ExcludeFrom = nil, nil, nil
	return faults
}

// withoutPeople leaves out the faults that a request has because it names no
// people.
func withoutPeople(err error) error {
	wrong, is := errors.AsType[*fault.Error](err)
	if !is {
		return err
	}
	return &fault.Error{Faults: slices.DeleteFunc(slices.Clone(wrong.Faults), func(f fault.Fault) bool {
		return f.Pointer == "/to" || f.Rule == fault.RuleMentionRecipient || f.Rule == fault.RuleMentionDirect
	})}
}

func unknownMember(name, why string) fault.Fault {
	return fault.Fault{Pointer: "/" + name, Rule: fault.RuleUnknown, Code: fault.CodeValue, Value: name, Detail: name + " is not accepted here: " + why}
}

// join adds faults to those of a check.
func join(faults []fault.Fault, err error) error {
	if len(faults) == 0 {
		return err
	}
	if more, is := errors.AsType[*fault.Error](err); is {
		faults = append(faults, more.Faults...)
	}
	return &fault.Error{Faults: faults[:min(len(faults), fault.Max+1)]}
}

// sentParts are members of the answer of a send, as they are.
type sentParts struct {
	Handles jsontext.Value `json:"handles"`
	IsGroup bool           `json:"is_group"`
	Message jsontext.Value `json:"message"`
	Service jsontext.Value `json:"service"`
}

// chatCreated is the answer of POST /v3/chats.
type chatCreated struct {
	Chat sentChat `json:"chat"`
}

type sentChat struct {
	ID          uuid.UUID      `json:"id"`
	DisplayName string         `json:"display_name"`
	Handles     jsontext.Value `json:"handles"`
	Health      chatHealth     `json:"health_status"`
	IsGroup     bool           `json:"is_group"`
	Message     jsontext.Value `json:"message"`
	Service     jsontext.Value `json:"service"`
}

// messageSent is the answer of POST /v3/chats/{id}/messages.
type messageSent struct {
	ChatID  uuid.UUID      `json:"chat_id"`
	Message jsontext.Value `json:"message"`
}

// settled notes a decision that is committed, and returns the members of its
// answer.
func (x *exchange) settled(d *routing.Decision) (parts sentParts, err error) {
	x.decided = decidedBy(d)
	body, err := d.AppendResponse(nil)
	if err == nil {
		err = json.Unmarshal(body, &parts)
	}
	if err == nil {
		x.mark(d)
	}
	return parts, err
}

func (x *exchange) answerJSON(status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	x.answer(status, body)
	return nil
}
