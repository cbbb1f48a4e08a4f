package imagecheck_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline/validate"
	"github.com/fromline/fromline/validate/imagecheck"
)

func Example() {
	var checker validate.ImageChecker = imagecheck.New(imagecheck.Options{})

	// Addresses that are not of the public internet are refused without being
	// asked.
	err := checker.CheckImage(context.Background(), "tenant", "https://169.254.169.254/latest/meta-data/")

	var wrong *validate.ImageFault
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Rule)
	}
	// Output: image.address
}
