package validate

import (
	"cmp"
	"context"
	"errors"

	"github.com/fromline/fromline/fault"
)

// ImageChecker checks the image of an app card. This takes I/O, so Request does
// not do it. Package validate/imagecheck has one. Implementations must be safe
// for concurrent use.
type ImageChecker interface {
	// CheckImage returns nil if the URL, which has passed [Request], leads to
	// an image. If it does not, errors.As finds an [*ImageFault] in the error.
	// Any other error means that the image could not be checked, for example
	// because the context ended or too many checks run: the request has no
	// fault.
	CheckImage(ctx context.Context, tenant, url string) error
}

// ImageFault says why an image cannot be used. It is always used as a pointer.
// It shows neither the fetched bytes nor the address of the host.
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

// ImageError returns the error of an ImageChecker about image as a
// [*fault.Error] with one fault of code 5007. It returns nil if err is no
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
