package move

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// Kind is a kind of items.
type Kind uint8

// The kinds of items, in the order in which stores export them.
const (
	LineStates Kind = iota
	LineUses
	Chats
	Records
	Deliveries
	Consents
	Notes

	Kinds = 7 // how many there are
)

var kindNames = [Kinds]string{"line states", "line uses", "chats", "records", "deliveries", "consents", "notes"}

// String returns the plural word for the kind, such as chats, or "Kind(n)" for
// any other value.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

func kindOf(i *store.Item) Kind {
	switch {
	case i.State != nil:
		return LineStates
	case i.Use != nil:
		return LineUses
	case i.Chat != nil:
		return Chats
	case i.Record != nil:
		return Records
	case i.Consent != nil:
		return Consents
	case i.Note != nil:
		return Notes
	}
	return Deliveries
}

// DifferentError is the error of a copy that ends with two stores that differ.
type DifferentError struct {
	Tenant string

	// The first store holds From items of the Kind, and the other one To. If
	// the numbers are equal, the contents of the items differ.
	Kind     Kind
	From, To int

	// Lookup says that both stores hold the same items but answer a look-up
	// differently. Kind, From and To are zero then.
	Lookup bool
}

// Error says what differs; it names no person.
func (e *DifferentError) Error() string {
	switch {
	case e.Lookup:
		return fmt.Sprintf("tenant %q: the two stores answer a look-up differently", e.Tenant)
	case e.From == e.To:
		return fmt.Sprintf("tenant %q: both stores hold %d %v, but they differ: a program wrote to one of them before or during the copy", e.Tenant, e.To, e.Kind)
	}
	return fmt.Sprintf("tenant %q: the first store holds %d %v and the other one %d: a program wrote to one of them before or during the copy", e.Tenant, e.From, e.Kind, e.To)
}

// census counts and sums the items of a store, by tenant and kind.
type census map[group]count

type group struct {
	tenant string
	kind   Kind
}

// count is the number of some items and the sum of their digests. No two
// different collections of items have the same count.
type count struct {
	n   int
	sum [4]uint64
}

// add counts an item, and returns its digest.
func (c census) add(i *store.Item) (digest [sha256.Size]byte) {
	digest = sha256.Sum256(packed.Item(i))
	name := group{i.Tenant, kindOf(i)}
	count := c[name]
	count.n++
	for k := range count.sum {
		count.sum[k] += binary.LittleEndian.Uint64(digest[8*k:])
	}
	c[name] = count
	return digest
}

// differences returns an error about the first tenant and kind of items in
// which the two censuses differ. It ignores tenants that are only in the other
// census.
func (c census) differences(other census) error {
	tenants := make(map[string]bool)
	for name := range c {
		tenants[name.tenant] = true
	}
	var all []*DifferentError
	for tenant := range tenants {
		for kind := range Kind(Kinds) {
			name := group{tenant, kind}
			if c[name] != other[name] {
				all = append(all, &DifferentError{Tenant: tenant, Kind: kind, From: c[name].n, To: other[name].n})
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return slices.MinFunc(all, func(a, b *DifferentError) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Kind, b.Kind))
	})
}
