package console

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

const (
	secretPerson = "+14155559876"
	ourLine      = "+12055550101"
)

var message = uuid.MustParse("0198c0de-0000-7000-8000-000000000003")

// fake is a desk with one of everything.
type fake struct {
	acts    []Action
	guarded bool
}

func (f *fake) Lines(context.Context, string) ([]Line, error) {
	return []Line{
		{Number: ourLine, State: "FLAGGED", Tone: Bad, Since: time.Now(), Waiting: "3 chats wait for another line"},
		{Number: "+14155550102", State: "ACTIVE, HEALTHY", Tone: Good, NextIsNow: true, NewChats: 40, NewChatLimit: 50, ShareOfChats: 80,
			Guarded: f.guarded, Ramp: "day 3 of its ramp", Failovers: 2, FailoverLimit: 5, ShareOfTaken: 40},
	}, nil
}
func (f *fake) Backlog(context.Context) (Backlog, error) {
	return Backlog{Waiting: 7, Parked: 2, Oldest: time.Now()}, nil
}
func (f *fake) Parked(context.Context, string, int) ([]Parked, bool, error) {
	set, err := recipients.NewSet(recipients.MustParse(secretPerson))
	p := Parked{Message: message, Line: ourLine, To: set, Why: "the line is flagged", Reason: "line_flagged", Attempts: 3, At: time.Now()}
	return []Parked{p, p}, true, err
}
func (f *fake) Act(_ context.Context, _ string, do Action) (int, error) {
	f.acts = append(f.acts, do)
	return 1, nil
}
func (f *fake) Recent(string) []Event {
	return []Event{{At: time.Now(), Message: message, Line: ourLine, What: "new best number"}, {What: "refused", Detail: "branch: new\n  passed over: 1 flagged"}}
}
func (f *fake) Explain(_ context.Context, _ string, id uuid.UUID) (Story, error) {
	if id != message {
		return Story{}, ErrGone
	}
	set, err := recipients.NewSet(recipients.MustParse(secretPerson), recipients.MustParse("ann.quick@example.com"))
	return Story{Message: id, Line: ourLine, Reason: "new_best_number", To: set, Trace: "branch: new\n  <picked>", Delivery: "waits"}, err
}
func (f *fake) Preview(_ context.Context, _ string, ask Ask) (Story, error) {
	if len(ask.To) == 0 {
		return Story{}, errors.New("/to: name a person")
	}
	return Story{Line: ourLine, Reason: "reused_active_chat", Trace: "branch: reuse"}, nil
}
func (f *fake) Examine(context.Context) ([]Finding, error) {
	return []Finding{{About: "store"}, {Tone: Bad, Text: "2 deliveries are parked"}}, nil
}

// site is a console that is served, and a browser that keeps cookies.
type site struct {
	*httptest.Server
	testing.TB
	desk *fake
}

func serve(t testing.TB, o Options) *site {
	o.Tenants = []string{"globex", "acme"}
	desk := &fake{}
	c, err := New(desk, o)
	require.NoError(t, err)
	s := &site{Server: httptest.NewServer(c), TB: t, desk: desk}
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	s.Client().Jar = jar
	return s
}

type answer struct {
	*http.Response
	text string
}

func (s *site) do(r *http.Request) answer {
	s.Helper()
	a, err := s.Client().Do(r)
	require.NoError(s, err)
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	require.NoError(s, err)
	return answer{a, string(text)}
}

func (s *site) get(path string) answer {
	r, err := http.NewRequest("GET", s.URL+path, nil)
	require.NoError(s, err)
	return s.do(r)
}

