package httpapi

import (
	"context"
	"net/http"
)

// getLive says that the process answers.
func (x *exchange) getLive() error {
	x.answer(http.StatusOK, []byte(`{"status":"alive"}`))
	return nil
}

// getReady says whether sends can be decided now.
func (x *exchange) getReady() error {
	ctx, cancel := x.patience()
	defer cancel()
	for _, ready := range []func(context.Context) error{x.opts.Ready, x.router.Ready} {
		if ready == nil {
			continue
		}
		if err := ready(ctx); err != nil {
			x.cause = err // for the log: others may ask too, and are told where it is
			return errNotReady
		}
	}
	x.answer(http.StatusOK, []byte(`{"status":"ready"}`))
	return nil
}
