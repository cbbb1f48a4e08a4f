package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fromline/fromline/cmd/fromline/internal/console"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/store"
)

// opsHandler serves those who run the server. It asks for no token: its address
// is for them alone.
func (s *server) opsHandler(operators http.Handler) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.metrics, metrics.NewGauges(s.fleet, s.store, s.tenants...),
		collectors.NewBuildInfoCollector(), collectors.NewGoCollector(liveHeap), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle(console.Base, operators)
	mux.Handle(console.Base+"/", operators)
	mux.Handle("GET /{$}", http.RedirectHandler(console.Base, http.StatusSeeOther))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answerOps(w, http.StatusOK, map[string]any{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready(r.Context()); err != nil {
			answerOps(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "why": err.Error()})
			return
		}
		answer := map[string]any{"status": "ready"}
		if rows, n := unreadable(s.store); n > 0 {
			answer["status"], answer["unreadable_rows"], answer["unreadable"] = "degraded", n, rows // all others go on
		}
		down := map[string]string{} // the tenants of a part that is down are refused, no others
		for _, p := range partsDown(r.Context(), s.store) {
			down[p.Name] = p.Err.Error()
			answer["down"] = down
		}
		answerOps(w, http.StatusOK, answer)
	})
	mux.HandleFunc("GET /parked", s.ofTenant(s.listParked))
	for remedy := delivery.Release; remedy.IsValid(); remedy++ {
		mux.Handle("POST /parked/{message}/"+remedy.String(), fromNoOtherSite(s.ofTenant(s.treatOne(remedy))))
		mux.Handle("POST /parked/"+remedy.String(), fromNoOtherSite(s.ofTenant(s.treatAll(remedy))))
	}
	return sayingWhatIsHere(mux)
}

// sayingWhatIsHere answers a path or a method that is none in the form of all
// other errors of this address.
func sayingWhatIsHere(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		refused := &head{header: w.Header()} // 404, or 405 with Allow
		mux.ServeHTTP(refused, r)
		why := "this address serves /console, /metrics, /livez, /readyz and /parked; the API is at -addr"
		if allowed := w.Header().Get("Allow"); allowed != "" {
			why = "this path takes " + allowed
		}
		answerOps(w, refused.status, map[string]any{"why": why})
	})
}

// head keeps the head of an answer, and drops its body.
type head struct {
	header http.Header
	status int
}

func (h *head) Header() http.Header            { return h.header }
func (h *head) WriteHeader(status int)         { h.status = status }
func (h *head) Write(body []byte) (int, error) { return len(body), nil }

// liveHeap adds what the last collection of garbage found in use: whether
// memory grows shows there, and not in what is merely not collected yet.
var liveHeap = collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^/gc/heap/live:bytes$")})

// tenantOf returns the tenant that a request names; it may be left out where
// there is only one.
func (s *server) tenantOf(r *http.Request) string {
	if tenant := r.FormValue("tenant"); tenant != "" || len(s.tenants) != 1 {
		return tenant
	}
	return s.tenants[0]
}

// ofTenant refuses requests that do not say whose they are about, or name a
// tenant that is none.
func (s *server) ofTenant(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tenant := s.tenantOf(r)
		if tenant == "" {
			answerOps(w, http.StatusBadRequest, map[string]any{"why": fmt.Sprintf("the server has several tenants: give one, as in tenant=%s", url.QueryEscape(s.tenants[0]))})
			return
		}
		if strange := s.strangeTenant(r.Context(), tenant); strange != "" {
			answerOps(w, http.StatusNotFound, map[string]any{"why": strange})
			return
		}
		h(w, r)
	}
}

// strangeTenant says that nothing is known of a tenant, and which is probably
// meant: a tenant that is misspelt has nothing parked, and that looks as if all
// were well. It is "" for a tenant of the server, for one of which the store
// has chats or parked messages (of an earlier fleet file, or webhooks of ours),
// and where the store does not answer.
func (s *server) strangeTenant(ctx context.Context, tenant string) string {
	if slices.Contains(s.tenants, strings.TrimSuffix(tenant, "/webhooks")) {
		return ""
	}
	if list, _, err := s.store.Parked(ctx, tenant, uuid.Nil, 1); err != nil || len(list) > 0 {
		return ""
	}
	if chats, _, err := s.store.ChatsOfTenant(ctx, tenant, uuid.Nil, 1); err != nil || len(chats) > 0 {
		return ""
	}
	if meant := nearest.Name(tenant, s.tenants); meant != "" {
		return fmt.Sprintf("nothing is known of a tenant %q: did you mean %q?", tenant, meant)
	}
	return fmt.Sprintf("nothing is known of a tenant %q; the first that the server has is %q", tenant, s.tenants[0])
}

func answerOpsError(w http.ResponseWriter, err error) {
	status := http.StatusServiceUnavailable
	switch {
	case errors.Is(err, store.ErrNoRecord):
		status = http.StatusNotFound
	case errors.Is(err, store.ErrInvalid):
		status = http.StatusBadRequest
	}
	answerOps(w, status, map[string]any{"why": err.Error()})
}

func answerOps(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, body, json.Deterministic(true))
}