func (s *site) post(path string, fields url.Values, headers ...string) answer {
	r, err := http.NewRequest("POST", s.URL+path, strings.NewReader(fields.Encode()))
	require.NoError(s, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(r)
}

var formToken = regexp.MustCompile(`name="form" value="([0-9a-f]+)"`)

// form returns the token of the forms of this session.
func (s *site) form() string {
	found := formToken.FindStringSubmatch(s.get(Base + "/preview").text)
	require.Len(s, found, 2)
	return found[1]
}

// pages are what can be read, by its path.
var pages = []string{
	Base, Base + "?tenant=acme", Base + "/parked", Base + "/decisions", Base + "/decisions/" + message.String(), Base + "/decisions?message=" + message.String(),
	Base + "/preview", Base + "/doctor",
}

// No page has a script or anything from elsewhere, none shows a person in full,
// and each forbids what it does not have.
func TestPagesAreClosed(t *testing.T) {
	s := serve(t, Options{})
	outside := regexp.MustCompile(`(?i)<script|\son[a-z]+=|javascript:|\sstyle=|<iframe|@import|url\(|(src|href|action)="(https?:)?//`)
	check := func(path string, a answer) {
		t.Helper()
		require.Equal(t, 200, a.StatusCode, "%s %s", path, a.text)
		require.NotRegexp(t, outside, a.text, path)
		require.NotContains(t, a.text, secretPerson[1:], path)
		require.NotContains(t, a.text, "ann.quick", path)
		require.Contains(t, a.Header.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.NotContains(t, a.Header.Get("Content-Security-Policy"), "unsafe", path)
		require.Equal(t, "no-store", a.Header.Get("Cache-Control"), path)
		require.Equal(t, "DENY", a.Header.Get("X-Frame-Options"), path)
	}
	for _, path := range append(pages, Base+"/style.css") {
		check(path, s.get(path))
	}
	form := s.form()
	check("doctor", s.post(Base+"/doctor", url.Values{"form": {form}}))
	check("confirm", s.post(Base+"/parked", url.Values{"form": {form}, "do": {"drop"}, "message": {message.String()}}))
	full := s.post(Base+"/people/"+message.String(), url.Values{"form": {form}})
	require.Equal(t, 200, full.StatusCode)
	require.Contains(t, full.text, "ann.quick@example.com", "who asks for the people sees them")
	require.Contains(t, s.get(Base+"/decisions/"+message.String()).text, "&lt;picked&gt;", "what is shown is text")
}

// What changes something needs the form of the session, and the same origin.
func TestForgedPostsAreRefused(t *testing.T) {
	s := serve(t, Options{})
	form := s.form()
	good := func() url.Values { return url.Values{"form": {form}, "do": {"release"}, "message": {message.String()}} }
	other := serve(t, Options{}).form()
	for name, a := range map[string]func() answer{
		"no form": func() answer {
			return s.post(Base+"/parked", url.Values{"do": {"release"}, "message": {message.String()}})
		},
		"another's form":  func() answer { v := good(); v.Set("form", other); return s.post(Base+"/parked", v) },
		"in the URL":      func() answer { return s.post(Base+"/parked?form="+form, url.Values{"do": {"release"}}) },
		"cross site":      func() answer { return s.post(Base+"/parked", good(), "Sec-Fetch-Site", "cross-site") },
		"same site":       func() answer { return s.post(Base+"/parked", good(), "Sec-Fetch-Site", "same-site") },
		"another origin":  func() answer { return s.post(Base+"/parked", good(), "Origin", "http://evil.example") },
		"no origin at it": func() answer { return s.post(Base+"/parked", good(), "Origin", "null") },
		"a GET":           func() answer { return s.get(Base + "/parked?do=release&form=" + form + "&message=" + message.String()) },
		"without cookies": func() answer {
			jar := s.Client().Jar
			defer func() { s.Client().Jar = jar }()
			s.Client().Jar = nil
			return s.post(Base+"/parked", good())
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := a()
			if name != "a GET" {
				require.Equal(t, http.StatusForbidden, got.StatusCode, got.text)
			}
			require.Empty(t, s.desk.acts)
		})
	}
	a := s.post(Base+"/parked", good(), "Origin", s.URL, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, 200, a.StatusCode)
	require.Contains(t, a.text, notices["release"])
	require.Equal(t, "GET", a.Request.Method, "the page can be loaded again")
	require.Equal(t, []Action{{Do: "release", Message: message}}, s.desk.acts)
}

// Dropping asks first, and so does what concerns many.
func TestWhatCannotBeTakenBackIsAsked(t *testing.T) {
	s := serve(t, Options{})
	form := s.form()
	for _, v := range []url.Values{
		{"do": {"drop"}, "message": {message.String()}}, {"do": {"drop"}, "reason": {"line_flagged"}, "line": {ourLine}}, {"do": {"reroute"}, "line": {ourLine}},
	} {
		v.Set("form", form)
		before := len(s.desk.acts)
		require.Contains(t, s.post(Base+"/parked", v).text, "Are you sure?")
		require.Len(t, s.desk.acts, before)
		v.Set("sure", "yes")
		require.Equal(t, 200, s.post(Base+"/parked", v).StatusCode)
		require.Len(t, s.desk.acts, before+1)
	}
	require.Equal(t, http.StatusBadRequest, s.post(Base+"/parked", url.Values{"form": {form}, "do": {"burn"}}).StatusCode)
}

// Without a token the console answers to loopback alone, also under a name that
// an attacker made lead here.
func TestWithoutTokenOnlyLoopback(t *testing.T) {
	c, err := New(&fake{}, Options{Tenants: []string{"acme"}})
	require.NoError(t, err)
	for _, from := range []struct {
		local, remote, host string
		status              int
	}{
		{"127.0.0.1:9", "127.0.0.1:1234", "127.0.0.1:9", 200},
		{"127.0.0.1:9", "127.0.0.1:1234", "localhost:9", 200},
		{"[::1]:9", "[::1]:1234", "[::1]:9", 200},
		{"127.0.0.1:9", "127.0.0.1:1234", "evil.example:9", 403},
		{"127.0.0.1:9", "127.0.0.1:1234", "localhost.evil.example", 403},
		{"10.0.0.1:9", "10.0.0.2:1234", "10.0.0.1:9", 403},
		{"10.0.0.1:9", "10.0.0.2:1234", "localhost:9", 403},
	} {
		local, err := net.ResolveTCPAddr("tcp", from.local)
		require.NoError(t, err)
		r := httptest.NewRequest("GET", Base, nil)
		r.Host, r.RemoteAddr = from.host, from.remote
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local)))
		require.Equal(t, from.status, w.Code, "%+v", from)
	}
}

