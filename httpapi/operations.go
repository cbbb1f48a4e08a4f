package httpapi

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// operation is one method of one path that is served.
type operation struct {
	method, path string // {id} stands for one segment that is not empty
	endpoint     string // as Answered tells it

	// answer answers. One that returns an error has written nothing.
	answer func(x *exchange) error
}

// served is all that is served below the prefix, the most frequent first.
var served = [...]operation{
	{method: "POST", path: "/v3/messages", endpoint: "messages", answer: (*exchange).postMessage},
	{method: "POST", path: "/v3/chats/{id}/messages", endpoint: "chat_messages", answer: (*exchange).postChatMessage},
	{method: "POST", path: "/v3/chats", endpoint: "chat_messages", answer: (*exchange).postChat},
	{method: "POST", path: "/v3/events", endpoint: "events", answer: (*exchange).postEvent},
	{method: "GET", path: "/v3/messages/{id}", endpoint: "message", answer: (*exchange).getMessage},
	{method: "GET", path: "/v3/chats", endpoint: "chats", answer: (*exchange).getChats},
	{method: "GET", path: "/v3/chats/{id}", endpoint: "chats", answer: (*exchange).getChat},
	{method: "POST", path: "/v3/chats/{id}/typing", endpoint: "gestures", answer: (*exchange).gesture},
	{method: "DELETE", path: "/v3/chats/{id}/typing", endpoint: "gestures", answer: (*exchange).gesture},
	{method: "POST", path: "/v3/chats/{id}/read", endpoint: "gestures", answer: (*exchange).gesture},
	{method: "POST", path: "/v3/chats/{id}/share_contact_card", endpoint: "gestures", answer: (*exchange).gesture},
	{method: "GET", path: "/v3/phone_numbers", endpoint: "phone_numbers", answer: (*exchange).getPhoneNumbers},
	{method: "GET", path: "/v3/phonenumbers", endpoint: "phone_numbers", answer: (*exchange).getPhoneNumbers}, // its older name
	{method: "GET", path: "/v3/available_number", endpoint: "available_number", answer: (*exchange).getAvailable},
	{method: "GET", path: "/v3/blocked_handles", endpoint: "blocked_handles", answer: (*exchange).getBlocked},
	{method: "POST", path: "/v3/blocked_handles", endpoint: "blocked_handles", answer: (*exchange).postBlocked},
	{method: "DELETE", path: "/v3/blocked_handles", endpoint: "blocked_handles", answer: (*exchange).deleteBlocked},
	{method: "GET", path: "/livez", endpoint: "live", answer: (*exchange).getLive},
	{method: "GET", path: "/readyz", endpoint: "ready", answer: (*exchange).getReady},
}

// operate finds the operation and lets it answer. HEAD is answered like GET, by
// net/http without the body.
func (x *exchange) operate(path string) error {
	var allowed []string
	for i := range served {
		o := &served[i]
		id, is := match(o.path, path)
		switch {
		case !is:
			continue
		case o.method == x.r.Method, o.method == http.MethodGet && x.r.Method == http.MethodHead:
			x.endpoint, x.id = o.endpoint, id
			return o.answer(x)
		}
		x.endpoint = o.endpoint
		allowed = append(allowed, o.method)
	}
	if err := x.refuseMissing(path); err != nil {
		return err
	}
	if allowed == nil {
		return x.noEndpoint()
	}
	return errMethod(allowed...)
}

// match returns the first segment of a path that stands for {id} in a pattern.
func match(pattern, path string) (id string, is bool) {
	for more := true; more; {
		var want, found string
		var longer bool
		want, pattern, more = strings.Cut(pattern, "/")
		found, path, longer = strings.Cut(path, "/")
		switch {
		case more != longer:
			return "", false
		case want == found:
		case want != "{id}" || found == "":
			return "", false
		case id == "":
			id = found
		}
	}
	return id, true
}

// uuid returns the id in the path; what is no id is nothing that is known.
func (x *exchange) uuid(unknown error) (uuid.UUID, error) {
	id, err := uuid.Parse(x.id)
	if err != nil || len(x.id) != len(id.String()) {
		return uuid.Nil, unknown
	}
	return id, nil
}
