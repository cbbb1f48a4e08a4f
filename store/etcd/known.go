package etcd

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/known"
)

// KnownLines implements store.KnownReader. It is one round trip if the people
// are in no groups, and three if they are.
func (s *Store) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	tally, names, err := known.New(tenant, handles)
	if err := s.begin(ctx, err); err != nil {
		return nil, err
	}
	var groups []uuid.UUID
	revision := int64(0)
	for asked := range slices.Chunk(names, max(1, s.o.MaxTxnOps/2)) {
		var reads []clientv3.Op
		for _, n := range asked {
			prefix := s.ofPerson(tenant, n.Key)
			reads = append(reads, clientv3.OpGet(s.keyOfSet(tenant, n.Key), clientv3.WithRev(revision)),
				clientv3.OpGet(prefix, clientv3.WithRange(end(prefix)), clientv3.WithLimit(store.MaxPage), clientv3.WithKeysOnly(),
					clientv3.WithRev(revision)))
		}
		answer, err := s.ask(ctx, reads...)
		if err != nil {
			return nil, err
		}
		if revision == 0 {
			revision = answer.Header.Revision
		}
		for i, n := range asked {
			if kvs := answer.Responses[2*i].GetResponseRange().Kvs; len(kvs) > 0 {
				m, err := readSet(tenant, n.Key, value{kvs[0].Value, kvs[0].ModRevision})
				if err != nil {
					_ = s.aside.Add(store.UnreadableChat, tenant, store.UnreadablePerson, err)
					continue
				}
				count(tally, m.chats)
			}
			for _, kv := range answer.Responses[2*i+1].GetResponseRange().Kvs {
				groups = append(groups, uuid.UUID(kv.Key[len(kv.Key)-len(uuid.Nil):]))
			}
		}
	}
	slices.SortFunc(groups, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	chats, err := s.chatsAt(ctx, tenant, slices.Compact(groups), revision)
	if err != nil {
		return nil, fmt.Errorf("etcd: chats of some people: %w", err)
	}
	count(tally, chats)
	return tally.Lines(), nil
}

// count adds the chats that our line has not left.
func count(t *known.Tally, chats []*store.CopiedChat) {
	for _, c := range chats {
		if c.LineLeft {
			continue
		}
		for _, h := range c.Roster.Set().All() {
			t.Add(h, c.Line, micros(c.ActiveAt))
		}
	}
}
