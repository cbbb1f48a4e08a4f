package fromline_test

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// uploads are the files that your program has taken in, by their ids.
type uploads map[string]message.Media

// Resolve says what is behind each part.
func (u uploads) Resolve(_ context.Context, _ string, parts []*message.MediaPart) ([]message.Media, error) {
	var all []message.Media
	for _, part := range parts {
		if part.AttachmentID == nil {
			all = append(all, message.Media{URL: *part.URL})
			continue
		}
		file, known := u[*part.AttachmentID]
		if !known {
			return nil, fmt.Errorf("no upload %s", *part.AttachmentID)
		}
		all = append(all, file)
	}
	return all, nil
}

// A MediaResolver tells the name, type and size of what is attached. The answer
// to the send shows them.
func ExampleMediaResolver() {
	id := uuid.MustParse("0198c0de-0000-7000-8000-000000000001")
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{
		Media: uploads{id.String(): {ID: id, Filename: "menu.pdf", MimeType: "application/pdf", SizeBytes: 48_213}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := router.Send(context.Background(), "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Attachment(id.String())}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Attachments[0].Filename, d.Attachments[0].SizeBytes)
	// Output: menu.pdf 48213
}
