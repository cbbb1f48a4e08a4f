package sqlite

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// chatRow is a row of the table chat.
type chatRow struct {
	id          []byte
	setID       sql.NullInt64
	line        int64
	createdAt   int64
	activeAt    int64
	succeededAt sql.NullInt64
	successor   []byte
	service     int64
	named       bool
	lineLeft    bool
	roster      []byte
}

// fields returns the destinations of the columns that the statements about
// chats select.
func (r *chatRow) fields() []any {
	return []any{
		&r.id, &r.setID, &r.line, &r.createdAt, &r.activeAt, &r.succeededAt, &r.successor, &r.service, (*truth)(&r.named), (*truth)(&r.lineLeft), &r.roster,
	}
}

// truth reads a column of 0 or 1 into a bool. Any other number is true: a
// number that no release writes must not end the whole statement.
type truth bool

// Scan implements sql.Scanner.
func (t *truth) Scan(from any) error {
	n, is := from.(int64)
	*t = truth(!is || n != 0)
	return nil
}

// exists reports whether a row was scanned.
func (r *chatRow) exists() bool { return r.id != nil }

// canMatch reports whether the chat is one of its set: not if it has no
// participants any more, or if our line has left it.
func (r *chatRow) canMatch() bool { return r.setID.Valid && !r.lineLeft }

// matches reports whether the chat is one of a set.
func (r *chatRow) matches(setID int64) bool { return r.canMatch() && r.setID.Int64 == setID }

func (r *chatRow) chat() (store.Chat, error) {
	line, err := phone(r.line)
	if err != nil {
		return store.Chat{}, err
	}
	roster, err := packed.ReadRoster(r.roster)
	if err != nil {
		return store.Chat{}, err
	}
	c := store.Chat{
		ID: idOf(r.id), Line: line, Roster: roster, Service: message.Service(r.service), Named: r.named, LineLeft: r.lineLeft,
		CreatedAt: fromMicros(r.createdAt), ActiveAt: fromMicros(r.activeAt),
	}
	if r.successor != nil {
		c.Successor, c.SucceededAt = idOf(r.successor), fromMicros(r.succeededAt.Int64)
	}
	return c, nil
}

// useRow is a row of the table line.
type useRow struct {
	hour, pacedAt, messagesHour, change int64
	opened, failovers, messages         []byte
}

func (r *useRow) fields() []any {
	return []any{&r.hour, &r.opened, &r.failovers, &r.pacedAt, &r.messagesHour, &r.messages, &r.change}
}

func (r *useRow) use(tenant string, number recipients.Handle) line.Use {
	u := line.Use{
		Tenant: tenant, Number: number, Hour: r.hour, PacedAt: packed.ReadTime(r.pacedAt), MessagesHour: r.messagesHour, Change: line.Change(r.change),
	}
	readCounts(r.opened, u.NewChats[:])
	readCounts(r.failovers, u.Failovers[:])
	readCounts(r.messages, u.Messages[:])
	return u
}

// check returns an error if the counts cannot be read. An empty column comes
// from a release that did not count.
func (r *useRow) check() error {
	for _, counts := range [][]byte{r.opened, r.failovers, r.messages} {
		if n := len(counts); n != 0 && n != 4*line.WindowHours {
			return fmt.Errorf("%w: counts of %d bytes, not of %d", packed.ErrDamaged, n, 4*line.WindowHours)
		}
	}
	return nil
}

// readCounts reads counts. A column that is too short for them counts nothing.
func readCounts(b []byte, counts []uint32) { _, _ = binary.Decode(b, binary.LittleEndian, counts) }

func countBytes(counts []uint32) []byte {
	b, _ := binary.Append(nil, binary.LittleEndian, counts) // no slice of numbers fails
	return b
}

// deliveryRow is the part of a row of the table delivery that a hand-over
// needs.
type deliveryRow struct {
	messageID, chatID []byte
	decidedAt         int64
	attempts          int
	body              []byte
}

func (r *deliveryRow) delivery() (store.Delivery, error) {
	d := store.Delivery{MessageID: idOf(r.messageID), ChatID: idOf(r.chatID)}
	err := packed.ReadDelivery(r.body, &d)
	return d, err
}

// orNull returns NULL for no bytes.
func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// idOrNull returns NULL for the zero id.
func idOrNull(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id[:]
}

func idOf(b []byte) (id uuid.UUID) {
	copy(id[:], b)
	return id
}

func phone(digits int64) (recipients.Handle, error) { return recipients.FromDigits(uint64(digits)) }

func keyBytes(k recipients.Key) []byte {
	b := k.Bytes()
	return b[:]
}

func micros(t time.Time) int64     { return store.Micros(t).UnixMicro() }
func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }
