package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/packed"
)

// Lookup implements store.ChatStore. It waits for no writer.
func (s *Store) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := q.Check(); err != nil {
		return store.Snapshot{}, err
	}
	if err := s.usable(ctx); err != nil {
		return store.Snapshot{}, err
	}
	var key, messageID any
	if q.IdempotencyKey != "" {
		key = []byte(q.IdempotencyKey)
	} else {
		messageID = idOrNull(q.MessageID)
	}
	args := []any{[]byte(q.Tenant), keyBytes(q.Set), q.SkipNamed, store.MaxChats + 1, key, messageID}
	if snap, done := s.lookUpAlone(q, args); done {
		return snap, nil
	}
	return s.lookup(ctx, s.reads, q, args)
}

// lookUpAlone looks up on the writing connection if no other call uses it, and
// reports whether it did. That connection has the last written pages in memory;
// a reader reads all its pages again after each commit. If the look-up fails, a
// reader repeats it and reports the error.
func (s *Store) lookUpAlone(q store.Query, args []any) (snap store.Snapshot, done bool) {
	if s.writer == nil || !s.writer.lend() {
		return snap, false
	}
	defer s.writer.turn.Unlock()
	snap, err := s.lookup(context.Background(), s.writer.statements, q, args)
	return snap, err == nil
}

func (s *Store) lookup(ctx context.Context, reads statements, q store.Query, args []any) (store.Snapshot, error) {
	var rows []lookupRow
	err := reads.rows(ctx, "lookup", args, func(r *sql.Rows) error {
		rows = append(rows, lookupRow{})
		return rows[len(rows)-1].scan(r)
	})
	if err != nil {
		return store.Snapshot{}, s.readFailed(err)
	}
	var snap store.Snapshot
	for i := range rows {
		if err := rows[i].addTo(&snap, q.Tenant, &s.aside); err != nil {
			return store.Snapshot{}, fmt.Errorf("sqlite: %w", err)
		}
	}
	if len(snap.Chats) > store.MaxChats {
		snap.Chats, snap.More = snap.Chats[:store.MaxChats], true
	}
	if snap.Standing, err = s.standing(ctx, reads, q.Tenant, q.Recipients); err != nil {
		return store.Snapshot{}, err
	}
	return snap, nil
}

// lookupRow is a row of the statement lookup. The first row holds the revision
// and the record, each other row a chat.
type lookupRow struct {
	revision  sql.NullInt64
	messageID []byte
	keepUntil sql.NullInt64
	key, key2 []byte
	body      []byte

	id                                        []byte // of the chat, or of the chat of the record
	line, createdAt, activeAt, serviceAndFlag sql.NullInt64
	chat                                      chatRow
}

func (r *lookupRow) scan(rows *sql.Rows) error {
	return rows.Scan(&r.revision, &r.messageID, &r.id, &r.key, &r.key2, &r.keepUntil, &r.body,
		&r.line, &r.createdAt, &r.activeAt, &r.chat.succeededAt, &r.chat.successor, &r.serviceAndFlag, &r.chat.roster)
}

func (r *lookupRow) addTo(snap *store.Snapshot, tenant string, unreadable *aside.Rows) error {
	if r.line.Valid {
		c := &r.chat
		c.id, c.line, c.createdAt, c.activeAt = r.id, r.line.Int64, r.createdAt.Int64, r.activeAt.Int64
		c.service, c.named = r.serviceAndFlag.Int64%256, r.serviceAndFlag.Int64 >= 256
		chat, err := c.chat()
		if err != nil {
			failed := unreadable.Add(store.UnreadableChat, tenant, idOf(c.id).String(), err)
			if aside.Newer(err) {
				return failed
			}
			return nil
		}
		snap.Chats = append(snap.Chats, chat)
		return nil
	}
	snap.Revision = store.Revision(r.revision.Int64)
	if r.messageID == nil {
		return nil
	}
	key := r.key
	if key == nil {
		key = r.key2
	}
	snap.Record = &store.Record{
		Key: string(key), MessageID: idOf(r.messageID), ChatID: idOf(r.id), KeepUntil: fromMicros(r.keepUntil.Int64),
	}
	if err := packed.ReadRecord(r.body, snap.Record); err != nil {
		return unreadable.Add(store.UnreadableRecord, tenant, snap.Record.MessageID.String(), err)
	}
	return nil
}

// readFailed wraps the error of a call that reads.
func (s *Store) readFailed(err error) error {
	select {
	case <-s.stop:
		return fmt.Errorf("sqlite: %w: %w", store.ErrClosed, err)
	default:
		return explained(err)
	}
}
