package open

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fromline/fromline/store"
)

type kind uint8

const (
	kindMemory kind = 1 + iota
	kindSQLite
	kindPostgres
	kindSharded
	kindBeside
)

// name is the name of a store, parsed.
type name struct {
	kind kind
	rest string // a path for sqlite and sharded, else what the driver reads

	beside engine // of kindBeside
}

const kinds = "use memory:, sqlite:PATH, postgres://USER@HOST/DATABASE or sharded:FILE"

// parse reads a name. A part that it does not understand may be a secret. So
// its errors repeat only a word before a colon, or a name that ends like that
// of a database file.
func parse(text string) (name, error) {
	scheme, rest, found := strings.Cut(text, ":")
	isURL := strings.HasPrefix(rest, "//")
	switch {
	case text == "":
		return name{}, invalid("the name of the store is empty: " + kinds)
	case found && scheme == "memory":
		if rest != "" {
			return name{}, invalid("memory: takes nothing after the colon")
		}
		return name{kind: kindMemory}, nil
	case found && scheme == "sqlite":
		if rest == "" || strings.HasPrefix(rest, ":memory:") {
			return name{}, invalid("sqlite: lacks the file: name it, as in sqlite:chats.db")
		}
		return name{kind: kindSQLite, rest: rest}, nil
	case found && scheme == "sharded":
		if rest == "" {
			return name{}, invalid("sharded: lacks the file that names the shards, as in sharded:shards.json")
		}
		return name{kind: kindSharded, rest: rest}, nil
	case found && scheme == "etcd":
		e, linked := beside(scheme)
		if !linked {
			return name{}, invalid("this program was built without etcd: build one that has it with store/etcd/build")
		}
		return name{kind: kindBeside, rest: text, beside: e}, plain(e.check(text))
	case found && (scheme == "postgres" || scheme == "postgresql") && isURL:
		return name{kind: kindPostgres, rest: text}, checkURL(text)
	case found && scheme == "postgres" && keywords.MatchString(rest):
		return name{kind: kindPostgres, rest: rest}, checkSettings(rest)
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return name{}, invalid("postgres: must be followed by //USER@HOST/DATABASE, or by keywords as in postgres:host=HOST dbname=DATABASE")
	case keywords.MatchString(text):
		return name{}, invalid("keywords of PostgreSQL come after postgres:, as in postgres:host=HOST dbname=DATABASE, or give postgres://USER@HOST/DATABASE")
	case databaseFile.MatchString(text):
		return name{}, invalid(fmt.Sprintf("%s lacks the kind of store: for a file of SQLite give sqlite:%[1]s", text))
	case found && word.MatchString(scheme):
		return name{}, invalid(fmt.Sprintf("%q is no store: %s", scheme+":", kinds))
	}
	return name{}, invalid("that is no store: " + kinds)
}

// The patterns of the parts that an error may repeat, and of the beginning of
// keywords and values.
var (
	word         = regexp.MustCompile(`^[a-z]+$`)
	databaseFile = regexp.MustCompile(`^[\w./ -]+\.(db|db3|sqlite|sqlite3)$`)
	keywords     = regexp.MustCompile(`^\s*[a-z_]+\s*=`)
)

func invalid(text string) error { return &nameError{text} }

// plain returns an error of another module about a name without the words of
// store.ErrInvalid.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return invalid(strings.ReplaceAll(err.Error(), store.ErrInvalid.Error()+": ", ""))
}

// nameError says what is wrong with a name. It wraps store.ErrInvalid but does
// not print its words, which are about calls.
type nameError struct{ text string }

func (e *nameError) Error() string { return e.text }

// Unwrap returns [store.ErrInvalid].
func (*nameError) Unwrap() error { return store.ErrInvalid }
