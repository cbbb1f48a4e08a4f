package fault

import (
	"cmp"
	"iter"
	"strconv"
	"strings"
)

// Rule is the stable name of a rule, such as "string.length". Names are never
// changed or reused. A fault may also carry a rule of the package message,
// which begins with "json.", or one of the package recipients, which begins
// with "phone." or "email.".
type Rule string

// The rules that a body breaks when it cannot be decoded. They are stable:
// callers may branch on them and show them.
const (
	RuleJSONEmpty     Rule = "json.empty"     // no value at all
	RuleJSONSyntax    Rule = "json.syntax"    // not JSON
	RuleJSONTruncated Rule = "json.truncated" // ends in the middle of a value
	RuleJSONTrailing  Rule = "json.trailing"  // something after the value
	RuleJSONUTF8      Rule = "json.utf8"      // a string is not UTF-8
	RuleJSONSurrogate Rule = "json.surrogate" // an escape is half of a surrogate pair
	RuleJSONDuplicate Rule = "json.duplicate" // a member twice in one object
	RuleJSONDepth     Rule = "json.depth"     // nested deeper than MaxDepth
	RuleJSONElements  Rule = "json.elements"  // more than 100,000 elements of arrays and unknown members in all
	RuleJSONType      Rule = "json.type"      // the wrong type of JSON value
	RuleJSONNull      Rule = "json.null"      // null as an element of an array
	RuleJSONInteger   Rule = "json.integer"   // a number that is no integer, or does not fit in 64 bits
)

// MaxDepth is how deep the arrays and objects of a body may be nested.
const MaxDepth = 64

// The rules of a request. docs/errors.md has a heading for each, with its
// cause, its mend and an example.
const (
	RuleMissing       Rule = "member.missing"
	RuleUnknown       Rule = "member.unknown"
	RuleFrom          Rule = "member.from"
	RuleExperience    Rule = "member.experience"
	RuleNUL           Rule = "string.nul"
	RuleUTF8          Rule = "string.utf8"
	RuleLength        Rule = "string.length"
	RuleBlank         Rule = "string.blank"
	RuleUUID          Rule = "string.uuid"
	RuleInteger       Rule = "integer.range"
	RuleEnum          Rule = "enum.unknown"
	RuleCount         Rule = "list.count"
	RuleRecipients    Rule = "to.distinct"
	RuleExcludedPhone Rule = "exclude_from.phone"

	RuleAdjacent  Rule = "parts.adjacent"
	RuleAlone     Rule = "parts.alone"
	RuleMediaURLs Rule = "parts.media_urls"
	RuleVoiceMemo Rule = "part.voice_memo"

	RuleMediaNeither Rule = "media.neither"
	RuleMediaBoth    Rule = "media.both"

	RuleStickerImages  Rule = "stickers.images"
	RuleStickerOverlap Rule = "stickers.overlap"

	RuleURLSyntax    Rule = "url.syntax"
	RuleURLLength    Rule = "url.length"
	RuleURLAbsolute  Rule = "url.absolute"
	RuleURLScheme    Rule = "url.scheme"
	RuleURLHost      Rule = "url.host"
	RuleURLUserinfo  Rule = "url.userinfo"
	RuleURLCharacter Rule = "url.character"
	RuleURLData      Rule = "url.data"

	RuleRangeArity    Rule = "range.arity"
	RuleRangeNegative Rule = "range.negative"
	RuleRangeEmpty    Rule = "range.empty"
	RuleRangeReversed Rule = "range.reversed"
	RuleRangePastEnd  Rule = "range.past_end"
	RuleRangeSplit    Rule = "range.split_pair"

	RuleDecorationNeither Rule = "decoration.neither"
	RuleDecorationBoth    Rule = "decoration.both"
	RuleDecorationOverlap Rule = "decoration.overlap"

	RuleMentionDirect    Rule = "mention.direct"
	RuleMentionRecipient Rule = "mention.recipient"
	RuleMentionRange     Rule = "mention.range_alone"

	RuleEffectMismatch Rule = "effect.mismatch"

	RuleTeamID      Rule = "card.team_id"
	RuleBundleID    Rule = "card.bundle_id"
	RuleLayoutEmpty Rule = "card.layout_empty"
	RuleImageNeeded Rule = "card.image_needed"

	RuleServiceCard  Rule = "service.card"
	RuleServiceClip  Rule = "service.app_clip"
	RuleServiceEmail Rule = "service.email"

	RuleKeyDiffers Rule = "idempotency_key.differs"

	// Rules that only a decision can find broken; the package routing reports
	// them.
	RuleKeyReused       Rule = "idempotency_key.reused"
	RuleEveryLineBarred Rule = "exclude_from.every_line"
	RuleNoLine          Rule = "lines.none"
	RuleForeignLine     Rule = "from.foreign"
	RuleLineBarred      Rule = "from.barred"
	RuleChatUnknown     Rule = "chat.unknown"
	RuleChatLeft        Rule = "chat.left"
	RuleFirstLink       Rule = "first.link"
	RuleFirstReply      Rule = "first.reply"

	// Rules of people who must not be written to; the package fromline reports
	// them.
	RuleOptedOut   Rule = "consent.opted_out"
	RuleBlocked    Rule = "consent.blocked"
	RuleNotAllowed Rule = "consent.not_allowed"

	RuleImageUnreachable Rule = "image.unreachable"
	RuleImageAddress     Rule = "image.address"
	RuleImageStatus      Rule = "image.status"
	RuleImageRedirect    Rule = "image.redirect"
	RuleImageSize        Rule = "image.size"
	RuleImageType        Rule = "image.type"
	RuleImageTimeout     Rule = "image.timeout"

	// RuleMore is the marker behind [Max] violations: there are more.
	RuleMore Rule = "violations.more"
)

