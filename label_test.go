package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// The label of a send reaches the policy of the fleet: with one that puts
// labels first, each campaign opens its chats from its own lines.
func TestLabelsChooseLines(t *testing.T) {
	policy := fleet.Policy{Criteria: append([]fleet.Criterion{fleet.ByLabel()}, fleet.DefaultCriteria()...)}
	lines, err := fleet.New(fleet.Options{Policy: policy})
	require.NoError(t, err)
	labels := map[recipients.Handle]string{
		recipients.MustParse("+12025550161"): "autumn",
		recipients.MustParse("+12025550162"): "spring",
		recipients.MustParse("+12025550163"): "",
	}
	for number, label := range labels {
		require.NoError(t, lines.PutLine("acme", line.Line{Number: number, Label: label}))
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	require.NoError(t, err)
	for i, person := range []string{"+12025550101", "+12025550102", "+12025550103", "+12025550104", "+12025550105", "+12025550106"} {
		label := []string{"autumn", "spring"}[i%2]
		request, err := validate.Request(&message.Request{
			To:      []string{person},
			Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
		}, validate.Options{})
		require.NoError(t, err)
		d, err := router.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request, Label: label, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Explain: true})
		require.NoError(t, err)
		require.Equal(t, label, labels[d.Line])
	}
}
