package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
)

// maxEvent is the size in bytes of the largest event. It is small because the
// body of a webhook has to be read before its signature can be checked.
const maxEvent = 256 << 10

// postEvent takes in what is learned about a line (docs/rules.md §15) or a chat
// (§15d).
func (x *exchange) postEvent() error {
	body, err := x.signedBody()
	if err != nil {
		return err
	}
	defer giveBack(body)
	ctx, cancel := x.patience()
	defer cancel()
	receipt, err := x.takeIn(ctx, body.Bytes())
	if ahead, is := errors.AsType[*fleet.AheadError](err); is {
		x.cause = ahead // both times, for the log
	}
	if err != nil {
		return err
	}
	answer, err := json.Marshal(receipt)
	if err != nil {
		return err
	}
	x.answer(http.StatusOK, answer)
	return nil
}

// takeIn hands an event to the Router: of a line, or of a chat.
func (x *exchange) takeIn(ctx context.Context, body []byte) (fromline.Receipt, error) {
	event, err := fleet.ParseEvent(body)
	if err != nil {
		return fromline.Receipt{}, err
	}
	if told := (inbound.Event{Type: event.Type}); told.Known() {
		if told, err = inbound.Parse(body); err != nil {
			return fromline.Receipt{}, err
		}
		return x.router.Receive(ctx, x.tenant, told)
	}
	event.Tenant = x.tenant
	return x.router.Acknowledge(ctx, event)
}

// errNeither is the error of an event that has neither a token nor a signature.
var errNeither = &credentialError{errTokenMissing.rule, errTokenMissing.header,
	errTokenMissing.text + ", or sign the event (webhook-id, webhook-timestamp and webhook-signature)"}

// signedBody authenticates an event by its tenant's token or else by its
// signature, and returns its body.
func (x *exchange) signedBody() (*bytes.Buffer, error) {
	limit := min(x.opts.MaxBody, maxEvent)
	err := x.admit()
	if err == nil {
		return x.body(limit)
	}
	_, wrong := errors.AsType[*credentialError](err)
	switch {
	case !wrong && err != errNoToken:
		return nil, err
	case err == errTokenMissing && !isSigned(x.r.Header):
		return nil, errNeither
	case !isSigned(x.r.Header):
		return nil, err
	}
	if err := x.opts.Signatures.unsigned(x.r.Header, x.opts.Clock(), x.opts.LegacySignatures); err != nil {
		return nil, err
	}
	body, err := x.body(limit)
	if err != nil {
		return nil, err
	}
	tenant, err := x.opts.Signatures.verify(x.r.Header, body.Bytes())
	if err != nil {
		giveBack(body)
		return nil, err
	}
	x.tenant = tenant
	return body, nil
}
