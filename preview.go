package fromline

import (
	"context"

	"github.com/fromline/fromline/routing"
)

// Preview returns what [Router.Route] would decide now. It makes the same
// look-up and the same decision, writes nothing and reserves no pick. It asks
// the Gate and the Capability, and looks at no image and no attachment. If
// nothing changes in between, Route picks the same line and chat, with new ids
// for the message and for a new chat.
//
// The errors are those of Route, but never with an unknown outcome. Preview is
// safe for concurrent use, and calls neither Observer nor Logger.
func (r *Router) Preview(ctx context.Context, out Outgoing) (routing.Decision, error) {
	s, err := r.begin(ctx, out)
	if err != nil {
		return routing.Decision{}, err
	}
	in, _, looked := s.look(ctx)
	if looked.next != onward {
		return looked.decision, looked.err
	}
	d, err := s.choose(ctx, &in)
	if err != nil {
		return routing.Decision{}, err
	}
	if d.OpensChat() {
		d.ChatID = s.drawChatID()
	}
	if err := s.serve(ctx, &in, &d); err != nil {
		return routing.Decision{}, err
	}
	s.explain(&in, &d)
	return d, nil
}
