package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/known"
)

// KnownLines implements store.KnownReader. It is one round trip.
func (s *Store) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	tally, names, err := known.New(tenant, handles)
	if err != nil {
		return nil, err
	}
	asked := make([][]byte, len(names))
	for i, n := range names {
		asked[i] = keyBytes(n.Key)
	}
	err = s.rows(ctx, s.sql.knownLines, []any{[]byte(tenant), asked, store.MaxPage}, func(rows pgx.Rows) error {
		var place int
		var chat pgtype.UUID
		var line, activeAt int64
		var roster []byte
		if err := rows.Scan(&place, &chat, &line, &activeAt, &roster); err != nil {
			return err
		}
		if err := tally.AddRow(names[place-1].Handle, line, activeAt, roster); err != nil {
			_ = s.aside.Add(store.UnreadableChat, tenant, uuid.UUID(chat.Bytes).String(), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return tally.Lines(), nil
}
