package postgres

import (
	"fmt"
	"strings"

	"github.com/fromline/fromline/store"
)

// Schema returns the schema as SQL for the program psql: all of it for zero, or
// the migrations with a number above after, the version of your database. Use
// it if the role of the process may not create tables (see
// Options.SchemaGiven). The script is one transaction, and fails on a database
// of another version. schema is Options.Schema; empty means its default. The
// error wraps ErrNewerSchema if after is no version that this release knows,
// and store.ErrInvalid for a name that cannot be used. Schema is safe for
// concurrent use.
func Schema(schema string, after int) (string, error) {
	if schema == "" {
		schema = defaultSchema
	}
	if !schemaName.MatchString(schema) {
		return "", fmt.Errorf("postgres: %w: schema %q: use up to 60 of a-z, 0-9 and _, not beginning with a digit", store.ErrInvalid, schema)
	}
	all, err := migrations(schema)
	if err != nil {
		return "", err
	}
	if after < 0 || after > len(all) {
		return "", fmt.Errorf("postgres: %w: there is no version %d, this release knows %d", ErrNewerSchema, after, len(all))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- The schema %s of fromline in PostgreSQL, from version %d to %d.\nBEGIN;\n", schema, after, len(all))
	for _, sql := range beginnings(schema) {
		fmt.Fprintf(&b, "%s;\n", sql)
	}
	fmt.Fprintf(&b, `DO $check$
DECLARE
    found int := (SELECT coalesce(max(version), 0) FROM %[1]s.migration);
BEGIN
    IF found <> %[2]d THEN
        RAISE EXCEPTION 'schema %[1]s has version %%, this script goes on from %[2]d', found;
    END IF;
END $check$;
`, schema, after)
	for _, m := range all[after:] {
		fmt.Fprintf(&b, "\n-- %s\n%s\n%s;\n", m.name, strings.TrimSpace(m.sql), m.note(schema))
	}
	b.WriteString("\nCOMMIT;\n")
	return b.String(), nil
}
