package move

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// maxSamples is the largest number of look-ups that All compares.
const maxSamples = 200

// samples are some look-ups, spread over all chats and records.
type samples struct {
	kept   []sample
	stride uint64 // one of stride look-ups is kept: a power of two; zero keeps all
}

// sample is a look-up. Places are spread evenly over all numbers.
type sample struct {
	query store.Query
	place uint64
}

// add adds the look-up that returns an item, if the stride keeps it.
func (s *samples) add(i *store.Item, digest [sha256.Size]byte) {
	one := sample{place: binary.LittleEndian.Uint64(digest[:])}
	switch {
	case i.Chat != nil:
		one.query = store.Query{Tenant: i.Tenant, Set: i.Chat.Roster.Set().Key()}
	case i.Record != nil:
		one.query = store.Query{
			Tenant: i.Tenant, Set: i.Record.Roster.Set().Key(), IdempotencyKey: i.Record.Key, MessageID: i.Record.MessageID,
		}
	default:
		return
	}
	if !s.keeps(one) {
		return
	}
	s.kept = append(s.kept, one)
	for len(s.kept) > maxSamples {
		s.stride = max(2, 2*s.stride)
		all := s.kept
		s.kept = nil
		for _, one := range all {
			if s.keeps(one) {
				s.kept = append(s.kept, one)
			}
		}
	}
}

func (s *samples) keeps(one sample) bool { return s.stride == 0 || one.place%s.stride == 0 }

// ask returns a digest of a store's answer without the revision, which no other
// store shares.
func (s *sample) ask(ctx context.Context, from store.ChatStore) (digest [sha256.Size]byte, err error) {
	snap, err := from.Lookup(ctx, s.query)
	if err != nil {
		return digest, err
	}
	h := sha256.New()
	for _, c := range snap.Chats {
		h.Write(packed.Item(&store.Item{Chat: &store.CopiedChat{Chat: c}}))
	}
	if snap.Record != nil {
		h.Write(packed.Item(&store.Item{Record: snap.Record}))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
