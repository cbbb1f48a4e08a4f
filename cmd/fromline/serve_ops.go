package main

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/store"
)

// opsHandler serves those who run the server. It asks for no token: its address
// is for them alone.
func (s *server) opsHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.metrics, metrics.NewGauges(s.fleet, s.store, s.tenants...),
		collectors.NewGoCollector(liveHeap), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
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
		if down := partsDown(r.Context(), s.store); len(down) > 0 {
			answer["down"] = down // its tenants alone are refused
		}
		answerOps(w, http.StatusOK, answer)
	})
	mux.HandleFunc("GET /parked", s.listParked)
	mux.HandleFunc("POST /parked/{message}/release", s.releaseParked)
	return mux
}

// liveHeap adds what the last collection of garbage found in use: whether
// memory grows shows there, and not in what is merely not collected yet.
var liveHeap = collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^/gc/heap/live:bytes$")})

// parked is a delivery that used up its attempts, without its content.
type parked struct {
	MessageID string    `json:"message_id"`
	ChatID    string    `json:"chat_id"`
	From      string    `json:"from"`
	Attempts  int       `json:"attempts"`
	DecidedAt time.Time `json:"decided_at"`
}

// listParked lists the parked deliveries of a tenant, a page at a time:
// /parked?tenant=T&after=ID.
func (s *server) listParked(w http.ResponseWriter, r *http.Request) {
	var after uuid.UUID
	if text := r.FormValue("after"); text != "" {
		var err error
		if after, err = uuid.Parse(text); err != nil {
			answerOps(w, http.StatusBadRequest, map[string]any{"why": "after is the next of the page before"})
			return
		}
	}
	list, next, err := s.store.Parked(r.Context(), s.tenantOf(r), after, 0)
	if err != nil {
		answerOpsError(w, err)
		return
	}
	page := make([]parked, 0, len(list))
	for _, p := range list {
		page = append(page, parked{p.Delivery.MessageID.String(), p.Delivery.ChatID.String(), p.Delivery.From.String(), p.Attempts, p.At})
	}
	answer := map[string]any{"parked": page}
	if next != uuid.Nil {
		answer["next"] = next.String()
	}
	answerOps(w, http.StatusOK, answer)
}

// releaseParked makes one of them due again: POST
// /parked/MESSAGE/release?tenant=T.
func (s *server) releaseParked(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("message"))
	if err != nil {
		answerOps(w, http.StatusNotFound, map[string]any{"why": "no parked delivery has that message id"})
		return
	}
	if err := s.store.Release(r.Context(), s.tenantOf(r), id, false); err != nil {
		answerOpsError(w, err)
		return
	}
	s.router.Wake()
	answerOps(w, http.StatusOK, map[string]any{"released": id.String()})
}

// tenantOf returns the tenant that a request names; it may be left out where
// there is only one.
func (s *server) tenantOf(r *http.Request) string {
	if tenant := r.FormValue("tenant"); tenant != "" || len(s.tenants) != 1 {
		return tenant
	}
	return s.tenants[0]
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
