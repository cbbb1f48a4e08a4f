package decorations

import (
	"fmt"
	"strings"
)

// Style is a lasting look of text. The zero value is no style.
type Style uint8

// The styles that the endpoint knows.
const (
	Bold Style = 1 + iota
	Italic
	Strikethrough
	Underline
)

// Animation is a moving look of text. The zero value is no animation.
type Animation uint8

// The animations that the endpoint knows.
const (
	Big Animation = 1 + iota
	Small
	Shake
	Nod
	Explode
	Ripple
	Bloom
	Jitter
)

var (
	styleNames     = [...]string{Bold: "bold", Italic: "italic", Strikethrough: "strikethrough", Underline: "underline"}
	animationNames = [...]string{
		Big: "big", Small: "small", Shake: "shake", Nod: "nod", Explode: "explode", Ripple: "ripple", Bloom: "bloom",
		Jitter: "jitter",
	}
)

// ParseStyle returns the style of that name. Names are matched exactly: lower
// case, nothing around them.
func ParseStyle(name string) (Style, error) {
	i, err := parseName("style", styleNames[:], name)
	return Style(i), err
}

// ParseAnimation returns the animation of that name. Names are matched exactly:
// lower case, nothing around them.
func ParseAnimation(name string) (Animation, error) {
	i, err := parseName("animation", animationNames[:], name)
	return Animation(i), err
}

// IsValid reports whether s is one of the styles; the zero value is not.
func (s Style) IsValid() bool { return s != 0 && int(s) < len(styleNames) }

// IsValid reports whether a is one of the animations; the zero value is not.
func (a Animation) IsValid() bool { return a != 0 && int(a) < len(animationNames) }

// String returns the name that [ParseStyle] reads, or "Style(n)" where s is not
// valid.
func (s Style) String() string {
	if !s.IsValid() {
		return fmt.Sprintf("Style(%d)", uint8(s))
	}
	return styleNames[s]
}

// String returns the name that [ParseAnimation] reads, or "Animation(n)" where
// a is not valid.
func (a Animation) String() string {
	if !a.IsValid() {
		return fmt.Sprintf("Animation(%d)", uint8(a))
	}
	return animationNames[a]
}

// MarshalText returns the name. A style that is not valid, so also the zero
// value, is an error.
func (s Style) MarshalText() ([]byte, error) {
	if !s.IsValid() {
		return nil, fmt.Errorf("decorations: %v has no name", s)
	}
	return []byte(s.String()), nil
}

// MarshalText returns the name. An animation that is not valid, so also the
// zero value, is an error.
func (a Animation) MarshalText() ([]byte, error) {
	if !a.IsValid() {
		return nil, fmt.Errorf("decorations: %v has no name", a)
	}
	return []byte(a.String()), nil
}

// UnmarshalText is [ParseStyle]; on an error *s is left as it was.
func (s *Style) UnmarshalText(text []byte) error {
	parsed, err := ParseStyle(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// UnmarshalText is [ParseAnimation]; on an error *a is left as it was.
func (a *Animation) UnmarshalText(text []byte) error {
	parsed, err := ParseAnimation(string(text))
	if err == nil {
		*a = parsed
	}
	return err
}

func parseName(what string, names []string, name string) (int, error) {
	for i := 1; i < len(names); i++ {
		if names[i] == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("decorations: unknown %s %q, want one of %s", what, name, strings.Join(names[1:], ", "))
}
