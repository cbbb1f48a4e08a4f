package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/packed"
)

// Lookup implements store.ChatStore. It is one round trip; calls that wait
// together share it. It takes one more if it finds a record on a server that
// waits for a standby.
func (s *Store) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := q.Check(); err != nil {
		return store.Snapshot{}, err
	}
	asked, err := askedNames(q.Recipients)
	if err != nil {
		return store.Snapshot{}, err
	}
	args := []any{
		[]byte(q.Tenant), keyBytes(q.Set), q.SkipNamed, store.MaxChats + 1,
		textOrNull(q.IdempotencyKey), idOrNull(q.MessageID), asked,
	}
	var snap store.Snapshot
	err = s.lookups.do(ctx, statement{
		sql: s.sql.lookup, args: args,
		begin: func() { snap = store.Snapshot{} },
		row: func(rows pgx.Rows) error {
			var r lookupRow
			if err := r.scan(rows); err != nil {
				return err
			}
			return r.addTo(&snap, q.Tenant, &s.aside)
		},
	}, s.alone)
	if err != nil {
		return store.Snapshot{}, err
	}
	if len(snap.Chats) > store.MaxChats {
		snap.Chats, snap.More = snap.Chats[:store.MaxChats], true
	}
	if snap.Standing == nil && q.Recipients.Len() > 0 { // the database does not have the tenant
		snap.Standing = make([]store.Standing, q.Recipients.Len())
	}
	if snap.Record != nil && s.standby {
		if err := s.confirmed(ctx); err != nil {
			return store.Snapshot{}, err
		}
	}
	return snap, nil
}

// lookupRow is a row of fromline.lookup: the first row, or a chat.
type lookupRow struct {
	revision pgtype.Int8
	record   recordRow
	chat     chatRow
	standing []int16
}

func (r *lookupRow) scan(rows pgx.Rows) error {
	rec, c := &r.record, &r.chat
	return rows.Scan(&r.revision, &rec.messageID, &rec.key, &rec.keepUntil, &rec.body,
		&c.id, &c.line, &c.createdAt, &c.activeAt, &c.succeededAt, &c.successor, &c.service, &c.named, &c.roster, &r.standing)
}

func (r *lookupRow) addTo(snap *store.Snapshot, tenant string, unreadable *aside.Rows) error {
	if r.chat.roster != nil {
		chat, err := r.chat.chat()
		if err != nil {
			failed := unreadable.Add(store.UnreadableChat, tenant, uuid.UUID(r.chat.id.Bytes).String(), err)
			if aside.Newer(err) {
				return failed
			}
			return nil
		}
		snap.Chats = append(snap.Chats, chat)
		return nil
	}
	snap.Revision = store.Revision(r.revision.Int64)
	snap.Standing = standingOf(r.standing)
	if r.record.messageID.Valid {
		r.record.chatID = r.chat.id
		record, err := r.record.record()
		if err != nil {
			return unreadable.Add(store.UnreadableRecord, tenant, record.MessageID.String(), err)
		}
		snap.Record = &record
	}
	return nil
}

// recordRow is a row of the table record.
type recordRow struct {
	messageID pgtype.UUID
	chatID    pgtype.UUID
	key       []byte
	keepUntil pgtype.Int8
	body      []byte
}

func (r *recordRow) record() (store.Record, error) {
	rec := store.Record{
		Key: string(r.key), MessageID: r.messageID.Bytes, ChatID: r.chatID.Bytes, KeepUntil: fromMicros(r.keepUntil.Int64),
	}
	err := packed.ReadRecord(r.body, &rec)
	return rec, err
}
