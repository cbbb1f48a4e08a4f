package postgres

import (
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// chatRow is a row of the table chat. Every field can be NULL, because it also
// scans the rows of fromline.lookup that are no chats.
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

// useRow is the row of a line in the tables line and traffic, NULL where there
// is none.
type useRow struct {
	hour         pgtype.Int8
	opened       []pgtype.Int8
	failovers    []pgtype.Int8
	pacedAt      int64
	messagesHour pgtype.Int8
	messages     []pgtype.Int8
	change       pgtype.Int8
}

func (r *useRow) use(tenant string, number recipients.Handle) line.Use {
	u := line.Use{
		Tenant: tenant, Number: number,
		Hour: r.hour.Int64, PacedAt: packed.ReadTime(r.pacedAt), MessagesHour: r.messagesHour.Int64, Change: line.Change(r.change.Int64),
	}
	readCounts(r.opened, u.NewChats[:])
	readCounts(r.failovers, u.Failovers[:])
	readCounts(r.messages, u.Messages[:])
	return u
}

// check returns an error if the counts cannot be read.
func (r *useRow) check() error {
	for _, counts := range [][]pgtype.Int8{r.opened, r.failovers, r.messages} {
		if n := len(counts); n != 0 && n != line.WindowHours {
			return fmt.Errorf("%w: %d counts, not %d", packed.ErrDamaged, n, line.WindowHours)
		}
		for _, n := range counts {
			if !n.Valid || n.Int64 < 0 || n.Int64 > math.MaxUint32 {
				return fmt.Errorf("%w: a count of %d", packed.ErrDamaged, n.Int64)
			}
		}
	}
	return nil
}

func readCounts(from []pgtype.Int8, counts []uint32) {
	for i := range min(len(from), len(counts)) {
		counts[i] = uint32(from[i].Int64)
	}
}

// idOrNull returns NULL for the zero id.
func idOrNull(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: id != uuid.Nil} }

// textOrNull returns NULL for the empty text.
func textOrNull(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// phone returns the handle whose digits a column holds.
func phone(digits int64) (recipients.Handle, error) { return recipients.FromDigits(uint64(digits)) }

func keyBytes(k recipients.Key) []byte {
	b := k.Bytes()
	return b[:]
}

func micros(t time.Time) int64     { return store.Micros(t).UnixMicro() }
func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }
