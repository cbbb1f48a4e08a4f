package carry

import (
	"context"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ByKind returns the names of some things by their kinds, each name once.
func ByKind(things []store.Thing) map[store.ThingKind][]string {
	names, seen := make(map[store.ThingKind][]string), make(map[store.Thing]bool)
	for _, t := range things {
		if !seen[t] {
			seen[t] = true
			names[t.Kind] = append(names[t.Kind], t.ID)
		}
	}
	return names
}

// Named returns the items of the named lines of a tenant. It reads all lines.
func Named(ctx context.Context, s interface {
	store.UseReader
	store.LineStates
}, tenant string, lines []string) (items []store.Item, err error) {
	if len(lines) == 0 {
		return nil, nil
	}
	wanted := make(map[string]bool)
	for _, name := range lines {
		wanted[name] = true
	}
	Lines(ctx, s, Wanted(tenant, func(item store.Item, failed error) bool {
		switch {
		case failed != nil:
			err = failed
		case wanted[store.ThingOf(&item).ID]:
			items = append(items, item)
		}
		return err == nil
	}))
	return items, err
}

// Numbers parses names of lines. The error is that of recipients.Parse.
func Numbers(lines []string) (numbers []recipients.Handle, err error) {
	for _, name := range lines {
		h, err := recipients.Parse(name)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, h)
	}
	return numbers, nil
}
