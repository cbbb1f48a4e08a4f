package httpapi

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/validate"
)

// docBase is put before the path of a page in doc_url: that of the options, or
// else the address that the request was sent to, where this handler serves the
// pages itself.
func (x *exchange) docBase() string {
	if x.opts.DocBase != "" {
		return x.opts.DocBase
	}
	if x.r.Host == "" {
		return x.opts.Prefix
	}
	scheme := "http://"
	if x.r.TLS != nil || x.r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https://"
	}
	return scheme + x.r.Host + x.opts.Prefix
}

// page writes the body of a page that doc_url names.
type page func(b *bytes.Buffer)

// pageAt returns the page at a path, with or without a slash behind; nil where
// there is none.
func pageAt(path string) page {
	path = strings.TrimSuffix(path, "/")
	switch path {
	case chatHealthPath:
		return chatHealthPage
	case fleet.ReputationPath:
		return reputationPage
	}
	if !strings.HasPrefix(path, "/error/codes/") {
		return nil
	}
	number, err := strconv.ParseUint(path[strings.LastIndexByte(path, '/')+1:], 10, 16)
	if code := validate.Code(number); err == nil && code.IsValid() && code.DocPath() == path+"/" {
		return func(b *bytes.Buffer) { codePage(b, code) }
	}
	return nil
}

// getPage answers with a page.
func (x *exchange) getPage(write page) error {
	b := buffers.Get().(*bytes.Buffer)
	defer giveBack(b)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">")
	write(b)
	x.answerAs(htmlType, http.StatusOK, b.Bytes())
	return nil
}

func title(b *bytes.Buffer, text string) {
	text = html.EscapeString(text)
	fmt.Fprintf(b, "<title>%s</title>\n<h1>%s</h1>\n", text, text)
}

// codePage says when a code is answered, and which rules are told under it.
func codePage(b *bytes.Buffer, code validate.Code) {
	title(b, fmt.Sprintf("%d %s", code, code.Message()))
	fmt.Fprintf(b, "<p>HTTP status %d. %s</p>\n", code.Status(), html.EscapeString(code.When()))
	list := false
	for rule := range validate.Rules() {
		told := false
		for _, c := range rule.Codes() {
			told = told || c == code
		}
		if !told {
			continue
		}
		if !list {
			b.WriteString("<p>The member <code>violations</code> names the rule that was broken:</p>\n<dl>\n")
			list = true
		}
		text, _ := rule.Template()
		fmt.Fprintf(b, "<dt><code>%s</code><dd>%s\n", html.EscapeString(string(rule)), html.EscapeString(text))
	}
	if list {
		b.WriteString("</dl>\n")
	}
}

func chatHealthPage(b *bytes.Buffer) {
	title(b, "Health of chats")
	b.WriteString("<dl>\n<dt id=\"healthy\">HEALTHY<dd>Nothing is known that speaks against writing into this chat.\n</dl>\n")
}

func reputationPage(b *bytes.Buffer) {
	title(b, "Reputation of lines")
	b.WriteString("<dl>\n<dt id=\"healthy\">HEALTHY<dd>The line opens new chats before all others.\n" +
		"<dt id=\"at_risk\">AT_RISK<dd>The line opens new chats where no healthy one can.\n" +
		"<dt id=\"critical\">CRITICAL<dd>The line opens no new chats, unless the policy allows it where no other line can. Chats that it has go on.\n</dl>\n")
}
