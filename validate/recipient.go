package validate

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/recipients"
)

// to checks the recipients and makes their set.
func (k *checker) to(list []string) {
	at := root.member("to")
	if len(list) == 0 {
		k.fault(&at, fault.Fault{Rule: fault.RuleCount, Code: fault.CodeMissing, Min: 1, Max: recipients.MaxRecipients})
		return
	}
	if !k.entries(&at, list) {
		return
	}
	var room [8]recipients.Handle
	handles := room[:0]
	if len(list) > len(room) {
		handles = make([]recipients.Handle, 0, len(list))
	}
	for i, s := range list {
		h, err := k.options.Recipients.Parse(s)
		if err != nil {
			entry := at.element(i)
			k.handle(&entry, s, err)
			continue
		}
		k.email = k.email || h.IsEmail()
		handles = append(handles, h)
	}
	if len(handles) < len(list) {
		return
	}
	set, err := recipients.NewSet(handles...)
	if err != nil {
		slices.SortFunc(handles, recipients.Handle.Compare)
		k.fault(&at, fault.Fault{Rule: fault.RuleRecipients, Code: fault.CodeValue, Max: recipients.MaxRecipients, Found: int64(len(slices.Compact(handles)))})
		return
	}
	k.out.recipients = set
}

// entries bounds the length of a list before anything in it is read.
func (k *checker) entries(at *path, list []string) bool {
	most := k.options.maxEntries()
	if len(list) <= most {
		return true
	}
	k.fault(at, fault.Fault{Rule: fault.RuleCount, Code: fault.CodeValue, Max: int64(most), Found: int64(len(list))})
	return false
}

// handle reports a string that is not a handle.
func (k *checker) handle(at *path, s string, err error) {
	if !k.clean(at, s, fault.CodeValue) {
		return
	}
	v := fault.Fault{Rule: recipients.RulePhoneNational, Code: fault.CodePhone, Value: shorten(s)}
	if errors.Is(err, recipients.ErrEmail) {
		v.Code = fault.CodeValue
	}
	if e, ok := errors.AsType[*recipients.Error](err); ok { // always so
		v.Rule, v.Nearest, v.Hint = fault.Rule(e.Rule), e.Suggestion, e.Hint()
	}
	k.fault(at, v)
}

// excludeFrom checks the lines to keep out. They are ours, so they are phone
// numbers, read like what was stored.
func (k *checker) excludeFrom(list []string) {
	at := root.member("exclude_from")
	if len(list) == 0 || !k.entries(&at, list) {
		return
	}
	syntax := recipients.Options{Strength: recipients.Syntax}
	lines := make([]recipients.Handle, 0, len(list))
	for i, s := range list {
		line, err := syntax.Parse(s)
		if err == nil && line.IsPhone() {
			lines = append(lines, line)
			continue
		}
		entry := at.element(i)
		if err != nil && strings.IndexByte(s, '@') < 0 {
			k.handle(&entry, s, err)
		} else if k.clean(&entry, s, fault.CodeValue) {
			k.fault(&entry, fault.Fault{Rule: fault.RuleExcludedPhone, Code: fault.CodePhone, Value: shorten(s)})
		}
	}
	slices.SortFunc(lines, recipients.Handle.Compare)
	k.out.excluded = slices.Compact(lines)
}

// key checks the idempotency key of the message, which lies in the object at a
// place, and that of the header.
func (k *checker) key(at *path, inMessage, inHeader *string) {
	if inMessage != nil {
		member := at.member("idempotency_key")
		if k.length(&member, *inMessage, 1, maxIdempotencyKey, fault.CodeValue) {
			k.out.key = *inMessage
		}
		if inHeader != nil && *inHeader != *inMessage {
			k.fault(&member, fault.Fault{Rule: fault.RuleKeyDiffers, Code: fault.CodeValue})
		}
	}
	if inHeader != nil {
		k.headerKey(*inHeader)
		k.out.key, k.out.header = *inHeader, inMessage == nil
	}
}

func (k *checker) headerKey(key string) {
	v := fault.Fault{Header: "Idempotency-Key", Code: fault.CodeValue}
	if !utf8.ValidString(key) {
		v.Rule = fault.RuleUTF8
		k.report(v)
		return
	}
	if strings.IndexByte(key, 0) >= 0 {
		v.Rule = fault.RuleNUL
		k.report(v)
	}
	if n, within := codePoints(key, 1, maxIdempotencyKey); !within {
		v.Rule, v.Min, v.Max, v.Found = fault.RuleLength, 1, maxIdempotencyKey, int64(n)
		k.report(v)
	}
}
