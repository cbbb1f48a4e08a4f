package sqlite

import (
	"context"
	"database/sql"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/known"
)

// KnownLines implements store.KnownReader.
func (s *Store) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	tally, names, err := known.New(tenant, handles)
	if err != nil {
		return nil, err
	}
	var asked []byte
	for _, n := range names {
		asked = append(asked, keyBytes(n.Key)...)
	}
	rows, err := readAll(ctx, s, "known lines", []any{[]byte(tenant), asked, store.MaxPage}, scanKnown)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		if err := tally.AddRow(names[r.at/32].Handle, r.line, r.activeAt, r.roster); err != nil {
			_ = s.aside.Add(store.UnreadableChat, tenant, idOf(r.id).String(), err)
		}
	}
	return tally.Lines(), nil
}

// knownRow is a chat of one of the names that the caller asked about. roster is
// set for groups only: it tells whether the handle still takes part.
type knownRow struct {
	at             int64 // the place of the name in the list, in bytes, counted from one
	id             []byte
	line, activeAt int64
	roster         []byte
}

func scanKnown(rows *sql.Rows) (r knownRow, err error) {
	err = rows.Scan(&r.at, &r.id, &r.line, &r.activeAt, &r.roster)
	return r, err
}
