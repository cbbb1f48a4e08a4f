package validate

import (
	"slices"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// The types of effects (docs/rules.md §4).
const (
	effectScreen = "screen"
	effectBubble = "bubble"
)

var effectTypes = []string{effectScreen, effectBubble}

// effects are the effects that are always known (docs/rules.md §4).
var effects = []EffectName{
	{effectScreen, "confetti"}, {effectScreen, "fireworks"}, {effectScreen, "lasers"}, {effectScreen, "sparkles"}, {effectScreen, "celebration"},
	{effectScreen, "hearts"}, {effectScreen, "love"}, {effectScreen, "balloons"}, {effectScreen, "happy_birthday"}, {effectScreen, "echo"}, {effectScreen, "spotlight"},
	{effectBubble, "slam"}, {effectBubble, "loud"}, {effectBubble, "gentle"}, {effectBubble, "invisible"},
}

// KnownEffects returns the effects that are always known, those of a type
// together, in a slice of the caller's own. Options.ExtraEffects come on top.
func KnownEffects() []EffectName { return slices.Clone(effects) }

func (k *checker) effect(up *path, e *message.Effect) {
	at := up.member("effect")
	if e.Type != nil && !isEffectType(*e.Type) {
		member := at.member("type")
		k.enum(&member, *e.Type, effectTypes, fault.CodeValue)
	}
	if e.Name != nil {
		member := at.member("name")
		k.effectName(&member, e)
	}
	if k.plain() && (e.Type != nil || e.Name != nil) {
		k.advise(&at, fault.RulePlainEffect)
	}
	k.unknown(&at, e.Unknown, effectMembers, fault.CodeValue)
}

func isEffectType(name string) bool { return name == effectScreen || name == effectBubble }

// effectName checks the name of an effect, and that it goes with the type where
// that is known.
func (k *checker) effectName(at *path, e *message.Effect) {
	other := ""
	for _, list := range [...][]EffectName{effects, k.options.ExtraEffects} {
		for _, known := range list {
			if known.Name != *e.Name {
				continue
			}
			if e.Type == nil || known.Type == "" || known.Type == *e.Type {
				return
			}
			other = known.Type
		}
	}
	switch {
	case other == "":
		names := make([]string, 0, len(effects)+len(k.options.ExtraEffects))
		for _, list := range [...][]EffectName{effects, k.options.ExtraEffects} {
			for _, known := range list {
				if e.Type == nil || known.Type == "" || known.Type == *e.Type || !isEffectType(*e.Type) {
					names = append(names, known.Name)
				}
			}
		}
		k.enum(at, *e.Name, names, fault.CodeValue)
	case isEffectType(*e.Type):
		k.fault(at, fault.Fault{Rule: fault.RuleEffectMismatch, Code: fault.CodeValue, Value: shorten(*e.Name), Nearest: other})
	}
}
