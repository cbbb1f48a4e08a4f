package sim

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// deaf is an inbox with a bug.
type deaf struct {
	inbox
	hear  func(*store.DirectMessage)
	loses bool // it keeps no notes
	blind bool // it compares no notes
}

func (d deaf) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	if d.hear != nil {
		d.hear(&m)
	}
	return d.inbox.Hear(ctx, tenant, m)
}

func (d deaf) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if d.loses {
		return true, nil
	}
	if d.blind {
		is, err := d.inbox.Note(ctx, tenant, now.Name)
		if err != nil {
			return false, err
		}
		was = is
	}
	return d.inbox.KeepNote(ctx, tenant, was, now)
}

func deafness(d deaf) func(inbox) inbox {
	return func(sound inbox) inbox {
		d.inbox = sound
		return d
	}
}

// tardy is an inbox that hears each message when the next one comes.
func tardy(sound inbox) inbox {
	n := 0
	return deaf{inbox: sound, hear: func(m *store.DirectMessage) {
		n++
		m.At = noon.Add(time.Duration(n) * time.Millisecond)
	}}
}
