package httpapi

import (
	"net/http"

	"github.com/fromline/fromline/fault"
)

// gesture answers what shows in a chat and sends nothing (typing, read, a
// contact card) as the vendor does, and does nothing. It has to be a chat of
// the tenant.
func (x *exchange) gesture() error {
	if err := x.admit(); err != nil {
		return err
	}
	id, err := x.uuid(errNoChat)
	if err != nil {
		return err
	}
	ctx, cancel := x.patience()
	defer cancel()
	c, err := x.router.Chat(ctx, x.tenant, id)
	switch {
	case err != nil:
		return storeError(err)
	case c.LineLeft:
		return &fault.Error{Faults: []fault.Fault{{Rule: fault.RuleChatLeft, Code: fault.CodeChatLeft}}}
	}
	x.noContent()
	return nil
}

// noContent answers that it is done.
func (x *exchange) noContent() {
	x.status = http.StatusNoContent
	x.w.WriteHeader(http.StatusNoContent)
}
