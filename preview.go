package fromline

import (
	"context"

	"github.com/fromline/fromline/routing"
)

// Preview says what [Router.Route] would decide now: by the same look-up and
// the same decision, with nothing written and no pick reserved. It asks the
// Gate and the Capability, and looks neither at images nor at attachments.
// Where the world does not change in between, Route picks the same line and
// chat; the ids of a message and of a new chat are drawn anew.
//
// The errors are those of Route, of which none leaves anything in doubt. It is
// safe for concurrent use; neither Observer nor Logger is told.
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
