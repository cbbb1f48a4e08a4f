package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// KnownLines implements store.KnownReader.
func (s *Model) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) (known []store.KnownLine, err error) {
	if err := store.CheckKnown(tenant, handles); err != nil {
		return nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	knows := func(of []recipients.Handle, c *chat) bool {
		return slices.ContainsFunc(of, c.Roster.Set().Contains)
	}
	lines := make(map[recipients.Handle]bool)
	for _, c := range s.of(tenant).chats {
		lines[c.Line] = true
	}
	for line := range lines {
		k := store.KnownLine{Line: line}
		for _, of := range handles {
			knowsLine := false
			for _, c := range s.of(tenant).chats {
				if c.Line == line && !c.LineLeft && knows(of, c) {
					knowsLine = true
					if c.ActiveAt.After(k.ActiveAt) {
						k.ActiveAt = c.ActiveAt
					}
				}
			}
			if knowsLine {
				k.Recipients++
			}
		}
		if k.Recipients > 0 {
			known = append(known, k)
		}
	}
	slices.SortFunc(known, func(a, b store.KnownLine) int {
		return cmp.Or(b.Recipients-a.Recipients, b.ActiveAt.Compare(a.ActiveAt), a.Line.Compare(b.Line))
	})
	return known[:min(len(known), store.MaxKnown)], nil
}
