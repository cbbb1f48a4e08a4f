package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// blockedHandle is a person who is blocked, on the wire.
type blockedHandle struct {
	Handle    string  `json:"handle"` // as it is kept: an email address in lower case
	BlockedAt *string `json:"blocked_at"`
	Reason    string  `json:"reason,omitzero"`
}

func showBlocked(c *store.Consent) blockedHandle {
	return blockedHandle{c.Person.String(), timestamp(c.BlockedAt), c.Reason}
}

// getBlocked lists the people whom the tenant blocks, the latest first. Those
// who were forgotten stay blocked and have no handle that could be shown.
func (x *exchange) getBlocked() error {
	if err := x.admit(); err != nil {
		return err
	}
	ctx, cancel := x.patience()
	defer cancel()
	blocked, err := x.blocked(ctx)
	if err != nil {
		return storeError(err)
	}
	slices.SortStableFunc(blocked, func(a, b store.Consent) int { return b.BlockedAt.Compare(a.BlockedAt) })
	shown := make([]blockedHandle, len(blocked))
	for i := range blocked {
		shown[i] = showBlocked(&blocked[i])
	}
	return x.answerJSON(http.StatusOK, struct {
		Handles []blockedHandle `json:"blocked_handles"`
	}{shown})
}

func (x *exchange) blocked(ctx context.Context) (blocked []store.Consent, err error) {
	for after, more := (recipients.Key{}), true; more; more = after.IsValid() {
		var page []store.Consent
		page, after, err = x.router.Consents(ctx, x.tenant, after, 0)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.Blocked && c.Person.IsValid() {
				blocked = append(blocked, c)
			}
		}
	}
	return blocked, nil
}

// postBlocked blocks a person. A second time changes nothing and shows the
// first.
func (x *exchange) postBlocked() error {
	if err := x.admit(); err != nil {
		return err
	}
	if !x.router.ConsentRules().Blocks {
		return &statusError{status: http.StatusForbidden, code: fault.CodeFeature, message: fault.CodeFeature.Message() +
			": this server does not stop messages to people who are blocked, so a block would mean nothing; start it without -blocks=false"}
	}
	who, err := x.whoToBlock(true)
	if err != nil {
		return err
	}
	kept, applied, err := x.changeBlock(who.person, true, *who.Reason)
	if err != nil {
		return storeError(err)
	}
	status := http.StatusOK
	if applied {
		status = http.StatusCreated
	}
	return x.answerJSON(status, struct {
		Handle blockedHandle `json:"blocked_handle"`
	}{showBlocked(&kept)})
}

// deleteBlocked takes a block back, or finds none.
func (x *exchange) deleteBlocked() error {
	if err := x.admit(); err != nil {
		return err
	}
	who, err := x.whoToBlock(false)
	if err != nil {
		return err
	}
	if who.person.IsValid() {
		if _, _, err := x.changeBlock(who.person, false, ""); err != nil {
			return storeError(err)
		}
	}
	x.noContent()
	return nil
}

func (x *exchange) changeBlock(person recipients.Handle, blocked bool, reason string) (store.Consent, bool, error) {
	ctx, cancel := x.patience()
	defer cancel()
	return x.router.ChangeConsent(ctx, x.tenant, person, store.ConsentChange{Blocked: &blocked, At: x.opts.Clock(), Reason: reason})
}

// whom is the body of a request that blocks a person, or takes that back.
type whom struct {
	Handle *string `json:"handle"`
	Reason *string `json:"reason"`

	person recipients.Handle // zero: one that can never be blocked
}

// longestReason is the length in characters of the longest reason to block.
const longestReason = store.MaxReason / utf8.UTFMax

// whoToBlock reads the body. To take a block back nothing but a handle is
// needed.
func (x *exchange) whoToBlock(block bool) (who whom, err error) {
	if x.r.ContentLength == 0 && x.r.Header.Get("Content-Type") == "" { // what the query says counts for nothing
		return who, &fault.Error{Faults: []fault.Fault{{Pointer: "/handle", Rule: fault.RuleMissing, Code: fault.CodeMissing,
			Detail: `handle is required, in a body of JSON: {"handle": "+14155559876"}`}}}
	}
	if err := x.decode(&who, "handle", "reason"); err != nil {
		return who, err
	}
	var faults []fault.Fault
	if who.Handle == nil {
		faults = append(faults, fault.Fault{Pointer: "/handle", Rule: fault.RuleMissing, Code: fault.CodeMissing})
	} else {
		who.person, err = recipients.Options{Strength: recipients.Syntax}.Parse(*who.Handle)
		if err != nil && (block || !isSender(*who.Handle)) {
			f := handleFault(*who.Handle, err)
			if f.Pointer = "/handle"; isSender(*who.Handle) {
				f.Nearest, f.Detail = "", "is a short code or a sender id: only people with a phone number in E.164 form or an email address can be blocked here"
			}
			faults = append(faults, f)
		}
	}
	if who.Reason == nil {
		who.Reason = new(string)
	}
	switch n := utf8.RuneCountInString(*who.Reason); {
	case n > longestReason:
		faults = append(faults, fault.Fault{Pointer: "/reason", Rule: fault.RuleLength, Code: fault.CodeValue, Max: longestReason, Found: int64(n)})
	case strings.ContainsRune(*who.Reason, 0):
		faults = append(faults, fault.Fault{Pointer: "/reason", Rule: fault.RuleNUL, Code: fault.CodeValue})
	}
	if faults != nil {
		return who, &fault.Error{Faults: faults}
	}
	return who, nil
}

// handleFault says why a text is no handle, and how to mend it.
func handleFault(text string, err error) fault.Fault {
	f := fault.Fault{Rule: recipients.RulePhoneNational, Code: fault.CodePhone, Value: shown(text)}
	if errors.Is(err, recipients.ErrEmail) {
		f.Code = fault.CodeValue
	}
	if e, is := errors.AsType[*recipients.Error](err); is {
		f.Rule, f.Nearest, f.Hint = fault.Rule(e.Rule), e.Suggestion, e.Hint()
	}
	return f
}

// isSender says whether a text is a short code of 3 to 8 digits, or a sender id
// of up to 11 letters and digits.
func isSender(text string) bool {
	digits := strings.Trim(text, "0123456789") == ""
	most := 11
	if digits {
		most = 8
	}
	return len(text) >= 3 && len(text) <= most && !strings.ContainsFunc(text, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}
