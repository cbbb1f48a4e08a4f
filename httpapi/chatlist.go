package httpapi

import (
	"encoding/base64"
	"net/http"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
)

// How many chats a page has at most, and where the request does not say it.
const (
	mostChats = 100
	someChats = 20
)

// chatList is a page of chats.
type chatList struct {
	Chats      []*chat `json:"chats"`
	NextCursor *string `json:"next_cursor"`
}

// getChats lists the chats of the tenant, ordered by their ids, a page at a
// time.
func (x *exchange) getChats() error {
	if err := x.admit(); err != nil {
		return err
	}
	q := x.query("from", "to", "limit", "cursor")
	line, person, limit, after := q.line("from"), q.handle("to"), q.number("limit", mostChats, someChats), q.cursor()
	if err := q.err(); err != nil {
		return err
	}
	ctx, cancel := x.patience()
	defer cancel()
	chats, next, err := x.router.Chats(ctx, x.tenant, line, person, after, limit)
	if err != nil {
		return storeError(err)
	}
	list := chatList{Chats: make([]*chat, 0, len(chats))}
	for i := range chats {
		list.Chats = append(list.Chats, x.showChat(&chats[i]))
	}
	if next != uuid.Nil {
		list.NextCursor = new(base64.RawURLEncoding.EncodeToString(next[:]))
	}
	return x.answerJSON(http.StatusOK, &list)
}

// cursor returns the id that a page goes on after.
func (q *query) cursor() (after uuid.UUID) {
	text, _ := q.one("cursor")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if text != "" && (err != nil || copy(after[:], b) != len(after) || len(b) != len(after)) {
		q.wrong("/cursor", fault.Fault{Rule: fault.RuleEnum, Value: shown(text), Detail: "cursor is no next_cursor of an answer: leave it out to begin at the first page"})
	}
	return after
}
