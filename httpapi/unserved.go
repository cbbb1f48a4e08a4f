package httpapi

import (
	"net/http"

	"github.com/fromline/fromline/fault"
)

// missing is a method of a path that the vendor's API has and this one has not.
type missing struct {
	method, path string // as those of an operation

	// instead says, in whole sentences, what fromline does not do, and what it
	// does in its place.
	instead string
}

// What several rows say.
const (
	notGroups      = "It does not change groups: change them in the network, and report the change to POST /v3/events as participant.added, participant.removed or chat.group_name_updated."
	notSubscribed  = "It has no subscriptions over HTTP: serve -webhooks-to names the one URL for webhooks."
	notContents    = "It does not keep messages after they were handed over, nor messages that people write."
	notAttachments = "It does not store files: it accepts any attachment_id, and a program that embeds the library describes the attachment (fromline.MediaResolver)."
	notCards       = "It has no contact cards: POST /v3/chats/{id}/share_contact_card is answered and does nothing."
	notPolls       = "It does not send polls: use the parts of POST /v3/messages."
	notPayments    = "It does not take payments: send a link or an app_clip part."
	notExperiences = "It does not send experiences: use the parts of POST /v3/messages, such as an app card."
	notLocations   = "It does not know locations."
	notBackgrounds = "It does not change backgrounds of chats."
	notCapable     = "It does not ask networks: it picks a line that serves what the message needs, and a program that embeds the library says what a person can receive (fromline.Capability)."
	notAudited     = "It does not audit lines: fromline lines and fromline doctor show the use and the state of each line."
)

// unserved is the rest of the vendor's API. Together with served it is the
// table at the end of docs/http.md.
var unserved = [...]missing{
	{"PUT", "/v3/chats/{id}", notGroups},
	{"POST", "/v3/chats/{id}/leave", notGroups},
	{"POST", "/v3/chats/{id}/participants", notGroups},
	{"DELETE", "/v3/chats/{id}/participants", notGroups},
	{"GET", "/v3/chats/{id}/messages", notContents + " GET /v3/messages/{id} shows a decided message while its record lives."},
	{"POST", "/v3/chats/{id}/voicememo", "It does not send voice memos: send the file as a media part."},
	{"POST", "/v3/chats/{id}/background", notBackgrounds},
	{"DELETE", "/v3/chats/{id}/background", notBackgrounds},
	{"GET", "/v3/chats/{id}/location", notLocations},
	{"POST", "/v3/chats/{id}/location/request", notLocations},
	{"POST", "/v3/chats/{id}/polls", notPolls},
	{"GET", "/v3/messages/{id}/thread", notContents},
	{"PATCH", "/v3/messages/{id}", "It cannot edit a message after it was handed over: send another message."},
	{"DELETE", "/v3/messages/{id}", notContents + " To drop a parked message, use POST /parked/{id}/drop of -ops-addr."},
	{"POST", "/v3/messages/{id}/reactions", "It does not send reactions: send a message with reply_to."},
	{"POST", "/v3/messages/{id}/update", "It cannot change a card after it was handed over: send another card."},
	{"GET", "/v3/messages/{id}/poll", notPolls},
	{"POST", "/v3/messages/{id}/poll/options", notPolls},
	{"POST", "/v3/messages/{id}/poll/votes", notPolls},
	{"PUT", "/v3/phone_numbers/{id}", "It does not forward calls: it shows forwarding_number as the fleet file has it."},
	{"POST", "/v3/phone_numbers/{id}/reputation_audit", notAudited},
	{"GET", "/v3/phone_numbers/{id}/reputation_audit/{id}", notAudited},
	{"POST", "/v3/attachments", notAttachments},
	{"GET", "/v3/attachments/{id}", notAttachments},
	{"DELETE", "/v3/attachments/{id}", notAttachments},
	{"GET", "/v3/contact_card", notCards},
	{"POST", "/v3/contact_card", notCards},
	{"PATCH", "/v3/contact_card", notCards},
	{"POST", "/v3/capability/check_imessage", notCapable},
	{"POST", "/v3/capability/check_rcs", notCapable},
	{"GET", "/v3/webhook-events", notSubscribed},
	{"GET", "/v3/webhook-subscriptions", notSubscribed},
	{"POST", "/v3/webhook-subscriptions", notSubscribed},
	{"GET", "/v3/webhook-subscriptions/{id}", notSubscribed},
	{"PUT", "/v3/webhook-subscriptions/{id}", notSubscribed},
	{"DELETE", "/v3/webhook-subscriptions/{id}", notSubscribed},
	{"GET", "/v3/experiences", notExperiences},
	{"GET", "/v3/experiences/{id}", notExperiences},
	{"POST", "/v3/payments", notPayments},
	{"GET", "/v3/payments/{id}", notPayments},
	{"POST", "/v3/payments/{id}/cancel", notPayments},
	{"GET", "/v3/payments/{id}/credentials", notPayments},
	{"GET", "/v3/payments/handles/{id}/connection", notPayments},
	{"DELETE", "/v3/payments/handles/{id}/connection", notPayments},
	{"POST", "/v3/payments/handles/{id}/connect", notPayments},
	{"POST", "/v3/payments/handles/{id}/verify", notPayments},
	{"GET", "/v3/payments/providers/{id}", notPayments},
	{"POST", "/v3/payments/providers/{id}/connect", notPayments},
	{"GET", "/v3/payment_requests", notPayments},
	{"POST", "/v3/payment_requests", notPayments},
	{"GET", "/v3/payment_requests/{id}", notPayments},
	{"POST", "/v3/payment_requests/{id}/cancel", notPayments},
}

// refuseMissing refuses what the vendor's API has and this one has not, and
// says which it is. The answer is nil for everything else.
func (x *exchange) refuseMissing(path string) error {
	for _, m := range unserved {
		if m.method != x.r.Method {
			continue
		}
		if _, is := match(m.path, path); !is {
			continue
		}
		x.endpoint = "unserved"
		if err := x.admit(); err != nil {
			return err
		}
		return &statusError{
			status: http.StatusForbidden, code: fault.CodeFeature,
			message: fault.CodeFeature.Message() + ": fromline does not serve " + m.method + " " + m.path + ". " + m.instead,
		}
	}
	return nil
}
