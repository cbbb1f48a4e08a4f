package sqlite

import (
	"bytes"
	"cmp"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// tenantID returns the number of a tenant, 0 if the file does not have it.
func (t *tx) tenantID(name string) (id int64, err error) {
	_, err = t.row("tenant", []any{[]byte(name)}, &id)
	return id, err
}

// needTenant returns the number of a tenant, and adds the tenant if id is 0.
func (t *tx) needTenant(id int64, name string) (int64, error) {
	if id != 0 {
		return id, nil
	}
	return t.insert("add tenant", []byte(name))
}

// advance increments a counter. The statement that needs the number reads it
// from the counter.
func (t *tx) advance(counter string) error {
	_, err := t.exec("advance", counter)
	return err
}

// needSet returns the id of a set that is about to change, with a new revision.
// It adds the set if id is 0.
func (t *tx) needSet(id, tenant int64, set recipients.Set) (int64, error) {
	if id != 0 {
		return id, t.moveRevision(id)
	}
	if err := t.advance("revision"); err != nil {
		return 0, err
	}
	return t.insert("add set", tenant, keyBytes(set.Key()), set.IsGroup())
}

// joinSet is needSet for a caller that knows no id.
func (t *tx) joinSet(tenant int64, set recipients.Set) (id int64, err error) {
	if _, err = t.row("set", []any{tenant, keyBytes(set.Key())}, &id); err != nil {
		return 0, err
	}
	return t.needSet(id, tenant, set)
}

// moveRevision gives a set another revision.
func (t *tx) moveRevision(setID int64) error {
	if err := t.advance("revision"); err != nil {
		return err
	}
	_, err := t.exec("move revision", setID)
	return err
}

// changed gives the set of a chat another revision, if the chat can match.
func (t *tx) changed(c *chatRow) error {
	if !c.canMatch() {
		return nil
	}
	return t.moveRevision(c.setID.Int64)
}

// chat reads a chat; see chatRow.exists.
func (t *tx) chat(tenant int64, id uuid.UUID) (c chatRow, err error) {
	_, err = t.row("chat", []any{tenant, id[:]}, c.fields()...)
	return c, err
}

// touch makes a chat active at a time, unless it was active later. It reports
// whether the chat became the most recently active one of its set.
func (t *tx) touch(tenant int64, c *chatRow, at int64) (moved bool, err error) {
	if at <= c.activeAt {
		return false, nil
	}
	var id []byte
	var createdAt, activeAt int64
	rivals := c.canMatch()
	if rivals {
		rivals, err = t.row("most recent other", []any{c.setID.Int64, c.id}, &id, &createdAt, &activeAt)
		if err != nil {
			return false, err
		}
	}
	if _, err := t.exec("set activity", tenant, c.id, at); err != nil {
		return false, err
	}
	before := func(at int64) bool { // whether c comes before its rival
		return cmp.Or(cmp.Compare(activeAt, at), cmp.Compare(createdAt, c.createdAt), bytes.Compare(c.id, id)) < 0
	}
	return rivals && !before(c.activeAt) && before(at), nil
}

// members returns the names of the members of a group. A direct chat needs
// none: the key of its set is the name.
func members(set recipients.Set) ([]recipients.Key, error) {
	if !set.IsGroup() {
		return nil, nil
	}
	return people.Names(set)
}

// addNames adds people to the participants of a chat.
func (t *tx) addNames(tenant int64, chat uuid.UUID, names []recipients.Key) error {
	for _, name := range names {
		if _, err := t.exec("add participant", tenant, keyBytes(name), chat[:]); err != nil {
			return err
		}
	}
	return nil
}

// use reads the use of a line.
func (t *tx) use(tenant int64, line recipients.Handle) (line.Use, error) {
	var r useRow
	_, err := t.row("use", []any{tenant, int64(line.Digits())}, r.fields()...)
	return r.use("", line), err
}

// setUse writes the use of a line, under a new change number.
func (t *tx) setUse(tenant int64, u line.Use) error {
	if err := t.advance("line_use"); err != nil {
		return err
	}
	_, err := t.exec("set use", tenant, int64(u.Number.Digits()), u.Hour, countBytes(u.NewChats[:]),
		countBytes(u.Failovers[:]), packed.Time(u.PacedAt), u.MessagesHour, countBytes(u.Messages[:]))
	return err
}
