package validate

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

var (
	textMembers       = []string{"type", "value", "text_decorations", "mention", "mention_range", "inline_stickers"}
	decorationMembers = []string{"range", "style", "animation"}

	styleNames     = []string{decorations.Bold.String(), decorations.Italic.String(), decorations.Strikethrough.String(), decorations.Underline.String()}
	animationNames = []string{
		decorations.Big.String(), decorations.Small.String(), decorations.Shake.String(), decorations.Nod.String(),
		decorations.Explode.String(), decorations.Ripple.String(), decorations.Bloom.String(), decorations.Jitter.String(),
	}
)

// text checks the text part at index i.
func (k *checker) text(at *path, i int, p *message.TextPart) {
	ranges := false // whether ranges mean something, which they do in a text that is there and is UTF-8
	if p.Value == nil {
		k.missing(at, "value", p.Unknown, textMembers, fault.CodeMissing)
	} else {
		member := at.member("value")
		k.shown(&member, *p.Value, 1, maxText, fault.CodeValue)
		ranges = k.body == nil // or else nothing but the fault of code 1003 is told
		k.out.link = k.out.link || hasURL(*p.Value)
	}
	if len(p.TextDecorations) > 0 {
		value := ""
		if ranges {
			value = *p.Value
		}
		k.decorations(at, value, ranges, p.TextDecorations)
	}
	if p.Mention != nil {
		k.mention(at, i, *p.Mention)
	}
	if p.MentionRange != nil {
		k.mentionRange(at, p, ranges)
	}
	if len(p.InlineStickers) > 0 {
		k.stickers(at, p, ranges)
	}
	k.unknown(at, p.Unknown, textMembers, fault.CodeValue)
}

// mention checks the handle that the part at index i mentions.
func (k *checker) mention(up *path, i int, s string) {
	at := up.member("mention")
	h, err := k.options.Recipients.Parse(s)
	if err != nil {
		k.handle(&at, s, err)
		return
	}
	if k.plain() {
		k.advise(&at, fault.RulePlainMention)
	}
	to := k.out.recipients
	switch {
	case !to.IsValid(): // what is wrong with to has been said
	case !to.Contains(h):
		k.fault(&at, fault.Fault{Rule: fault.RuleMentionRecipient, Code: fault.CodeValue, Value: shorten(s)})
	case !to.IsGroup():
		k.fault(&at, fault.Fault{Rule: fault.RuleMentionDirect, Code: fault.CodeMentionDirect})
	default:
		k.out.mentions = append(k.out.mentions, Mention{Part: i, Handle: h})
	}
}

func (k *checker) mentionRange(up *path, p *message.TextPart, ranges bool) {
	at := up.member("mention_range")
	if p.Mention == nil {
		k.fault(&at, fault.Fault{Rule: fault.RuleMentionRange, Code: fault.CodeValue})
	}
	if !k.arity(&at, p.MentionRange) || !ranges {
		return
	}
	k.oneRange(&at, *p.Value, p.MentionRange)
}

// oneRange checks a range of a text that stands alone.
func (k *checker) oneRange(at *path, value string, r []int64) {
	whole := [1]decorations.Decoration{{Start: toInt(r[0]), End: toInt(r[1]), Style: decorations.Bold}}
	for _, f := range decorations.Check(value, whole[:]) {
		k.rangeFault(at, f, whole[0])
	}
}

// arity checks that a range has two ends.
func (k *checker) arity(at *path, r []int64) bool {
	if len(r) == 2 {
		return true
	}
	k.fault(at, fault.Fault{Rule: fault.RuleRangeArity, Code: fault.CodeValue, Found: int64(len(r))})
	return false
}

// decorations checks the decorations of a text. Those whose range or look
// cannot be read are left out of what is said about all of them together.
func (k *checker) decorations(up *path, value string, ranges bool, list []message.Decoration) {
	at := up.member("text_decorations")
	if n := len(list); n > decorations.MaxDecorations {
		k.fault(&at, fault.Fault{Rule: fault.RuleCount, Code: fault.CodeValue, Max: decorations.MaxDecorations, Found: int64(n)})
	}
	var room [16]decorations.Decoration
	typed, whole := room[:0], true
	if len(list) > len(room) {
		typed = make([]decorations.Decoration, 0, len(list))
	}
	for i := range list {
		d, ok := typedDecoration(&list[i])
		typed, whole = append(typed, d), whole && ok
	}
	var faults []decorations.Fault
	if ranges {
		faults = decorations.Check(value, typed)
	}
	if !whole || len(faults) > 0 || !ranges || hasUnknown(list) {
		k.decorationFaults(&at, list, typed, faults)
	} else if k.options.GraphemeCuts != nil {
		for _, cut := range k.options.GraphemeCuts(value, slices.Clone(typed)) { // a copy, so that typed can live on the stack
			element := at.element(cut.Index)
			member := element.member("range")
			k.out.advisories = append(k.out.advisories, Advisory{Pointer: member.pointer(), Rule: fault.RuleGraphemeCut, Start: int64(cut.Start), End: int64(cut.End)})
		}
	}
	if k.plain() {
		k.advise(&at, fault.RulePlainDecorations)
	}
}

