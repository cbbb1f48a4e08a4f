package validate

import (
	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/recipients"
)

// Options change what [Request] accepts. The zero value is what docs/rules.md
// says by default.
type Options struct {
	// Recipients is how the members of to and mention are read. Entries of
	// exclude_from are always read with [recipients.Syntax].
	Recipients recipients.Options

	// MaxEntries is how many entries to and exclude_from may have, each, before
	// any of them is read; default 1,000, at least 1. Negative numbers count as
	// the default.
	MaxEntries int

	// ExtraEffects are effects beyond those of docs/rules.md §4.
	ExtraEffects []EffectName

	// CardURLOptional accepts app cards without a url, as a later revision of
	// the API does.
	CardURLOptional bool

	// GraphemeCuts, if set, is asked for advisories about decorations that cut
	// what a reader sees as one character. The package decorations/graphemes
	// has one.
	GraphemeCuts decorations.Advisor
}

// EffectName is an effect by its name.
type EffectName struct {
	Type string // "screen" or "bubble"; "" for a name that goes with either
	Name string
}

// defaultMaxEntries is the default of Options.MaxEntries (docs/rules.md §2).
const defaultMaxEntries = 1000

func (o *Options) maxEntries() int {
	if o.MaxEntries <= 0 {
		return defaultMaxEntries
	}
	return o.MaxEntries
}
