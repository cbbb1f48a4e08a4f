package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	limit "golang.org/x/time/rate"
)

// What the vendor's clients take as given is required by the document, to which
// the tests of this package hold every answer.
func TestMembersThatClientsRequire(t *testing.T) {
	c := loadContract(t)
	for _, want := range []struct {
		place   []string // below components/schemas
		members []string
	}{
		{[]string{"Chat"}, []string{"id", "created_at", "updated_at", "display_name", "handles", "health_status", "is_archived", "is_group"}},
		{[]string{"Chat", "properties", "health_status"}, []string{"doc_url", "status", "updated_at"}},
		{[]string{"PhoneNumbers"}, []string{"phone_numbers"}},
		{[]string{"PhoneNumbers", "properties", "phone_numbers", "items"}, []string{"id", "phone_number", "reputation"}},
		{[]string{"PhoneNumbers", "properties", "phone_numbers", "items", "properties", "reputation"}, []string{"status", "doc_url"}},
		{[]string{"Error"}, []string{"success", "error", "trace_id"}},
		{[]string{"Error", "properties", "error"}, []string{"status", "code", "message", "doc_url"}},
	} {
		schema := c.at(t, append([]string{"components", "schemas"}, want.place...)...)
		require.Subset(t, schema["required"], anyOf(want.members), "%v", want.place)
	}
}

func anyOf(names []string) []any {
	all := make([]any, len(names))
	for i, name := range names {
		all[i] = name
	}
	return all
}

// A client waits as long as the body of a 429 says, so the number is there
// whenever the answer is a 429, and the header says the same.
func TestTheBodyOfALimitSaysHowLong(t *testing.T) {
	for _, rate := range []float64{0.001, 0.03, 1.0 / 30, 0.04, 0.4, 0.9} {
		r := newRig(t, func(_ *rig, s *setup) {
			s.api.Rate, s.api.Burst = limit.Limit(rate), 1
			s.api.DocBase = ""
		})
		require.Equal(t, 200, r.do(t, "GET", "/v3/phone_numbers", "").status)
		a := r.do(t, "GET", "/v3/phonenumbers", "")
		require.Equal(t, []int{429, 1007}, []int{a.status, a.code()})
		wait, is := at(a.body, "error", "retry_after").(float64)
		require.True(t, is && wait >= 1, a.text)
		require.Equal(t, jsonOf(t, wait), a.header.Get("Retry-After"))
		require.Equal(t, wait > 30, a.header.Get("X-Should-Retry") == "false", a.text)
	}
}
