package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// parked is a parked delivery as operators see it: without people and content.
type parked struct {
	MessageID string    `json:"message_id"`
	Reason    string    `json:"reason"`
	ChatID    string    `json:"chat_id"`
	From      string    `json:"from"`
	Attempts  int       `json:"attempts"`
	DecidedAt time.Time `json:"decided_at"`
}

func parkedOf(p *store.ParkedDelivery) parked {
	d := &p.Delivery
	return parked{d.MessageID.String(), p.Why.String(), d.ChatID.String(), d.From.String(), p.Attempts, p.At.UTC()}
}

// selectParked reads which parked deliveries are meant; empty is any.
func selectParked(reason, line string) (s delivery.Selection, err error) {
	if reason != "" {
		if s.Why, err = store.ParseParkReason(reason); err != nil {
			return s, fmt.Errorf("reason %q: it is %s", reason, orOf(parkReasons()))
		}
	}
	if line != "" {
		if s.Line, err = recipients.Parse(line); err == nil && !s.Line.IsPhone() {
			err = errors.New("it is not a phone number")
		}
		if err != nil {
			return s, fmt.Errorf("line %q: give a number of ours, such as +12055550101: %w", line, err)
		}
	}
	return s, nil
}

// selected reads which parked deliveries a request is about. What it does not
// know, and what is empty, is refused: a misspelt word, or a variable that was
// never set, must not mean all.
func selected(r *http.Request, more ...string) (delivery.Selection, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return delivery.Selection{}, err
	}
	for name, values := range query {
		known := name == "tenant" || name == "reason" || name == "line"
		for _, other := range more {
			known = known || name == other
		}
		if !known || len(values) > 1 {
			names := append([]string{"tenant", "reason", "line"}, more...)
			return delivery.Selection{}, fmt.Errorf("%q: give %s, each at most once", name, andOf(names))
		}
		if values[0] == "" && name != "after" {
			return delivery.Selection{}, fmt.Errorf("%s is empty: give it a value, or leave it out for any", name)
		}
	}
	line := query.Get("line")
	if bare, is := strings.CutPrefix(line, " "); is { // a plus sign that was not encoded
		line = "+" + bare
	}
	return selectParked(query.Get("reason"), line)
}

// listParked lists the parked deliveries of a tenant, a page at a time:
// /parked?tenant=T&reason=R&line=N&after=ID. A page may be short.
func (s *server) listParked(w http.ResponseWriter, r *http.Request) {
	which, err := selected(r, "after")
	var after uuid.UUID
	if text := r.FormValue("after"); text != "" && err == nil {
		if after, err = uuid.Parse(text); err != nil {
			err = errors.New("after: give the value next of the page before")
		}
	}
	if err != nil {
		answerOps(w, http.StatusBadRequest, map[string]any{"why": err.Error()})
		return
	}
	list, next, err := s.store.Parked(r.Context(), s.tenantOf(r), after, 0)
	if err != nil {
		answerOpsError(w, err)
		return
	}
	page := make([]parked, 0, len(list))
	for i := range list {
		if which.Has(&list[i]) {
			page = append(page, parkedOf(&list[i]))
		}
	}
	answer := map[string]any{"parked": page}
	if next != uuid.Nil {
		answer["next"] = next.String()
	}
	answerOps(w, http.StatusOK, answer)
}

// done is the member of an answer that says what was done.
func done(r delivery.Remedy) string {
	return map[delivery.Remedy]string{delivery.Release: "released", delivery.Reroute: "rerouted", delivery.Drop: "dropped"}[r]
}

// treatOne does something about one parked delivery: POST
// /parked/MESSAGE/release?tenant=T.
func (s *server) treatOne(remedy delivery.Remedy) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := uuid.Parse(r.PathValue("message"))
		if err != nil {
			answerOps(w, http.StatusNotFound, map[string]any{"why": "no parked delivery has that message id"})
			return
		}
		tenant := s.tenantOf(r)
		if err := remedy.One(r.Context(), s.store, tenant, id); err != nil {
			answerOpsError(w, err)
			return
		}
		s.logger.Info("a parked message is "+remedy.Done(), "tenant", tenant, "message_id", id.String())
		s.router.Wake()
		answerOps(w, http.StatusOK, map[string]any{done(remedy): id.String()})
	}
}

// treatAll does something about all of a reason or a line: POST
// /parked/release?tenant=T&reason=R&line=N.
func (s *server) treatAll(remedy delivery.Remedy) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		which, err := selected(r)
		if err == nil && which == (delivery.Selection{}) {
			err = errors.New("name the messages: give reason, line or both")
		}
		if err != nil {
			answerOps(w, http.StatusBadRequest, map[string]any{"why": err.Error()})
			return
		}
		tenant := s.tenantOf(r)
		n, err := remedy.All(r.Context(), s.store, tenant, which)
		if n > 0 {
			s.logger.Info(counted(n, "parked message is ", "parked messages are ")+remedy.Done(), "tenant", tenant,
				"reason", cmp.Or(r.FormValue("reason"), "any"), "line", cmp.Or(r.FormValue("line"), "any"))
			s.router.Wake()
		}
		if err != nil {
			s.logger.Error("cannot read or change parked messages", "error", err.Error())
			answerOpsError(w, err)
			return
		}
		answerOps(w, http.StatusOK, map[string]any{done(remedy): n})
	}
}

// fromNoOtherSite refuses what a page of another site lets a browser post.
func fromNoOtherSite(h http.Handler) http.Handler { return http.NewCrossOriginProtection().Handler(h) }