// With a token everything waits for it.
func TestToken(t *testing.T) {
	s := serve(t, Options{Token: "a long token"})
	for _, path := range pages {
		a := s.get(path)
		require.Equal(t, Base+"/enter", a.Request.URL.Path, path)
		require.NotContains(t, a.text, ourLine[1:])
	}
	require.Equal(t, http.StatusForbidden, s.post(Base+"/enter", url.Values{"token": {"another"}}).StatusCode)
	require.Equal(t, http.StatusForbidden, s.post(Base+"/enter", url.Values{"token": {""}}).StatusCode)
	require.Contains(t, s.post(Base+"/enter", url.Values{"token": {"a long token"}}).text, ourLine[1:])
	require.Contains(t, s.get(Base).text, ourLine[1:])
	s.post(Base+"/leave", url.Values{"form": {s.form()}})
	require.NotContains(t, s.get(Base).text, ourLine[1:])
}

// What is not there is told, and a question that cannot be asked too.
func TestWhatIsNotThere(t *testing.T) {
	s := serve(t, Options{})
	require.Equal(t, 404, s.get(Base+"?tenant=nobody").StatusCode)
	require.Equal(t, 404, s.get(Base+"/decisions/"+uuid.NewString()).StatusCode)
	require.Equal(t, 404, s.get(Base+"/decisions/x").StatusCode)
	require.Equal(t, 400, s.get(Base+"/decisions?message=x").StatusCode)
	require.Equal(t, 404, s.get(Base+"/nothing").StatusCode)
	a := s.post(Base+"/preview", url.Values{"form": {s.form()}, "to": {" "}})
	require.Equal(t, 422, a.StatusCode)
	require.Contains(t, a.text, "name a person")
	a = s.post(Base+"/preview", url.Values{"form": {s.form()}, "to": {secretPerson}})
	require.Contains(t, a.text, "It would go out from")
}

// What a guard makes of the lines has a column of its own, and only if a line
// has one.
func TestGuardedLinesHaveAColumn(t *testing.T) {
	s := serve(t, Options{})
	require.NotContains(t, s.get(Base).text, "Failovers")
	s.desk.guarded = true
	page := s.get(Base).text
	for _, part := range []string{"Failovers", "2 of 5", "day 3 of its ramp"} {
		require.Contains(t, page, part)
	}
	require.Equal(t, strings.Count(page, `data-label="Failovers"`), 2, "of every line")
}

// What is counted over all tenants is told so on the page of one of them.
func TestCountsOfAllTenants(t *testing.T) {
	require.Equal(t, 2, strings.Count(serve(t, Options{}).get(Base+"?tenant=acme").text, "over all tenants"))
	c, err := New(&fake{}, Options{Tenants: []string{"acme"}})
	require.NoError(t, err)
	alone := httptest.NewServer(c)
	defer alone.Close()
	answer, err := http.Get(alone.URL + Base)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "to be handed over")
	require.NotContains(t, string(text), "over all tenants")
}
