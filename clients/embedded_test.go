//go:build unix

package clients_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// Tokens of the embedded server, one for each tenant.
const (
	gatedToken    = "token-of-the-gated-tenant"    // has a gate, and images that are none
	landlessToken = "token-of-the-landless-tenant" // known, and without a fleet
	brokenToken   = "token-of-the-broken-tenant"   // every send meets a fault of ours
	stalledToken  = "token-of-the-stalled-tenant"  // the store is away for two sends
)

// embedded is the endpoint as a program has it that embeds the library, with
// what fromline serve has no use for: so that the client also meets the errors
// that the command never answers with, or not when a test wants it to.
type embedded struct {
	*httptest.Server
	*fromline.Router
	broken, stalls atomic.Int32 // sends of those tenants
}

func newEmbedded(t *testing.T) *embedded {
	t.Helper()
	chats := memory.New(memory.Options{})
	t.Cleanup(func() { require.NoError(t, chats.Close()) })
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	for tenant, number := range map[string]string{"gated": "+12052535601", "broken": "+12052535602", "stalled": "+12052535603"} {
		require.NoError(t, lines.SetLines(tenant, []line.Line{{ID: tenant, Number: recipients.MustParse(number)}}))
	}
	e := &embedded{}
	e.Router, err = fromline.New(chats, lines, fromline.Options{Gate: gate{}, Images: noImage{}})
	require.NoError(t, err)
	authenticate, err := httpapi.Tokens(map[string][]string{
		"gated": {gatedToken}, "landless": {landlessToken}, "broken": {brokenToken}, "stalled": {stalledToken},
	})
	require.NoError(t, err)
	handler, err := httpapi.New(e, httpapi.Options{Authenticate: authenticate})
	require.NoError(t, err)
	e.Server = httptest.NewServer(handler)
	t.Cleanup(e.Close)
	return e
}

// Route implements httpapi.Router.
func (e *embedded) Route(ctx context.Context, s fromline.Outgoing) (routing.Decision, error) {
	switch s.Tenant {
	case "broken":
		e.broken.Add(1)
		panic("this happens to every send of the tenant")
	case "stalled":
		if e.stalls.Add(1) <= 2 {
			return routing.Decision{}, &fromline.UnavailableError{Err: errors.New("the store is away"), Retry: true}
		}
	}
	return e.Router.Route(ctx, s)
}

// gate stops what is sent to three people.
type gate struct{}

// Admit implements fromline.Gate.
func (gate) Admit(_ context.Context, _ string, to recipients.Set) (fromline.Admission, error) {
	admission, stopped := map[string]fromline.Admission{
		"+14155552008": fromline.NotAllowed, "+14155552024": fromline.OptedOut, "+14155552026": fromline.Blocked,
	}[to.At(0).String()]
	if !stopped {
		return fromline.Admitted, nil
	}
	return admission, nil
}

// noImage finds no image anywhere.
type noImage struct{}

// CheckImage implements validate.ImageChecker.
func (noImage) CheckImage(context.Context, string, string) error {
	return &validate.ImageFault{Rule: fault.RuleImageStatus, Found: 404}
}
