package validate

import (
	"math"
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

var (
	cardMembers   = []string{"type", "app", "layout", "url", "fallback_text", "interactive"}
	appMembers    = []string{"name", "bundle_id", "team_id", "app_store_id"}
	layoutMembers = []string{"caption", "subcaption", "trailing_caption", "trailing_subcaption", "image_url", "image_title", "image_subtitle"}
)

// card checks an app card (docs/rules.md §6). Every fault of it has the code of
// cards.
func (k *checker) card(at *path, p *message.AppCardPart) {
	if p.App == nil {
		k.missing(at, "app", p.Unknown, cardMembers, fault.CodeCard)
	}
	if p.Layout == nil {
		k.missing(at, "layout", p.Unknown, cardMembers, fault.CodeCard)
	}
	if p.URL == nil && !k.options.CardURLOptional {
		k.missing(at, "url", p.Unknown, cardMembers, fault.CodeCard)
	}
	if p.App != nil {
		k.app(at, p.App)
	}
	if p.Layout != nil {
		k.layout(at, p.Layout)
	}
	if p.URL != nil {
		member := at.member("url")
		k.url(&member, *p.URL, httpsOrData, fault.CodeCard)
	}
	k.label(at, "fallback_text", p.FallbackText)
	k.unknown(at, p.Unknown, cardMembers, fault.CodeCard)
}

func (k *checker) app(up *path, a *message.App) {
	at := up.member("app")
	if a.Name == nil {
		k.missing(&at, "name", a.Unknown, appMembers, fault.CodeCard)
	}
	if a.BundleID == nil {
		k.missing(&at, "bundle_id", a.Unknown, appMembers, fault.CodeCard)
	}
	if a.TeamID == nil {
		k.missing(&at, "team_id", a.Unknown, appMembers, fault.CodeCard)
	}
	if a.Name != nil {
		member := at.member("name")
		k.shown(&member, *a.Name, 1, maxAppName, fault.CodeCard)
	}
	if a.BundleID != nil {
		member := at.member("bundle_id")
		if k.length(&member, *a.BundleID, 1, maxBundleID, fault.CodeCard) && strings.IndexByte(*a.BundleID, ':') >= 0 {
			k.fault(&member, fault.Fault{Rule: fault.RuleBundleID, Code: fault.CodeCard})
		}
	}
	if a.TeamID != nil {
		member := at.member("team_id")
		if !isTeamID(*a.TeamID) && k.clean(&member, *a.TeamID, fault.CodeCard) {
			k.fault(&member, fault.Fault{Rule: fault.RuleTeamID, Code: fault.CodeCard, Value: shorten(*a.TeamID)})
		}
	}
	if a.AppStoreID != nil {
		member := at.member("app_store_id")
		k.integer(&member, *a.AppStoreID, 1, math.MaxInt64, fault.CodeCard)
	}
	k.unknown(&at, a.Unknown, appMembers, fault.CodeCard)
}

func isTeamID(s string) bool {
	const length = 10
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(s) == length
}

func (k *checker) layout(up *path, l *message.Layout) {
	at := up.member("layout")
	if !isSet(l.Caption) && !isSet(l.Subcaption) && !isSet(l.TrailingCaption) && !isSet(l.TrailingSubcaption) && !isSet(l.ImageURL) {
		k.fault(&at, fault.Fault{Rule: fault.RuleLayoutEmpty, Code: fault.CodeCard})
	}
	k.label(&at, "caption", l.Caption)
	k.label(&at, "subcaption", l.Subcaption)
	k.label(&at, "trailing_caption", l.TrailingCaption)
	k.label(&at, "trailing_subcaption", l.TrailingSubcaption)
	if isSet(l.ImageURL) {
		member := at.member("image_url")
		k.url(&member, *l.ImageURL, httpsOnly, fault.CodeCard)
	}
	k.overImage(&at, "image_title", l.ImageTitle, l)
	k.overImage(&at, "image_subtitle", l.ImageSubtitle, l)
	k.unknown(&at, l.Unknown, layoutMembers, fault.CodeCard)
}

// overImage checks a label that is shown over the image.
func (k *checker) overImage(at *path, name string, s *string, l *message.Layout) {
	if isSet(s) && !isSet(l.ImageURL) {
		member := at.member(name)
		k.fault(&member, fault.Fault{Rule: fault.RuleImageNeeded, Code: fault.CodeCard})
	}
	k.label(at, name, s)
}

// label checks a text of a card, which may be empty or absent.
func (k *checker) label(up *path, name string, s *string) {
	if !isSet(s) {
		return
	}
	at := up.member(name)
	k.shown(&at, *s, 0, maxLabel, fault.CodeCard)
	if hasFormatting(*s) {
		k.advise(&at, fault.RulePlainCardFormatting)
	}
}

// isSet reports whether a text of a card counts as given: an empty one does
// not.
func isSet(s *string) bool { return s != nil && *s != "" }

// hasFormatting reports whether a text has line breaks, or Markdown that was
// meant to be rendered: a pair of **, __, ~~ or ` around something.
func hasFormatting(s string) bool {
	if strings.ContainsAny(s, "\n\r\t\v\f\u0085\u2028\u2029") {
		return true
	}
	for _, mark := range [...]string{"**", "__", "~~", "`"} {
		if _, after, found := strings.Cut(s, mark); found && strings.Index(after, mark) > 0 {
			return true
		}
	}
	return false
}
