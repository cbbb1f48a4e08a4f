package sharded_test

import (
	"context"
	"fmt"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/sharded"
)

// Two stores as one: each tenant lives in one of them.
func ExampleNew() {
	one, two := memory.New(memory.Options{}), memory.New(memory.Options{})
	shard := func(name string, s store.Store) sharded.Shard {
		return sharded.Shard{Name: name, Open: func(context.Context) (store.Store, error) { return s, nil }}
	}
	chats, err := sharded.New([]sharded.Shard{shard("one", one), shard("two", two)}, sharded.Options{Directory: "one"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range chats.Parts(context.Background()) {
		fmt.Println(part.Name, part.Err)
	}
	fmt.Println(chats.Close())
	// Output:
	// one <nil>
	// two <nil>
	// <nil>
}
