package httpapi

import (
	"embed"
	"net/http"
	"strconv"
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
)

// pageFiles are the pages that doc_url leads to, one for each code and guide.
// They are generated together with docs/errors.md.
//
//go:embed pages/*.html
var pageFiles embed.FS

// chatHealthPath is the path of the page about the health of chats.
const chatHealthPath = "/guides/chats/chat-health"

// pagePolicy lets a page use its own style and nothing else: no script, no
// picture, no font, no form, no frame, and no request to any server.
const pagePolicy = "default-src 'none'; style-src '" + pageStyle + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageAt returns the name of the page at a path, with or without a slash at its
// end; "" if there is none.
func pageAt(path string) string {
	path = strings.TrimSuffix(path, "/")
	switch path {
	case chatHealthPath:
		return "chat-health"
	case fleet.ReputationPath:
		return "reputation"
	}
	if !strings.HasPrefix(path, "/error/codes/") {
		return ""
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	number, err := strconv.ParseUint(name, 10, 16)
	if code := fault.Code(number); err != nil || !code.IsValid() || code.DocPath() != path+"/" {
		return ""
	}
	return name
}

// getPage answers with a page. It needs no token: a person follows the link
// from a log.
func (x *exchange) getPage(name string) error {
	body, err := pageFiles.ReadFile("pages/" + name + ".html")
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Security-Policy", pagePolicy)
	x.w.Header().Set("Referrer-Policy", "no-referrer")
	x.answerAs(htmlType, http.StatusOK, body)
	return nil
}
