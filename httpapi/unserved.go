package httpapi

import (
	"net/http"

	"github.com/fromline/fromline/fault"
)

// missing is a method of a path that the vendor's API has and this one has not.
type missing struct {
	method, path string // as those of an operation

	// instead says, in whole sentences, what fromline does not do, and what it does
	// in its place.
	instead string
}

// What several rows say.
const (
	notGroups      = "It changes no groups: do it where the network is reached, and report it as participant.added, participant.removed or chat.group_name_updated to POST /v3/events."
	notSubscribed  = "It has no subscriptions that are made over HTTP: webhooks go to the one URL of serve -webhooks-to."
	notContents    = "It keeps no message once it was handed over, and none that people write."
	notAttachments = "It keeps no files: it takes any attachment_id as it is, and a program that embeds the library says what it stands for (fromline.MediaResolver)."
	notCards       = "It keeps no contact cards; POST /v3/chats/{id}/share_contact_card is answered and shares none."
	notPolls       = "It sends no polls: a message has the parts of POST /v3/messages."
	notPayments    = "It takes no payments: send a link or an app_clip part."
	notExperiences = "It has no experiences: a message has the parts of POST /v3/messages, an app card among them."
	notLocations   = "It learns no locations."
	notBackgrounds = "It changes no backgrounds of chats."
	notCapable     = "It asks no network: it picks a line that serves what the message needs, and a program that embeds the library says what a person can receive (fromline.Capability)."
	notAudited     = "It does not audit: fromline lines and fromline doctor say how a line is used and what is known of it."
)

// unserved is the rest of the vendor's API. Together with served it is the table at
// the end of docs/http.md.
var unserved = [...]missing{
	{"PUT", "/v3/chats/{id}", notGroups},
	{"POST", "/v3/chats/{id}/leave", notGroups},
	{"POST", "/v3/chats/{id}/participants", notGroups},
	{"DELETE", "/v3/chats/{id}/participants", notGroups},
	{"GET", "/v3/chats/{id}/messages", notContents + " GET /v3/messages/{id} shows one that was decided, as long as its record lives."},
	{"POST", "/v3/chats/{id}/voicememo", "It sends no voice memos: send the file as a media part."},
	{"POST", "/v3/chats/{id}/background", notBackgrounds},
	{"DELETE", "/v3/chats/{id}/background", notBackgrounds},
	{"GET", "/v3/chats/{id}/location", notLocations},
	{"POST", "/v3/chats/{id}/location/request", notLocations},
	{"POST", "/v3/chats/{id}/polls", notPolls},
	{"GET", "/v3/messages/{id}/thread", notContents},
	{"PATCH", "/v3/messages/{id}", "What it has handed over it cannot edit: send another message."},
	{"DELETE", "/v3/messages/{id}", notContents + " One that is parked can be dropped on -ops-addr, POST /parked/{id}/drop."},
	{"POST", "/v3/messages/{id}/reactions", "It sends no reactions: send a message with reply_to."},
	{"POST", "/v3/messages/{id}/update", "What it has handed over it cannot change: send another card."},
	{"GET", "/v3/messages/{id}/poll", notPolls},
	{"POST", "/v3/messages/{id}/poll/options", notPolls},
	{"POST", "/v3/messages/{id}/poll/votes", notPolls},
	{"PUT", "/v3/phone_numbers/{id}", "It forwards no calls: forwarding_number is shown as the fleet file has it."},
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

// refuseMissing refuses what the vendor's API has and this one has not, and says
// which it is. The answer is nil for everything else.
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
