package validate_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/validate"
)

// appendOnly checks rows against a golden file to which rows are only ever
// added: what was published once stays as it is. With -update new rows are
// added, and a row that was changed or removed still fails.
func appendOnly(t *testing.T, file string, rows []string) {
	path := filepath.Join("testdata", file)
	published, err := os.ReadFile(path)
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	var lines []string
	for scanner := bufio.NewScanner(bytes.NewReader(published)); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	for _, line := range lines {
		require.Contains(t, rows, line, "%s: a published row was changed or removed", file)
	}
	for _, row := range rows {
		if !slices.Contains(lines, row) {
			require.True(t, *update, "%s: the row %q is new; run the test with -update", file, row)
			lines = append(lines, row)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	}
}

func TestCodesGolden(t *testing.T) {
	var rows []string
	last := fault.Code(0)
	for code := range fault.Codes() {
		require.Greater(t, code, last, "codes are in ascending order")
		last = code
		require.True(t, code.IsValid())
		require.NotEmpty(t, code.When())
		rows = append(rows, fmt.Sprintf("%d %d %s %s", code, code.Status(), code.DocPath(), code.Message()))
	}
	appendOnly(t, "codes.golden", rows)

	unknown := fault.Code(9999)
	require.False(t, unknown.IsValid())
	require.Equal(t, 500, unknown.Status(), "what is not a code is a fault of ours")
	require.Empty(t, unknown.Message())
	require.Empty(t, unknown.When())
	require.Equal(t, "/error/codes/9xxx/9999/", unknown.DocPath())
	require.Equal(t, "/error/codes/0xxx/0/", fault.Code(0).DocPath())
}

var ruleName = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z0-9]+(_[a-z0-9]+)*$`)

func TestRulesGolden(t *testing.T) {
	var rows []string
	for rule := range fault.Rules() {
		require.Regexp(t, ruleName, string(rule))
		text, _ := rule.Template()
		require.NotEmpty(t, text, rule)
		for _, code := range rule.Codes() {
			require.True(t, code.IsValid(), rule)
		}
		if !strings.HasPrefix(string(rule), "advisory.") && rule != fault.RuleMore {
			require.NotEmpty(t, rule.Codes(), rule)
		}
		rows = append(rows, string(rule))
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(rows))), len(rows), "a rule is there twice")
	appendOnly(t, "rules.golden", rows)

	none := fault.Rule("none.such")
	require.False(t, none.HasMin() || none.HasMax() || none.HasFound())
	require.Empty(t, none.Codes())
	require.Empty(t, validate.Advisory{Rule: none}.Message())
	require.Equal(t, fault.CodeValue.Message(), fault.Fault{Rule: none, Code: fault.CodeValue}.Message())
}

// Fingerprints are kept for days and compared by later releases: a version
// never changes.
func TestFingerprintsGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/rules/*.txt")
	require.NoError(t, err)
	var rows []string
	seen := map[message.Fingerprint]string{}
	for _, file := range files {
		golden, _ := readRows(t, file)
		for _, row := range golden {
			if strings.HasPrefix(row.request, "header ") {
				continue
			}
			r, err := message.DecodeRequest([]byte(body(t, row.request)))
			if err != nil {
				continue
			}
			c, err := validate.Request(r, optionsOf(file))
			if err != nil {
				continue
			}
			f, ok := c.FingerprintAs(1)
			require.True(t, ok)
			require.True(t, f.IsValid())
			rows = append(rows, fmt.Sprintf("%s %s/%s", f, strings.TrimSuffix(filepath.Base(file), ".txt"), row.name))
			seen[f] = row.name
		}
	}
	require.Greater(t, len(seen), 80)
	appendOnly(t, "fingerprints.golden", rows)
}

func TestFingerprintVersions(t *testing.T) {
	c := mustPass(t, &message.Request{To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hi")}}})
	require.Equal(t, uint8(validate.FingerprintVersion), c.Fingerprint().Version)
	for version := range 256 {
		f, ok := c.FingerprintAs(uint8(version))
		require.Equal(t, version == 1, ok)
		require.Equal(t, ok, f.IsValid())
	}
}

// A national parser of the host may have errors of its own.
func TestForeignParser(t *testing.T) {
	o := validate.Options{Recipients: recipients.Options{National: foreign{}}}
	_, err := validate.Request(&message.Request{To: []string{"415 555 9876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hi")}}}, o)
	require.Equal(t, []string{"/to/0 phone.national 1002"}, lines(t, err))
}

type foreign struct{}

func (foreign) ParseNational(string) (recipients.Handle, error) {
	return recipients.Handle{}, errForeign
}

var errForeign = errors.New("this is no number")

// An error shows rules only if it may be logged: nothing that the sender
// wrote.
func TestErrorIsSafeToLog(t *testing.T) {
	secret := "+1 415 555 SECRET"
	r := &message.Request{To: []string{secret, secret}, Message: &message.Content{Parts: []message.Part{message.Link(secret)}}, ExcludeFrom: []string{secret}}
	_, err := validate.Request(r, validate.Options{})
	var wrong *fault.Error
	require.ErrorAs(t, err, &wrong)
	require.NotContains(t, err.Error(), "SECRET")
	for _, v := range wrong.Faults {
		require.NotContains(t, v.LogValue().String(), "SECRET")
	}
	body := fmt.Sprint(wrong.Envelope("", ""))
	require.Contains(t, body, "SECRET", "the sender is shown what was sent")
}

func TestImageError(t *testing.T) {
	image := validate.Image{Pointer: "/message/parts/0/layout/image_url", URL: "https://example.com/a.jpg"}
	for rule := range fault.Rules() {
		if !strings.HasPrefix(string(rule), "image.") {
			continue
		}
		wrong := validate.ImageError(image, fmt.Errorf("looking: %w", &validate.ImageFault{Rule: rule, Max: 5, Found: 404}))
		require.NotNil(t, wrong)
		require.Equal(t, fault.CodeImage, wrong.Primary().Code)
		wellFormedViolation(t, nil, wrong.Primary())
	}
	require.Nil(t, validate.ImageError(image, errForeign))
	require.Nil(t, validate.ImageError(image, nil))
}
