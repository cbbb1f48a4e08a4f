package validate

import (
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

var serviceNames = []string{message.IMessage.String(), message.RCS.String(), message.SMS.String()}

// preferredService checks the name of the service, and the content and the
// recipients against the service.
func (k *checker) preferredService(up *path, m *message.Content) {
	at := up.member("preferred_service")
	if k.out.service == 0 {
		k.enum(&at, *m.PreferredService, serviceNames, fault.CodeValue)
		return
	}
	if !k.plain() {
		return
	}
	v := fault.Fault{Value: k.out.service.String()}
	if hasPart[*message.AppCardPart](m.Parts) {
		v.Rule, v.Code = fault.RuleServiceCard, fault.CodeCardService
		k.fault(&at, v)
	}
	if hasPart[*message.AppClipPart](m.Parts) {
		v.Rule, v.Code = fault.RuleServiceClip, fault.CodeClipService
		k.fault(&at, v)
	}
	if k.email {
		v.Rule, v.Code = fault.RuleServiceEmail, fault.CodeValue
		k.fault(&at, v)
	}
}

// plain reports whether the preferred service shows text only.
func (k *checker) plain() bool { return k.out.service == message.RCS || k.out.service == message.SMS }

func hasPart[P message.Part](parts []message.Part) bool {
	for _, part := range parts {
		if _, ok := part.(P); ok {
			return true
		}
	}
	return false
}
