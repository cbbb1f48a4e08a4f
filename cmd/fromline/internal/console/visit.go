package console

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// visit is one request of a reader who may see the console.
type visit struct {
	*Console
	w       http.ResponseWriter
	r       *http.Request
	session string
	tenant  string
}

// visit lets a reader in, or answers and returns nil.
func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	session := c.sessions.of(r)
	if session == "" {
		if c.sessions.token != "" {
			http.Redirect(w, r, Base+"/enter", http.StatusSeeOther)
			return nil
		}
		if r.Method != http.MethodGet {
			http.Error(w, "the page was too old: open it again", http.StatusForbidden)
			return nil
		}
		session = c.sessions.begin(w, r)
	}
	v := &visit{Console: c, w: w, r: r, session: session, tenant: r.FormValue("tenant")}
	switch {
	case v.tenant == "":
		v.tenant = c.tenants[0]
	case !slices.Contains(c.tenants, v.tenant):
		v.fail(http.StatusNotFound, errors.New("there is no such tenant"))
		return nil
	}
	if r.Method == http.MethodPost && !c.sessions.isForm(session, r.PostFormValue("form")) {
		v.fail(http.StatusForbidden, errors.New("the form is not one of this session: open the page again"))
		return nil
	}
	return v
}

// show renders a page.
func (v *visit) show(name, title string, data any) { v.showAs(http.StatusOK, name, title, data) }

func (v *visit) showAs(status int, name, title string, data any) {
	p := page{
		Title: title, Tab: name, Tenant: v.tenant, Tenants: v.tenants, Form: v.sessions.form(v.session), Now: v.now(),
		Tokened: v.sessions.token != "", Notice: notices[v.r.URL.Query().Get("done")], Data: data,
	}
	v.render(v.w, status, name, &p)
}

// render writes a whole page, or nothing of it.
func (c *Console) render(w http.ResponseWriter, status int, name string, p *page) {
	var out bytes.Buffer
	if err := c.pages[name].Execute(&out, p); err != nil {
		http.Error(w, "the page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

// fail shows what went wrong.
func (v *visit) fail(status int, err error) {
	v.showAs(status, "failed", "That did not work", err.Error())
}

func (v *visit) failed(err error) {
	status := http.StatusServiceUnavailable
	if errors.Is(err, ErrGone) {
		status = http.StatusNotFound
	}
	v.fail(status, err)
}

// patience bounds what a page may take.
func (v *visit) patience(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(v.r.Context(), d)
}

// back leads to a page that can be loaded again without doing anything again.
func (v *visit) back(path, done string) {
	http.Redirect(v.w, v.r, Base+path+"?tenant="+url.QueryEscape(v.tenant)+"&done="+done, http.StatusSeeOther)
}

// notices are what is told after something was done.
var notices = map[string]string{
	"release": "Released: they are tried again.",
	"reroute": "They are decided again, and go another way.",
	"drop":    "Dropped: they are not sent.",
	"none":    "Nothing was parked any more.",
}

// askForToken and enter are the door for readers who need a token.
func (c *Console) askForToken(w http.ResponseWriter, _ *http.Request) {
	c.render(w, http.StatusOK, "enter", &page{Title: "Enter", Now: c.now()})
}

func (c *Console) enter(w http.ResponseWriter, r *http.Request) {
	if c.sessions.token == "" || !c.sessions.isToken(r.PostFormValue("token")) {
		c.render(w, http.StatusForbidden, "enter", &page{Title: "Enter", Now: c.now(), Data: "That is not the token."})
		return
	}
	c.sessions.begin(w, r)
	http.Redirect(w, r, Base, http.StatusSeeOther)
}

func (v *visit) leave() {
	v.sessions.end(v.w)
	http.Redirect(v.w, v.r, Base, http.StatusSeeOther)
}
