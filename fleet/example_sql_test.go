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

// TableOfLines tells a router the health of lines that a host keeps in a table
// of its own: it is a fromline.LineHealth. The router reads their use from its
// store.
type TableOfLines struct{ DB *sql.DB }

// Lines reads the lines of a tenant.
func (t TableOfLines) Lines(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	rows, err := t.DB.QueryContext(ctx, `SELECT number, flagged, reputation, new_chats_per_day FROM lines WHERE tenant = ?`, tenant)
	if err != nil {
		return fleet.View{}, fmt.Errorf("reading the lines of %q: %w", tenant, err)
	}
	defer rows.Close()
	var lines []line.Line
	for rows.Next() {
		var l line.Line
		var flagged bool
		var reputation string
		if err := rows.Scan(&l.Number, &flagged, &reputation, &l.Limits.NewChatsPerDay); err != nil {
			return fleet.View{}, err
		}
		if flagged {
			l.Status = line.Flagged
		}
		if l.Reputation, err = line.ParseReputation(reputation); err != nil {
			return fleet.View{}, err
		}
		lines = append(lines, l)
	}
	if err := rows.Err(); err != nil {
		return fleet.View{}, err
	}
	if len(lines) == 0 {
		return fleet.View{}, fmt.Errorf("%w: %q", fleet.ErrUnknownTenant, tenant)
	}
	return fleet.NewView(lines, fleet.ViewOptions{At: at}), nil
}

// Ten lines in a SQL table need no fleet: a view is made for each decision.
func ExampleNewView() {
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

	v, err := TableOfLines{db}.Lines(context.Background(), "acme", noon)
	if err != nil {
		fmt.Println(err)
		return
	}
	to, _ := recipients.Canonicalize([]string{"+14155550177"})
	pick, _ := v.Best(fleet.Query{Recipients: to})
	counts := v.PassedOver(fleet.Query{Recipients: to})
	fmt.Println(pick.Line.Number, pick.Line.Reputation, "of", v.Len(), "flagged:", counts.Flagged, "knows use:", v.KnowsUse())
	// Output: +14155550109 HEALTHY of 10 flagged: 3 knows use: false
}
