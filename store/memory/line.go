package memory

import (
	"github.com/tidwall/btree"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// line is one of our numbers in one tenant, guarded by the shard it hashes to.
type account struct {
	use   line.Use // Tenant and Number never change
	told  bool     // whether it is among the changes, under use.Change
	stale bool     // whether it is among the changed
	chats *btree.BTreeG[*chat]
}

func (l *account) number() recipients.Handle { return l.use.Number }

// used says whether anything was ever counted.
func (l *account) used() bool { return l.told || l.stale }

// chatDegree keeps the nodes of small trees small: most lines have few chats.
const chatDegree = 16

// lineOf returns a line of a tenant, made when it is not known yet. The shard
// of the line is locked.
func (s *Store) lineOf(t tenantID, number recipients.Handle) *account {
	at := &s.shards[placeOfLine(t, number)]
	name := owned[uint64]{t, number.Digits()}
	l := at.lines[name]
	if l == nil {
		l = &account{
			use:   line.Use{Tenant: s.tenants.name(t), Number: number},
			chats: btree.NewBTreeGOptions(byID, btree.Options{NoLocks: true, Degree: chatDegree}),
		}
		at.lines[name] = l
	}
	return l
}

// countChat counts a new chat against a line, whose shard is locked. The change
// gets its number here, in the commit.
func (s *Store) countChat(at *shard, l *account, hour int64) {
	l.use.AddNewChat(hour)
	s.renumber(at, l)
}

// countMessages counts messages. The change gets its number when somebody asks
// for uses next.
func countMessages(at *shard, l *account, hour int64, n int) {
	l.use.AddMessages(hour, n)
	if !l.stale {
		l.stale = true
		at.changed = append(at.changed, l)
	}
}

func (s *Store) renumber(at *shard, l *account) {
	if l.told {
		at.changes.Delete(l)
	}
	l.told = true
	l.use.Change = line.Change(s.change.Add(1))
	at.changes.Load(l) // behind all others
}

func changedBefore(a, b *account) bool { return a.use.Change < b.use.Change }
