package fromline_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// away is a store that does not answer.
type away struct{ *faltering }

func (away) LineStates(context.Context, line.Change, int) ([]line.State, line.Change, error) {
	return nil, 0, errFails
}

func (away) LineUse(context.Context, line.Change, int) ([]line.Use, line.Change, error) {
	return nil, 0, errFails
}

// takesContext returns the exported functions of this package, and methods of a
// Router, that take a context: each may ask the store.
func takesContext(t *testing.T) (names []string) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is || !f.Name.IsExported() || len(f.Type.Params.List) == 0 || !isContext(f.Type.Params.List[0].Type) {
				continue
			}
			if f.Recv != nil {
				pointer, is := f.Recv.List[0].Type.(*ast.StarExpr)
				if !is || pointer.X.(*ast.Ident).Name != "Router" {
					continue
				}
			}
			names = append(names, f.Name.Name)
		}
	}
	return names
}

func isContext(of ast.Expr) bool {
	s, is := of.(*ast.SelectorExpr)
	return is && s.Sel.Name == "Context"
}

// While the store does not answer, every call that needs it says so, with code
// 4004 and leave to retry: a handler over it answers 503, and never that the
// caller's program or request is wrong.
func TestEveryCallSaysThatTheStoreIsAway(t *testing.T) {
	chats := away{&faltering{Store: memory.New(memory.Options{}), at: 1, last: math.MaxInt}}
	lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}
	r, err := fromline.New(chats, lines, fromline.Options{Deliver: true, Consents: fromline.ConsentRules{OptOuts: true}})
	require.NoError(t, err)
	ctx, id, yes := t.Context(), uuid.Max, true
	plain := &message.Request{To: []string{ann.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Hi")}}}
	into := &message.Request{Message: plain.Message}
	out := fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)}
	flagged := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Flagged, ChangedAt: time.Now()}
	calls := map[string]func() error{
		"Acknowledge": func() error { return second(r.Acknowledge(ctx, flagged)) },
		"Available": func() error {
			_, err := r.Available(ctx, "acme", recipients.Set{}, nil, 0)
			return err
		},
		"ChangeConsent": func() error {
			_, _, err := r.ChangeConsent(ctx, "acme", ann, store.ConsentChange{Blocked: &yes, At: time.Now()})
			return err
		},
		"Chat": func() error { return second(r.Chat(ctx, "acme", id)) },
		"Chats": func() error {
			for _, of := range [][2]recipients.Handle{{}, {dc}, {{}, ann}} {
				_, _, err := r.Chats(ctx, "acme", of[0], of[1], uuid.Nil, 0)
				requireAway(t, err)
			}
			_, _, err := r.Chats(ctx, "acme", dc, ann, uuid.Nil, 0)
			return err
		},
		"Consents": func() error {
			_, _, err := r.Consents(ctx, "acme", recipients.Key{}, 0)
			return err
		},
		"Into":          func() error { return second(r.Into(ctx, "acme", id, into)) },
		"LineFlagged":   func() error { return r.LineFlagged(ctx, "acme", dc) },
		"Lines":         func() error { return second(r.Lines(ctx, "acme")) },
		"Named":         func() error { return r.Named(ctx, "acme", nil) },
		"Preview":       func() error { return second(r.Preview(ctx, out)) },
		"ReadBack":      func() error { return second(r.ReadBack(ctx, "acme", id)) },
		"ReadBackOf":    func() error { return second(fromline.ReadBackOf(ctx, chats, "acme", id)) },
		"ReadBackOfKey": func() error { return second(fromline.ReadBackOfKey(ctx, chats, "acme", "key")) },
		"Ready":         func() error { return r.Ready(ctx) },
		"Receive": func() error {
			e := inbound.Event{Type: inbound.MessageReceived, ID: "e", Line: dc, Chat: "c", Sender: ann, At: time.Now()}
			return second(r.Receive(ctx, "acme", e))
		},
		"ReportLine": func() error { return second(r.ReportLine(ctx, flagged)) },
		"Reroute": func() error {
			content, err := plain.Message.MarshalJSON()
			require.NoError(t, err)
			return r.Reroute(ctx, store.Claimed{Lease: store.LeaseID{Tenant: "acme"}, Delivery: store.Delivery{
				MessageID: id, From: dc, To: out.Request.Recipients(), Content: content,
			}}, delivery.Released).Err
		},
		"Route":    func() error { return second(r.Route(ctx, out)) },
		"Send":     func() error { return second(r.Send(ctx, "acme", plain)) },
		"SendInto": func() error { return second(r.SendInto(ctx, "acme", id, into)) },
	}
	still := map[string]bool{"Run": true, "Drain": true} // they go on until their context ends
	for _, name := range takesContext(t) {
		if still[name] {
			continue
		}
		t.Run(name, func(t *testing.T) {
			require.Contains(t, calls, name, "add the call to this test")
			requireAway(t, calls[name]())
		})
	}
}

func requireAway(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, errFails)
	require.Equal(t, fault.CodeStore, fromline.CodeOf(err))
	var away *fromline.UnavailableError
	require.ErrorAs(t, err, &away)
	require.True(t, away.Retry)
}
