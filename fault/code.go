package fault

import (
	"iter"
	"strconv"
)

// Code is a wire code of the endpoint (docs/rules.md §14). Codes never change
// their number or status, and new ones are only ever added.
type Code uint16

// The codes. Their statuses and default messages are in one table, see
// [Code.Status] and [Code.Message].
const (
	CodeMissing         Code = 1001 // a required member is missing
	CodePhone           Code = 1002 // not a phone number in E.164
	CodeBody            Code = 1003 // the body is not what it must be; also method, size and media type
	CodeStructure       Code = 1004 // how the parts of a message are put together
	CodeValue           Code = 1005 // a value that is not allowed
	CodeRateLimit       Code = 1007 // too many requests
	CodeCard            Code = 1008 // anything about an app card
	CodeChatNotFound    Code = 2001 // no such chat, or another tenant's
	CodeMessageNotFound Code = 2002 // no such message, or none any more
	CodeUnauthenticated Code = 2004 // no valid token
	CodeForbidden       Code = 2005 // not allowed for this token
	CodeForeignLine     Code = 2006 // the line named is not ours
	CodeNotAllowed      Code = 2008 // the recipient must not be written to
	CodeFeature         Code = 2011 // something that is not offered here
	CodeChatLeft        Code = 2013 // our line has left the chat
	CodeNoLine          Code = 2015 // no line can open a chat now
	CodeCardService     Code = 2018 // an app card over RCS or SMS
	CodeLineNotFound    Code = 2019 // no such line
	CodeMentionDirect   Code = 2023 // a mention in a direct chat
	CodeOptedOut        Code = 2024 // the recipient has opted out
	CodeBlocked         Code = 2026 // the recipient is blocked
	CodeLineBarred      Code = 2027 // the line named cannot send
	CodeClipService     Code = 2028 // an App Clip over RCS or SMS
	CodeInternal        Code = 3006 // a fault of the server
	CodeStore           Code = 4004 // the store cannot be used now
	CodeImage           Code = 5007 // the image of a card cannot be used
)

// codes is append-only: testdata/codes.golden keeps every row that was ever
// published.
var codes = [...]struct {
	code    Code
	status  int
	message string
	when    string // for the documentation
}{
	{CodeMissing, 400, "Missing required field", "A required member is missing, or is null."},
	{CodePhone, 400, "Phone number must be in E.164 format", "A recipient or an excluded line is not a phone number as it must be written."},
	{CodeBody, 400, "Invalid request body", "The body is not one JSON value of the right shape. It stands alone: nothing else was checked. HTTP errors have the same code: 404 for an unknown path, 405, 408, 413 and 415."},
	{CodeStructure, 400, "Invalid message content", "The parts of the message do not go together."},
	{CodeValue, 400, "Invalid parameter value", "A value is out of range, too long, unknown, or does not fit the others."},
	{CodeRateLimit, 429, "Rate limit exceeded", "Too many requests; Retry-After says when to try again."},
	{CodeCard, 400, "Invalid iMessage app card", "Anything about an app card: its members, its layout, or what stands next to it."},
	{CodeChatNotFound, 404, "Chat not found", "There is no such chat of this tenant."},
	{CodeMessageNotFound, 404, "Message not found", "There is no record of such a message of this tenant, or none any more."},
	{CodeUnauthenticated, 401, "Unauthorized - missing or invalid authentication token", "The request has no valid token: send the header Authorization with the word Bearer and a token. Or the signature of an event is not good."},
	{CodeForbidden, 403, "Access denied - insufficient permissions for this resource", "The token does not allow this, or its tenant has no lines on this server."},
	{CodeForeignLine, 403, "Phone number does not belong to this account", "The line that the send names is no line of this tenant."},
	{CodeNotAllowed, 403, "Recipient not allowed", "This tenant may not write to the recipient."},
	{CodeFeature, 403, "Feature not available", "This server does not offer it: an endpoint of the vendor that it does not serve, or an experience."},
	{CodeChatLeft, 409, "Chat is not available", "Our line has left the chat, or nobody else is in it any more."},
	{CodeNoLine, 409, "no eligible sending line available", "A new chat is needed and no line can open one now."},
	{CodeCardService, 409, "App cards can only be sent over iMessage", "An app card with preferred_service RCS or SMS."},
	{CodeLineNotFound, 404, "Phone number not found", "There is no such line of this tenant."},
	{CodeMentionDirect, 409, "Mentions can only be used in group chats", "A mention in a send to one recipient."},
	{CodeOptedOut, 403, "Recipient has opted out", "The recipient has opted out; with override_optout the message is sent nevertheless."},
	{CodeBlocked, 403, "Recipient is blocked", "The tenant has blocked every recipient."},
	{CodeLineBarred, 403, "Phone number is not eligible to send", "The line that the send names is flagged or was taken out of service."},
	{CodeClipService, 409, "App Clips can only be sent over iMessage", "An App Clip with preferred_service RCS or SMS."},
	{CodeInternal, 500, "Internal server error", "A fault of the server. The cause is in its log only."},
	{CodeStore, 503, "Service temporarily unavailable", "The server cannot read its store, its lines or its tokens now; Retry-After says when to try again, where that helps."},
	{CodeImage, 400, "Card image cannot be used", "The image of the card could not be fetched or is not an image."},
}

// Codes yields every code in ascending order.
func Codes() iter.Seq[Code] {
	return func(yield func(Code) bool) {
		for i := range codes {
			if !yield(codes[i].code) {
				return
			}
		}
	}
}

// row returns the place of c in the table, or -1.
func (c Code) row() int {
	for i := range codes {
		if codes[i].code == c {
			return i
		}
	}
	return -1
}

// IsValid reports whether c is one of the codes.
func (c Code) IsValid() bool { return c.row() >= 0 }

// Status returns the HTTP status of c, and 500 for what is not a code.
func (c Code) Status() int {
	if i := c.row(); i >= 0 {
		return codes[i].status
	}
	return 500
}

// Message returns the default message of c, as it stands in error.message of an
// answer; "" for what is not a code.
func (c Code) Message() string {
	if i := c.row(); i >= 0 {
		return codes[i].message
	}
	return ""
}

// When returns a sentence that says when c is answered, for documentation; ""
// for what is not a code.
func (c Code) When() string {
	if i := c.row(); i >= 0 {
		return codes[i].when
	}
	return ""
}

// DocPath returns the path of the page about c, such as
// "/error/codes/1xxx/1002/", to be put behind the base of the documentation.
func (c Code) DocPath() string {
	text := strconv.Itoa(int(c))
	return "/error/codes/" + text[:1] + "xxx/" + text + "/"
}

// String returns the number.
func (c Code) String() string { return strconv.Itoa(int(c)) }
