package httpapi

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
)

// gesture answers what shows in a chat and sends nothing (typing, read, a
// contact card) as the vendor does, and does nothing. It has to be a chat of the
// tenant.
func (x *exchange) gesture(text string) error {
	if err := x.admit(); err != nil {
		return err
	}
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(id.String()) {
		return errNoChat
	}
	ctx, cancel := x.patience()
	defer cancel()
	c, err := x.router.Chat(ctx, x.tenant, id)
	switch {
	case err != nil:
		return storeError(err)
	case c.LineLeft:
		return &statusError{status: http.StatusConflict, code: fault.CodeChatLeft}
	}
	x.status = http.StatusNoContent
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
