package console

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// ErrGone is wrapped by an error of a Desk about something that is not there
// (any more).
var ErrGone = errors.New("it is not there any more")

// Options are the settings of a console.
type Options struct {
	Tenants []string
	Token   string           // "": only by loopback
	Now     func() time.Time // nil means time.Now
}

// Base is the path of the console.
const Base = "/console"

//go:embed page/*.html page/style.css page/icon.svg
var files embed.FS

// Console is the handler. It is safe for concurrent use.
type Console struct {
	desk     Desk
	tenants  []string
	now      func() time.Time
	sessions sessions
	pages    map[string]*template.Template
	mux      *http.ServeMux
	guarded  http.Handler
}

// New returns a console. It fails without a tenant.
func New(desk Desk, o Options) (*Console, error) {
	if len(o.Tenants) == 0 {
		return nil, errors.New("console: there is no tenant")
	}
	c := &Console{desk: desk, tenants: slices.Sorted(slices.Values(o.Tenants)), now: o.Now, mux: http.NewServeMux(), pages: map[string]*template.Template{}}
	if c.now == nil {
		c.now = time.Now
	}
	c.sessions = newSessions(o.Token)
	for _, name := range []string{"lines", "parked", "confirm", "decisions", "story", "preview", "doctor", "enter", "failed"} {
		t, err := template.New("layout.html").Funcs(c.words()).ParseFS(files, "page/layout.html", "page/"+name+".html", "page/parts.html")
		if err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
		c.pages[name] = t
	}
	c.routes()
	// A page of another origin can make a browser send nothing that is obeyed.
	c.guarded = http.NewCrossOriginProtection().Handler(c.mux)
	return c, nil
}

// page is what every page is given.
type page struct {
	Title, Tab, Tenant string
	Tenants            []string
	Form               string // the token of what changes something
	Now                time.Time
	Notice             string
	Tokened            bool
	Data               any
}

func (c *Console) routes() {
	file := func(path, name, kind string) {
		c.mux.HandleFunc("GET "+Base+path, func(w http.ResponseWriter, _ *http.Request) {
			text, err := files.ReadFile("page/" + name)
			if err != nil {
				panic(err) // a file that was there when this was compiled
			}
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(text)
		})
	}
	file("/style.css", "style.css", "text/css; charset=utf-8")
	file("/icon.svg", "icon.svg", "image/svg+xml")
	c.mux.HandleFunc("GET "+Base+"/enter", c.askForToken)
	c.mux.HandleFunc("POST "+Base+"/enter", c.enter)
	for pattern, show := range map[string]func(*visit){
		"GET " + Base:                     (*visit).lines,
		"GET " + Base + "/parked":         (*visit).parked,
		"POST " + Base + "/parked":        (*visit).act,
		"GET " + Base + "/decisions":      (*visit).decisions,
		"GET " + Base + "/decisions/{id}": (*visit).story,
		"POST " + Base + "/people/{id}":   (*visit).people,
		"GET " + Base + "/preview":        (*visit).askPreview,
		"POST " + Base + "/preview":       (*visit).preview,
		"GET " + Base + "/doctor":         (*visit).askDoctor,
		"POST " + Base + "/doctor":        (*visit).doctor,
		"POST " + Base + "/leave":         (*visit).leave,
	} {
		c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if v := c.visit(w, r); v != nil {
				show(v)
			}
		})
	}
}

// policy lets a browser load the style and the icon of this server, and nothing
// else from anywhere; no script runs, no frame holds it, forms go here alone.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers one request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !c.sessions.mayAsk(r) {
		http.Error(w, "the console answers by a loopback address only, unless -ops-token is given", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	c.guarded.ServeHTTP(w, r)
}

// words are the functions of the templates.
func (c *Console) words() template.FuncMap {
	return template.FuncMap{
		"ago":    func(t time.Time) string { return ago(c.now().Sub(t)) },
		"lasted": func(t time.Time) string { return strings.TrimSuffix(ago(c.now().Sub(t)), " ago") },
		"until":  func(t time.Time) string { return strings.TrimSuffix(ago(t.Sub(c.now())), " ago") },
		"stamp":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"masked": masked,
		"short":  func(id uuid.UUID) string { return id.String()[:8] + "…" + id.String()[32:] },
		"link":   func(path, tenant string) string { return Base + path + "?tenant=" + url.QueryEscape(tenant) },
		"some":   func(id uuid.UUID) bool { return id != uuid.Nil },
		"rows":   func(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") },
	}
}

// masked lists people in their masked form.
func masked(people recipients.Set) string {
	var list []string
	for _, h := range people.All() {
		list = append(list, h.Masked())
	}
	return strings.Join(list, ", ")
}

// ago tells a length of time in one unit.
func ago(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / unit.length); n == 1 {
			return "1 " + unit.name + " ago"
		} else if n > 1 {
			return fmt.Sprintf("%d %ss ago", n, unit.name)
		}
	}
	return fmt.Sprintf("%d s ago", max(0, int(d/time.Second)))
}
