package store

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline/recipients"
)

// MaxKnown is the largest number of lines that KnownLines returns.
const MaxKnown = 32

// MaxHandles is the largest number of handles of one recipient.
const MaxHandles = 16

// KnownReader is implemented by stores that can find the lines on which
// recipients have chats.
type KnownReader interface {
	// KnownLines returns the lines of the tenant that some recipients know. A
	// recipient is a list of handles, and knows a line if one of them takes
	// part in a chat, alone or with others, that the line has not left.
	// [known.lines] It returns each line once, with the number of recipients
	// who know it. [known.count]
	//
	// The lines that more of them know come first, then those with the later
	// activity in such a chat, then the lower numbers; at most MaxKnown.
	// [known.order] A store may ignore groups of a handle that takes part, or
	// took part, in more than MaxPage of them.
	//
	// More than recipients.MaxRecipients recipients, more than MaxHandles
	// handles of one, and a zero handle are errors wrapping ErrInvalid.
	// [known.refused] KnownLines changes nothing.
	KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]KnownLine, error)
}

// KnownLine is a line that some recipients know.
type KnownLine struct {
	Line       recipients.Handle
	Recipients int       // how many of the recipients know it
	ActiveAt   time.Time // the latest activity in those chats
}

// CheckKnown returns an error wrapping ErrInvalid if an argument of KnownLines
// is out of its range. Every store calls it first.
func CheckKnown(tenant string, handles [][]recipients.Handle) error {
	if err := CheckTenant(tenant); err != nil {
		return err
	}
	if len(handles) > recipients.MaxRecipients {
		return invalid(fmt.Sprintf("%d recipients are more than %d", len(handles), recipients.MaxRecipients))
	}
	for i, of := range handles {
		if len(of) > MaxHandles {
			return invalid(fmt.Sprintf("recipient %d has %d handles, at most %d are taken", i, len(of), MaxHandles))
		}
		for _, h := range of {
			if err := CheckHandle(h); err != nil {
				return err
			}
		}
	}
	return nil
}
