package absent_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fromline/fromline/internal/absent"
)

type reader func()

func (reader) Read([]byte) (int, error) { return 0, io.EOF }

type table map[string]bool

func (table) Read([]byte) (int, error) { return 0, io.EOF }

// Is tells values that hold nothing from values that hold something.
func TestWhatHoldsNothing(t *testing.T) {
	var pointer *strings.Reader
	for v, want := range map[io.Reader]bool{pointer: true, strings.NewReader(""): false, new(strings.Reader): false} {
		assert.Equal(t, want, absent.Is(v), "%T", v)
	}
	assert.True(t, absent.Is(nil))
	assert.True(t, absent.Is(reader(nil)))
	assert.False(t, absent.Is(reader(func() {})))
	assert.False(t, absent.Is(table(nil)), "it is empty, and works")
	assert.False(t, absent.Is(0))

	type inner struct{ From, To io.Reader }
	type options struct {
		Inner  inner
		Source io.Reader
		Count  int
		Many   []io.Reader
		Plain  *strings.Reader // no interface: a nil here is meant
		hidden io.Reader
	}
	assert.Empty(t, absent.Fields(options{Source: strings.NewReader("")}))
	var told []string
	for _, err := range absent.Fields(options{Inner: inner{To: pointer}, Source: reader(nil), hidden: pointer}) {
		told = append(told, err.Error())
	}
	assert.Equal(t, []string{
		"Inner.To is a nil *strings.Reader: leave it out, or give one that was made",
		"Source is a nil absent_test.reader: leave it out, or give one that was made",
	}, told)
}
