package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
)

// Count implements store.Copier.
func (s *Store) Count(ctx context.Context, tenant string) (items int, err error) {
	if err := store.CheckCounted(tenant); err != nil {
		return 0, err
	}
	sql, args := s.sql.copyCount, []any(nil)
	if tenant != "" {
		number, err := s.tenantNumber(ctx, tenant)
		if err != nil {
			return 0, err
		}
		sql, args = strings.ReplaceAll(sql, "TRUE", "tenant_id = $1"), []any{number}
	}
	err = s.call(ctx, sql, args, &items)
	return items, err
}

// tenantNumber returns the number of a tenant, or 0 if the store has no such
// tenant.
func (s *Store) tenantNumber(ctx context.Context, tenant string) (number int64, err error) {
	if err = s.call(ctx, s.sql.copyTenant, []any{[]byte(tenant)}, &number); errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return number, err
}

// errEnough ends a statement before its last row.
var errEnough = errors.New("enough")

// Export implements store.Copier. It holds one of the connections.
func (s *Store) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return s.export(ctx, "")
}

// ExportTenant implements store.Copier. It holds one of the connections. The
// indexes of records and deliveries begin with their chat: it reads the entries
// of all tenants there once, as Count does.
func (s *Store) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	if err := store.CheckTenant(tenant); err != nil {
		return carry.Invalid(err)
	}
	return s.export(ctx, tenant)
}

// statementOfTenant returns a statement of Export for one tenant. Its first
// argument is the number of the tenant and not its name, so that the server
// plans it by the size of that tenant.
func statementOfTenant(sql string) string { return carry.OfTenant(sql, "t.id = $1") }

// export yields the items of a tenant, or of all tenants if it is empty.
func (s *Store) export(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		if !carry.LinePages(ctx, s.statesOfLines, s.useOfLines, carry.Wanted(tenant, yield)) {
			return
		}
		var number int64
		if tenant != "" {
			var err error
			if number, err = s.tenantNumber(ctx, tenant); err != nil {
				yield(store.Item{}, err)
			}
			if number == 0 {
				return
			}
		}
		for _, kind := range []struct {
			sql  string
			scan func(pgx.Rows) (store.Item, error)
		}{{s.sql.copyChats, s.scanCopiedChat}, {s.sql.copyRecords, s.scanCopiedRecord}, {s.sql.copyDeliveries, s.scanCopiedDelivery}, {s.sql.copyConsents, s.scanCopiedConsent}, {s.sql.copyNotes, s.scanCopiedNote}} {
			sql, args := kind.sql, []any(nil)
			if tenant != "" {
				sql, args = statementOfTenant(sql), []any{number}
			}
			err := s.rows(ctx, sql, args, func(rows pgx.Rows) error {
				item, err := kind.scan(rows)
				switch {
				case err != nil && !carry.IsUnreadable(err):
					return err
				case !yield(item, err):
					return errEnough
				}
				return nil
			})
			if errors.Is(err, errEnough) {
				return
			}
			if err != nil {
				yield(store.Item{}, err)
				return
			}
		}
	}
}

func (s *Store) scanCopiedChat(rows pgx.Rows) (store.Item, error) {
	var r chatRow
	var tenant []byte
	var listed [][]byte
	if err := rows.Scan(append([]any{&tenant, &listed}, r.fields()...)...); err != nil {
		return store.Item{}, err
	}
	c, err := r.copied(listed)
	if err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableChat, string(tenant), uuid.UUID(r.id.Bytes).String(), err))
	}
	return store.Item{Tenant: string(tenant), Chat: c}, nil
}

// copied returns the chat with the people who left it. listed holds the names
// of all who took part.
func (r *chatRow) copied(listed [][]byte) (*store.CopiedChat, error) {
	chat, err := r.chat()
	if err != nil {
		return nil, err
	}
	names := make([]recipients.Key, len(listed))
	for i, name := range listed {
		if names[i], err = recipients.KeyFromBytes(name); err != nil {
			return nil, err
		}
	}
	past, err := carry.Past(names, chat.Roster.Set())
	return &store.CopiedChat{Chat: chat, Past: past}, err
}

