package fromline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

var errHook = errors.New("the hook is broken")

type gate struct {
	answer fromline.Admission
	err    error
}

func (g gate) Admit(context.Context, string, recipients.Set) (fromline.Admission, error) {
	return g.answer, g.err
}

// The gate's answers (docs/rules.md §11): opted out stops a message to one
// person without override_optout; the others stop every message.
func TestGate(t *testing.T) {
	override := func(r *message.Request) { yes := true; r.OverrideOptOut = &yes }
	for _, row := range []struct {
		answer   fromline.Admission
		group    bool
		override bool
		code     fault.Code // 0: goes out
	}{
		{fromline.Admitted, false, false, 0},
		{fromline.Admitted, true, false, 0},
		{fromline.OptedOut, false, false, fault.CodeOptedOut},
		{fromline.OptedOut, false, true, 0},
		{fromline.OptedOut, true, false, 0},
		{fromline.OptedOut, true, true, 0},
		{fromline.Blocked, false, false, fault.CodeBlocked},
		{fromline.Blocked, false, true, fault.CodeBlocked},
		{fromline.Blocked, true, true, fault.CodeBlocked},
		{fromline.NotAllowed, false, false, fault.CodeNotAllowed},
		{fromline.NotAllowed, true, true, fault.CodeNotAllowed},
	} {
		r := newRig(t, fromline.Options{Gate: gate{answer: row.answer}}, line.Line{Number: dc})
		to, change := []recipients.Handle{ann}, (func(*message.Request))(nil)
		if row.group {
			to = append(to, bob)
		}
		if row.override {
			change = override
		}
		_, err := r.send(request(t, change, to...))
		if row.code == 0 {
			require.NoError(t, err, "%+v", row)
			continue
		}
		var stopped *fromline.GateError
		require.ErrorAs(t, err, &stopped, "%+v", row)
		require.Equal(t, row.answer, stopped.Admission)
		require.Equal(t, row.code, fromline.CodeOf(err))
		require.Equal(t, 403, row.code.Status())
		require.Empty(t, r.chats.plans)
	}
}

func TestBrokenGate(t *testing.T) {
	r := newRig(t, fromline.Options{Gate: gate{err: errHook}}, line.Line{Number: dc})
	_, err := r.send(request(t, nil, ann))
	require.ErrorIs(t, err, errHook)
	require.True(t, r.unavailable(err).Retry)

	for _, answer := range []fromline.Admission{0, 5} {
		r = newRig(t, fromline.Options{Gate: gate{answer: answer}}, line.Line{Number: dc})
		_, err = r.send(request(t, nil, ann))
		require.Equal(t, fault.CodeInternal, fromline.CodeOf(err), "an answer that is none stops the send")
		require.Empty(t, r.chats.plans)
	}
}

func TestAdmissionsHaveNames(t *testing.T) {
	names := map[string]bool{}
	for a := fromline.Admission(0); a <= 5; a++ {
		names[a.String()] = true
	}
	require.Len(t, names, 5, "four names, and one for what is none")
}

type images struct{ err error }

func (i images) CheckImage(_ context.Context, _ string, url string) error {
	if url != "https://example.com/card.png" {
		return errors.New("another image")
	}
	return i.err
}

func card(r *message.Request) {
	text := func(s string) *string { return &s }
	r.Message.Parts = []message.Part{&message.AppCardPart{
		App:    &message.App{Name: text("Menu"), BundleID: text("com.example.menu"), TeamID: text("ABCDE12345")},
		Layout: &message.Layout{ImageURL: text("https://example.com/card.png")},
		URL:    text("https://example.com/menu"),
	}}
	r.ContinuationMessage = &message.Continuation{Text: text("It is me.")}
}

// The image of a card is checked for the content that was decided: a message
// that the continuation replaces fetches nothing (docs/rules.md §6).
func TestImageCheck(t *testing.T) {
	wrong := &validate.ImageFault{Rule: fault.RuleImageStatus, Found: 404}
	r := newRig(t, fromline.Options{Images: images{wrong}}, line.Line{Number: dc}, line.Line{Number: boston, Status: line.Flagged})
	_, err := r.send(request(t, card, ann))
	var violations *fault.Error
	require.ErrorAs(t, err, &violations)
	require.Equal(t, fault.CodeImage, fromline.CodeOf(err))
	require.Equal(t, "/message/parts/0/layout/image_url", violations.Primary().Pointer)
	require.Empty(t, r.chats.plans)

	r.seen(1, boston, time.Hour, ann)
	d, err := r.send(request(t, card, ann))
	require.NoError(t, err)
	require.True(t, d.ContinuationUsed)

	r = newRig(t, fromline.Options{Images: images{errHook}}, line.Line{Number: dc})
	_, err = r.send(request(t, card, ann))
	require.ErrorIs(t, err, errHook)
	require.True(t, r.unavailable(err).Retry)

	r = newRig(t, fromline.Options{Images: images{}}, line.Line{Number: dc})
	_, err = r.send(request(t, card, ann))
	require.NoError(t, err)
}

