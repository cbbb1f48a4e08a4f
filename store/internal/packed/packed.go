package packed

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
)

// Time packs a time into a number, and the zero time into 0.
func Time(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t).UnixMicro()
}

// ReadTime reads the number of Time.
func ReadTime(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// Roster packs a roster.
func Roster(r store.Roster) []byte {
	w := writer{version}
	w.roster(r)
	return w
}

// ReadRoster reads the bytes of Roster. The error wraps ErrDamaged.
func ReadRoster(b []byte) (store.Roster, error) {
	r := reader{rest: b}
	r.version()
	roster := r.roster()
	return roster, r.end()
}

// The flags of a record.
const (
	continuation = 1 << iota
	moreChats
)

// Record packs a record without its Key, MessageID, ChatID and KeepUntil.
func Record(rec *store.Record) []byte {
	w := append(make(writer, 0, 128), version)
	if len(rec.Trace) > 0 || len(rec.Moves) > 0 || !rec.NotBefore.IsZero() {
		w[0] = tailed
	}
	w.id(rec.PreviousChatID)
	w.handle(rec.Line)
	w.byte(byte(rec.Reason))
	w.time(rec.At)
	w.roster(rec.Roster)
	w.byte(byte(rec.Service))
	var flags byte
	if rec.Continuation {
		flags |= continuation
	}
	if rec.MoreChats {
		flags |= moreChats
	}
	w.byte(flags)
	w.byte(rec.Fingerprint.Version)
	w = append(w, rec.Fingerprint.Sum[:]...)
	w.uint(uint64(len(rec.Attachments)))
	for _, a := range rec.Attachments {
		w.id(a.ID)
		w.text(a.Filename)
		w.text(a.MimeType)
		w.int(a.SizeBytes)
		w.text(a.URL)
	}
	w.uint(uint64(len(rec.Notes)))
	for _, note := range rec.Notes {
		w.text(note)
	}
	if len(rec.Moves) > 0 {
		var s writer
		s.uint(uint64(len(rec.Moves)))
		for _, m := range rec.Moves {
			s.id(m.ChatID)
			s.handle(m.Line)
			s.time(m.At)
		}
		w.byte(sectionMoves)
		w.text(string(s))
	}
	if len(rec.Trace) > 0 {
		w.byte(sectionTrace)
		w.text(rec.Trace)
	}
	if !rec.NotBefore.IsZero() {
		var s writer
		s.time(rec.NotBefore)
		w.byte(sectionNotBefore)
		w.text(string(s))
	}
	return w
}

// ReadRecord reads the bytes of Record into a record. The caller sets its other
// fields. The error wraps ErrDamaged.
func ReadRecord(b []byte, rec *store.Record) error {
	r := reader{rest: b}
	hasTail := len(b) > 0 && b[0] == tailed
	if hasTail {
		r.byte()
	} else {
		r.version()
	}
	rec.PreviousChatID = r.id()
	rec.Line = r.handle()
	rec.Reason = store.Reason(r.byte())
	rec.At = r.time()
	rec.Roster = r.roster()
	rec.Service = message.Service(r.byte())
	flags := r.byte()
	rec.Continuation = flags&continuation != 0
	rec.MoreChats = flags&moreChats != 0
	rec.Fingerprint.Version = r.byte()
	copy(rec.Fingerprint.Sum[:], r.take(uint64(len(rec.Fingerprint.Sum))))
	for range r.uint() {
		a := message.Media{ID: r.id(), Filename: r.text(), MimeType: r.text(), SizeBytes: r.int(), URL: r.text()}
		if r.err != nil {
			return r.err
		}
		rec.Attachments = append(rec.Attachments, a)
	}
	for range r.uint() {
		note := r.text()
		if r.err != nil {
			return r.err
		}
		rec.Notes = append(rec.Notes, note)
	}
	for hasTail && len(r.rest) > 0 {
		kind, section := r.byte(), r.text()
		switch kind {
		case sectionMoves:
			s := reader{rest: []byte(section)}
			if err := s.moves(rec); err != nil && r.err == nil {
				r.err = err
			}
		case sectionTrace:
			rec.Trace = section
		case sectionNotBefore:
			s := reader{rest: []byte(section)}
			rec.NotBefore = s.time()
			if err := s.end(); err != nil && r.err == nil {
				r.err = err
			}
		default:
			r.newer(fmt.Sprintf("this release knows no section %d of a record", kind))
		}
	}
	return r.end()
}

func (r *reader) moves(rec *store.Record) error {
	for range r.uint() {
		m := store.Move{ChatID: r.id(), Line: r.handle(), At: r.time()}
		if r.err != nil {
			return r.err
		}
		rec.Moves = append(rec.Moves, m)
	}
	return r.end()
}

// Delivery packs a delivery without its MessageID and ChatID.
func Delivery(d *store.Delivery) []byte {
	w := append(make(writer, 0, 64+len(d.Content)+len(d.Terms)), version)
	w.handle(d.From)
	w.set(d.To)
	w.byte(byte(d.Reason))
	if d.Terms != nil {
		w[0] = withTerms
		w.text(string(d.Terms))
	}
	return append(w, d.Content...)
}

// withTerms is the version of a delivery that has terms before its content.
const withTerms = 2

// ReadDelivery reads the bytes of Delivery into a delivery. The caller sets its
// other fields. The content is a copy. The error wraps ErrDamaged.
func ReadDelivery(b []byte, d *store.Delivery) error {
	r := reader{rest: b}
	terms := len(b) > 0 && b[0] == withTerms
	if terms {
		r.byte()
	} else {
		r.version()
	}
	d.From = r.handle()
	d.To = r.set()
	d.Reason = store.Reason(r.byte())
	if terms {
		d.Terms = []byte(r.text())
	}
	if r.err == nil {
		d.Content = append([]byte(nil), r.rest...)
	}
	return r.err
}
