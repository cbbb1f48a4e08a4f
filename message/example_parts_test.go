package message_test

import (
	"fmt"

	"github.com/fromline/fromline/message"
)

// A link stands alone, and is shown as a preview.
func ExampleLinkPart() {
	content := &message.Content{Parts: []message.Part{&message.LinkPart{Value: new("https://example.com/menu")}}}
	body, err := message.EncodeContent(content)
	fmt.Println(string(body), err)

	back, err := message.DecodeContent(body)
	if link, is := back.Parts[0].(*message.LinkPart); is {
		fmt.Println(*link.Value, err)
	}
	// Output:
	// {"parts":[{"type":"link","value":"https://example.com/menu"}]} <nil>
	// https://example.com/menu <nil>
}

// A picture by its URL, and a sticker by the id of an earlier upload.
func ExampleMediaPart() {
	sticker := message.Attachment("0198c0de-0000-7000-8000-000000000001")
	sticker.Sticker = new(true)
	content := &message.Content{Parts: []message.Part{message.MediaURL("https://example.com/table.jpg"), sticker}}
	for _, part := range content.Parts {
		media := part.(*message.MediaPart)
		fmt.Println(media.Type(), media.URL != nil, media.AttachmentID != nil, media.Sticker != nil && *media.Sticker)
	}
	// Output:
	// media true false false
	// media false true true
}

// A text whose first word is bold.
func ExampleTextPart() {
	text := message.Text("Doors open at 8")
	text.TextDecorations = []message.Decoration{{Range: []int64{0, 5}, Style: new("bold")}}
	body, err := message.EncodeContent(&message.Content{Parts: []message.Part{text}})
	fmt.Println(string(body), err)
	// Output: {"parts":[{"type":"text","value":"Doors open at 8","text_decorations":[{"range":[0,5],"style":"bold"}]}]} <nil>
}

// The card of an iMessage app, with the text for people who do not have the
// app.
func ExampleAppCardPart() {
	card := &message.AppCardPart{
		App:          &message.App{Name: new("Tables"), BundleID: new("com.example.tables"), TeamID: new("A1B2C3D4E5")},
		Layout:       &message.Layout{Caption: new("Table for two")},
		URL:          new("https://example.com/table/7"),
		FallbackText: new("Table for two, today at 8"),
	}
	body, err := message.EncodeContent(&message.Content{Parts: []message.Part{card}})
	back, _ := message.DecodeContent(body)
	fmt.Println(back.Parts[0].Type(), *back.Parts[0].(*message.AppCardPart).Layout.Caption, err)
	// Output: imessage_app Table for two <nil>
}
