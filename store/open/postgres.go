package open

import (
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// checkURL says what is wrong with a URL. It does not repeat the words of the
// parsers: half a password may look like a port or an escape to them.
func checkURL(text string) error {
	u, err := url.Parse(text)
	var escape url.EscapeError
	switch {
	case errors.As(err, &escape):
		return invalid("the URL of PostgreSQL has a % that is no escape: write %25 for a % in a user or password")
	case err != nil && strings.Contains(err.Error(), "invalid port"):
		return invalid("the URL of PostgreSQL has a port that is no number: in a password write %2F for / and %3A for :, %3F for ? and %23 for #")
	case err != nil && strings.Contains(err.Error(), "invalid userinfo"):
		return invalid("the URL of PostgreSQL has a character in the user or password that has to be escaped, such as %40 for @")
	case err != nil:
		return invalid("the URL of PostgreSQL cannot be read: give it as in postgres://USER@HOST:5432/DATABASE, with %40 for @ and %2F for / in a password")
	case strings.Contains(u.Path, "@") || slices.ContainsFunc(slices.Collect(maps.Keys(u.Query())), hasAt):
		return invalid("the URL of PostgreSQL has an @ after the server's name: in a password write %2F for /, %3F for ? and %40 for @")
	case u.Fragment != "":
		return invalid("the URL of PostgreSQL has a #: in a password write %23 for it")
	}
	return checkSettings(text)
}

func hasAt(name string) bool { return strings.Contains(name, "@") }

// checkSettings asks the driver whether it can read a URL, or keywords and
// values.
func checkSettings(text string) error {
	_, err := pgxpool.ParseConfig(text)
	if err == nil {
		return nil
	}
	if parsed := (*pgconn.ParseConfigError)(nil); errors.As(err, &parsed) {
		said := strings.ReplaceAll(err.Error(), parsed.ConnString, "")
		if _, after, found := strings.Cut(said, "`: "); found {
			said = after
		}
		if name := setting.FindString(said); name != "" {
			return invalid("the setting " + name + " of PostgreSQL has a value that cannot be used, or names a file that cannot be read")
		}
	}
	return invalid("the driver of PostgreSQL cannot read the name: give it as in postgres://USER@HOST:5432/DATABASE, or postgres:host=HOST dbname=DATABASE; put a value with a space into single quotes")
}

// setting finds the name of a setting in the words of the driver. The names are
// fixed: none of them is a secret.
var setting = regexp.MustCompile(`\b(port|sslmode|sslcertmode|sslnegotiation|connect_timeout|target_session_attrs|channel_binding|require_auth|` +
	`min_protocol_version|max_protocol_version|service|pool_\w+|statement_cache_capacity|description_cache_capacity|default_query_exec_mode)\b`)
