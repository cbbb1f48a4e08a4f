package message

// Part is one part of a message: a *TextPart, *MediaPart, *LinkPart,
// *AppCardPart or *AppClipPart, or an *UnknownPart for a part of another type.
type Part interface {
	// Type returns the value of the member type, such as "text".
	Type() string

	part()
}

// The types of parts, as the wire spells them (docs/rules.md §4).
const (
	TypeText    = "text"
	TypeMedia   = "media"
	TypeLink    = "link"
	TypeAppCard = "imessage_app"
	TypeAppClip = "app_clip"
)

// TextPart is text, with decorations and perhaps a mention.
type TextPart struct {
	Value           *string
	TextDecorations []Decoration
	Mention         *string // a recipient of this send
	MentionRange    []int64 // [start, end) in UTF-16 code units of Value; as many numbers as were written
	InlineStickers  []InlineSticker

	Unknown Members
}

// InlineSticker is an image that iMessage shows in place of a range of text, by
// the URL or the id of an earlier upload. Other services show the text.
type InlineSticker struct {
	Range        []int64 // [start, end) in UTF-16 code units of the text; as many numbers as were written
	URL          *string
	AttachmentID *string // a UUID

	Unknown Members
}

// Decoration puts a style or an animation on a range of text. A request has one
// of the two; a response may show both.
type Decoration struct {
	Range     []int64 // [start, end) in UTF-16 code units of the text; as many numbers as were written
	Style     *string // "bold", …
	Animation *string // "big", …

	Unknown Members
}

// MediaPart is an attachment, by URL or by the id of an earlier upload.
type MediaPart struct {
	URL          *string
	AttachmentID *string // a UUID
	Sticker      *bool   // whether iMessage shows the image as a sticker

	Unknown Members
}

// LinkPart is a URL that is shown as a preview. It must be the only part.
type LinkPart struct {
	Value *string

	Unknown Members
}

// AppCardPart is the card of an iMessage app. It must be the only part.
type AppCardPart struct {
	App          *App
	Layout       *Layout
	URL          *string
	FallbackText *string
	Interactive  *bool

	Unknown Members
}

// App names the iMessage app behind a card.
type App struct {
	Name       *string
	BundleID   *string
	TeamID     *string
	AppStoreID *int64

	Unknown Members
}

// Layout holds the texts and the image of a card.
type Layout struct {
	Caption            *string
	Subcaption         *string
	TrailingCaption    *string
	TrailingSubcaption *string
	ImageURL           *string
	ImageTitle         *string
	ImageSubtitle      *string

	Unknown Members
}

// AppClipPart is the card of an App Clip, by its URL.
type AppClipPart struct {
	Value   *string
	Caption *string // the text of the row that opens it

	Unknown Members
}

// UnknownPart is a decoded part whose type is missing or unknown. A program
// cannot make one with a type: the zero UnknownPart is a part without any
// member.
type UnknownPart struct {
	typ     *string
	members Members
}

// Text returns a part with that text.
func Text(value string) *TextPart { return &TextPart{Value: &value} }

// MediaURL returns a media part for that URL.
func MediaURL(url string) *MediaPart { return &MediaPart{URL: &url} }

// Attachment returns a media part for the id of an earlier upload.
func Attachment(id string) *MediaPart { return &MediaPart{AttachmentID: &id} }

// Link returns a link part for that URL.
func Link(url string) *LinkPart { return &LinkPart{Value: &url} }

// AppClip returns an App Clip part for that URL.
func AppClip(url string) *AppClipPart { return &AppClipPart{Value: &url} }

// Type returns [TypeText].
func (*TextPart) Type() string { return TypeText }

// Type returns [TypeMedia].
func (*MediaPart) Type() string { return TypeMedia }

// Type returns [TypeLink].
func (*LinkPart) Type() string { return TypeLink }

// Type returns [TypeAppCard].
func (*AppCardPart) Type() string { return TypeAppCard }

// Type returns [TypeAppClip].
func (*AppClipPart) Type() string { return TypeAppClip }

// Type returns the type as it was written, or "" if there was none
// ([UnknownPart.HasType]).
func (p *UnknownPart) Type() string {
	if p.typ == nil {
		return ""
	}
	return *p.typ
}

// HasType reports whether the part has a member type that is not null.
func (p *UnknownPart) HasType() bool { return p.typ != nil }

// Members returns the members other than type. They must not be changed.
func (p *UnknownPart) Members() Members { return p.members }

func (*TextPart) part()    {}
func (*MediaPart) part()   {}
func (*LinkPart) part()    {}
func (*AppCardPart) part() {}
func (*AppClipPart) part() {}
func (*UnknownPart) part() {}
