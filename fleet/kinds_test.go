package fleet

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWrongKinds says of a file with a value of the wrong JSON kind where it
// is, what it is and what belongs there, in words of JSON.
func TestWrongKinds(t *testing.T) {
	line := func(member string) string { return `{"phone_numbers":[{` + member + `}]}` }
	for text, want := range map[string][2]string{
		`[{"id":"a"}]`:                             {"", `it is a list, where an object belongs: put it into {"phone_numbers": […]}`},
		` []`:                                      {"", `it is a list, where an object belongs: put it into {"phone_numbers": […]}`},
		`[{"id":"a","id":"b"}]`:                    {"", `it is a list, where an object belongs: put it into {"phone_numbers": […]}`},
		`"+12025550101"`:                           {"", "it is a string, where an object belongs"},
		`{"phone_numbers":{}}`:                     {"/phone_numbers", "it is an object, where a list belongs"},
		`{"phone_numbers":["+12025550101"]}`:       {"/phone_numbers/0", "it is a string, where an object belongs"},
		line(`"id":42`):                            {"/phone_numbers/0/id", "it is a number, where a string belongs"},
		line(`"eligible":"yes"`):                   {"/phone_numbers/0/eligible", "it is a string, where true or false belongs"},
		line(`"services":"SMS"`):                   {"/phone_numbers/0/services", "it is a string, where a list belongs"},
		line(`"reputation":"HEALTHY"`):             {"/phone_numbers/0/reputation", "it is a string, where an object belongs"},
		line(`"limits":50`):                        {"/phone_numbers/0/limits", "it is a number, where an object belongs"},
		line(`"limits":{"new_chats_per_day":"5"}`): {"/phone_numbers/0/limits/new_chats_per_day", "it is a string, where an integer belongs"},
		`{"phone_numbers":[`:                       {"/phone_numbers", "the text ends too early, at byte 18"},
	} {
		_, _, err := ParseFile([]byte(text))
		var wrong *FormatError
		require.True(t, errors.As(err, &wrong), text)
		require.Len(t, wrong.Faults, 1, text)
		assert.Equal(t, malformed().at(want[0], want[1]), wrong.Faults[0], text)
	}
}
