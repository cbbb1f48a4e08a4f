package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// What happens is one record of the log, of its level, once for each time that
// it happens; what is no news is none; no record names a person. Without a log,
// or with one that takes nothing of the kind, all goes on the same.
func TestWhatIsLogged(t *testing.T) {
	failure := errors.New("it fails")
	row := func(n int) store.Unreadable {
		return store.Unreadable{Kind: store.UnreadableChat, Tenant: "acme", ID: fmt.Sprint("row ", n), Err: failure}
	}
	for name, c := range map[string]struct {
		want  string
		least slog.Level
		does  func(*scene, fromline.Options)
	}{
		"a send that is decided": {"DEBUG", slog.LevelDebug, func(s *scene, o fromline.Options) {
			s.set(o)
			require.NoError(s.t, s.send(ann))
		}},
		"a send that is decided, where only more is logged": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			require.NoError(s.t, s.send(ann))
		}},
		"a send that is refused": {"WARN", slog.LevelDebug, func(s *scene, o fromline.Options) {
			s.table.lines = nil
			s.set(o)
			require.Error(s.t, s.send(ann))
		}},
		"a send that is refused, where only more is logged": {"", slog.LevelError, func(s *scene, o fromline.Options) {
			s.table.lines = nil
			s.set(o)
			require.Error(s.t, s.send(ann))
		}},
		"purges that fail": {"WARN WARN WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.chats.purge = func(context.Context) (int, error) { return 0, failure }
			s.set(o)
			s.run(2*time.Minute + time.Second)
		}},
		"a purge that the end of Run cuts short": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.chats.purge = func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
			s.set(o)
			s.run(time.Minute)
		}},
		"ids of the network that are not kept": {"ERROR", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.chats.note = failure
			o.Sender = naming{}
			s.set(o)
			require.NoError(s.t, s.send(ann))
			require.NoError(s.t, s.Drain(s.t.Context()))
			backlog, err := s.chats.Backlog(s.t.Context())
			require.NoError(s.t, err)
			require.Zero(s.t, backlog.Waiting, "it was handed over all the same")
		}},
		"ids of the network that are kept": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			o.Sender = naming{}
			s.set(o)
			require.NoError(s.t, s.send(ann))
			require.NoError(s.t, s.Drain(s.t.Context()))
			n, err := s.chats.Note(s.t.Context(), "acme", "message net message")
			require.NoError(s.t, err)
			require.NotEmpty(s.t, n.Name)
		}},
		"a line that a delivery found flagged": {"WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			o.Sender = &sender{flags: true}
			s.set(o)
			require.NoError(s.t, s.send(ann))
			require.NoError(s.t, s.Drain(s.t.Context()))
		}},
		"one that is not kept": {"WARN ERROR", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.chats.flag = failure
			o.Sender = &sender{flags: true}
			s.set(o)
			require.NoError(s.t, s.send(ann))
			require.NoError(s.t, s.Drain(s.t.Context()))
		}},
		"a line that is flagged again": {"WARN INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			for range 2 {
				require.NoError(s.t, s.LineFlagged(s.t.Context(), "acme", dc))
			}
		}},
		"a line that is flagged again, and is not kept": {"WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			require.NoError(s.t, s.LineFlagged(s.t.Context(), "acme", dc))
			s.chats.flag = failure
			require.Error(s.t, s.LineFlagged(s.t.Context(), "acme", dc))
		}},
		"a line that is flagged and comes back": {"WARN INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			s.reports(fleet.Event{Status: line.Flagged})
			s.reports(fleet.Event{Status: line.Flagged})
			s.reports(fleet.Event{Status: line.Active})
		}},
		"a reputation": {"INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			s.reports(fleet.Event{Reputation: line.Critical})
		}},
		"numbers that are no lines of ours": {"WARN WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			s.reports(fleet.Event{Number: ann, Status: line.Flagged})
			s.reports(fleet.Event{Type: fleet.NumberAssigned, Number: dallas})
		}},
		"what another process learned": {"WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			_, _, err := s.chats.FlagLine(s.t.Context(), "acme", boston, time.Now()) // before it began
			require.NoError(s.t, err)
			s.set(o)
			ctx, stop := context.WithCancel(s.t.Context())
			ran := make(chan error, 1)
			go func() { ran <- s.Run(ctx) }()
			time.Sleep(2 * time.Second)
			_, err = s.Lines(s.t.Context(), "acme") // it is one of ours
			require.NoError(s.t, err)
			for _, number := range []recipients.Handle{dc, dallas} {
				_, _, err := s.chats.FlagLine(s.t.Context(), "acme", number, time.Now())
				require.NoError(s.t, err)
			}
			time.Sleep(2 * time.Second)
			stop()
			require.NoError(s.t, <-ran)
		}},
		"what another process learned, and is known here already": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			require.NoError(s.t, s.Ready(s.t.Context())) // it has looked at the store
			for range 2 {
				_, err := s.chats.ReportLine(s.t.Context(), line.State{
					Tenant: "acme", Number: dc, Status: line.Active, StatusAt: time.Now(), Reputation: line.Healthy, ReputationAt: time.Now(),
				})
				require.NoError(s.t, err)
				time.Sleep(2 * time.Second)
				require.NoError(s.t, s.Ready(s.t.Context()))
			}
		}},
		"a flag that another process kept": {"WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.set(o)
			require.NoError(s.t, s.Ready(s.t.Context()))
			_, _, err := s.chats.FlagLine(s.t.Context(), "acme", dc, time.Now())
			require.NoError(s.t, err)
			require.NoError(s.t, s.LineFlagged(s.t.Context(), "acme", dc))
		}},
		"what the store knew at the start, of many lines": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.flagMany(store.MaxPage + 1)
			s.set(o)
			s.run(2 * time.Second)
		}},
		"what the store knew at the start, of a page of lines": {"WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.flagMany(store.MaxPage)
			s.set(o)
			require.NoError(s.t, s.Ready(s.t.Context()))
			s.reports(fleet.Event{Status: line.Flagged})
		}},
		"what the store knew at the start, and told at the second time": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.flagMany(1)
			s.chats.states = failure
			s.set(o)
			require.Error(s.t, s.Ready(s.t.Context()))
			s.chats.states = nil
			require.NoError(s.t, s.Ready(s.t.Context()))
		}},
		"a start that names lines": {"INFO INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			for _, number := range []recipients.Handle{dc, dallas} { // the other one is no line of ours
				_, err := s.chats.ReportLine(s.t.Context(), line.State{Tenant: "acme", Number: number, Ownership: line.Released, OwnershipAt: time.Now()})
				require.NoError(s.t, err)
			}
			s.set(o)
			require.NoError(s.t, s.Ready(s.t.Context()))
			require.NoError(s.t, s.Named(s.t.Context(), "acme", nil))
			require.NoError(s.t, s.Named(s.t.Context(), "acme", []line.Line{{Number: dc}}))
		}},
		"a message that leaves its line": {"WARN INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.table.lines = s.table.lines[:1]
			o.Sender, o.Reroute = newNetwork(), true
			s.set(o)
			require.NoError(s.t, s.send(ann))
			s.table.lines = []line.Line{{Number: dc, Status: line.Flagged}, {Number: boston}}
			time.Sleep(2 * time.Second)
			require.NoError(s.t, s.Drain(s.t.Context()))
		}},
		"a clock that is wrong, and right again": {"ERROR INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			o.MaxSkew = time.Minute
			s.set(o)
			for _, ahead := range []time.Duration{0, time.Hour, time.Hour, 0, 0} {
				s.ahead = ahead
				time.Sleep(time.Second)
				require.Equal(s.t, ahead == 0, s.Ready(s.t.Context()) == nil)
			}
		}},
		"aliases that are unknown": {"WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			o.Fleet, o.Aliases = knownFirst, &aliases{err: failure}
			s.set(o)
			require.NoError(s.t, s.send(ann))
		}},
		"aliases that are known": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			o.Fleet, o.Aliases = knownFirst, &aliases{}
			s.set(o)
			require.NoError(s.t, s.send(ann))
		}},
		"too many messages wait, and no longer": {"ERROR INFO", slog.LevelInfo, func(s *scene, o fromline.Options) {
			network := make(gated)
			o.Sender, o.MaxBacklog = network, 2
			s.set(o)
			require.NoError(s.t, s.send(ann))
			require.NoError(s.t, s.send(bob))
			time.AfterFunc(10*time.Second, func() { close(network) })
			s.run(20 * time.Second)
		}},
		"the messages that wait cannot be counted": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.chats.uncounted.Store(true)
			o.Sender, o.MaxBacklog = make(gated), 2
			s.set(o)
			s.run(20 * time.Second)
		}},
		"rows that cannot be read": {"ERROR ERROR ERROR", slog.LevelInfo, func(s *scene, o fromline.Options) {
			s.chats.rows = func() []store.Unreadable {
				if s.chats.asked < 3 {
					return []store.Unreadable{row(1), row(2)}
				}
				return []store.Unreadable{row(1), row(2), row(3)}
			}
			s.set(o)
			s.run(10 * time.Second)
		}},
		"a table of lines that fails is told once a minute": {"WARN WARN", slog.LevelInfo, func(s *scene, o fromline.Options) {
			o.Fleet.StaleAfter = time.Hour
			s.set(o)
			require.NoError(s.t, s.send(ann))
			s.table.err = failure
			for range 90 {
				time.Sleep(time.Second)
				require.NoError(s.t, s.send(ann))
			}
		}},
		"one that a host is told of itself": {"", slog.LevelInfo, func(s *scene, o fromline.Options) {
			told := 0
			o.Fleet.OnPollError = func(error) { told++ }
			s.set(o)
			require.NoError(s.t, s.send(ann))
			s.table.err = failure
			time.Sleep(time.Second)
			require.NoError(s.t, s.send(ann))
			require.Equal(s.t, 1, told)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var log *logged
			for _, with := range []string{"a log", "no log"} {
				synctest.Test(t, func(t *testing.T) {
					s := &scene{t: t, table: &table{notes: &notes{}, lines: []line.Line{{Number: dc}, {Number: boston}}}}
					s.chats = &troubled{Store: memory.New(memory.Options{})}
					var o fromline.Options
					if log = (&logged{least: c.least}); with == "a log" {
						o.Logger = slog.New(log)
					}
					c.does(s, o)
				})
				if with == "a log" {
					require.Equal(t, c.want, log.levels(), "%v", log.list)
					for _, record := range log.list {
						require.NotContains(t, record, ann.String())
						require.NotContains(t, record, bob.String())
					}
				}
			}
		})
	}
}

// Deliveries go to the log of the Router where they have none of their own.
func TestDeliveriesAreLogged(t *testing.T) {
	for _, own := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := &scene{t: t, table: &table{notes: &notes{}, lines: []line.Line{{Number: dc}}}, chats: &troubled{Store: memory.New(memory.Options{})}}
			var router, theirs logged
			o := fromline.Options{Sender: &sender{}, Logger: slog.New(&router)}
			router.least = slog.LevelDebug
			if own {
				o.Delivery = delivery.Options{Logger: slog.New(&theirs)}
			}
			theirs.least = slog.LevelDebug
			r, err := fromline.New(s.chats, lineTable{s.table}, o)
			require.NoError(t, err)
			s.Router = r
			require.NoError(t, s.send(ann))
			require.NoError(t, s.Drain(t.Context()))
			if own {
				require.Equal(t, []string{"DEBUG", "DEBUG"}, []string{router.levels(), theirs.levels()})
			} else {
				require.Equal(t, []string{"DEBUG DEBUG", ""}, []string{router.levels(), theirs.levels()})
			}
		})
	}
}
