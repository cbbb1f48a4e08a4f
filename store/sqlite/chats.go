package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Chat{}, err
	}
	var r chatRow
	found, err := s.read(ctx, "chat of tenant", []any{[]byte(tenant), id[:]}, r.fields()...)
	if err != nil {
		return store.Chat{}, err
	}
	if !found {
		return store.Chat{}, fmt.Errorf("sqlite: %w", store.ErrUnknownChat)
	}
	c, err := r.chat()
	if err != nil {
		return store.Chat{}, fmt.Errorf("sqlite: %w", s.aside.Add(store.UnreadableChat, tenant, id.String(), err))
	}
	return c, nil
}

// ChatsOfLine implements store.ChatReader.
func (s *Store) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	return s.page(ctx, limit, "chats of line", tenant, []byte(tenant), int64(line.Digits()), after[:], limit+1)
}

// page runs a statement that returns chats in order of id. The statement
// returns one row more than the limit if there are more chats.
func (s *Store) page(ctx context.Context, limit int, name, tenant string, args ...any) ([]store.Chat, uuid.UUID, error) {
	rows, err := readAll(ctx, s, name, args, scanChat)
	if err != nil || len(rows) <= limit {
		return s.readable(tenant, rows), uuid.Nil, err
	}
	rows = rows[:limit]
	return s.readable(tenant, rows), idOf(rows[limit-1].id), nil
}

func scanChat(rows *sql.Rows) (r chatRow, err error) {
	err = rows.Scan(r.fields()...)
	return r, err
}

// readable returns the chats of the rows that can be read.
func (s *Store) readable(tenant string, rows []chatRow) (chats []store.Chat) {
	for i := range rows {
		c, err := rows[i].chat()
		if err != nil {
			_ = s.aside.Add(store.UnreadableChat, tenant, idOf(rows[i].id).String(), err)
			continue
		}
		chats = append(chats, c)
	}
	return chats
}

// Decision implements store.DecisionReader.
func (s *Store) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Record{}, err
	}
	var chatID, key, body []byte
	var keepUntil int64
	found, err := s.read(ctx, "decision", []any{[]byte(tenant), messageID[:]}, &chatID, &key, &keepUntil, &body)
	if err != nil {
		return store.Record{}, err
	}
	if !found {
		return store.Record{}, fmt.Errorf("sqlite: %w", store.ErrNoRecord)
	}
	rec := store.Record{Key: string(key), MessageID: messageID, ChatID: idOf(chatID), KeepUntil: fromMicros(keepUntil)}
	if err := packed.ReadRecord(body, &rec); err != nil {
		return store.Record{}, fmt.Errorf("sqlite: %w", s.aside.Add(store.UnreadableRecord, tenant, messageID.String(), err))
	}
	return rec, nil
}

// read runs a query of one row, and reports whether there was one.
func (s *Store) read(ctx context.Context, name string, args []any, dest ...any) (found bool, err error) {
	if err := s.usable(ctx); err != nil {
		return false, err
	}
	found, err = s.reads.row(ctx, name, args, dest...)
	if err != nil {
		return false, s.readFailed(err)
	}
	return found, nil
}

// readAll runs a query and returns a slice of what scan makes of each row.
func readAll[T any](ctx context.Context, s *Store, name string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	var all []T
	err := s.reads.rows(ctx, name, args, func(rows *sql.Rows) error {
		one, err := scan(rows)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, s.readFailed(err)
	}
	return all, nil
}
