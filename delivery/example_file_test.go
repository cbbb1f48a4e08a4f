package delivery_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func ExampleFileSender() {
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	if err != nil {
		fmt.Println(err)
		return
	}
	message := delivery.Delivery{
		Tenant: "acme", Attempt: 1,
		Delivery: store.Delivery{
			MessageID: uuid.MustParse("02000000-0000-0000-0000-000000000001"), ChatID: uuid.MustParse("01000000-0000-0000-0000-000000000001"),
			From: recipients.MustParse("+14155550102"), To: people, Reason: store.NewBestNumber,
			Content: []byte(`{"parts":[{"type":"text","value":"Hello!"}]}`),
		},
	}
	dir, _ := os.MkdirTemp("", "fromline")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "deliveries.jsonl")
	sender, err := delivery.OpenFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A Dispatcher calls Send; when it returns, the line is on the disk.
	fmt.Println(sender.Send(context.Background(), message))
	fmt.Println(sender.Close())
	lines, _ := os.ReadFile(path)
	fmt.Print(string(lines))
	// Output:
	// <nil>
	// <nil>
	// {"message_id":"02000000-0000-0000-0000-000000000001","chat_id":"01000000-0000-0000-0000-000000000001","from":"+14155550102","to":["+14155559876"],"reason":"new_best_number","message":{"parts":[{"type":"text","value":"Hello!"}]}}
}
