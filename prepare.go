package fromline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// findings are what the hooks said. Each is asked once for each send, however
// many rounds the commit takes.
type findings struct {
	looked      bool // at the images and attachments of the message
	attachments []message.Media
	asked       bool            // which service the chat will run on
	service     message.Service // zero if no hook knows
}

// admit asks the gate, once for each send.
func (s *sending) admit(ctx context.Context) error {
	if s.admitted || s.opts.Gate == nil {
		return nil
	}
	to := s.out.Request.Recipients()
	answer, err := s.opts.Gate.Admit(ctx, s.out.Tenant, to)
	if err != nil {
		return unavailable(fmt.Errorf("fromline: gate: %w", err))
	}
	switch {
	case answer == Admitted:
	case answer == OptedOut && (to.IsGroup() || s.out.Request.OverrideOptOut()):
	case answer == OptedOut, answer == Blocked, answer == NotAllowed:
		return &GateError{Admission: answer, Into: s.out.Chat}
	default:
		return fmt.Errorf("fromline: the gate answered %v, which is no Admission: return Admitted, OptedOut, Blocked or NotAllowed", answer)
	}
	s.admitted = true
	return nil
}

// prepare checks the image and resolves the attachments of the content that was
// decided, and finds out the service where the chat and the sender do not say
// it.
func (s *sending) prepare(ctx context.Context, in *routing.Input, d *routing.Decision) error {
	if s.moving != nil {
		d.Attachments = s.moving.attachments(d)
	} else if !d.ContinuationUsed { // which is a text alone
		if err := s.lookAtMessage(ctx, d); err != nil {
			return err
		}
		d.Attachments = s.found.attachments
	}
	return s.serve(ctx, in, d)
}

// serve finds out the service of the answer if neither the chat nor the
// sender says it: what the hook knows, else the first that the line serves.
func (s *sending) serve(ctx context.Context, in *routing.Input, d *routing.Decision) error {
	if d.Service != 0 {
		return nil
	}
	if err := s.askService(ctx); err != nil {
		return err
	}
	d.Service = cmp.Or(s.found.service, firstService(in.Lines.Find(d.Line)))
	return nil
}

func (s *sending) lookAtMessage(ctx context.Context, d *routing.Decision) error {
	if s.found.looked {
		return nil
	}
	if err := s.checkImages(ctx); err != nil {
		return err
	}
	attachments, err := s.resolve(ctx, d)
	if err != nil {
		return err
	}
	s.found.looked, s.found.attachments = true, attachments
	return nil
}

// firstService returns the first of iMessage, RCS and SMS that a line serves.
func firstService(ref fleet.Ref) message.Service {
	for _, service := range []message.Service{message.IMessage, message.RCS, message.SMS} {
		if ref.Serves(service) {
			return service
		}
	}
	return message.IMessage
}

func (s *sending) askService(ctx context.Context) error {
	if s.found.asked {
		return nil
	}
	service := message.Service(0)
	if s.opts.Capability != nil {
		var err error
		service, err = s.opts.Capability.Service(ctx, s.out.Tenant, s.out.Request.Recipients())
		switch {
		case err != nil:
			return unavailable(fmt.Errorf("fromline: capability: %w", err))
		case service != 0 && !service.IsValid():
			return fmt.Errorf("fromline: the capability hook answered %v, which is no service", service)
		}
	}
	s.found.asked, s.found.service = true, service
	return nil
}

func (s *sending) checkImages(ctx context.Context) error {
	if s.opts.Images == nil {
		return nil
	}
	for _, image := range s.out.Request.Images() {
		if err := s.opts.Images.CheckImage(ctx, s.out.Tenant, image.URL); err != nil {
			if fault := validate.ImageError(image, err); fault != nil {
				return fault
			}
			return unavailable(fmt.Errorf("fromline: image check: %w", err))
		}
	}
	return nil
}

func (s *sending) resolve(ctx context.Context, d *routing.Decision) ([]message.Media, error) {
	if s.opts.Media == nil {
		return nil, nil
	}
	parts := mediaParts(d.Message)
	if len(parts) == 0 {
		return nil, nil
	}
	media, err := s.opts.Media.Resolve(ctx, s.out.Tenant, parts)
	switch {
	case err != nil:
		return nil, unavailable(fmt.Errorf("fromline: media resolver: %w", err))
	case len(media) != len(parts):
		return nil, fmt.Errorf("fromline: the media resolver answered %d of %d parts", len(media), len(parts))
	}
	return media, nil
}

// mediaParts returns the media parts of a message, in order; mostly none.
func mediaParts(m *message.Content) []*message.MediaPart {
	var media []*message.MediaPart
	for _, p := range m.Parts {
		if part, is := p.(*message.MediaPart); is {
			media = append(media, part)
		}
	}
	return slices.Clip(media)
}
