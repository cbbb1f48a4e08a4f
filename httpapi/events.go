package httpapi

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline/fleet"
)

// maxEvent is the size in bytes of the largest event. It is small because the
// body of a webhook has to be read before its signature can be checked.
const maxEvent = 256 << 10

// postEvent takes in what is learned about a line (docs/rules.md §15).
func (x *exchange) postEvent() error {
	body, err := x.signedBody()
	if err != nil {
		return err
	}
	defer giveBack(body)
	event, err := fleet.ParseEvent(body.Bytes())
	if err != nil {
		return err
	}
	event.Tenant = x.tenant
	ctx, cancel := x.patience()
	defer cancel()
	receipt, err := x.router.Acknowledge(ctx, event)
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

// signedBody authenticates an event by its tenant's token or else by its
// signature, and returns its body.
func (x *exchange) signedBody() (*bytes.Buffer, error) {
	limit := min(x.opts.MaxBody, maxEvent)
	err := x.admit()
	if err == nil {
		return x.body(limit)
	}
	if err != errNoToken || !x.opts.Signatures.mayBeSigned(x.r.Header, x.opts.Clock(), x.opts.LegacySignatures) {
		return nil, err
	}
	body, err := x.body(limit)
	if err != nil {
		return nil, err
	}
	tenant, err := x.opts.Signatures.verify(x.r.Header, body.Bytes())
	if err != nil {
		giveBack(body)
		return nil, authError(err)
	}
	x.tenant = tenant
	return body, nil
}