type resolver struct {
	answer []message.Media
	asked  *int
}

func (m resolver) Resolve(_ context.Context, _ string, parts []*message.MediaPart) ([]message.Media, error) {
	*m.asked += len(parts)
	return m.answer, nil
}

// The resolver's answers are kept: a replay gives the same body and asks
// nobody.
func TestMediaIsResolvedOnce(t *testing.T) {
	asked := 0
	answer := []message.Media{{ID: uuid.UUID{15: 9}, Filename: "menu.png", MimeType: "image/png", SizeBytes: 12, URL: "https://cdn.example.com/9"}}
	r := newRig(t, fromline.Options{Media: resolver{answer, &asked}}, line.Line{Number: dc})
	send := request(t, func(r *message.Request) { media(r); withKey("k")(r) }, ann)
	d, err := r.send(send)
	require.NoError(t, err)
	require.Equal(t, answer, d.Attachments)
	body := answerOf(t, d)
	require.Equal(t, answer[0], body.Message.Parts[1].media(t))
	again, err := r.send(send)
	require.NoError(t, err)
	require.True(t, again.Replay)
	require.Equal(t, body, answerOf(t, again))
	require.Equal(t, 1, asked)
}

func TestResolverThatAnswersAnotherNumber(t *testing.T) {
	asked := 0
	r := newRig(t, fromline.Options{Media: resolver{make([]message.Media, 2), &asked}}, line.Line{Number: dc})
	_, err := r.send(request(t, media, ann))
	require.Equal(t, fault.CodeInternal, fromline.CodeOf(err))
	require.Empty(t, r.chats.plans)
}

type brokenMedia struct{}

func (brokenMedia) Resolve(context.Context, string, []*message.MediaPart) ([]message.Media, error) {
	return nil, errHook
}

type brokenCapability struct{}

func (brokenCapability) Service(context.Context, string, recipients.Set) (message.Service, error) {
	return 0, errHook
}

func TestBrokenHooks(t *testing.T) {
	for name, o := range map[string]fromline.Options{
		"media":      {Media: brokenMedia{}},
		"capability": {Capability: brokenCapability{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, o, line.Line{Number: dc})
			_, err := r.send(request(t, media, ann))
			require.ErrorIs(t, err, errHook)
			require.True(t, r.unavailable(err).Retry)
			require.Empty(t, r.chats.plans)
		})
	}
}

type capability message.Service

func (c capability) Service(context.Context, string, recipients.Set) (message.Service, error) {
	return message.Service(c), nil
}

// The service is the chat's, else the preferred one, else what the capability
// hook answers, else the first of iMessage, RCS and SMS that the line serves.
func TestServiceOfTheAnswer(t *testing.T) {
	serves := line.ServiceSet(0)
	service := func(o fromline.Options, known, preferred message.Service) message.Service {
		r := newRig(t, o, line.Line{Number: dc, Services: serves})
		set, err := recipients.NewSet(ann)
		require.NoError(t, err)
		seen := store.ChatSeen{ID: uuid.UUID{15: 1}, Line: dc, Participants: set, CreatedAt: noon, Service: known}
		require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{seen}))
		d, err := r.send(request(t, func(r *message.Request) {
			if preferred != 0 {
				name := preferred.String()
				r.Message.PreferredService = &name
			}
		}, ann))
		require.NoError(t, err)
		require.Equal(t, d.Service, r.chats.plans[0].Service, "kept for replays")
		return d.Service
	}
	sms := fromline.Options{Capability: capability(message.SMS)}
	require.Equal(t, message.IMessage, service(fromline.Options{}, 0, 0))
	require.Equal(t, message.IMessage, service(fromline.Options{Capability: capability(0)}, 0, 0))
	require.Equal(t, message.SMS, service(sms, 0, 0))
	require.Equal(t, message.RCS, service(sms, 0, message.RCS))
	require.Equal(t, message.RCS, service(sms, message.RCS, message.IMessage))
	serves = line.Services(message.SMS, message.RCS)
	require.Equal(t, message.RCS, service(fromline.Options{}, 0, 0))
	serves = line.Services(message.SMS)
	require.Equal(t, message.SMS, service(fromline.Options{Capability: capability(0)}, 0, 0))
}

func TestCapabilityThatIsNone(t *testing.T) {
	r := newRig(t, fromline.Options{Capability: capability(9)}, line.Line{Number: dc})
	_, err := r.send(request(t, nil, ann))
	require.Equal(t, fault.CodeInternal, fromline.CodeOf(err))
	require.Empty(t, r.chats.plans)
}
