package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// Count implements store.Copier.
func (s *Store) Count(ctx context.Context, tenant string) (items int, err error) {
	if err := store.CheckCounted(tenant); err != nil {
		return 0, err
	}
	statement, args := "count", []any(nil)
	if tenant != "" {
		statement, args = statement+ofTenant, []any{[]byte(tenant)}
	}
	_, err = s.read(ctx, statement, args, &items)
	return items, err
}

// errEnough ends a statement before its last row.
var errEnough = errors.New("enough")

// Export implements store.Copier. It holds one of the reading connections.
func (s *Store) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return s.export(ctx, "")
}

// ExportTenant implements store.Copier. It holds one of the reading
// connections.
func (s *Store) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	if err := store.CheckTenant(tenant); err != nil {
		return carry.Invalid(err)
	}
	return s.export(ctx, tenant)
}

// copied are the statements of Export. Each has a variant with the suffix
// ofTenant.
var copied = []string{"all chats", "all records", "all deliveries", "all consents", "all notes"}

const ofTenant = " of a tenant"

// export yields the items of a tenant, or of all tenants if it is empty.
func (s *Store) export(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	scans := []func(*sql.Rows) (store.Item, error){s.scanCopiedChat, s.scanCopiedRecord, s.scanCopiedDelivery, s.scanCopiedConsent, s.scanCopiedNote}
	return func(yield func(store.Item, error) bool) {
		if !carry.LinePages(ctx, s.lineStates, s.lineUse, carry.Wanted(tenant, yield)) {
			return
		}
		for i, statement := range copied {
			args := []any(nil)
			if tenant != "" {
				statement, args = statement+ofTenant, []any{[]byte(tenant)}
			}
			err := s.usable(ctx)
			if err == nil {
				err = s.reads.rows(ctx, statement, args, func(rows *sql.Rows) error {
					item, err := scans[i](rows)
					switch {
					case err != nil && !carry.IsUnreadable(err):
						return err
					case !yield(item, err):
						return errEnough
					}
					return nil
				})
			}
			if errors.Is(err, errEnough) {
				return
			}
			if err != nil {
				yield(store.Item{}, s.readFailed(err))
				return
			}
		}
	}
}

func (s *Store) scanCopiedChat(rows *sql.Rows) (store.Item, error) {
	var r chatRow
	var tenant []byte
	var names sql.NullString
	if err := rows.Scan(append(r.fields(), &tenant, &names)...); err != nil {
		return store.Item{}, err
	}
	c, err := r.copied(names.String)
	if err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableChat, string(tenant), idOf(r.id).String(), err))
	}
	return store.Item{Tenant: string(tenant), Chat: c}, nil
}

// copied returns the chat with the people who left it. names lists everybody
// who took part, in hexadecimal digits.
func (r *chatRow) copied(names string) (*store.CopiedChat, error) {
	chat, err := r.chat()
	if err != nil {
		return nil, err
	}
	listed, err := hex.DecodeString(names)
	if err != nil {
		return nil, err
	}
	all, err := people.ReadNames(listed)
	if err != nil {
		return nil, err
	}
	past, err := carry.Past(all, chat.Roster.Set())
	return &store.CopiedChat{Chat: chat, Past: past}, err
}

func (s *Store) scanCopiedRecord(rows *sql.Rows) (store.Item, error) {
	var tenant, message, chat, key, body []byte
	var keepUntil int64
	if err := rows.Scan(&tenant, &message, &chat, &key, &keepUntil, &body); err != nil {
		return store.Item{}, err
	}
	r := &store.Record{Key: string(key), MessageID: idOf(message), ChatID: idOf(chat), KeepUntil: fromMicros(keepUntil)}
	if err := packed.ReadRecord(body, r); err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableRecord, string(tenant), r.MessageID.String(), err))
	}
	return store.Item{Tenant: string(tenant), Record: r}, nil
}

