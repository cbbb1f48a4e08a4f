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
// Without a service, or with an invalid one, Services returns a set that
// contains nothing, and [Line.Validate] refuses a line that has it.
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

// Has reports whether the set contains the service. Every set that is not empty
// has the zero Service, which stands for any service. No set has an invalid
// one.
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
// and zero if the set contains nothing.
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
