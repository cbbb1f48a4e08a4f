package validate

import (
	"iter"
	"slices"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Checked is a request that has passed every rule. It is immutable, cheap to
// copy and safe for concurrent use; only [Request] makes one. The zero value is
// not a request, and its methods other than IsValid panic.
type Checked struct{ c *checked }

type checked struct {
	recipients recipients.Set
	excluded   []recipients.Handle // sorted, distinct
	message    *message.Content    // in normal form
	mentions   []Mention
	next       *string // the text of the continuation
	key        string
	header     bool // the key stands in the header alone
	override   bool
	service    message.Service
	link       bool
	nextLink   bool
	advisories []Advisory
}

// Mention is the person that a text part mentions.
type Mention struct {
	Part   int // the index of the part
	Handle recipients.Handle
}

// IsValid reports whether c is a checked request: any but the zero value.
func (c Checked) IsValid() bool { return c.c != nil }

// Recipients returns the people that the message is for.
func (c Checked) Recipients() recipients.Set { return c.c.recipients }

// Excluded yields the lines of exclude_from: in the order of
// [recipients.Handle.Compare], each once.
func (c Checked) Excluded() iter.Seq[recipients.Handle] { return slices.Values(c.c.excluded) }

// ExcludedLen returns how many lines Excluded yields.
func (c Checked) ExcludedLen() int { return len(c.c.excluded) }

// IsExcluded reports whether the line is in exclude_from.
func (c Checked) IsExcluded(line recipients.Handle) bool {
	_, found := slices.BinarySearchFunc(c.c.excluded, line, recipients.Handle.Compare)
	return found
}

// Message returns the content in normal form: as it was given, but without an
// effect that has neither type nor name, empty lists, a sticker that is none,
// and empty texts of a card or an App Clip. It may share memory with the
// request: change neither.
func (c Checked) Message() *message.Content { return c.c.message }

// Continuation returns the text of the continuation, and whether there is one.
func (c Checked) Continuation() (text string, ok bool) {
	if c.c.next == nil {
		return "", false
	}
	return *c.c.next, true
}

// Continued returns the content that replaces the message on failover
// (docs/rules.md §7): the text of the continuation as the only part, with the
// preferred service of the message. It is nil without a continuation.
func (c Checked) Continued() *message.Content {
	if c.c.next == nil {
		return nil
	}
	return &message.Content{Parts: []message.Part{&message.TextPart{Value: c.c.next}}, PreferredService: c.c.message.PreferredService}
}

// IdempotencyKey returns the key of the header or of the message; "" without
// one. It may share memory with the body: clone a key that you keep for long.
func (c Checked) IdempotencyKey() string { return c.c.key }

// IsKeyInHeader reports whether only the header has the key, and not the
// message: then a fault of the key is one of the header.
func (c Checked) IsKeyInHeader() bool { return c.c.header }

// OverrideOptOut reports whether the send goes out although a recipient has
// opted out.
func (c Checked) OverrideOptOut() bool { return c.c.override }

// PreferredService returns preferred_service of the message; 0 if there is
// none.
func (c Checked) PreferredService() message.Service { return c.c.service }

// NeededService returns the service that the line of a new chat must serve: the
// preferred one; otherwise iMessage if a recipient is an email address, or if
// the content that is sent is an app card or an App Clip; otherwise 0, which
// means any. If continued is true, the content that is sent is the
// continuation, a plain text.
func (c Checked) NeededService(continued bool) message.Service {
	to := c.Recipients()
	last := to.At(to.Len() - 1) // phones come before emails
	switch {
	case c.c.service != 0:
		return c.c.service
	case !last.IsPhone(), !continued && c.needsIMessage():
		return message.IMessage
	}
	return 0
}

// needsIMessage reports whether the message is content that only iMessage has.
func (c Checked) needsIMessage() bool {
	switch c.c.message.Parts[0].(type) {
	case *message.AppCardPart, *message.AppClipPart:
		return true
	}
	return false
}

// HasLink reports whether the message has a link or App Clip part, or an http
// or https URL in a text.
func (c Checked) HasLink() bool { return c.c.link }

// ContinuationHasLink reports whether the text of the continuation has an http
// or https URL in it.
func (c Checked) ContinuationHasLink() bool { return c.c.nextLink }

// Mentions yields the mentioned people, in the order of the parts; a part
// mentions at most one person.
func (c Checked) Mentions() iter.Seq[Mention] { return slices.Values(c.c.mentions) }

// HasReply reports whether the message has reply_to.
func (c Checked) HasReply() bool { return c.c.message.ReplyTo != nil }

// Images returns the images that the message shows, for an [ImageChecker];
// mostly nil. The continuation shows none.
func (c Checked) Images() []Image {
	card, ok := c.c.message.Parts[0].(*message.AppCardPart)
	if !ok || card.Layout.ImageURL == nil {
		return nil
	}
	return []Image{{Pointer: "/message/parts/0/layout/image_url", URL: *card.Layout.ImageURL}}
}

// Advisories returns what is valid but seldom intended, in the order of faults;
// mostly nil. The slice is the caller's.
func (c Checked) Advisories() []Advisory { return slices.Clone(c.c.advisories) }

// Fingerprint returns the fingerprint of the newest version. Each call computes
// it again, which costs about as much as hashing the content, so keep the
// result.
func (c Checked) Fingerprint() message.Fingerprint {
	f, _ := c.FingerprintAs(FingerprintVersion)
	return f
}
