package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
)

// imports are items as arguments of statements: an array for each column, with
// an element for each item.
type imports struct {
	states     [][]any // the arguments of report_line
	uses       usesImport
	chats      chatsImport
	records    recordsImport
	deliveries deliveriesImport
	consents   consentsImport
	notes      notesImport
}

func (in *imports) add(tenant int64, item *store.Item) error {
	switch {
	case item.State != nil:
		in.states = append(in.states, append(stateArgs(*item.State, false), int64(0)))
	case item.Use != nil:
		in.uses.add(tenant, item)
	case item.Chat != nil:
		return in.chats.add(tenant, item.Chat)
	case item.Record != nil:
		in.records.add(tenant, item.Record)
	case item.Consent != nil:
		in.consents.add(tenant, item.Consent)
	case item.Note != nil:
		in.notes.add(tenant, item.Note)
	default:
		in.deliveries.add(tenant, item.Delivery)
	}
	return nil
}

type usesImport struct {
	tenants, numbers, hours, messagesHours []int64
	paced                                  []int64
	opened, failovers, messages            []int64 // concatenated: 25 counts for each line
}

func (u *usesImport) add(tenant int64, item *store.Item) {
	u.tenants = append(u.tenants, tenant)
	u.numbers = append(u.numbers, int64(item.Use.Number.Digits()))
	u.hours = append(u.hours, item.Use.Hour)
	u.paced = append(u.paced, packed.Time(item.Use.PacedAt))
	u.messagesHours = append(u.messagesHours, item.Use.MessagesHour)
	for i := range item.Use.NewChats {
		u.opened = append(u.opened, int64(item.Use.NewChats[i]))
		u.failovers = append(u.failovers, int64(item.Use.Failovers[i]))
		u.messages = append(u.messages, int64(item.Use.Messages[i]))
	}
}

func (u *usesImport) args() []any {
	return []any{u.tenants, u.numbers, u.hours, u.messagesHours, u.opened, u.messages, u.failovers, u.paced}
}

type recordsImport struct {
	tenants         []int64
	messages, chats []pgtype.UUID
	keys            [][]byte
	keepUntil       []int64
	bodies          [][]byte
}

func (r *recordsImport) add(tenant int64, from *store.Record) {
	r.tenants = append(r.tenants, tenant)
	r.messages = append(r.messages, id(from.MessageID))
	r.chats = append(r.chats, id(from.ChatID))
	r.keys = append(r.keys, textOrNull(from.Key))
	r.keepUntil = append(r.keepUntil, micros(from.KeepUntil))
	r.bodies = append(r.bodies, packed.Record(from))
}

func (r *recordsImport) args() []any {
	return []any{r.tenants, r.messages, r.chats, r.keys, r.keepUntil, r.bodies}
}

type deliveriesImport struct {
	tenants         []int64
	chats, messages []pgtype.UUID
	decided, due    []int64
	attempts        []int32
	parked          []bool
	bodies          [][]byte
	why             []int16
	leaves          []bool
}

func (d *deliveriesImport) add(tenant int64, from *store.CopiedDelivery) {
	d.tenants = append(d.tenants, tenant)
	d.chats = append(d.chats, id(from.ChatID))
	d.messages = append(d.messages, id(from.MessageID))
	d.decided = append(d.decided, micros(from.At))
	// A delivery that is due at once has 0, which is long ago.
	d.due = append(d.due, packed.Time(from.Due))
	d.attempts = append(d.attempts, int32(from.Attempts))
	d.parked = append(d.parked, from.Parked)
	d.bodies = append(d.bodies, packed.Delivery(&from.Delivery))
	d.why = append(d.why, int16(from.Why))
	d.leaves = append(d.leaves, from.Leave)
}

func (d *deliveriesImport) args() []any {
	return []any{d.tenants, d.chats, d.messages, d.decided, d.due, d.attempts, d.parked, d.bodies, d.why, d.leaves}
}

type chatsImport struct {
	tenants, lines, created, active []int64
	ids, successors                 []pgtype.UUID
	sets, rosters                   [][]byte
	succeeded                       []pgtype.Int8
	services                        []int16
	groups, named, left             []bool

	names map[chatOfTenant][][]byte // not an argument: the names to list of each chat
}

type chatOfTenant struct {
	tenant int64
	id     uuid.UUID
}

func (c *chatsImport) add(tenant int64, from *store.CopiedChat) error {
	names, err := carry.Names(from)
	if err != nil {
		return err
	}
	var set []byte
	if carry.Matches(from) {
		set = keyBytes(from.Roster.Set().Key())
	}
	c.tenants = append(c.tenants, tenant)
	c.ids = append(c.ids, id(from.ID))
	c.sets = append(c.sets, set)
	c.groups = append(c.groups, from.Roster.Set().IsGroup())
	c.lines = append(c.lines, int64(from.Line.Digits()))
	c.created = append(c.created, micros(from.CreatedAt))
	c.active = append(c.active, micros(from.ActiveAt))
	succeeded := from.Successor != uuid.Nil
	c.succeeded = append(c.succeeded, pgtype.Int8{Int64: packed.Time(from.SucceededAt), Valid: succeeded})
	c.successors = append(c.successors, idOrNull(from.Successor))
	c.services = append(c.services, int16(from.Service))
	c.named = append(c.named, from.Named)
	c.left = append(c.left, from.LineLeft)
	c.rosters = append(c.rosters, packed.Roster(from.Roster))
	for _, name := range names {
		if c.names == nil {
			c.names = make(map[chatOfTenant][][]byte)
		}
		of := chatOfTenant{tenant, from.ID}
		c.names[of] = append(c.names[of], keyBytes(name))
	}
	return nil
}

// importChats adds the chats that the store does not have, and lists the people
// of those.
func (s *Store) importChats(ctx context.Context, tx pgx.Tx, c *chatsImport) (added int, err error) {
	rows, _ := tx.Query(ctx, s.sql.importChats, // its error is that of ForEachRow
		c.tenants, c.ids, c.sets, c.groups, c.lines, c.created, c.active, c.succeeded, c.successors, c.services, c.named, c.left, c.rosters)
	var tenant int64
	var chat pgtype.UUID
	var tenants []int64
	var people [][]byte
	var chats []pgtype.UUID
	_, err = pgx.ForEachRow(rows, []any{&tenant, &chat}, func() error {
		added++
		for _, name := range c.names[chatOfTenant{tenant, chat.Bytes}] {
			tenants, people, chats = append(tenants, tenant), append(people, name), append(chats, chat)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, s.sql.importPeople, tenants, people, chats)
	return added, err
}
