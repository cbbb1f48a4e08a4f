package model

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

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
	return s.page(ctx, tenant, after, limit, func(c *chat) bool { return c.Line == line })
}

// page returns the chats of a tenant that a function wants.
func (s *Model) page(ctx context.Context, tenant string, after uuid.UUID, limit int, wanted func(*chat) bool) (chats []store.Chat, next uuid.UUID, err error) {
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
		if wanted(c) && bytes.Compare(id[:], after[:]) > 0 {
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

// LineUse implements store.UseReader.
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
	_, applied := s.changeState(state.Tenant, state.Number, func(kept line.State) line.State {
		return together(kept, store.CutState(state))
	})
	return applied, nil
}

// FlagLine implements store.LineStates.
func (s *Model) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if err := store.CheckFlag(tenant, number, at); err != nil {
		return line.State{}, false, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return line.State{}, false, err
	}
	defer end()
	kept, applied := s.changeState(tenant, number, func(kept line.State) line.State {
		if kept.Status == line.Flagged {
			return kept
		}
		after := store.Micros(at)
		if !kept.StatusAt.IsZero() && !after.After(kept.StatusAt) {
			after = kept.StatusAt.Add(time.Microsecond)
		}
		kept.Status, kept.StatusAt = line.Flagged, after
		kept.FlaggedAt, kept.RecoveredAt = after, time.Time{}
		return kept
	})
	kept.Change = 0
	return kept, applied, nil
}

// together is the rule of line.State.Merge, written a second time.
func together(kept, said line.State) line.State {
	flagged, activated := []time.Time{kept.FlaggedAt, said.FlaggedAt}, []time.Time{kept.RecoveredAt, said.RecoveredAt}
	for _, s := range []line.State{kept, said} {
		switch s.Status {
		case line.Flagged:
			flagged = append(flagged, s.StatusAt)
		case line.Active:
			activated = append(activated, s.StatusAt)
		}
	}
	kept.FlaggedAt = slices.MaxFunc(flagged, time.Time.Compare)
	kept.RecoveredAt = time.Time{}
	slices.SortFunc(activated, time.Time.Compare)
	if i := slices.IndexFunc(activated, kept.FlaggedAt.Before); i >= 0 && !kept.FlaggedAt.IsZero() {
		kept.RecoveredAt = activated[i]
	}
	if said.Status != 0 && (kept.Status == 0 || said.StatusAt.After(kept.StatusAt) || said.StatusAt.Equal(kept.StatusAt) && said.Status == line.Flagged) {
		kept.Status, kept.StatusAt = said.Status, said.StatusAt
	}
	if said.Reputation != 0 && (kept.Reputation == 0 || said.ReputationAt.After(kept.ReputationAt) || said.ReputationAt.Equal(kept.ReputationAt) && said.Reputation > kept.Reputation) {
		kept.Reputation, kept.ReputationAt = said.Reputation, said.ReputationAt
	}
	if said.Ownership != 0 && (kept.Ownership == 0 || said.OwnershipAt.After(kept.OwnershipAt) || said.OwnershipAt.Equal(kept.OwnershipAt) && said.Ownership > kept.Ownership) {
		kept.Ownership, kept.OwnershipAt = said.Ownership, said.OwnershipAt
	}
	return kept
}

func (s *Model) changeState(tenant string, number recipients.Handle, make func(line.State) line.State) (now line.State, applied bool) {
	l := account{tenant, number}
	kept := line.State{Tenant: tenant, Number: number}
	if old := s.states[l]; old != nil {
		kept = *old
	}
	now = make(kept)
	if now == kept {
		return now, false
	}
	s.lineChange++
	now.Change = s.lineChange
	s.states[l] = &now
	return now, now.Status != kept.Status || now.Reputation != kept.Reputation || now.Ownership != kept.Ownership
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

// changed returns the values that changed after a change number, in order of
// change, at most limit.
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
