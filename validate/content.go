package validate

import (
	"math"
	"slices"

	"github.com/fromline/fromline/message"
)

// Bounds of parts (docs/rules.md §4).
const (
	maxParts     = 100
	maxMediaURLs = 40
)

var (
	partTypes    = []string{message.TypeText, message.TypeMedia, message.TypeLink, message.TypeAppCard, message.TypeAppClip}
	serviceNames = []string{message.IMessage.String(), message.RCS.String(), message.SMS.String()}
	effectTypes  = []string{effectScreen, effectBubble}
)

const (
	effectScreen = "screen"
	effectBubble = "bubble"
)

// effects are the effects that are always known (docs/rules.md §4).
var effects = []EffectName{
	{effectScreen, "confetti"}, {effectScreen, "fireworks"}, {effectScreen, "lasers"}, {effectScreen, "sparkles"}, {effectScreen, "celebration"},
	{effectScreen, "hearts"}, {effectScreen, "love"}, {effectScreen, "balloons"}, {effectScreen, "happy_birthday"}, {effectScreen, "echo"}, {effectScreen, "spotlight"},
	{effectBubble, "slam"}, {effectBubble, "loud"}, {effectBubble, "gentle"}, {effectBubble, "invisible"},
}

// parts checks how the parts go together, and each.
func (k *checker) parts(up *path, parts []message.Part) {
	at := up.member("parts")
	if n := len(parts); n < 1 || n > maxParts {
		k.fault(&at, Violation{Rule: RuleCount, Code: CodeStructure, Min: 1, Max: maxParts, Found: int64(n)})
	}
	urls := 0
	for _, part := range parts {
		if m, ok := part.(*message.MediaPart); ok && m != nil && m.URL != nil {
			urls++
		}
	}
	if urls > maxMediaURLs {
		k.fault(&at, Violation{Rule: RuleMediaURLs, Code: CodeStructure, Max: maxMediaURLs, Found: int64(urls)})
	}
	afterText := false
	for i, part := range parts {
		here := at.element(i)
		_, text := part.(*message.TextPart)
		if text && afterText {
			k.fault(&here, Violation{Rule: RuleAdjacent, Code: CodeStructure})
		}
		afterText = text
		k.part(&here, i, part, len(parts) == 1)
	}
}

// part checks one part by itself, but for what it needs to know of the send.
func (k *checker) part(at *path, i int, part message.Part, alone bool) {
	switch part := part.(type) {
	case *message.TextPart:
		if part != nil {
			k.text(at, i, part)
			return
		}
	case *message.MediaPart:
		if part != nil {
			k.media(at, part)
			return
		}
	case *message.LinkPart:
		if part != nil {
			k.alone(at, part, alone, CodeStructure)
			k.link(at, part.Value, part.Unknown, httpOrHTTPS)
			return
		}
	case *message.AppClipPart:
		if part != nil {
			k.alone(at, part, alone, CodeStructure)
			k.link(at, part.Value, part.Unknown, httpsOnly)
			return
		}
	case *message.AppCardPart:
		if part != nil {
			k.alone(at, part, alone, CodeCard)
			k.card(at, part)
			return
		}
	case *message.UnknownPart:
		if part != nil {
			k.unknownPart(at, part)
			return
		}
	}
	k.fault(at, Violation{Rule: nullRule, Code: CodeBody})
}

// alone checks that a part which must be the only one is.
func (k *checker) alone(at *path, part message.Part, alone bool, code Code) {
	if !alone {
		k.fault(at, Violation{Rule: RuleAlone, Code: code, Value: part.Type()})
	}
}

// unknownPart reports a part whose type is missing or not known, and those of its members that no type of part has.
func (k *checker) unknownPart(at *path, part *message.UnknownPart) {
	member := at.member("type")
	switch {
	case !part.HasType():
		k.missing(at, "type", CodeMissing)
	case isVoiceMemo(part.Type()):
		k.fault(&member, Violation{Rule: RuleVoiceMemo, Code: CodeValue})
		return // it has members of its own, which say nothing
	default:
		k.enum(&member, part.Type(), partTypes, CodeValue)
	}
	known := slices.Concat(textMembers, mediaMembers, cardMembers)
	k.unknown(at, slices.DeleteFunc(slices.Clone(part.Members()), func(m message.Member) bool { return slices.Contains(known, m.Name) }), known, CodeValue)
}

