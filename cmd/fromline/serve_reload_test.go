//go:build unix

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReload says that at SIGHUP a server takes over what its files say now:
// lines that come, go and change their tenant, the policy, tokens; and that it
// goes on as before where one of them cannot be used.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	const first, second, third = `{"id": "a", "phone_number": "+12055550101"}`, `{"id": "b", "phone_number": "+14155550102"}`, `{"id": "c", "phone_number": "+442079460104"}`
	fleet := func(lines ...string) string { return `{"phone_numbers": [` + strings.Join(lines, ", ") + `]}` }
	const token, other, later = "0123456789abcdef-acme", "0123456789abcdef-beta", "0123456789abcdef-later"
	acme, beta := file("acme.json", fleet(first, second)), file("beta.json", fleet(third))
	tokens, policy := file("acme.token", token), file("policy.json", `{"criteria": ["fewest"]}`)
	p := start(t, "-fleet", "acme="+acme, "-fleet", "beta="+beta, "-token", "acme=@"+tokens, "-token", "beta=@"+file("beta.token", other),
		"-policy", policy, "-deliveries", os.DevNull, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	lines := func(token string) (numbers []string) {
		status, answer := p.send(t, http.MethodGet, "/v3/phone_numbers", "", "Authorization", "Bearer "+token)
		if status != http.StatusOK {
			return nil
		}
		for _, line := range answer["phone_numbers"].([]any) {
			numbers = append(numbers, line.(map[string]any)["phone_number"].(string))
		}
		return numbers
	}
	times := 0
	hangUp := func(says string) {
		times++
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
		eventually(t, func() bool {
			return strings.Count(p.logged(), `"msg":"reloaded"`)+strings.Count(p.logged(), `"msg":"reload failed`) == times
		})
		eventually(t, func() bool { return strings.Contains(p.logged(), says) })
	}
	require.Equal(t, []string{"+12055550101", "+14155550102"}, lines(token))

	file("acme.json", fleet(second, third)) // one goes, and one comes from the other tenant
	file("beta.json", fleet(first))
	file("acme.token", later)
	file("policy.json", `{"criteria": ["country"]}`)
	hangUp(`"msg":"reloaded","lines_came":2,"lines_went":2,"lines_changed":0`)
	for tenant, number := range map[string]string{"acme": "+12055550101", "beta": "+442079460104"} {
		assert.Contains(t, p.logged(), fmt.Sprintf(`"tenant":%q,"lines":1,"numbers":[%q]`, tenant, number), "the lines that left are told")
	}
	assert.Equal(t, []string{"+14155550102", "+442079460104"}, lines(later))
	assert.Nil(t, lines(token), "a token that was taken out lets nobody in")
	assert.Equal(t, []string{"+12055550101"}, lines(other))
	status, answer := p.send(t, http.MethodPost, "/v3/messages", sendTo("+442079460999", "hi"), "Authorization", "Bearer "+later)
	require.Equal(t, http.StatusAccepted, status, "%v", answer)
	assert.Equal(t, "+442079460104", answer["from"], "a line of the country is preferred now")

	file("beta.json", fleet(second)) // which acme has
	hangUp(`"msg":"reload failed`)
	file("beta.json", "[]")
	hangUp("it is a list")
	file("beta.json", fleet())
	hangUp(`it holds no lines`)
	assert.Contains(t, get(t, p.ops+"/metrics"), "\nfromline_reload_failed 1\n")
	file("beta.json", strings.Replace(fleet(first), `"a"`, `"a", "label": "spring"`, 1))
	hangUp(`"lines_came":0,"lines_went":0,"lines_changed":1`)
	assert.Contains(t, get(t, p.ops+"/metrics"), "\nfromline_reload_failed 0\n")
	many := []string{strings.Replace(first, `"a"`, `"a", "label": "spring"`, 1)}
	for i := range 12 {
		many = append(many, fmt.Sprintf(`{"id": "n%d", "phone_number": "+141555520%02d"}`, i, i))
	}
	file("beta.json", fleet(many...))
	hangUp(`"lines_came":12,"lines_went":0`)
	file("beta.json", fleet(many[:6]...))
	hangUp(`it has 6 of the 13 lines that it had`)
	assert.Len(t, lines(other), 13)
	file("beta.json", fleet(many[:7]...))
	hangUp(`"lines_came":0,"lines_went":6`)
	file("beta.json", fleet(many[0]))
	hangUp(`"lines_came":0,"lines_went":6,"lines_changed":0`)
	file("policy.json", `{"criteria": ["cuontry"]}`)
	hangUp("cuontry")
	file("policy.json", `{}`)
	file("acme.token", "short")
	hangUp("-token")
	assert.Equal(t, []string{"+14155550102", "+442079460104"}, lines(later))
	assert.Equal(t, []string{"+12055550101"}, lines(other))
	assert.Equal(t, exitOK, p.stop(t))
}
