package postgres

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// chatRow is a row of the table chat. Everything can be NULL, because the rows
// of fromline.lookup that are not chats are scanned into it too.
type chatRow struct {
	id          pgtype.UUID
	line        pgtype.Int8
	createdAt   pgtype.Int8
	activeAt    pgtype.Int8
	succeededAt pgtype.Int8
	successor   pgtype.UUID
	service     pgtype.Int2
	named       pgtype.Bool
	lineLeft    pgtype.Bool
	roster      []byte
}

func (r *chatRow) chat() (store.Chat, error) {
	line, err := phone(r.line.Int64)
	if err != nil {
		return store.Chat{}, err
	}
	roster, err := packed.ReadRoster(r.roster)
	if err != nil {
		return store.Chat{}, err
	}
	c := store.Chat{
		ID: r.id.Bytes, Line: line, Roster: roster,
		Service: message.Service(r.service.Int16), Named: r.named.Bool, LineLeft: r.lineLeft.Bool,
		CreatedAt: fromMicros(r.createdAt.Int64), ActiveAt: fromMicros(r.activeAt.Int64),
	}
	if r.successor.Valid {
		c.Successor, c.SucceededAt = r.successor.Bytes, fromMicros(r.succeededAt.Int64)
	}
	return c, nil
}

// useRow is what the tables line and traffic say about one line, NULL where
// they say nothing.
type useRow struct {
	hour         pgtype.Int8
	opened       []uint32
	failovers    []uint32
	pacedAt      int64
	messagesHour pgtype.Int8
	messages     []uint32
	change       pgtype.Int8
}

func (r *useRow) use(tenant string, number recipients.Handle) line.Use {
	u := line.Use{
		Tenant: tenant, Number: number,
		Hour: r.hour.Int64, PacedAt: timeOrZero(r.pacedAt), MessagesHour: r.messagesHour.Int64, Change: line.Change(r.change.Int64),
	}
	copy(u.NewChats[:], r.opened)
	copy(u.Failovers[:], r.failovers)
	copy(u.Messages[:], r.messages)
	return u
}

// idOrNull is NULL for the zero id.
func idOrNull(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: id != uuid.Nil} }

// textOrNull is NULL for the empty text.
func textOrNull(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// phone returns the line or recipient of the digits of a column.
func phone(digits int64) (recipients.Handle, error) { return recipients.FromDigits(uint64(digits)) }

func keyBytes(k recipients.Key) []byte {
	b := k.Bytes()
	return b[:]
}

func micros(t time.Time) int64     { return store.Micros(t).UnixMicro() }
func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }
