package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fromline/fromline/store"
)

// OpenTuned is Open with changed settings of the pool.
func OpenTuned(ctx context.Context, dsn string, o Options, tune func(*pgxpool.Config)) (*Store, error) {
	return open(ctx, dsn, o, tune)
}

// StatementsOfTenant returns the statements that export the things of one
// tenant, for the tenant with that number.
func (s *Store) StatementsOfTenant(number string) (all []string) {
	for _, sql := range []string{s.sql.copyChats, s.sql.copyRecords, s.sql.copyConsents, s.sql.copyDeliveries} {
		all = append(all, strings.ReplaceAll(statementOfTenant(sql), "$1", number))
	}
	return all
}

// RemovalOfChats returns the statement that removes chats of a tenant, for the
// tenant with that number.
func (s *Store) RemovalOfChats(number string) string {
	return strings.ReplaceAll(s.sql.removeTenantChats, "$1", number)
}

// OpenForgetful is Open with connections whose sessions forget everything
// between two calls, as behind a pooler in transaction mode.
func OpenForgetful(ctx context.Context, dsn string, o Options) (*Store, error) {
	return open(ctx, dsn, o, func(c *pgxpool.Config) {
		c.AfterRelease = func(conn *pgx.Conn) bool {
			_, err := conn.Exec(context.Background(), "DISCARD ALL", pgx.QueryExecModeSimpleProtocol)
			return err == nil
		}
	})
}

// OpenGrouped is Open with one lane for look-ups and one for commits, so that
// concurrent calls run in groups. It calls told with the size of each group.
func OpenGrouped(ctx context.Context, dsn string, o Options, told func(int)) (*Store, error) {
	s, err := Open(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	for _, l := range []*lanes{&s.lookups, &s.commits} {
		run := l.run
		l.free = 1
		l.run = func(ctx context.Context, group []*queued) {
			told(len(group))
			run(ctx, group)
		}
	}
	return s, nil
}

// CommitsThatWait returns how many commits wait for a lane, or for a commit on
// their line.
func (s *Store) CommitsThatWait() int { return s.commits.waiting() }

// LookupsThatWait returns how many look-ups wait for a lane.
func (s *Store) LookupsThatWait() int { return s.lookups.waiting() }

// Failed returns the error of a call whose statement ended with err.
func Failed(err error) error { return failed(err) }

// Refused reports whether err means that the server rolled a call back.
func Refused(err error) bool { _, refused := refusal(err); return refused }

// Again reports whether a call whose statement ended with err is repeated.
func Again(err error) bool { return again(err) }

// TenantTables returns the tables with rows of a tenant.
func TenantTables() []string { return slices.Concat(besideChats, withChats) }

// Watch runs a statement in a transaction, and tells what the server does
// meanwhile as of a migration.
func Watch(ctx context.Context, dsn, statement string, tell func(store.Migration)) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		told := &migrating{tell: tell}
		defer told.watch(ctx, pool, tx)()
		_, err := tx.Exec(ctx, statement)
		return err
	})
}
