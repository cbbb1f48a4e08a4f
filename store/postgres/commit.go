package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
	"github.com/fromline/fromline/store/internal/tally"
)

// The answers of fromline.commit_plan: see schema/0010_commit.sql and
// 0022_guard.sql.
const (
	committed = iota
	revisionMoved
	lineFull
	keyTaken
	chatExists
	chatElsewhere
	chatOnOtherLine
	abandonedElsewhere
	deliveryExists
	linePaced
	failoversFull
	leaseLost // only fromline.reroute returns it
	tooFar    // no row: too far from the clock of the server
)

// Commit implements store.ChatStore. It is one round trip; calls that wait
// together share it. It takes one more if it lost a race for the first chat of
// a set, tenant or line.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	_, err := s.commit(ctx, p, uuid.Nil, 0)
	return err
}

// commit commits a plan. If the token is not zero, it leases the delivery under
// it; leased reports whether it did.
func (s *Store) commit(ctx context.Context, p *store.Plan, token uuid.UUID, lease time.Duration) (leased bool, err error) {
	if err := p.Check(); err != nil {
		return false, err
	}
	args, err := commitArgs(p)
	if err != nil {
		return false, err
	}
	outcome := int16(tooFar)
	var freeAt pgtype.Int8
	var given pgtype.Bool
	err = s.commits.do(ctx, statement{
		sql: s.sql.commit, args: append(args, idOrNull(token), wait(lease), p.MaxSkew.Microseconds()),
		row:   func(rows pgx.Rows) error { return rows.Scan(&outcome, &freeAt, &given) },
		locks: locksOf(p),
	}, s.alone)
	if err != nil {
		return false, err
	}
	if outcome == tooFar {
		return false, s.tooFar(ctx, pgx.ErrNoRows, p.CheckClock)
	}
	return given.Bool, s.outcome(p, outcome, freeAt)
}

// outcome returns the error for an answer of the database about a plan.
func (s *Store) outcome(p *store.Plan, outcome int16, freeAt pgtype.Int8) error {
	switch outcome {
	case committed:
		s.traffic.Add(tally.Count{Tenant: p.Tenant, Line: p.Line, Hour: line.HourOf(p.At), Messages: 1})
		return nil
	case revisionMoved:
		return &store.Conflict{Kind: store.RevisionMoved}
	case lineFull:
		return &store.Conflict{Kind: store.LineFull, Line: p.Line, NextFree: fromMicros(freeAt.Int64)}
	case linePaced:
		return &store.Conflict{Kind: store.LinePaced, Line: p.Line, NextFree: fromMicros(freeAt.Int64)}
	case failoversFull:
		return &store.Conflict{Kind: store.FailoversFull, Line: p.Line, NextFree: fromMicros(freeAt.Int64)}
	case keyTaken:
		return &store.Conflict{Kind: store.KeyTaken}
	case leaseLost:
		return fmt.Errorf("postgres: %w", store.ErrLeaseLost)
	}
	return fmt.Errorf("postgres: %w: %s", store.ErrInvalid, contradiction(outcome))
}

// locksOf returns the names of the rows that a commit locks.
func locksOf(p *store.Plan) locks {
	l := locks{tenant: []byte(p.Tenant), set: keyBytes(p.Set.Key()), key: textOrNull(p.Key)}
	if p.Reason != store.ReusedActiveChat {
		l.line = int64(p.Line.Digits())
	}
	return l
}

func contradiction(outcome int16) string {
	switch outcome {
	case chatExists:
		return "the chat to be opened exists"
	case chatElsewhere:
		return "the chat to be reused is not one of the set"
	case chatOnOtherLine:
		return "the chat to be reused is on another line"
	case abandonedElsewhere:
		return "the abandoned chat is not one of the set"
	case deliveryExists:
		return "a delivery of that message, whose record was purged, is still in the outbox"
	}
	return fmt.Sprintf("outcome %d", outcome)
}

func commitArgs(p *store.Plan) ([]any, error) {
	reuse := p.Reason == store.ReusedActiveChat
	var roster, names, delivery []byte
	if !reuse {
		var err error
		if names, err = groupNames(p.Set); err != nil {
			return nil, err
		}
		roster = packed.Roster(store.NewRoster(p.Set, p.At))
	}
	if d, wanted := p.Delivery(); wanted {
		delivery = packed.Delivery(&d)
	}
	return []any{
		[]byte(p.Tenant), keyBytes(p.Set.Key()), int64(p.Revision), reuse, id(p.ChatID), int64(p.Line.Digits()), idOrNull(p.PreviousChatID),
		p.NewChatLimit, micros(p.At), line.HourOf(p.At), roster, names,
		id(p.MessageID), textOrNull(p.Key), micros(p.KeepUntil), packed.Record(&p.Record), delivery,
		p.Pace.Step.Microseconds(), p.Pace.Burst, p.FailoverLimit, packed.Time(p.NotBefore),
	}, nil
}

// groupNames returns the concatenated names of the members of a group, and nil
// for one person, who needs no list.
func groupNames(set recipients.Set) ([]byte, error) {
	if !set.IsGroup() {
		return nil, nil
	}
	names, err := people.Names(set)
	return joinNames(names), err
}

// joinNames concatenates names, as fromline.note_people reads them.
func joinNames(names []recipients.Key) []byte {
	b := make([]byte, 0, 32*len(names))
	for _, name := range names {
		b = append(b, keyBytes(name)...)
	}
	return b
}

func id(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }
