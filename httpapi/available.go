package httpapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
)

// available is the answer of GET /v3/available_number.
type available struct {
	PhoneNumber string `json:"phone_number"`
	VCardURL    string `json:"vcf_url"` // a data URL: the card itself
}

// getAvailable says from which line a message would go out now. Nothing is
// written or reserved by it.
func (x *exchange) getAvailable() error {
	if err := x.admit(); err != nil {
		return err
	}
	q := x.query("to", "exclude_from", "type")
	to, excluded, kind := q.list("to"), q.lines("exclude_from"), q.service("type")
	people, err := x.people(to)
	if err := join(q.faults, err); err != nil {
		return err
	}
	x.ring = people.Key().Ring()
	ctx, cancel := x.patience()
	defer cancel()
	lines, err := x.router.Available(ctx, x.tenant, people, excluded, kind)
	refusal, refused := errors.AsType[*routing.Refusal](err)
	switch {
	case errors.Is(err, fleet.ErrUnknownTenant):
		return errDenied
	case refused && refusal.Code == fault.CodeNoLine && kind != 0:
		return fmt.Errorf("%w: %w", errNoKind, &fromline.UnavailableError{Err: err}) // as the vendor does; asking again does not help
	case err != nil:
		return err
	}
	card := base64.StdEncoding.EncodeToString(vCard(lines))
	return x.answerJSON(http.StatusOK, &available{lines[0].String(), "data:text/vcard;base64," + card})
}

// errNoKind is the error of a type that no line has which can send now.
var errNoKind = &statusError{status: http.StatusServiceUnavailable, code: fault.CodeStore,
	message: fault.CodeStore.Message() + ": no line of this type can open a chat now; leave type out to take any line"}

// people reads recipients as a send does; none is the zero set.
func (x *exchange) people(to []string) (people recipients.Set, err error) {
	if len(to) == 0 {
		return people, nil
	}
	checked, err := x.router.Check(&message.Request{
		To: to, Message: &message.Content{Parts: []message.Part{&message.TextPart{Value: new(".")}}},
	})
	if err != nil {
		return people, err
	}
	return checked.Recipients(), nil
}

// service returns the kind of lines that is asked for, zero for any.
func (q *query) service(name string) message.Service {
	text, given := q.filter(name)
	switch {
	case !given:
		return 0
	case strings.EqualFold(text, message.RCS.String()):
		return message.RCS
	case strings.EqualFold(text, message.IMessage.String()):
		return message.IMessage
	}
	q.wrong("/"+name, fault.Fault{Rule: fault.RuleEnum, Value: shown(text), Known: message.IMessage.String() + ", " + message.RCS.String()})
	return 0
}

// vCard returns a contact with the numbers of lines, the first of them first.
func vCard(lines []recipients.Handle) []byte {
	card := []byte("BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:" + lines[0].String() + "\r\n")
	for _, line := range lines {
		card = append(card, "TEL;TYPE=CELL:"+line.String()+"\r\n"...)
	}
	return append(card, "END:VCARD\r\n"...)
}
