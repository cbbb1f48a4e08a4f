// Command forget removes what a store holds about a person: the chats in which
// the person takes part or took part, with their records and deliveries.
// Servers may use the store meanwhile.
//
//	go run ./examples/forget STORE TENANT PERSON
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/open"
)

func main() {
	chats, err := forget(context.Background(), os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("removed chats:", chats)
}

// forget returns how many chats it removed.
func forget(ctx context.Context, args []string) (chats int, err error) {
	if len(args) != 3 {
		return 0, errors.New("usage: forget STORE TENANT PERSON")
	}
	person, err := recipients.Parse(args[2])
	if err != nil {
		return 0, err
	}
	there, err := open.Store(ctx, args[0], open.Options{ReadOnly: true}) // which makes no store
	if err != nil {
		return 0, err
	}
	if err := there.Close(); err != nil {
		return 0, err
	}
	store, err := open.Store(ctx, args[0], open.Options{SchemaGiven: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.Forget(ctx, args[1], person)
}
