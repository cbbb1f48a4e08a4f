package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// watch keeps what a browser asks for and what it complains about.
type watch struct {
	mu                sync.Mutex
	asked, complaints []string
}

func (w *watch) saw(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.asked = append(w.asked, e.Request.URL)
	case *log.EventEntryAdded:
		w.complaints = append(w.complaints, e.Entry.Text)
	}
}

// do runs steps in a browser.
func do(t testing.TB, ctx context.Context, steps ...step) {
	t.Helper()
	require.NoError(t, chromedp.Do(ctx, steps...))
}

// ask runs an action that returns something.
func ask[T any](t testing.TB, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	require.NoError(t, err)
	return v
}

type step = chromedp.Action[chromedp.Void]

func css(selector string) chromedp.CSS { return chromedp.CSS(selector) }

// The pages in light and dark, at the width of a phone and of a desk: they fit,
// follow the scheme, ask nothing of anybody else, and the browser complains of
// nothing. A picture of each is kept.
func TestPagesInABrowser(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	s.fill()
	dir := shots(t)
	var seen watch
	require.NoError(t, chromedp.Listen(ctx, seen.saw))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	do(t, ctx, chromedp.Navigate(s.ops+"/console/decisions"))
	story := ask(t, ctx, chromedp.AttributeValue(css("tbody a.id"), "href")).Value
	steps := []struct {
		name string
		do   step
	}{
		{"lines", chromedp.Navigate(s.ops + "/console")},
		{"parked", chromedp.Navigate(s.ops + "/console/parked")},
		{"decisions", chromedp.Navigate(s.ops + "/console/decisions")},
		{"story", chromedp.Navigate(s.ops + story)},
		{"people", chromedp.Steps(chromedp.Click(css("main form button"), chromedp.NodeVisible), chromedp.WaitVisible(css("main ul.plainlist")))},
		{"preview", chromedp.Navigate(s.ops + "/console/preview")},
		{"previewed", chromedp.Steps(chromedp.SendKeys(css("#to"), "+14155559003"), chromedp.Click(css("form.ask button"), chromedp.NodeVisible), chromedp.WaitVisible(css(".answer")))},
		{"doctor", chromedp.Steps(chromedp.Navigate(s.ops+"/console/doctor"), chromedp.Click(css("main form button"), chromedp.NodeVisible), chromedp.WaitVisible(css(".findings")))},
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 1200} {
			for _, at := range steps {
				name := fmt.Sprintf("%s-%s-%d", at.name, scheme, width)
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				require.NoError(t, err, name)
				require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), at.do, chromedp.WaitVisible(css("footer"))), name)
				fits := ask(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth <= window.innerWidth`))
				ground := ask(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
				picture := ask(t, ctx, chromedp.FullScreenshot(100))
				require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644))
				require.True(t, fits, "%s is wider than the window", name)
				var r, g, b int
				_, err = fmt.Sscanf(ground, "rgb(%d, %d, %d)", &r, &g, &b)
				require.NoError(t, err, ground)
				require.Equal(t, scheme == "dark", r+g+b < 3*128, "%s: %s", name, ground)
			}
		}
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	require.NotEmpty(t, seen.asked)
	for _, url := range seen.asked {
		require.True(t, strings.HasPrefix(url, s.ops+"/console"), url)
	}
	require.Empty(t, seen.complaints, "neither the policy nor anything else was broken")
	t.Logf("pictures are in %s", dir)
}

// A reader with a keyboard and without scripts reaches and does everything:
// here a parked message is released, and another one dropped after it was
// asked.
func TestKeyboardWithoutScripts(t *testing.T) {
	ctx := browser(t, chromedp.Flag("blink-settings", "scriptEnabled=false"))
	s := start(t)
	s.fill()
	r := reader{t, ctx}
	r.open(s.ops + "/console")
	r.tabTo("a.skip")
	r.tabTo(`nav a[href^="/console/parked"]`)
	r.enter()
	require.Contains(t, r.html(), "Parked messages</h1>")
	require.NotContains(t, r.html(), "<script")
	r.tabTo(`button[value=release][aria-label]`)
	r.enter()
	require.Contains(t, r.html(), "Released: they are tried again.")
	r.open(s.ops + "/console/parked")
	r.tabTo(`button[value=drop][aria-label]`)
	r.enter()
	require.Contains(t, r.html(), "Are you sure?")
	r.tabTo(`main button.danger`)
	r.enter()
	require.Contains(t, r.html(), "Dropped: they are not sent.")
	r.tabTo(`nav a[href^="/console/preview"]`)
	r.enter()
	r.tabTo("#to")
	do(t, ctx, chromedp.KeyEvent("+14155559003"))
	r.tabTo("form.ask button")
	r.enter()
	require.Contains(t, r.html(), "It would go out from")
}

// reader uses the keyboard alone, and looks at the document without scripts.
type reader struct {
	testing.TB
	ctx context.Context
}

// loads does something and waits until a page has been loaded by it.
func (r reader) loads(what step) {
	r.Helper()
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	loaded := chromedp.Events(ctx, page.LoadEventFired)
	do(r, r.ctx, what)
	for _, err := range loaded {
		require.NoError(r, err, "no page was loaded")
		return
	}
}

func (r reader) open(url string) {
	r.Helper()
	r.loads(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{URL: url})
		return err
	}))
}

func (r reader) enter() { r.Helper(); r.loads(chromedp.KeyEvent(kb.Enter)) }

// tabTo presses Tab until what has the focus is what is meant.
func (r reader) tabTo(selector string) {
	r.Helper()
	for range 200 {
		do(r, r.ctx, chromedp.KeyEvent(kb.Tab))
		if r.has("html :focus:is(" + selector + ")") {
			return
		}
	}
	require.Fail(r, "Tab does not reach "+selector, r.html())
}

// at calls a command on the root of the document, again where a new document
// came in between.
func at[P, R any](r reader, command cdp.Command[P, R], params func(root cdp.NodeID) P) R {
	r.Helper()
	var err error
	for range 50 {
		var found dom.GetDocumentResult
		if found, err = chromedp.Call(r.ctx, dom.GetDocument, dom.GetDocumentParams{}); err != nil {
			continue
		}
		var v R
		if v, err = chromedp.Call(r.ctx, command, params(found.Root.NodeID)); err == nil {
			return v
		}
	}
	require.NoError(r, err)
	panic("not reached")
}

func (r reader) has(selector string) bool {
	r.Helper()
	return at(r, dom.QuerySelector, func(root cdp.NodeID) dom.QuerySelectorParams {
		return dom.QuerySelectorParams{NodeID: root, Selector: selector}
	}).NodeID != 0
}

func (r reader) html() string {
	r.Helper()
	return at(r, dom.GetOuterHTML, func(root cdp.NodeID) dom.GetOuterHTMLParams {
		return dom.GetOuterHTMLParams{NodeID: root}
	}).OuterHTML
}
