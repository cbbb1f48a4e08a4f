package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// ChatFinder is implemented by stores that can find the chats of a person.
type ChatFinder interface {
	// ChatsOfPerson returns the chats of the tenant in which the person takes
	// part or took part, also groups, in pages like those of ChatsOfLine: the
	// chats that Forget would remove. [chat.person]
	ChatsOfPerson(ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int) (chats []Chat, next uuid.UUID, err error)
}
