package storetest_test

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// applying is a store with another Apply.
type applying struct {
	*memory.Store
	apply func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error
}

func (a applying) Apply(ctx context.Context, tenant string, events []store.Event) error {
	return a.apply(a.Store, ctx, tenant, events)
}

// hearing changes events; nil drops one.
func hearing(change func(e store.Event) store.Event) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			var heard []store.Event
			for _, e := range events {
				if e != nil {
					if e = change(e); e == nil {
						continue
					}
				}
				heard = append(heard, e)
			}
			return s.Apply(ctx, tenant, heard)
		}}
	}
}

// every changes the events of one type.
func every[E store.Event](change func(e E) store.Event) func(*memory.Store) store.ChatStore {
	return hearing(func(e store.Event) store.Event {
		if e, is := e.(E); is {
			return change(e)
		}
		return e
	})
}

var eventFaults = []fault{
	{"seen/makes a chat known", "takes a chat for active when it was heard of", every(func(e store.ChatSeen) store.Event {
		if e.ActiveAt.IsZero() {
			e.ActiveAt = e.CreatedAt.AddDate(1, 0, 0)
		}
		return e
	})},
	{"seen/a known chat only learns its service and activity", "believes the last name it heard", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			for _, e := range events {
				if err := s.Apply(ctx, tenant, []store.Event{e}); err != nil {
					return err
				}
				if e, is := e.(store.ChatSeen); is {
					if err := s.Apply(ctx, tenant, []store.Event{store.Renamed{Chat: e.ID, Named: e.Named}}); err != nil {
						return err
					}
				}
			}
			return nil
		}}
	}},
	{"seen/a known chat only learns its service and activity", "ignores a service it hears of later", func(s *memory.Store) store.ChatStore {
		known := make(map[uuid.UUID]bool)
		return every(func(e store.ChatSeen) store.Event {
			if known[e.ID] {
				e.Service = 0
			}
			known[e.ID] = true
			return e
		})(s)
	}},
	{"seen/an opened chat is known already", "ignores chats that were opened here", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			return s.Apply(ctx, tenant, slices.DeleteFunc(slices.Clone(events), func(e store.Event) bool {
				if e == nil {
					return false
				}
				_, err := s.Chat(ctx, tenant, e.ChatID())
				_, seen := e.(store.ChatSeen)
				return err == nil && seen
			}))
		}}
	}},
	{"seen/a known chat of another line", "takes the line of a known chat for granted", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			for _, e := range events {
				if seen, is := e.(store.ChatSeen); is {
					if c, err := s.Chat(ctx, tenant, seen.ID); err == nil {
						seen.Line = c.Line
						e = seen
					}
				}
				if err := s.Apply(ctx, tenant, []store.Event{e}); err != nil {
					return err
				}
			}
			return nil
		}}
	}},
	{"activity/the later of what it was and what is reported", "ignores activity at the same second", every(func(e store.Activity) store.Event {
		e.At = e.At.Truncate(1e9)
		return e
	})},
	{"activity/messages are counted", "counts one message for each activity", every(func(e store.Activity) store.Event {
		e.Messages = 1
		return e
	})},
	{"activity/messages are counted", "does not count what was committed", func(s *memory.Store) store.ChatStore {
		return using{s, func(u *line.Use) bool {
			u.Messages[0] -= u.NewChats[0]
			return true
		}}
	}},
	{"window/messages do not move it", "opens chats in the hour of the newest message", func(s *memory.Store) store.ChatStore {
		return using{s, func(u *line.Use) bool {
			u.Hour = max(u.Hour, u.MessagesHour)
			u.NewChats[0] = 0
			return true
		}}
	}},
	{"window/chats seen take no slot", "counts chats seen as opened", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			for _, e := range events {
				seen := e.(store.ChatSeen)
				p := &store.Plan{
					Tenant: tenant, Set: seen.Participants,
					Record: store.Record{
						MessageID: uuid.New(), ChatID: seen.ID, Line: seen.Line, Reason: store.NewBestNumber,
						At: seen.CreatedAt, KeepUntil: seen.CreatedAt,
					},
				}
				if err := s.Commit(ctx, p); err != nil {
					return err
				}
			}
			return nil
		}}
	}},
	{"participants/the chat moves to another set", "lets everybody have joined at the beginning", chats(func(c *store.Chat) {
		c.Roster = store.NewRoster(c.Roster.Set(), c.Roster.Since())
	})},
	{"participants/the chat moves to another set", "does not hear of removals", every(func(store.ParticipantRemoved) store.Event { return nil })},
	{"participants/added who is there, removed who is not", "lets who is there join again", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			for _, e := range events {
				if added, is := e.(store.ParticipantAdded); is {
					if err := s.Apply(ctx, tenant, []store.Event{store.ParticipantRemoved{Chat: added.Chat, Handle: added.Handle}}); err != nil {
						return err
					}
				}
				if err := s.Apply(ctx, tenant, []store.Event{e}); err != nil {
					return err
				}
			}
			return nil
		}}
	}},
	{"participants/until no person is left", "takes a chat that everybody left for one that is over", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			err := s.Apply(ctx, tenant, events)
			for _, e := range events {
				if c, unknown := s.Chat(ctx, tenant, e.ChatID()); unknown == nil && c.Roster.Len() == 0 {
					err = errors.Join(err, s.Apply(ctx, tenant, []store.Event{store.LineLeft{Chat: c.ID}}))
				}
			}
			return err
		}}
	}},
	{"participants/more than a send can have", "stops at the limit of a send", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			return s.Apply(ctx, tenant, slices.DeleteFunc(slices.Clone(events), func(e store.Event) bool {
				c, err := s.Chat(ctx, tenant, e.ChatID())
				_, joins := e.(store.ParticipantAdded)
				return err == nil && joins && c.Roster.Len() >= recipients.MaxRecipients
			}))
		}}
	}},
	{"participants/our line cannot join", "ignores a line that joins", every(func(e store.ParticipantAdded) store.Event {
		if e.Handle.AreaCode() == 301 {
			return nil
		}
		return e
	})},
	{"participants/our line left", "does not hear that a line left", every(func(store.LineLeft) store.Event { return nil })},
	{"names/set and cleared", "keeps a name for ever", every(func(e store.Renamed) store.Event {
		if !e.Named {
			return nil
		}
		return e
	})},
	{"apply/in order, up to the first that cannot be", "applies all or nothing", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			for i, e := range events {
				_, seen := e.(store.ChatSeen)
				if _, err := s.Chat(ctx, tenant, e.ChatID()); err != nil && !seen {
					return &store.EventError{Index: i, Chat: e.ChatID(), Err: err}
				}
			}
			return s.Apply(ctx, tenant, events)
		}}
	}},
	{"apply/in order, up to the first that cannot be", "goes on after an event that cannot be applied", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			var first error
			for i, e := range events {
				var failed *store.EventError
				if err := s.Apply(ctx, tenant, []store.Event{e}); errors.As(err, &failed) && first == nil {
					failed.Index = i
					first = failed
				}
			}
			return first
		}}
	}},
	{"apply/in order, up to the first that cannot be", "counts events from one", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			err := s.Apply(ctx, tenant, events)
			var failed *store.EventError
			if errors.As(err, &failed) {
				failed.Index++
			}
			return err
		}}
	}},
	{"apply/events that contradict themselves", "ignores events it does not know", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			return s.Apply(ctx, tenant, slices.DeleteFunc(slices.Clone(events), func(e store.Event) bool {
				_, is := e.(*store.LineLeft)
				return is
			}))
		}}
	}},
	{"apply/many at once, twice", "applies the first thousand events only", func(s *memory.Store) store.ChatStore {
		return applying{s, func(s *memory.Store, ctx context.Context, tenant string, events []store.Event) error {
			return s.Apply(ctx, tenant, events[:min(len(events), 1000)])
		}}
	}},
}
