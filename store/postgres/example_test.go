package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

func ExampleOpen() {
	ctx := context.Background()
	chats, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"), postgres.Options{
		Pooler: true, // the URL is that of a PgBouncer in transaction mode
	})
	if errors.Is(err, postgres.ErrNewerSchema) {
		log.Fatal("deploy the current release: ", err)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer chats.Close()

	people, err := recipients.Canonicalize([]string{"+12025550123"})
	if err != nil {
		log.Fatal(err)
	}
	seen, err := chats.Lookup(ctx, store.Query{Tenant: "acme", Set: people.Key()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("chats with these people:", len(seen.Chats))
}
