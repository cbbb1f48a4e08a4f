package fleet_test

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	_ "modernc.org/sqlite"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// TableOfLines tells the lines that a host keeps in a table of its own: it is a
// LineHealth.
type TableOfLines struct{ DB *sql.DB }

// Lines reads the lines of a tenant.
func (t TableOfLines) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	rows, err := t.DB.QueryContext(ctx, `SELECT number, flagged, reputation, new_chats_per_day FROM lines WHERE tenant = ?`, tenant)
	if err != nil {
		return nil, fmt.Errorf("reading the lines of %q: %w", tenant, err)
	}
	defer rows.Close()
	var lines []line.Line
	for rows.Next() {
		var l line.Line
		var flagged bool
		var reputation string
		if err := rows.Scan(&l.Number, &flagged, &reputation, &l.Limits.NewChatsPerDay); err != nil {
			return nil, err
		}
		if flagged {
			l.Status = line.Flagged
		}
		if l.Reputation, err = line.ParseReputation(reputation); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: %q", fleet.ErrUnknownTenant, tenant)
	}
	return lines, nil
}

// A fleet over a SQL table asks it at most once a second for each tenant.
func ExampleOptions_source() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	if _, err := db.Exec(`CREATE TABLE lines (tenant TEXT, number TEXT, flagged BOOL, reputation TEXT, new_chats_per_day INT)`); err != nil {
		fmt.Println(err)
		return
	}
	for i := range 10 {
		_, err := db.Exec(`INSERT INTO lines VALUES ('acme', ?, ?, ?, 50)`, fmt.Sprintf("+1415555010%d", i), i < 3,
			[]string{"AT_RISK", "HEALTHY"}[i/9])
		if err != nil {
			fmt.Println(err)
			return
		}
	}

	f, err := fleet.New(fleet.Options{Source: TableOfLines{db}})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := f.View(context.Background(), "acme", time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	to, _ := recipients.Canonicalize([]string{"+14155550177"})
	pick, _ := v.Best(fleet.Query{Recipients: to})
	counts := v.PassedOver(fleet.Query{Recipients: to})
	fmt.Println(pick.Line.Number, pick.Line.Reputation, "of", v.Len(), "flagged:", counts.Flagged)
	// Output: +14155550109 HEALTHY of 10 flagged: 3
}
