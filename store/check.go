package store

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

const (
	// MaxTenant is the length in bytes of the longest tenant.
	MaxTenant = 4096

	// MaxKey is the length in characters of the longest idempotency key.
	MaxKey = 255
)

// CheckTenant returns an error wrapping ErrInvalid unless the tenant is 1 to
// MaxTenant bytes of UTF-8 without U+0000. Every method of a store that takes a
// tenant calls it first. Tenants are compared byte by byte.
func CheckTenant(tenant string) error {
	switch {
	case tenant == "":
		return invalid("the tenant is empty")
	case len(tenant) > MaxTenant:
		return invalid(fmt.Sprintf("the tenant has %d bytes, at most %d are kept", len(tenant), MaxTenant))
	}
	return checkText("tenant", tenant)
}

// CheckCounted returns the error of CheckTenant, but nil for an empty tenant,
// which stands for all: see Copier.Count.
func CheckCounted(tenant string) error {
	if tenant == "" {
		return nil
	}
	return CheckTenant(tenant)
}

// CheckHandle returns an error wrapping ErrInvalid if the handle is zero.
func CheckHandle(h recipients.Handle) error {
	if !h.IsValid() {
		return invalid("the handle is empty")
	}
	return nil
}

// CheckLease returns an error wrapping ErrInvalid unless the lease is positive.
func CheckLease(lease time.Duration) error {
	if lease <= 0 {
		return invalid(fmt.Sprintf("a lease of %v is none", lease))
	}
	return nil
}

// CheckLeases returns the error of CheckTenant for the first lease whose tenant
// it refuses.
func CheckLeases(ids []LeaseID) error {
	for _, id := range ids {
		if err := CheckTenant(id.Tenant); err != nil {
			return err
		}
	}
	return nil
}

// CheckWait returns an error wrapping ErrInvalid if the wait is negative.
func CheckWait(wait time.Duration) error {
	if wait < 0 {
		return invalid(fmt.Sprintf("a wait of %v has no end to come", wait))
	}
	return nil
}

// CheckAttempts returns an error wrapping ErrInvalid if the number of attempts
// is negative or does not fit into 32 bits.
func CheckAttempts(attempts int) error {
	if attempts < 0 || attempts > math.MaxInt32 {
		return invalid(fmt.Sprintf("%d is no number of attempts", attempts))
	}
	return nil
}

// CheckState returns an error wrapping ErrInvalid if a state cannot be one of a
// line. It may have some facts only; the others and their times are zero.
func CheckState(s line.State) error {
	if err := CheckTenant(s.Tenant); err != nil {
		return err
	}
	switch {
	case !s.Number.IsPhone():
		return invalid("the line is not a phone number")
	case s.Status != 0 && !s.Status.IsValid():
		return invalid(fmt.Sprintf("unknown status %d", s.Status))
	case s.Reputation != 0 && !s.Reputation.IsValid():
		return invalid(fmt.Sprintf("unknown reputation %d", s.Reputation))
	case s.Ownership != 0 && !s.Ownership.IsValid():
		return invalid(fmt.Sprintf("unknown ownership %d", s.Ownership))
	case s.Status == 0 && s.Reputation == 0 && s.Ownership == 0:
		return invalid("the state says neither a status nor a reputation nor an ownership")
	}
	return cmp.Or(
		checkFact("status", s.Status != 0, s.StatusAt),
		checkFact("reputation", s.Reputation != 0, s.ReputationAt),
		checkFact("ownership", s.Ownership != 0, s.OwnershipAt),
		checkRecovery(s),
	)
}

// CheckFlag returns an error wrapping ErrInvalid if an argument of FlagLine is
// out of its range.
func CheckFlag(tenant string, number recipients.Handle, at time.Time) error {
	return CheckState(line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at})
}

// CutState returns the state with all its times cut by [Micros].
func CutState(s line.State) line.State {
	s.StatusAt, s.ReputationAt, s.OwnershipAt = Micros(s.StatusAt), Micros(s.ReputationAt), Micros(s.OwnershipAt)
	s.FlaggedAt, s.RecoveredAt = Micros(s.FlaggedAt), Micros(s.RecoveredAt)
	return s
}

// checkRecovery refuses a recovery without an earlier flag.
func checkRecovery(s line.State) error {
	for _, at := range []time.Time{s.FlaggedAt, s.RecoveredAt} {
		if at.IsZero() {
			continue
		}
		if err := checkTime("time of the last flag or of the recovery", at); err != nil {
			return err
		}
	}
	if !s.RecoveredAt.IsZero() && (s.FlaggedAt.IsZero() || !s.RecoveredAt.After(s.FlaggedAt)) {
		return invalid("the line recovered from no flag before that")
	}
	return nil
}

// Flag returns the state after FlagLine.
func Flag(kept line.State, at time.Time) line.State {
	if kept.Status != line.Flagged {
		if at = Micros(at); !at.After(kept.StatusAt) {
			at = kept.StatusAt.Add(time.Microsecond)
		}
		kept, _ = kept.Merge(line.State{Status: line.Flagged, StatusAt: at})
	}
	return kept
}

// checkFact refuses a fact without a time, and a time without a fact.
func checkFact(name string, said bool, at time.Time) error {
	if !said {
		if !at.IsZero() {
			return invalid("the " + name + " has a time and no value")
		}
		return nil
	}
	return checkTime("time of the "+name, at)
}

// PageSize returns the number of items on a page for a caller's limit: MaxPage
// for zero and for larger limits. A negative limit is an error wrapping
// ErrInvalid.
func PageSize(limit int) (int, error) {
	switch {
	case limit < 0:
		return 0, invalid(fmt.Sprintf("the limit %d is negative", limit))
	case limit == 0 || limit > MaxPage:
		return MaxPage, nil
	}
	return limit, nil
}

// PurgeSize returns the largest number of records that a Purge removes for a
// caller's limit: MaxPage for zero. A negative limit is an error wrapping
// ErrInvalid.
func PurgeSize(limit int) (int, error) {
	if limit > MaxPage {
		return limit, nil
	}
	return PageSize(limit)
}

// Check returns an error wrapping ErrInvalid if the query cannot be answered.
func (q *Query) Check() error {
	if err := CheckTenant(q.Tenant); err != nil {
		return err
	}
	if q.Recipients.Len() > 0 && q.Recipients.Key() != q.Set {
		return invalid("the people that are asked about are not those of the set")
	}
	return checkKey(q.IdempotencyKey)
}

func checkKey(key string) error {
	if len(key) > MaxKey && utf8.RuneCountInString(key) > MaxKey {
		return invalid(fmt.Sprintf("the idempotency key has %d characters, at most %d are kept", utf8.RuneCountInString(key), MaxKey))
	}
	return checkText("idempotency key", key)
}

// checkText refuses texts that some engines cannot keep.
func checkText(what, text string) error {
	switch {
	case !utf8.ValidString(text):
		return invalid("the " + what + " is not valid UTF-8")
	case strings.IndexByte(text, 0) >= 0:
		return invalid("the " + what + " contains U+0000")
	}
	return nil
}

// checkTime refuses times before 1970 or after 9999: no message has one.
func checkTime(what string, t time.Time) error {
	if t.IsZero() {
		return invalid("the " + what + " is zero")
	}
	if s := t.Unix(); s < 0 || s >= year10000 {
		return invalid(fmt.Sprintf("the %s lies in the year %d: give one from 1970 to 9999", what, t.UTC().Year()))
	}
	return nil
}

// year10000 is the beginning of the year 10000, in seconds since 1970.
const year10000 = 253_402_300_800
