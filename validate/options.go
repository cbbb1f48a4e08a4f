package validate

import (
	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/recipients"
)

// Options change what [Request] accepts. The zero value is what docs/rules.md
// says by default.
type Options struct {
	// Recipients says how Request reads the members of to and mention. It
	// always reads the entries of exclude_from with [recipients.Syntax].
	Recipients recipients.Options

	// MaxEntries is how many entries to, and how many entries exclude_from, may
	// have. Request checks this before it reads any entry. Zero and negative
	// numbers mean 1,000.
	MaxEntries int

	// ExtraEffects are effects beyond those of docs/rules.md §4.
	ExtraEffects []EffectName

	// CardURLOptional accepts app cards without a url, as a later revision of
	// the API does.
	CardURLOptional bool

	// GraphemeCuts, if set, returns advisories about decorations that cut a
	// grapheme cluster, which a reader sees as one character. Package
	// decorations/graphemes has one.
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
