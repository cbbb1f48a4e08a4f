package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, chat uuid.UUID) (store.Chat, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Chat{}, err
	}
	row, err := s.chatRow(ctx, tenant, chat)
	if err != nil {
		return store.Chat{}, err
	}
	c, err := row.chat()
	if err != nil {
		return store.Chat{}, fmt.Errorf("postgres: %w", s.aside.Add(store.UnreadableChat, tenant, chat.String(), err))
	}
	return c, nil
}

func (s *Store) chatRow(ctx context.Context, tenant string, chat uuid.UUID) (chatRow, error) {
	var r chatRow
	err := s.call(ctx, s.sql.chat, []any{[]byte(tenant), id(chat)}, r.fields()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, fmt.Errorf("postgres: %w", store.ErrUnknownChat)
	}
	return r, err
}

// fields returns the destinations of the columns that the statements about
// chats select.
func (r *chatRow) fields() []any {
	return []any{
		&r.id, &r.line, &r.createdAt, &r.activeAt, &r.succeededAt, &r.successor, &r.service, &r.named, &r.lineLeft, &r.roster,
	}
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
	return s.page(ctx, limit, s.sql.chatsOfLine, tenant, []byte(tenant), int64(line.Digits()), id(after), limit+1)
}

// page runs a statement that returns chats in order of id. The statement
// returns one row more than the limit if there are more chats.
func (s *Store) page(ctx context.Context, limit int, sql, tenant string, args ...any) ([]store.Chat, uuid.UUID, error) {
	rows, err := s.chatRows(ctx, sql, args...)
	if err != nil || len(rows) <= limit {
		return s.readable(tenant, rows), uuid.Nil, err
	}
	rows = rows[:limit]
	return s.readable(tenant, rows), rows[limit-1].id.Bytes, nil
}

func (s *Store) chatRows(ctx context.Context, sql string, args ...any) (all []chatRow, err error) {
	err = s.rows(ctx, sql, args, func(rows pgx.Rows) error {
		var r chatRow
		err := rows.Scan(r.fields()...)
		all = append(all, r)
		return err
	})
	return all, err
}

// readable returns the chats of the rows that can be read.
func (s *Store) readable(tenant string, rows []chatRow) (chats []store.Chat) {
	for i := range rows {
		c, err := rows[i].chat()
		if err != nil {
			_ = s.aside.Add(store.UnreadableChat, tenant, uuid.UUID(rows[i].id.Bytes).String(), err)
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
	r := recordRow{messageID: id(messageID)}
	err := s.call(ctx, s.sql.decision, []any{[]byte(tenant), id(messageID)}, &r.chatID, &r.key, &r.keepUntil, &r.body)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Record{}, fmt.Errorf("postgres: %w", store.ErrNoRecord)
	}
	if err != nil {
		return store.Record{}, err
	}
	rec, err := r.record()
	if err != nil {
		return store.Record{}, fmt.Errorf("postgres: %w", s.aside.Add(store.UnreadableRecord, tenant, messageID.String(), err))
	}
	return rec, nil
}
