package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/fromline/fromline/fault"
)

// style is the only style of the pages. They have the colours of the reader's
// system, for light or dark pages.
const style = `:root{color-scheme:light dark}` +
	`body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}` +
	`h1 span{font-weight:normal}table{border-collapse:collapse;width:100%}` +
	`th,td{border:1px solid GrayText;padding:.3rem .6rem;text-align:left;vertical-align:top}code{font-family:ui-monospace,monospace}`

// htmlPage is a page that a doc_url leads to.
type htmlPage struct {
	Style    template.CSS
	Number   string // of a code; "" for a guide
	Title    string
	Intro    []string
	Rules    []htmlRule
	Sections []htmlSection
}

type htmlRule struct {
	Name, Says, Mend string
	Where            template.HTML
}

type htmlSection struct{ ID, Name, Says string }

// guides returns the pages that are about no code, by the last part of their
// path.
func guides() map[string]htmlPage {
	return map[string]htmlPage{
		"reputation": {
			Title: "Reputation of a line",
			Intro: []string{
				"The member reputation of a phone number says how well the network thinks of the line. It comes from the fleet file and from line events.",
			},
			Sections: []htmlSection{
				{"healthy", "HEALTHY", "Nothing speaks against the line. It opens new chats before lines with a worse reputation."},
				{"at_risk", "AT_RISK", "The line opens a new chat only where no healthy line can, if the policy of the server says nothing else. Chats that it has go on."},
				{"critical", "CRITICAL", "The line opens no new chat, unless the policy of the server allows it. Chats that it has go on."},
			},
		},
		"chat-health": {
			Title: "Health of a chat",
			Intro: []string{
				"The member health_status of a chat says how people take what is written in this one chat. It is not the reputation of the chat's line.",
				"The answer to a send decides, not this status: a send that is not allowed is answered with 403.",
			},
			Sections: []htmlSection{
				{"healthy", "HEALTHY", "Every chat begins with this. The server learns nothing of replies and complaints, so it shows no worse state for this reason."},
				{"at_risk", "AT_RISK", "Few people answer in chats like this one. This server does not show it."},
				{"critical", "CRITICAL", "People do not want these messages. This server does not show it."},
				{"opted-out", "OPTED_OUT", "The person has asked for no more messages. The answer of POST /v3/chats shows it where override_optout let the message through. GET /v3/chats/{id} does not look it up. A send without override_optout is answered with 403 and code 2024."},
			},
		},
	}
}

// codePage returns the page about a code.
func codePage(code fault.Code, recipients []rule) htmlPage {
	p := htmlPage{
		Number: code.String(), Title: code.Message(),
		Intro: []string{fmt.Sprintf("HTTP status %d. %s", code.Status(), code.When()), again(code)},
	}
	mends := map[string]string{}
	for _, e := range entries() {
		mends[e.rule] = bare(e.mend)
	}
	for r := range fault.Rules() {
		if !slices.Contains(r.Codes(), code) || strings.HasPrefix(string(r), "advisory.") {
			continue
		}
		text, nearest := r.Template()
		if nearest != "" {
			text += " (" + strings.TrimPrefix(nearest, "; ") + ")"
		}
		p.Rules = append(p.Rules, htmlRule{string(r), text, mends[string(r)], asHTML(places(r))})
	}
	if code == fault.CodeUnauthenticated {
		for _, e := range tokens {
			p.Rules = append(p.Rules, htmlRule{e.rule, bare(e.cause), bare(e.mend), asHTML("the header `Authorization`")})
		}
	}
	prefix := map[fault.Code]string{fault.CodePhone: "phone.", fault.CodeValue: "email."}[code]
	for _, r := range recipients {
		if prefix != "" && strings.HasPrefix(r.name, prefix) {
			where := phonePlaces
			if code == fault.CodeValue {
				where = mailPlaces
			}
			p.Rules = append(p.Rules, htmlRule{r.name, r.says, mends[r.name], asHTML(where)})
		}
	}
	return p
}

// bare leaves out the marks of code, which only Markdown reads.
func bare(text string) string { return strings.ReplaceAll(text, "`", "") }

// marked is text between the marks of code.
var marked = regexp.MustCompile("`([^`]*)`")

// asHTML returns a cell of places, as [places] writes it, for a page.
func asHTML(places string) template.HTML {
	return template.HTML(marked.ReplaceAllString(places, "<code>$1</code>"))
}

// again says what happens if the client repeats the request.
func again(code fault.Code) string {
	switch code {
	case fault.CodeRateLimit:
		return "Wait for the seconds of error.retry_after, which the header Retry-After has too. Then make the same request again."
	case fault.CodeNoLine:
		return "Where the header Retry-After is there, a line may be free after so many seconds. Without it, the same request is answered in the same way."
	case fault.CodeInternal, fault.CodeStore:
		return "Make the same request again with the same Idempotency-Key: the message is sent once. Without a key it may be sent twice."
	case fault.CodeUnauthenticated:
		return "Send the header Authorization with the word Bearer and a valid token."
	}
	return "The same request is answered in the same way: change it first."
}

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{with .Number}}{{.}}: {{end}}{{.Title}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<h1>{{with .Number}}{{.}}: {{end}}<span>{{.Title}}</span></h1>
{{range .Intro}}<p>{{.}}</p>
{{end}}{{range .Sections}}<h2 id="{{.ID}}">{{.Name}}</h2>
<p>{{.Says}}</p>
{{end}}{{if .Rules}}<h2>What was wrong</h2>
<p>The list error.violations of the answer has one entry for each fault. Its pointer says where the fault is; its rule is one of these. A * in a place stands for an index.</p>
<table>
<thead><tr><th>rule</th><th>what it says</th><th>how to mend it</th><th>where</th></tr></thead>
<tbody>
{{range .Rules}}<tr><td><code>{{.Name}}</code></td><td>{{.Says}}</td><td>{{.Mend}}</td><td>{{.Where}}</td></tr>
{{end}}</tbody>
</table>
{{end}}<p>Every answer has the header X-Trace-ID. Name it when you ask about an answer.</p>
</main>
</body>
</html>
`))

// styleHash returns the source expression of a Content-Security-Policy that
// allows this style only.
func styleHash() string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// pagesDir returns the directory of the pages that the package httpapi serves.
func pagesDir(root string) string { return filepath.Join(root, "httpapi", "pages") }

// htmlFiles returns the pages and the hash of their style, by file path.
func htmlFiles(root string) (map[string][]byte, error) {
	recipients, err := recipientRules(root)
	if err != nil {
		return nil, err
	}
	pages := guides()
	for code := range fault.Codes() {
		pages[code.String()] = codePage(code, recipients)
	}
	files := map[string][]byte{
		filepath.Join(root, "httpapi", "pages_gen.go"): []byte("// Code generated by internal/gen/errorspage. DO NOT EDIT.\n\npackage httpapi\n\n" +
			"// pageStyle is the hash of the only style in the pages.\nconst pageStyle = \"" + styleHash() + "\"\n"),
	}
	for name, p := range pages {
		p.Style = style
		var b bytes.Buffer
		if err := pageTemplate.Execute(&b, p); err != nil {
			return nil, err
		}
		files[filepath.Join(pagesDir(root), name+".html")] = b.Bytes()
	}
	return files, nil
}

// outputs returns all files that this command writes, by path.
func outputs(root string) (map[string][]byte, error) {
	page, err := render(root)
	if err != nil {
		return nil, err
	}
	files, err := htmlFiles(root)
	if err != nil {
		return nil, err
	}
	files[pagePath(root)] = page
	return files, nil
}
