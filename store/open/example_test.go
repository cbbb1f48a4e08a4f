package open_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fromline/fromline/store/open"
)

// Open a store by its name, as in a setting.
func ExampleStore() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	s, err := open.Store(context.Background(), "sqlite:"+filepath.Join(dir, "chats.db"), open.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Close())
	_, err = open.Store(context.Background(), "chats.db", open.Options{})
	fmt.Println(err)
	// Output:
	// <nil>
	// chats.db lacks the kind of store: for a file of SQLite give sqlite:chats.db
}