// The rules of advisories.
const (
	RuleGraphemeCut         Rule = "advisory.grapheme_cut"
	RulePlainDecorations    Rule = "advisory.service_decorations"
	RulePlainEffect         Rule = "advisory.service_effect"
	RulePlainMention        Rule = "advisory.service_mention"
	RulePlainSticker        Rule = "advisory.service_sticker"
	RulePlainCardFormatting Rule = "advisory.card_formatting"
)

// ruleInfo is what is known of a rule: the one place where text is written.
type ruleInfo struct {
	rule Rule
	// The text. {min}, {max}, {found}, {value}, {nearest}, {known} and {member}
	// stand for the values of a fault, {member} for the last token of its pointer.
	text string
	// The text instead where Min is 0, which is no bound; and what is added
	// where Nearest is set.
	most, nearest string
	// Which of Min, Max and Found mean something.
	min, max, found bool
	// The codes that the rule comes with, and the places that it is about, for
	// the documentation.
	codes    []Code
	pointers []string
}

// Rules yields every rule that this package can report, those of the package
// message included, in the order of the documentation.
func Rules() iter.Seq[Rule] {
	return func(yield func(Rule) bool) {
		for i := range rules {
			if !yield(rules[i].rule) {
				return
			}
		}
	}
}

// info returns what is known of r. Rules of other packages get an empty row.
func (r Rule) info() ruleInfo {
	for i := range rules {
		if rules[i].rule == r {
			return rules[i]
		}
	}
	return ruleInfo{rule: r}
}

// HasMin reports whether Min of a fault of r means something.
func (r Rule) HasMin() bool { return r.info().min }

// HasMax reports whether Max of a fault of r means something.
func (r Rule) HasMax() bool { return r.info().max }

// HasFound reports whether Found of a fault of r means something.
func (r Rule) HasFound() bool { return r.info().found }

// Codes returns the wire codes that faults of r may have; none for a rule of
// advisories. The slice must not be changed.
func (r Rule) Codes() []Code { return r.info().codes }

// Pointers returns patterns of the places that r is about, with * for an index;
// none where it may be anywhere. The slice must not be changed.
func (r Rule) Pointers() []string { return r.info().pointers }

// Template returns the text of r with its placeholders, and what is added where
// something was probably meant.
func (r Rule) Template() (text, nearest string) {
	info := r.info()
	return info.text, info.nearest
}

// Message returns the text of the fault, in English: what is wrong and how to
// mend it. It may hold personal data, see [Fault].
func (v Fault) Message() string {
	info := v.Rule.info()
	text := info.text
	switch {
	case v.Detail != "":
		return v.Detail
	case v.Hint != "" && v.Code == CodePhone: // whose title says what a number must be
		return v.Code.Message() + ": " + v.Hint
	case v.Hint != "":
		return v.Hint
	case text == "":
		return v.Code.Message()
	case v.Min == 0 && info.most != "":
		text = info.most
	case v.Nearest != "":
		text += info.nearest
	}
	if v.Header != "" {
		text = "header " + v.Header + ": " + text
	}
	return strings.NewReplacer(
		"{min}", strconv.FormatInt(v.Min, 10),
		"{max}", strconv.FormatInt(v.Max, 10),
		"{found}", strconv.FormatInt(v.Found, 10),
		"{value}", v.Value,
		"{nearest}", v.Nearest,
		"{known}", cmp.Or(v.Known, "the known names"),
		"{member}", lastToken(v.Pointer),
	).Replace(text)
}

// OneOf writes the names that a value could have had, for [Fault.Known]: all of
// them, or where they are more than twelve how many, and where they are listed.
func OneOf(names []string) string {
	const most = 12
	if len(names) > most {
		return "the " + strconv.Itoa(len(names)) + " known names, which the page behind doc_url lists"
	}
	return strings.Join(names, ", ")
}

// lastToken returns the last token of a JSON pointer, unescaped.
func lastToken(pointer string) string {
	token := pointer[strings.LastIndexByte(pointer, '/')+1:]
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}
