package httpapi

import (
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
)

// getPhoneNumbers lists the lines of the tenant in the order of their numbers,
// as a fleet file has them (docs/rules.md §15).
func (x *exchange) getPhoneNumbers() error {
	if err := x.admit(); err != nil {
		return err
	}
	ctx, cancel := x.patience()
	defer cancel()
	lines, err := x.router.Lines(ctx, x.tenant)
	if err != nil {
		if errors.Is(err, fleet.ErrUnknownTenant) {
			return errDenied
		}
		return &fromline.UnavailableError{Err: err, Retry: true}
	}
	body, err := json.Marshal(fleet.File{Lines: lines, DocBase: x.docBase()})
	if err != nil {
		return err
	}
	x.answer(http.StatusOK, body)
	return nil
}
