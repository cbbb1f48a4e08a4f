package validate

import (
	"cmp"
	"context"
	"errors"

	"github.com/fromline/fromline/fault"
)

// ImageChecker looks at the image of an app card, which takes I/O and is
// therefore no part of [Request]. The package validate/imagecheck has one.
// Implementations must be safe for concurrent use.
type ImageChecker interface {
	// CheckImage returns nil if the URL, which has passed [Request], leads to
	// an image. If it does not, the error matches an [*ImageFault]. Any other
	// error says that it could not be checked, which is no fault of the sender:
	// the context ended, or there is no room for another check.
	CheckImage(ctx context.Context, tenant, url string) error
}

// ImageFault says why an image cannot be used. It is always used as a pointer.
// It shows neither what was fetched nor the address that a name led to.
type ImageFault struct {
	Rule fault.Rule // one of the rules that begin with "image."

	// Max is the bound in bytes, for fault.RuleImageSize; Found is the HTTP
	// status, for fault.RuleImageStatus; otherwise they are 0.
	Max, Found int64
}

// Error names the rule.
func (f *ImageFault) Error() string {
	return "validate: the image cannot be used: " + cmp.Or(string(f.Rule), "no rule is named")
}

// Image is an image that a message shows, and where its URL stands in the body.
type Image struct {
	Pointer string
	URL     string
}

// ImageError turns what an [ImageChecker] said about image into an
// [*fault.Error] with one violation of code 5007, and returns nil if err is no
// [*ImageFault].
func ImageError(image Image, err error) *fault.Error {
	found, ok := errors.AsType[*ImageFault](err)
	if !ok {
		return nil
	}
	return &fault.Error{Faults: []fault.Fault{{
		Pointer: image.Pointer, Rule: found.Rule, Code: fault.CodeImage,
		Max: found.Max, Found: found.Found,
	}}}
}
