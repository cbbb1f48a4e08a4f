package postgres

import (
	"fmt"
	"strings"

	"github.com/fromline/fromline/store"
)

// Schema returns the schema as SQL for the program psql, for a process that
// runs under a role that may not create tables (see Options.SchemaGiven): all
// of it, or the migrations with a number above after, which is the version that
// the database has. The script is one transaction, and does nothing on a
// database of another version. The name of the schema is that of
// Options.Schema, empty for its default. An after beyond the last migration of
// this release is an error wrapping ErrNewerSchema.
func Schema(schema string, after int) (string, error) {
	if schema == "" {
		schema = defaultSchema
	}
	if !schemaName.MatchString(schema) {
		return "", fmt.Errorf("postgres: %w: schema %q", store.ErrInvalid, schema)
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