func (s *Store) scanCopiedDelivery(rows *sql.Rows) (store.Item, error) {
	var tenant []byte
	var r deliveryRow
	var d store.CopiedDelivery
	var due int64
	var why aside.Fact
	if err := rows.Scan(&tenant, &r.messageID, &r.chatID, &r.decidedAt, &r.attempts, &r.body, (*truth)(&d.Parked), &due, &why, (*truth)(&d.Leave)); err != nil {
		return store.Item{}, err
	}
	d.At, d.Due, d.Attempts, d.Why = fromMicros(r.decidedAt), packed.ReadTime(due), r.attempts, store.ParkReason(why.Byte())
	var err error
	if d.Delivery, err = r.delivery(); err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableDelivery, string(tenant), idOf(r.messageID).String(), err))
	}
	return store.Item{Tenant: string(tenant), Delivery: &d}, nil
}

// Import implements store.Copier. It returns only when the outcome is known,
// because the writer reads the items until then.
func (s *Store) Import(ctx context.Context, items []store.Item) (changed int, err error) {
	if err := store.CheckItems(items); err != nil {
		return 0, err
	}
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	err = s.write(context.WithoutCancel(ctx), func(t *tx) error {
		changed = 0
		for i := range items {
			did, err := t.importItem(&items[i])
			if err != nil {
				return err
			}
			if did {
				changed++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

// importItem keeps an item unless the store has it, and reports whether it
// changed anything.
func (t *tx) importItem(item *store.Item) (changed bool, err error) {
	if item.State != nil {
		said := store.CutState(*item.State)
		from, to, err := t.changeState(item.Tenant, said.Number, func(kept line.State) line.State {
			kept, _ = kept.Merge(said)
			return kept
		})
		return !to.SameFacts(from), err
	}
	tenant, err := t.tenantID(item.Tenant)
	if err != nil {
		return false, err
	}
	if tenant, err = t.needTenant(tenant, item.Tenant); err != nil {
		return false, err
	}
	switch {
	case item.Use != nil:
		use, err := t.use(tenant, item.Use.Number)
		if err != nil || use.Change > 0 {
			return false, err
		}
		return true, t.setUse(tenant, *item.Use)
	case item.Chat != nil:
		return t.importChat(tenant, item.Chat)
	case item.Record != nil:
		r := item.Record
		added, err := t.exec("add record", tenant, r.MessageID[:], r.ChatID[:], orNull([]byte(r.Key)), micros(r.KeepUntil), packed.Record(r))
		return added > 0, err
	case item.Consent != nil:
		if _, found, err := t.consent(tenant, item.Consent.Name); err != nil || found {
			return false, err
		}
		return true, t.keepConsent(tenant, item.Consent)
	}
	if item.Note != nil {
		if _, found, err := t.note(tenant, item.Note.Name); err != nil || found {
			return false, err
		}
		return true, t.keepNote(tenant, item.Note)
	}
	return t.importDelivery(tenant, item.Delivery)
}

func (t *tx) importChat(tenant int64, from *store.CopiedChat) (added bool, err error) {
	there, err := t.chat(tenant, from.ID)
	if err != nil || there.exists() {
		return false, err
	}
	names, err := carry.Names(from)
	if err != nil {
		return false, fmt.Errorf("sqlite: %w", err)
	}
	var setID, succeededAt any
	if carry.Matches(from) {
		if setID, err = t.joinSet(tenant, from.Roster.Set()); err != nil {
			return false, err
		}
	}
	if from.Successor != uuid.Nil {
		succeededAt = micros(from.SucceededAt)
	}
	_, err = t.exec("import chat", tenant, from.ID[:], setID, int64(from.Line.Digits()), micros(from.CreatedAt), micros(from.ActiveAt),
		succeededAt, idOrNull(from.Successor), int64(from.Service), from.Named, from.LineLeft, packed.Roster(from.Roster))
	if err != nil {
		return false, err
	}
	return true, t.addNames(tenant, from.ID, names)
}

func (t *tx) importDelivery(tenant int64, from *store.CopiedDelivery) (added bool, err error) {
	due := packed.Time(from.Due) // 0: at once
	n, err := t.exec("import delivery", tenant, from.ChatID[:], from.MessageID[:], micros(from.At), due,
		from.Attempts, from.Parked, packed.Delivery(&from.Delivery), from.Why, from.Leave)
	if err != nil || n == 0 || from.Parked {
		return n > 0, err
	}
	_, err = t.exec("enqueue", tenant, from.ChatID[:], due)
	return true, err
}
