package validate

import (
	"slices"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// Bounds of parts (docs/rules.md §4).
const (
	maxParts     = 100
	maxMediaURLs = 40
)

var partTypes = []string{message.TypeText, message.TypeMedia, message.TypeLink, message.TypeAppCard, message.TypeAppClip}

// parts checks how the parts go together, and each.
func (k *checker) parts(up *path, parts []message.Part) {
	at := up.member("parts")
	if n := len(parts); n < 1 || n > maxParts {
		k.fault(&at, fault.Fault{Rule: fault.RuleCount, Code: fault.CodeStructure, Min: 1, Max: maxParts, Found: int64(n)})
	}
	urls := 0
	for _, part := range parts {
		if m, ok := part.(*message.MediaPart); ok && m != nil && m.URL != nil {
			urls++
		}
	}
	if urls > maxMediaURLs {
		k.fault(&at, fault.Fault{Rule: fault.RuleMediaURLs, Code: fault.CodeStructure, Max: maxMediaURLs, Found: int64(urls)})
	}
	afterText := false
	for i, part := range parts {
		if k.full {
			break
		}
		here := at.element(i)
		_, text := part.(*message.TextPart)
		if text && afterText {
			k.fault(&here, fault.Fault{Rule: fault.RuleAdjacent, Code: fault.CodeStructure})
		}
		afterText = text
		k.part(&here, i, part, len(parts) == 1)
	}
}

// part checks the part at index i by itself, but for what it needs to know of
// the send.
func (k *checker) part(at *path, i int, part message.Part, alone bool) {
	if isNil(part) {
		k.fault(at, fault.Fault{Rule: nullRule, Code: fault.CodeBody})
		return
	}
	switch part := part.(type) {
	case *message.TextPart:
		k.text(at, i, part)
	case *message.MediaPart:
		k.media(at, part)
	case *message.LinkPart:
		k.alone(at, part, alone, fault.CodeStructure)
		k.link(at, part.Value, part.Unknown, linkMembers, httpOrHTTPS)
		k.unknown(at, part.Unknown, linkMembers, fault.CodeValue)
	case *message.AppClipPart:
		k.alone(at, part, alone, fault.CodeStructure)
		k.link(at, part.Value, part.Unknown, clipMembers, httpsOnly)
		if part.Caption != nil {
			member := at.member("caption")
			k.shown(&member, *part.Caption, 0, maxLabel, fault.CodeValue)
		}
		k.unknown(at, part.Unknown, clipMembers, fault.CodeValue)
	case *message.AppCardPart:
		k.alone(at, part, alone, fault.CodeCard)
		k.card(at, part)
	case *message.UnknownPart:
		k.unknownPart(at, part)
	}
}

// isNil reports whether a program has put nothing where a part should be.
func isNil(part message.Part) bool {
	switch p := part.(type) {
	case *message.TextPart:
		return p == nil
	case *message.MediaPart:
		return p == nil
	case *message.LinkPart:
		return p == nil
	case *message.AppClipPart:
		return p == nil
	case *message.AppCardPart:
		return p == nil
	case *message.UnknownPart:
		return p == nil
	}
	return part == nil
}

// alone checks that a part which must be the only one is.
func (k *checker) alone(at *path, part message.Part, alone bool, code fault.Code) {
	if !alone {
		k.fault(at, fault.Fault{Rule: fault.RuleAlone, Code: code, Value: part.Type()})
	}
}

// unknownPart reports a part whose type is missing or not known, and those of
// its members that no type of part has.
func (k *checker) unknownPart(at *path, part *message.UnknownPart) {
	member := at.member("type")
	known := slices.Concat(textMembers, mediaMembers, cardMembers, clipMembers)
	unknown := slices.DeleteFunc(slices.Clone(part.Members()), func(m message.Member) bool { return slices.Contains(known, m.Name) })
	switch {
	case !part.HasType():
		k.missing(at, "type", unknown, known, fault.CodeMissing)
	case isVoiceMemo(part.Type()):
		k.fault(&member, fault.Fault{Rule: fault.RuleVoiceMemo, Code: fault.CodeValue})
		return // it has members of its own, which say nothing
	default:
		k.enum(&member, part.Type(), partTypes, fault.CodeValue)
	}
	k.unknown(at, unknown, known, fault.CodeValue)
}

var (
	mediaMembers = []string{"type", "url", "attachment_id", "sticker"}
	linkMembers  = []string{"type", "value"}
	clipMembers  = []string{"type", "value", "caption"}
)

func (k *checker) media(at *path, p *message.MediaPart) {
	if p.URL == nil && p.AttachmentID == nil {
		k.fault(at, fault.Fault{Rule: fault.RuleMediaNeither, Code: fault.CodeMissing})
	}
	if p.URL != nil && p.AttachmentID != nil {
		k.fault(at, fault.Fault{Rule: fault.RuleMediaBoth, Code: fault.CodeValue})
	}
	if p.URL != nil {
		member := at.member("url")
		k.url(&member, *p.URL, httpsOnly, fault.CodeValue)
	}
	if p.AttachmentID != nil {
		member := at.member("attachment_id")
		k.uuid(&member, *p.AttachmentID)
	}
	if p.Sticker != nil && *p.Sticker && k.plain() {
		member := at.member("sticker")
		k.advise(&member, fault.RulePlainSticker)
	}
	k.unknown(at, p.Unknown, mediaMembers, fault.CodeValue)
}

// link checks the URL of a link or App Clip part.
func (k *checker) link(at *path, value *string, unknown message.Members, known []string, schemes schemes) {
	k.out.link = true
	if value == nil {
		k.missing(at, "value", unknown, known, fault.CodeMissing)
		return
	}
	member := at.member("value")
	k.url(&member, *value, schemes, fault.CodeValue)
}
