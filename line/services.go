package line

import "github.com/fromline/fromline/message"

// ServiceSet is the services that a line can send over. The zero value is the
// set of all services. Sets are comparable with ==.
type ServiceSet uint8

const (
	services    = int(message.SMS) // how many services there are
	allServices = 1<<services - 1  // every bit set, which is written as 0
	noServices  = 1 << 7           // the set of nothing
)

// Services returns the set of the given services; all of them are the zero set.
// None at all, or one that is no service, gives the set that contains nothing:
// [Line.Validate] refuses a line that has it.
func Services(list ...message.Service) ServiceSet {
	var s ServiceSet
	for _, service := range list {
		if !service.IsValid() {
			return noServices
		}
		s |= 1 << (service - 1)
	}
	switch s {
	case 0:
		return noServices
	case allServices:
		return 0
	}
	return s
}

// Has reports whether the set contains the service. Every set that contains
// anything has the zero Service, which means that any will do; none has what is
// no service.
func (s ServiceSet) Has(service message.Service) bool {
	switch {
	case s == 0:
		return service <= message.SMS
	case service == 0:
		return s != noServices
	}
	return s&allServices&(1<<(service-1)) != 0
}

// First returns the first service of the set in the order iMessage, RCS, SMS,
// and zero where it contains nothing.
func (s ServiceSet) First() message.Service {
	for service := message.IMessage; int(service) <= services; service++ {
		if s.Has(service) {
			return service
		}
	}
	return 0
}

// List returns the services of the set, in their order, and nil for the set of
// all services.
func (s ServiceSet) List() []message.Service {
	if s == 0 {
		return nil
	}
	list := []message.Service{}
	for service := message.IMessage; int(service) <= services; service++ {
		if s.Has(service) {
			list = append(list, service)
		}
	}
	return list
}

// IsValid reports whether s is a set that [Services] makes of at least one
// service.
func (s ServiceSet) IsValid() bool { return s < allServices }
