package validate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

// Every member that rich and a full card have is known, and a member that is
// spelt otherwise is reported with the right one: the lists of names that are
// suggested are those that decoding knows.
func TestMembersAreKnown(t *testing.T) {
	card := `{"to":["+14155559876"],"message":{"parts":[{"type":"imessage_app",
		"app":{"name":"Chess","bundle_id":"com.example.chess","team_id":"A1B2C3D4E5","app_store_id":1},
		"layout":{"caption":"a","subcaption":"a","trailing_caption":"a","trailing_subcaption":"a","image_url":"https://example.com/a.jpg","image_title":"a","image_subtitle":"a"},
		"url":"https://example.com/","fallback_text":"a","interactive":true}]}}`
	link := `{"to":["+14155559876"],"message":{"parts":[{"type":"link","value":"https://example.com/"}]}}`
	animated := strings.Replace(rich, `"style": "bold"`, `"animation": "big"`, 1)
	animated = strings.Replace(animated, `[0, 3]`, `[5, 6]`, 1)
	members := map[string]bool{}
	for _, body := range []string{rich, card, link, animated} {
		var tree any
		require.NoError(t, json.Unmarshal([]byte(body), &tree))
		r, err := message.DecodeRequest([]byte(body))
		require.NoError(t, err)
		_, err = validate.Request(r, validate.Options{})
		require.NoError(t, err)
		for pointer, value := range objects("", tree) {
			for name := range value {
				members[pointer+"/"+name] = true
				if name == "type" {
					continue // the type decides what the other members are
				}
				kept := value[name]
				delete(value, name)
				value[strings.ToUpper(name)] = kept
				spoilt, err := json.Marshal(tree)
				require.NoError(t, err)
				value[name] = kept
				delete(value, strings.ToUpper(name))

				r, err := message.DecodeRequest(spoilt)
				require.NoError(t, err)
				_, err = validate.Request(r, validate.Options{})
				var wrong *fault.Error
				require.ErrorAs(t, err, &wrong, "%s", spoilt)
				found := false
				for _, v := range wrong.Faults {
					found = found || v.Rule == fault.RuleUnknown && v.Pointer == pointer+"/"+strings.ToUpper(name) && v.Nearest == name
				}
				require.True(t, found, "%s: %v", pointer+"/"+name, wrong.Faults)
			}
		}
	}
	require.Greater(t, len(members), 40)
}

// objects yields every object of a tree of JSON with its pointer.
func objects(pointer string, node any) func(func(string, map[string]any) bool) {
	return func(yield func(string, map[string]any) bool) {
		switch node := node.(type) {
		case map[string]any:
			if !yield(pointer, node) {
				return
			}
			for name, v := range node {
				for p, o := range objects(pointer+"/"+name, v) {
					if !yield(p, o) {
						return
					}
				}
			}
		case []any:
			for i, v := range node {
				for p, o := range objects(fmt.Sprintf("%s/%d", pointer, i), v) {
					if !yield(p, o) {
						return
					}
				}
			}
		}
	}
}
