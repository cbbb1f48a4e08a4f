package fromline_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// BenchmarkOpeningWays opens chats with groups of three by turns, through
// Routers over stores in memory and a thousand lines: without a guard, with
// one, and with known lines, where each person has a chat on one line.
// Processor time of a send.
func BenchmarkOpeningWays(b *testing.B) {
	const turn, people = 500, 5_000
	random := rand.New(rand.NewPCG(20261128, 1))
	numbers := benchNumbers(b, 1_000)
	person := func(i int) recipients.Handle {
		h, err := recipients.FromDigits(14_150_000_000 + uint64(i))
		require.NoError(b, err)
		return h
	}
	var seen []store.Event
	for i := range people {
		set, err := recipients.NewSet(person(i))
		require.NoError(b, err)
		seen = append(seen, store.ChatSeen{ID: uuid.UUID{0: 's', 14: byte(i >> 8), 15: byte(i)}, Line: numbers[i%len(numbers)], Participants: set, CreatedAt: noon})
	}
	names := []string{"off", "guard", "known"}
	routers := make([]*fromline.Router, len(names))
	for i, o := range []fleet.Options{{}, {Guard: line.Careful()}, knownFirst} {
		f, err := fleet.New(o)
		require.NoError(b, err)
		for _, n := range numbers {
			require.NoError(b, f.PutLine("acme", line.Line{Number: n}))
		}
		s := memory.New(memory.Options{MaxRecords: 1 << 40})
		require.NoError(b, s.Apply(b.Context(), "acme", seen))
		routers[i], err = fromline.New(s, f, fromline.Options{})
		require.NoError(b, err)
	}
	took := make([]time.Duration, len(names))
	sends := 0
	for b.Loop() {
		requests := make([]validate.Checked, turn)
		for i := range requests {
			requests[i] = request(b, nil, person(random.IntN(people)), person(random.IntN(people)), person(random.IntN(people)))
		}
		for i, router := range routers {
			before := processorTime()
			for k := range requests {
				at := noon.Add(time.Duration(sends+k) * 3 * time.Second) // a line opens some thirty a day
				_, err := router.Route(b.Context(), fromline.Outgoing{Tenant: "acme", Request: requests[k], At: at})
				require.NoError(b, err)
			}
			took[i] += processorTime() - before
		}
		sends += turn
	}
	b.ReportMetric(0, "ns/op")
	for i, name := range names {
		b.ReportMetric(float64(took[i].Nanoseconds())/float64(sends), name+"-cpu-ns/send")
	}
}
