package validate_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

// ownImages takes only images of one server, which it need not fetch.
type ownImages struct{ server string }

// CheckImage implements validate.ImageChecker.
func (o ownImages) CheckImage(_ context.Context, _, url string) error {
	if strings.HasPrefix(url, o.server) {
		return nil
	}
	return &validate.ImageFault{Rule: fault.RuleImageAddress}
}

// A checker looks at the images of a request that has passed. A Router with
// Options.Images does this by itself.
func ExampleImageChecker() {
	var checker validate.ImageChecker = ownImages{"https://images.example.com/"}
	for _, url := range []string{"https://images.example.com/table.jpg", "https://elsewhere.example.com/table.jpg"} {
		request, err := validate.Request(&message.Request{
			To: []string{"+14155559876"},
			Message: &message.Content{Parts: []message.Part{&message.AppCardPart{
				App:    &message.App{Name: new("Tables"), BundleID: new("com.example.tables"), TeamID: new("A1B2C3D4E5")},
				Layout: &message.Layout{Caption: new("Table for two"), ImageURL: &url},
				URL:    new("https://example.com/table/7"), FallbackText: new("Table for two, today at 8"),
			}}},
		}, validate.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, image := range request.Images() {
			wrong := validate.ImageError(image, checker.CheckImage(context.Background(), "acme", image.URL))
			if wrong == nil {
				fmt.Println("taken")
				continue
			}
			fmt.Println(wrong.Primary().Code, wrong.Primary().Rule, image.Pointer)
		}
	}
	// Output:
	// taken
	// 5007 image.address /message/parts/0/layout/image_url
}
