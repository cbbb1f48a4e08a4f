package model

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Chat implements store.ChatReader.
func (s *Model) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Chat{}, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return store.Chat{}, err
	}
	defer end()
	c := s.of(tenant).chats[id]
	if c == nil {
		return store.Chat{}, fmt.Errorf("model: chat %s: %w", id, store.ErrUnknownChat)
	}
	return c.Chat, nil
}

// ChatsOfLine implements store.ChatReader.
func (s *Model) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) (chats []store.Chat, next uuid.UUID, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, uuid.Nil, err
	}
	defer end()
	for id, c := range s.of(tenant).chats {
		if c.Line == line && bytes.Compare(id[:], after[:]) > 0 {
			chats = append(chats, c.Chat)
		}
	}
	slices.SortFunc(chats, func(a, b store.Chat) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	if len(chats) > limit {
		chats = chats[:limit]
		next = chats[limit-1].ID
	}
	return chats, next, nil
}

// Decision implements store.DecisionReader.
func (s *Model) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Record{}, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return store.Record{}, err
	}
	defer end()
	r := s.of(tenant).records[messageID]
	if r == nil {
		return store.Record{}, fmt.Errorf("model: message %s: %w", messageID, store.ErrNoRecord)
	}
	return *cloneRecord(r), nil
}

// LineUse implements store.UsageReader.
func (s *Model) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, 0, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer end()
	uses, last := changed(s.uses, func(u *line.Use) line.Change { return u.Change }, after, limit)
	return uses, last, nil
}

// ReportLine implements store.LineStates.
func (s *Model) ReportLine(ctx context.Context, state line.State) (bool, error) {
	if err := store.CheckState(state); err != nil {
		return false, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return false, err
	}
	defer end()
	state.ChangedAt = store.Micros(state.ChangedAt)
	l := account{state.Tenant, state.Number}
	if old := s.states[l]; old != nil {
		if !state.ChangedAt.After(old.ChangedAt) {
			return false, nil
		}
		if state.Status == 0 {
			state.Status = old.Status
		}
		if state.Reputation == 0 {
			state.Reputation = old.Reputation
		}
	}
	s.lineChange++
	state.Change = s.lineChange
	s.states[l] = &state
	return true, nil
}

// LineStates implements store.LineStates.
func (s *Model) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, 0, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer end()
	states, last := changed(s.states, func(s *line.State) line.Change { return s.Change }, after, limit)
	return states, last, nil
}

// changed returns what changed after a number, in order, up to a limit.
func changed[T any](all map[account]*T, change func(*T) line.Change, after line.Change, limit int) ([]T, line.Change) {
	var found []T
	for _, v := range all {
		if change(v) > after {
			found = append(found, *v)
		}
	}
	slices.SortFunc(found, func(a, b T) int { return cmp.Compare(change(&a), change(&b)) })
	found = found[:min(limit, len(found))]
	if len(found) == 0 {
		return nil, after
	}
	return found, change(&found[len(found)-1])
}