func hasUnknown(list []message.Decoration) bool {
	for i := range list {
		if len(list[i].Unknown) > 0 {
			return true
		}
	}
	return false
}

// typedDecoration returns d as the package decorations has it, and whether it
// could be read. One that could not stands for no code unit and overlaps
// nothing.
func typedDecoration(d *message.Decoration) (t decorations.Decoration, ok bool) {
	ok = len(d.Range) == 2
	if d.Style != nil {
		var err error
		t.Style, err = decorations.ParseStyle(*d.Style)
		ok = ok && err == nil
	}
	if d.Animation != nil {
		var err error
		t.Animation, err = decorations.ParseAnimation(*d.Animation)
		ok = ok && err == nil
	}
	if len(d.Range) == 2 {
		t.Start, t.End = toInt(d.Range[0]), toInt(d.Range[1])
	}
	return t, ok
}

// decorationFaults reports what is wrong with each decoration, in order:
// missing members, range, style, animation, both together, unknown members.
func (k *checker) decorationFaults(at *path, list []message.Decoration, typed []decorations.Decoration, faults []decorations.Fault) {
	for len(faults) > 0 && faults[0].Index < 0 {
		faults = faults[1:] // the count and the encoding have been reported
	}
	for i := 0; i < len(list) && !k.full; i++ {
		d, element := &list[i], at.element(i)
		if d.Range == nil {
			k.missing(&element, "range", d.Unknown, decorationMembers, fault.CodeMissing)
		}
		member := element.member("range")
		whole := d.Range == nil || !k.arity(&member, d.Range)
		for ; len(faults) > 0 && faults[0].Index == i; faults = faults[1:] {
			if !whole {
				k.rangeFault(&member, faults[0], typed[i])
			}
		}
		if d.Style != nil && typed[i].Style == 0 {
			member := element.member("style")
			k.enum(&member, *d.Style, styleNames, fault.CodeValue)
		}
		if d.Animation != nil && typed[i].Animation == 0 {
			member := element.member("animation")
			k.enum(&member, *d.Animation, animationNames, fault.CodeValue)
		}
		switch {
		case d.Style == nil && d.Animation == nil:
			k.fault(&element, fault.Fault{Rule: fault.RuleDecorationNeither, Code: fault.CodeValue})
		case d.Style != nil && d.Animation != nil:
			k.fault(&element, fault.Fault{Rule: fault.RuleDecorationBoth, Code: fault.CodeValue})
		}
		k.unknown(&element, d.Unknown, decorationMembers, fault.CodeValue)
	}
}

// rangeFault reports a fault of a range. What is wrong with the look of a
// decoration is reported elsewhere.
func (k *checker) rangeFault(at *path, f decorations.Fault, d decorations.Decoration) {
	v := fault.Fault{Code: fault.CodeValue}
	switch f.Kind {
	case decorations.Negative:
		v.Rule, v.Found = fault.RuleRangeNegative, int64(min(d.Start, d.End))
	case decorations.Empty:
		v.Rule = fault.RuleRangeEmpty
	case decorations.Reversed:
		v.Rule = fault.RuleRangeReversed
	case decorations.PastEnd:
		v.Rule, v.Max, v.Found = fault.RuleRangePastEnd, int64(f.Length), int64(max(d.Start, d.End))
	case decorations.SplitPair:
		v.Rule = fault.RuleRangeSplit
		if outer := f.Outer; outer.Start < outer.End {
			v.Nearest = "[" + strconv.Itoa(outer.Start) + ", " + strconv.Itoa(outer.End) + ")"
		}
	case decorations.Overlap:
		v.Rule, v.Found = fault.RuleDecorationOverlap, int64(f.Other)
	default:
		return
	}
	k.fault(at, v)
}

// toInt returns n as an int, or the nearest one on machines where an int has 32
// bits.
func toInt(n int64) int { return int(max(math.MinInt, min(n, math.MaxInt))) }

// hasURL reports whether s has an http or https URL in it, as Messages would
// make a link of.
func hasURL(s string) bool {
	for {
		i := strings.Index(s, "://")
		if i < 0 {
			return false
		}
		before := s[:i]
		if hasSuffixFold(before, "http") || hasSuffixFold(before, "https") {
			return true
		}
		s = s[i+len("://"):]
	}
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}
