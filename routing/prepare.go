package routing

import (
	"context"
	"fmt"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

// prepared is what was found out about one content: the message, or the
// continuation. It is found out once for each send, however many rounds the
// commit takes.
type prepared struct {
	done        bool
	attachments []message.Media
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
	p := &w.prepared[0]
	if d.ContinuationUsed {
		p = &w.prepared[1] // a text alone: no image, no attachment
		p.done = true
	}
	if !p.done {
		if err := w.checkImages(ctx); err != nil {
			return err
		}
		attachments, err := w.resolve(ctx, d)
		if err != nil {
			return err
		}
		*p = prepared{done: true, attachments: attachments}
	}
	d.Attachments = p.attachments
	if d.Service != 0 {
		return nil
	}
	if w.opts.Capability != nil {
		service, err := w.opts.Capability.Service(ctx, w.send.Tenant, w.send.Request.Recipients())
		if err != nil {
			return w.unavailable(fmt.Errorf("routing: capability: %w", err))
		}
		d.Service = service
	}
	if d.Service == 0 {
		d.Service = message.IMessage
	}
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