var (
	mediaMembers = []string{"type", "url", "attachment_id"}
	linkMembers  = []string{"type", "value"}
)

func (k *checker) media(at *path, p *message.MediaPart) {
	if p.URL == nil && p.AttachmentID == nil {
		k.fault(at, Violation{Rule: RuleMediaNeither, Code: CodeMissing})
	}
	if p.URL != nil && p.AttachmentID != nil {
		k.fault(at, Violation{Rule: RuleMediaBoth, Code: CodeValue})
	}
	if p.URL != nil {
		member := at.member("url")
		k.url(&member, *p.URL, httpsOnly, CodeValue)
	}
	if p.AttachmentID != nil {
		member := at.member("attachment_id")
		k.uuid(&member, *p.AttachmentID)
	}
	k.unknown(at, p.Unknown, mediaMembers, CodeValue)
}

// link checks a link or App Clip part.
func (k *checker) link(at *path, value *string, unknown message.Members, schemes schemes) {
	k.out.link = true
	if value == nil {
		k.missing(at, "value", CodeMissing)
	} else {
		member := at.member("value")
		k.url(&member, *value, schemes, CodeValue)
	}
	k.unknown(at, unknown, linkMembers, CodeValue)
}

func (k *checker) effect(up *path, e *message.Effect) {
	at := up.member("effect")
	if e.Type != nil && *e.Type != effectScreen && *e.Type != effectBubble {
		member := at.member("type")
		k.enum(&member, *e.Type, effectTypes, CodeValue)
	}
	if e.Name != nil {
		member := at.member("name")
		k.effectName(&member, e)
	}
	if k.plain() && (e.Type != nil || e.Name != nil) {
		k.advise(&at, RulePlainEffect)
	}
	k.unknown(&at, e.Unknown, effectMembers, CodeValue)
}

// effectName checks the name of an effect, and that it goes with the type where that is known.
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
				names = append(names, known.Name)
			}
		}
		k.enum(at, *e.Name, names, CodeValue)
	case *e.Type == effectScreen || *e.Type == effectBubble:
		k.fault(at, Violation{Rule: RuleEffectMismatch, Code: CodeValue, Value: shorten(*e.Name), Nearest: other})
	}
}

func (k *checker) replyTo(up *path, r *message.ReplyTo) {
	at := up.member("reply_to")
	if r.MessageID == nil {
		k.missing(&at, "message_id", CodeMissing)
	} else {
		member := at.member("message_id")
		k.uuid(&member, *r.MessageID)
	}
	if r.PartIndex != nil {
		member := at.member("part_index")
		k.integer(&member, *r.PartIndex, 0, math.MaxInt32, CodeValue)
	}
	k.unknown(&at, r.Unknown, replyToMembers, CodeValue)
}

// preferredService checks the name of the service, and the content and the recipients against the service.
func (k *checker) preferredService(up *path, m *message.Content) {
	at := up.member("preferred_service")
	if k.out.service == 0 {
		k.enum(&at, *m.PreferredService, serviceNames, CodeValue)
		return
	}
	if !k.plain() {
		return
	}
	v := Violation{Value: k.out.service.String()}
	if hasPart[*message.AppCardPart](m.Parts) {
		v.Rule, v.Code = RuleServiceCard, CodeCardService
		k.fault(&at, v)
	}
	if hasPart[*message.AppClipPart](m.Parts) {
		v.Rule, v.Code = RuleServiceClip, CodeClipService
		k.fault(&at, v)
	}
	if k.email {
		v.Rule, v.Code = RuleServiceEmail, CodeValue
		k.fault(&at, v)
	}
}

// plain reports whether the preferred service shows text only.
func (k *checker) plain() bool { return k.out.service == message.RCS || k.out.service == message.SMS }

func hasPart[P message.Part](parts []message.Part) bool {
	for _, part := range parts {
		if _, ok := part.(P); ok {
			return true
		}
	}
	return false
}

// advise takes an advisory.
func (k *checker) advise(at *path, rule Rule) {
	k.out.advisories = append(k.out.advisories, Advisory{Pointer: at.pointer(), Rule: rule})
}