func (s *Store) scanCopiedRecord(rows pgx.Rows) (store.Item, error) {
	var tenant []byte
	var r recordRow
	if err := rows.Scan(&tenant, &r.messageID, &r.chatID, &r.key, &r.keepUntil, &r.body); err != nil {
		return store.Item{}, err
	}
	record, err := r.record()
	if err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableRecord, string(tenant), record.MessageID.String(), err))
	}
	return store.Item{Tenant: string(tenant), Record: &record}, nil
}

func (s *Store) scanCopiedDelivery(rows pgx.Rows) (store.Item, error) {
	var tenant []byte
	var r deliveryRow
	var d store.CopiedDelivery
	var due int64
	var why aside.Fact
	if err := rows.Scan(&tenant, &r.messageID, &r.chatID, &r.decidedAt, &r.attempts, &r.body, &d.Parked, &due, &why, &d.Leave); err != nil {
		return store.Item{}, err
	}
	d.At, d.Due, d.Attempts, d.Why = fromMicros(r.decidedAt), packed.ReadTime(due), r.attempts, store.ParkReason(why.Byte())
	var err error
	if d.Delivery, err = r.delivery(); err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableDelivery, string(tenant), d.MessageID.String(), err))
	}
	return store.Item{Tenant: string(tenant), Delivery: &d}, nil
}

// Import implements store.Copier. It is one transaction: one statement for each
// kind of item, but one for each state of a line, which are few.
func (s *Store) Import(ctx context.Context, items []store.Item) (changed int, err error) {
	if err := store.CheckItems(items); err != nil {
		return 0, err
	}
	inside := func(tx pgx.Tx) (err error) {
		changed, err = s.importItems(ctx, tx, items)
		return err
	}
	if err := s.repeat(ctx, func(conn heldConn) error { return pgx.BeginFunc(ctx, conn, inside) }); err != nil {
		return 0, err
	}
	return changed, nil
}

func (s *Store) importItems(ctx context.Context, tx pgx.Tx, items []store.Item) (changed int, err error) {
	tenants, err := s.importTenants(ctx, tx, items)
	if err != nil {
		return 0, err
	}
	var in imports
	for i := range items {
		if err := in.add(tenants[items[i].Tenant], &items[i]); err != nil {
			return 0, err
		}
	}
	changed, err = s.importStates(ctx, tx, in.states)
	if err != nil {
		return 0, err
	}
	for _, kind := range []struct {
		sql  string
		args []any
	}{{s.sql.importUses, in.uses.args()}, {s.sql.importRecords, in.records.args()}, {s.sql.importDeliveries, in.deliveries.args()}, {s.sql.importConsents, in.consents.args()}, {s.sql.importNotes, in.notes.args()}} {
		var n int
		if err := tx.QueryRow(ctx, kind.sql, kind.args...).Scan(&n); err != nil {
			return 0, err
		}
		changed += n
	}
	n, err := s.importChats(ctx, tx, &in.chats)
	return changed + n, err
}

// importTenants returns the numbers of the tenants of some items.
func (s *Store) importTenants(ctx context.Context, tx pgx.Tx, items []store.Item) (map[string]int64, error) {
	tenants := make(map[string]int64)
	var names [][]byte
	for i := range items {
		if _, known := tenants[items[i].Tenant]; !known {
			tenants[items[i].Tenant] = 0
			names = append(names, []byte(items[i].Tenant))
		}
	}
	rows, _ := tx.Query(ctx, s.sql.importTenants, names) // its error is that of ForEachRow
	var name []byte
	var id int64
	found := 0
	_, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		tenants[string(name)] = id
		found++
		return nil
	})
	if err == nil && found < len(names) {
		err = fmt.Errorf("%w: a tenant was added meanwhile: try again", store.ErrNotWritten)
	}
	return tenants, err
}

// importStates merges states of lines, and returns how many changed: as many as
// the counter of changes advanced. This transaction holds the counter.
func (s *Store) importStates(ctx context.Context, tx pgx.Tx, states [][]any) (changed int, err error) {
	if len(states) == 0 {
		return 0, nil
	}
	var before, after int
	if err := tx.QueryRow(ctx, s.sql.importStates).Scan(&before); err != nil {
		return 0, err
	}
	for _, args := range states {
		var applied bool
		var r aside.StateRow
		if err := tx.QueryRow(ctx, s.sql.reportLine, args...).Scan(append([]any{&applied}, r.Columns()...)...); err != nil {
			return 0, err
		}
	}
	err = tx.QueryRow(ctx, s.sql.importStates).Scan(&after)
	return after - before, err
}
