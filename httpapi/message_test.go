package httpapi_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// keeping makes the Router keep traces, and enqueue what it decides.
func keeping(_ *rig, s *setup) { s.routing.KeepTraces, s.routing.Deliver = true, true }

// A message is read back as it was answered, with what became of it and why it
// was decided so.
func TestReadBack(t *testing.T) {
	r := newRig(t, keeping)
	for _, body := range []string{text(person, "hi"), text(person, "again")} {
		sent := r.send(t, body)
		shown := r.do(t, "GET", "/v3/messages/"+at(sent.body, "message", "id").(string), "")
		require.Equal(t, 200, shown.status, shown.text)
		require.Equal(t, at(sent.body, "message"), at(shown.body, "message"))
		for _, name := range []string{"chat_id", "from", "from_selection", "previous_chat_id"} {
			require.Equal(t, sent.body[name], shown.body[name])
		}
		for name, value := range at(sent.body, "message").(map[string]any) {
			require.Equal(t, value, shown.body[name], name)
		}
		require.Equal(t, at(sent.body, "from_selection", "reason"), at(shown.body, "explanation", "branch"))
		require.Contains(t, at(shown.body, "explanation", "text"), "branch: ")
		require.NotContains(t, at(shown.body, "explanation", "text"), person)
		require.Equal(t, "waiting", at(shown.body, "delivery", "state"))
	}
}

// What became of a delivery shows; the content is gone with it.
func TestReadBackFollowsTheDelivery(t *testing.T) {
	r := newRig(t, keeping)
	sent := r.send(t, text(person, "hi"))
	id := at(sent.body, "message", "id").(string)
	show := func() answered {
		t.Helper()
		a := r.do(t, "GET", "/v3/messages/"+id, "")
		require.Equal(t, 200, a.status, a.text)
		return a
	}
	require.Equal(t, "pending", show().body["delivery_status"])
	claimed, err := r.store.Claim(t.Context(), time.Minute, 1)
	require.NoError(t, err)
	require.NoError(t, r.store.Park(t.Context(), claimed[0].Lease, 3, store.ParkedAttempts))
	a := show()
	require.Equal(t, "failed", a.body["delivery_status"])
	require.Equal(t, "parked", at(a.body, "delivery", "state"))
	require.EqualValues(t, 3, at(a.body, "delivery", "attempts"))
	require.NoError(t, r.store.Release(t.Context(), tenant, uuid.MustParse(id), false))
	claimed, err = r.store.Claim(t.Context(), time.Minute, 1)
	require.NoError(t, err)
	require.NoError(t, r.store.Ack(t.Context(), claimed[0].Lease))
	a = show()
	require.Equal(t, "sent", a.body["delivery_status"])
	require.Nil(t, a.body["parts"])
	require.Nil(t, a.body["delivery"])

	// After the record's end, and for others, there is none.
	require.Equal(t, 404, r.do(t, "GET", "/v3/messages/"+id, "", "Authorization", "Bearer "+token2).status)
	r.late = 48 * time.Hour
	_, err = r.store.Purge(t.Context(), r.now.Add(r.late), 0)
	require.NoError(t, err)
	gone := r.do(t, "GET", "/v3/messages/"+id, "")
	require.Equal(t, []int{404, 2002}, []int{gone.status, gone.code()})
}

// A record without a trace has no explanation, and the rest all the same.
func TestReadBackWithoutTrace(t *testing.T) {
	r := newRig(t)
	sent := r.send(t, text(person, "hi"))
	a := r.do(t, "GET", "/v3/messages/"+at(sent.body, "message", "id").(string), "")
	require.Equal(t, 200, a.status, a.text)
	require.Nil(t, a.body["explanation"])
	require.Equal(t, "pending", a.body["delivery_status"])
}

// What the network tells of a message is shown with it.
func TestReadBackShowsWhatTheNetworkTold(t *testing.T) {
	r := newRig(t, keeping)
	id := at(r.send(t, text(person, "hi")).body, "message", "id").(string)
	claimed, err := r.store.Claim(t.Context(), time.Minute, 1)
	require.NoError(t, err)
	require.NoError(t, r.store.Ack(t.Context(), claimed[0].Lease))
	told := func(kind, member, when string) {
		t.Helper()
		a := r.do(t, "POST", "/v3/events", `{"event_type":"`+kind+`","event_id":"e1","created_at":"`+when+
			`","data":{"id":"`+id+`","chat":{"id":"c"},"direction":"outbound","`+member+`":"`+when+`"}}`)
		require.Equal(t, 200, a.status, a.text)
		require.Equal(t, true, a.body["applied"], a.text)
	}
	updated := func() any { return r.do(t, "GET", "/v3/messages/"+id, "").body["updated_at"] }
	after := func(d time.Duration) string { return r.now.Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	require.Equal(t, r.do(t, "GET", "/v3/messages/"+id, "").body["created_at"], updated(), "nothing was told yet")
	told("message.failed", "failed_at", after(-time.Hour))
	require.NotEqual(t, after(-time.Hour), updated(), "it is never before the decision")
	told("message.read", "read_at", after(2*time.Second))
	require.Equal(t, after(2*time.Second), updated())
	told("message.delivered", "delivered_at", after(1500*time.Millisecond))
	require.Equal(t, after(2*time.Second), updated(), "the latest of them")
	a := r.do(t, "GET", "/v3/messages/"+id, "")
	require.Equal(t, "read", a.body["delivery_status"], a.text)
	require.Equal(t, after(2*time.Second), a.body["read_at"])
	require.Equal(t, after(1500*time.Millisecond), a.body["delivered_at"])
	require.Equal(t, true, a.body["is_read"])
	require.Equal(t, true, a.body["is_delivered"])
	require.Nil(t, a.body["sent_at"])
}
