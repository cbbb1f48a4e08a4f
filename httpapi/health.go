package httpapi

import (
	"net/http"

	"github.com/fromline/fromline"
)

// getLive says that the process answers.
func (x *exchange) getLive() error {
	x.answer(http.StatusOK, []byte(`{"status":"alive"}`))
	return nil
}

// getReady says whether sends can be decided now.
func (x *exchange) getReady() error {
	if x.opts.Ready != nil {
		ctx, cancel := x.patience()
		defer cancel()
		if err := x.opts.Ready(ctx); err != nil {
			return &fromline.UnavailableError{Err: err, Retry: true}
		}
	}
	x.answer(http.StatusOK, []byte(`{"status":"ready"}`))
	return nil
}
