package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"time"

	googleuuid "github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/line"
	wire "github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	usnumbers "github.com/fromline/fromline/recipients/national"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

const tenant = "acme"

// images answers for an image with the rule in the last part of its URL.
type images struct{}

// CheckImage implements validate.ImageChecker.
func (images) CheckImage(_ context.Context, _, url string) error {
	rule := fault.Rule("image." + path.Base(url))
	switch rule {
	case "image.good":
		return nil
	case fault.RuleImageSize:
		return &validate.ImageFault{Rule: rule, Max: 10 << 20}
	case fault.RuleImageStatus:
		return &validate.ImageFault{Rule: rule, Found: http.StatusNotFound}
	}
	return &validate.ImageFault{Rule: rule}
}

// newServer returns a server with the lines and chats that the examples name.
func newServer(ctx context.Context, s setup) (http.Handler, error) {
	chats := memory.New(memory.Options{})
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		return nil, err
	}
	plainServices := line.Services(wire.IMessage, wire.SMS)
	err = lines.SetLines(tenant, []line.Line{
		{Number: recipients.MustParse(goodLine), Services: plainServices},
		{Number: recipients.MustParse(flaggedLine), Services: plainServices, Status: line.Flagged},
	})
	if err != nil {
		return nil, err
	}
	person, err := recipients.Canonicalize([]string{knownPerson})
	if err != nil {
		return nil, err
	}
	other, err := recipients.Canonicalize([]string{"ann@example.com"})
	if err != nil {
		return nil, err
	}
	left := googleuuid.MustParse(leftChat)
	hourAgo := time.Now().Add(-time.Hour)
	err = chats.Apply(ctx, tenant, []store.Event{
		store.ChatSeen{ID: googleuuid.MustParse(knownChat), Line: recipients.MustParse(goodLine), Participants: person, CreatedAt: hourAgo},
		store.ChatSeen{ID: left, Line: recipients.MustParse(goodLine), Participants: other, CreatedAt: hourAgo},
		store.LineLeft{Chat: left},
	})
	if err != nil {
		return nil, err
	}
	o := fromline.Options{Images: images{}, Consents: fromline.ConsentRules{OptOuts: true, Blocks: true, AllowList: s == listed}}
	for text, change := range map[string]store.ConsentChange{
		knownPerson: {Allowed: new(true)}, optedOut: {OptedOut: new(true)}, blocked: {Blocked: new(true)},
	} {
		change.At = hourAgo
		if _, _, err := chats.ChangeConsent(ctx, tenant, recipients.MustParse(text), change); err != nil {
			return nil, err
		}
	}
	switch s {
	case valid:
		o.Rules.Recipients.Strength = recipients.Valid
	case national:
		if o.Rules.Recipients.National, err = usnumbers.New(usnumbers.Options{Region: "US"}); err != nil {
			return nil, err
		}
	}
	router, err := fromline.New(chats, lines, o)
	if err != nil {
		return nil, err
	}
	authenticate := httpapi.Open(tenant)
	if s == withTokens {
		if authenticate, err = httpapi.Tokens(map[string][]string{tenant: {aToken}}); err != nil {
			return nil, err
		}
	}
	server, err := httpapi.New(router, httpapi.Options{Authenticate: authenticate})
	if err != nil {
		return nil, err
	}
	first := sample{key: usedKey, body: to(`["` + knownPerson + `"]`).body, authorization: "Bearer " + aToken}
	if a := send(server, first); a.status != http.StatusAccepted {
		return nil, fmt.Errorf("the first send is answered with %d %s", a.status, a.text)
	}
	return server, nil
}

// An answer is the answer to a sample.
type answer struct {
	status  int
	code    fault.Code
	message string
	text    string
	faults  []violation
}

type violation struct {
	Pointer, Header, Message string
	Rule                     string
}

// send sends the request of a sample.
func send(server http.Handler, s sample) answer {
	url := s.path
	if url == "" {
		url = "/v3/messages"
	}
	r := httptest.NewRequest(http.MethodPost, url, strings.NewReader(spell(s.body)))
	r.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		r.Header["Idempotency-Key"] = []string{spell(s.key)}
	}
	if s.authorization != "" {
		r.Header.Set("Authorization", s.authorization)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	a := answer{status: w.Code, text: w.Body.String()}
	var envelope struct {
		Error struct {
			Code       fault.Code
			Message    string
			Violations []violation
		}
	}
	if json.Unmarshal(w.Body.Bytes(), &envelope) == nil {
		a.code, a.message, a.faults = envelope.Error.Code, envelope.Error.Message, envelope.Error.Violations
	}
	return a
}

// proved sends both requests of an entry, and returns the violation of the
// wrong one. It returns an error if the answer to that is not exactly this
// fault, or if the mended one does not succeed.
func (e entry) proved(ctx context.Context) (violation, error) {
	server, err := newServer(ctx, e.server)
	if err != nil {
		return violation{}, err
	}
	wrong, right := send(server, e.wrong), send(server, e.right)
	if right.status/100 != 2 {
		return violation{}, fmt.Errorf("%s: the mended request is answered with %d %s", e.rule, right.status, right.text)
	}
	for _, v := range wrong.faults {
		if v.Rule == e.rule && (len(wrong.faults) == 1 || e.rule == string(fault.RuleMore)) {
			return v, nil
		}
	}
	// An unknown chat has a code and no fault.
	if e.rule == string(fault.RuleChatUnknown) && wrong.faults == nil && wrong.code == fault.CodeChatNotFound {
		return violation{Message: wrong.message}, nil
	}
	return violation{}, fmt.Errorf("%s: the request is answered with %d %s", e.rule, wrong.status, wrong.text)
}
