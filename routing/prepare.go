package routing

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

// findings are what the hooks said. Each is asked once for each send, however
// many rounds the commit takes.
type findings struct {
	looked      bool // at the images and attachments of the message
	attachments []message.Media
	service     message.Service // zero while nobody was asked
}

// admit asks the gate, once for each send (§11).
func (w *work) admit(ctx context.Context) error {
	if w.admitted || w.opts.Gate == nil {
		return nil
	}
	to := w.send.Request.Recipients()
	answer, err := w.opts.Gate.Admit(ctx, w.send.Tenant, to)
	if err != nil {
		return w.unavailable(fmt.Errorf("routing: gate: %w", err))
	}
	switch {
	case answer == Admitted:
	case answer == OptedOut && (to.IsGroup() || w.send.Request.OverrideOptOut()):
	case answer == OptedOut, answer == Blocked, answer == NotAllowed:
		return &GateError{Admission: answer}
	default:
		return fmt.Errorf("routing: the gate answered %v, which is no admission", answer)
	}
	w.admitted = true
	return nil
}

// prepare checks the image and resolves the attachments of the content that
// was decided, and finds out the service where nobody said (§4, §6, §13).
func (w *work) prepare(ctx context.Context, d *Decision) error {
	if !d.ContinuationUsed { // which is a text alone
		if err := w.lookAtMessage(ctx, d); err != nil {
			return err
		}
		d.Attachments = w.found.attachments
	}
	if d.Service == 0 {
		if err := w.askService(ctx); err != nil {
			return err
		}
		d.Service = w.found.service
	}
	return nil
}

func (w *work) lookAtMessage(ctx context.Context, d *Decision) error {
	if w.found.looked {
		return nil
	}
	if err := w.checkImages(ctx); err != nil {
		return err
	}
	attachments, err := w.resolve(ctx, d)
	if err != nil {
		return err
	}
	w.found.looked, w.found.attachments = true, attachments
	return nil
}

func (w *work) askService(ctx context.Context) error {
	if w.found.service != 0 {
		return nil
	}
	service := message.Service(0)
	if w.opts.Capability != nil {
		var err error
		service, err = w.opts.Capability.Service(ctx, w.send.Tenant, w.send.Request.Recipients())
		switch {
		case err != nil:
			return w.unavailable(fmt.Errorf("routing: capability: %w", err))
		case service != 0 && !service.IsValid():
			return fmt.Errorf("routing: the capability hook answered %v, which is no service", service)
		}
	}
	w.found.service = cmp.Or(service, message.IMessage)
	return nil
}

func (w *work) checkImages(ctx context.Context) error {
	if w.opts.Images == nil {
		return nil
	}
	for _, image := range w.send.Request.Images() {
		if err := w.opts.Images.CheckImage(ctx, w.send.Tenant, image.URL); err != nil {
			if fault := validate.ImageError(image, err); fault != nil {
				return fault
			}
			return w.unavailable(fmt.Errorf("routing: image check: %w", err))
		}
	}
	return nil
}

func (w *work) resolve(ctx context.Context, d *Decision) ([]message.Media, error) {
	if w.opts.Media == nil {
		return nil, nil
	}
	parts := d.mediaParts()
	if len(parts) == 0 {
		return nil, nil
	}
	media, err := w.opts.Media.Resolve(ctx, w.send.Tenant, parts)
	switch {
	case err != nil:
		return nil, w.unavailable(fmt.Errorf("routing: media resolver: %w", err))
	case len(media) != len(parts):
		return nil, fmt.Errorf("routing: the media resolver answered %d of %d parts", len(media), len(parts))
	}
	return media, nil
}
