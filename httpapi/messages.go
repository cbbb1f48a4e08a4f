package httpapi

import (
	"bytes"
	"net/http"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
)

// postMessage decides one send. The order of work is that of docs/rules.md §2.
func (x *exchange) postMessage() error {
	if err := x.admit(); err != nil {
		return err
	}
	request, err := x.request()
	if err != nil {
		return err
	}
	checked, err := x.router.Check(request)
	if err != nil {
		return err
	}
	x.unsafe = checked.IdempotencyKey() == ""
	x.ring = checked.Recipients().Key().Ring()
	ctx, cancel := x.patience()
	defer cancel()
	decision, err := x.router.Route(ctx, fromline.Outgoing{Tenant: x.tenant, Request: checked})
	if err != nil {
		return err
	}
	return x.accept(&decision)
}

// request reads and decodes the body, and the key of the header.
func (x *exchange) request() (*message.Request, error) {
	body, err := x.body(x.opts.MaxBody)
	if err != nil {
		return nil, err
	}
	defer giveBack(body)
	request, err := message.DecodeRequest(body.Bytes())
	if err != nil {
		return nil, err
	}
	request.HeaderKey, err = headerKey(x.r.Header)
	return request, err
}

// headerKey returns the idempotency key of the header, nil without one.
func headerKey(header http.Header) (*string, error) {
	keys := header["Idempotency-Key"]
	if len(keys) == 0 {
		return nil, nil
	}
	for _, key := range keys[1:] {
		if key != keys[0] {
			return nil, &fault.Error{Faults: []fault.Fault{{
				Header: "Idempotency-Key", Rule: fault.RuleKeyDiffers, Code: fault.CodeValue,
			}}}
		}
	}
	return &keys[0], nil
}

// mark says in headers what the body of a decision has no member for.
func (x *exchange) mark(d *routing.Decision) {
	if d.Replay {
		x.w.Header().Set("Idempotent-Replayed", "true")
	}
	if !d.DeliverAt.IsZero() {
		x.w.Header().Set("Deferred-Until", message.At(d.DeliverAt).String())
	}
}

// accept answers with a decision, which is committed.
func (x *exchange) accept(d *routing.Decision) error {
	x.decided = decidedBy(d)
	out := buffers.Get().(*bytes.Buffer)
	defer giveBack(out)
	body, err := d.AppendResponse(out.AvailableBuffer())
	if err != nil {
		return err
	}
	*out = *bytes.NewBuffer(body) // which may have had to grow: the next answer finds room
	x.mark(d)
	x.answer(http.StatusAccepted, body)
	return nil
}
