package memory

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// An export that runs while its tenant is removed ends with the page of items
// that it had taken, of whatever kind they are, also if the tenant is there
// anew.
func TestARunningExportYieldsNothingRemoved(t *testing.T) {
	line, at := recipients.MustParse("+12025550161"), time.Unix(1_700_000_000, 0)
	set, err := recipients.NewSet(recipients.MustParse("+12025550143"))
	require.NoError(t, err)
	kinds := map[string]func(i int) store.Item{
		"chats": func(int) store.Item {
			return store.Item{Chat: &store.CopiedChat{Chat: store.Chat{
				ID: uuid.New(), Line: line, Roster: store.NewRoster(set, at), CreatedAt: at, ActiveAt: at,
			}}}
		},
		"records": func(int) store.Item {
			return store.Item{Record: &store.Record{
				MessageID: uuid.New(), ChatID: uuid.New(), Line: line, At: at, KeepUntil: at.Add(time.Hour),
				Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
			}}
		},
		"deliveries": func(int) store.Item {
			return store.Item{Delivery: &store.CopiedDelivery{At: at, Delivery: store.Delivery{
				MessageID: uuid.New(), ChatID: uuid.New(), From: line, To: set, Reason: store.NewBestNumber, Content: []byte("content"),
			}}}
		},
		"notes": func(int) store.Item {
			return store.Item{Note: &store.Note{Name: uuid.NewString(), Of: uuid.New(), Body: []byte("body")}}
		},
		"consents": func(i int) store.Item {
			person, err := recipients.FromDigits(12_025_550_000 + uint64(i))
			require.NoError(t, err)
			alone, err := recipients.NewSet(person)
			require.NoError(t, err)
			return store.Item{Consent: &store.Consent{Name: alone.Key(), Person: person, Blocked: true, BlockedAt: at, Reason: "why"}}
		},
	}
	for kind, item := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := New(Options{})
			fill := func() {
				for page := range 3 {
					items := make([]store.Item, store.MaxPage)
					for i := range items {
						items[i] = item(page*store.MaxPage + i)
						items[i].Tenant = "acme"
					}
					_, err := s.Import(t.Context(), items)
					require.NoError(t, err)
				}
			}
			fill()
			n := 0
			for item, err := range s.Export(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, "acme", item.Tenant)
				if n++; n == 1 {
					require.NoError(t, s.RemoveTenant(t.Context(), "acme"))
					fill()
				}
			}
			require.LessOrEqual(t, n, store.MaxPage)
		})
	}
}
