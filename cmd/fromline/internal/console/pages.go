package console

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// quick is what a page may take that reads little, and slow what one may that
// looks at everything.
const (
	quick = 10 * time.Second
	slow  = 5 * time.Minute
)

// most is how many parked messages a page shows.
const most = 200

// linesPage is the first page.
type linesPage struct {
	Lines   []Line
	Backlog Backlog
	Open    int // lines that can open a chat now
	Waiting []Line
	Guarded bool // one of the lines
}

func (v *visit) lines() {
	ctx, cancel := v.patience(quick)
	defer cancel()
	lines, err := v.desk.Lines(ctx, v.tenant)
	if err != nil {
		v.failed(err)
		return
	}
	backlog, err := v.desk.Backlog(ctx)
	if err != nil {
		v.failed(err)
		return
	}
	p := linesPage{Lines: lines, Backlog: backlog}
	for _, l := range lines {
		if l.NextIsNow {
			p.Open++
		}
		p.Guarded = p.Guarded || l.Guarded
		if l.Waiting != "" {
			p.Waiting = append(p.Waiting, l)
		}
	}
	v.show("lines", "Lines", p)
}

// parkedPage lists parked messages. Why counts them by reason and line.
type parkedPage struct {
	Parked  []Parked
	More    bool
	Most    int
	Groups  []group
	Backlog Backlog
}

// group is the parked messages of one reason and line.
type group struct {
	Reason, Why, Line string
	Count             int
}

func (v *visit) parked() {
	ctx, cancel := v.patience(quick)
	defer cancel()
	parked, more, err := v.desk.Parked(ctx, v.tenant, most)
	if err != nil {
		v.failed(err)
		return
	}
	backlog, err := v.desk.Backlog(ctx)
	if err != nil {
		v.failed(err)
		return
	}
	v.show("parked", "Parked messages", parkedPage{Parked: parked, More: more, Most: most, Groups: groupsOf(parked), Backlog: backlog})
}

func groupsOf(parked []Parked) (groups []group) {
	place := map[group]int{}
	for _, p := range parked {
		name := group{Reason: p.Reason, Why: p.Why, Line: p.Line}
		i, known := place[name]
		if !known {
			i = len(groups)
			place[name], groups = i, append(groups, name)
		}
		groups[i].Count++
	}
	return groups
}

// act does something about parked messages. Dropping asks first, and so does
// what concerns many.
func (v *visit) act() {
	do := Action{Do: v.r.PostFormValue("do"), Reason: v.r.PostFormValue("reason"), Line: v.r.PostFormValue("line")}
	if text := v.r.PostFormValue("message"); text != "" {
		var err error
		if do.Message, err = uuid.Parse(text); err != nil {
			v.fail(http.StatusBadRequest, errors.New("that is no id of a message"))
			return
		}
	}
	if notices[do.Do] == "" || do.Do == "none" {
		v.fail(http.StatusBadRequest, errors.New("choose release, reroute or drop"))
		return
	}
	if (do.Do == "drop" || do.Message == uuid.Nil) && v.r.PostFormValue("sure") != "yes" {
		v.show("confirm", "Are you sure?", do)
		return
	}
	ctx, cancel := v.patience(slow)
	defer cancel()
	done, err := v.desk.Act(ctx, v.tenant, do)
	switch {
	case err != nil && !errors.Is(err, ErrGone):
		v.failed(err)
	case done == 0:
		v.back("/parked", "none")
	default:
		v.back("/parked", do.Do)
	}
}

func (v *visit) decisions() {
	if text := strings.TrimSpace(v.r.FormValue("message")); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			v.fail(http.StatusBadRequest, errors.New("that is no id of a message"))
			return
		}
		v.tell(id, false)
		return
	}
	v.show("decisions", "Recent decisions", v.desk.Recent(v.tenant))
}

// storyPage is one decision.
type storyPage struct {
	Story
	Full bool // people are shown in full, because the reader asked for it
}

func (v *visit) story()  { v.storyOf(false) }
func (v *visit) people() { v.storyOf(true) }

func (v *visit) storyOf(full bool) {
	id, err := uuid.Parse(v.r.PathValue("id"))
	if err != nil {
		v.fail(http.StatusNotFound, errors.New("that is no id of a message"))
		return
	}
	v.tell(id, full)
}

func (v *visit) tell(id uuid.UUID, full bool) {
	ctx, cancel := v.patience(quick)
	defer cancel()
	s, err := v.desk.Explain(ctx, v.tenant, id)
	if err != nil {
		v.failed(err)
		return
	}
	v.show("story", "Why from "+s.Line, storyPage{s, full})
}

// previewPage is a question and, once it was asked, its answer.
type previewPage struct {
	To, Exclude, Service, Label string
	Story                       *Story
	Wrong                       string
}

func (v *visit) askPreview() { v.show("preview", "What would happen", previewPage{}) }

func (v *visit) preview() {
	p := previewPage{
		To: v.r.PostFormValue("to"), Exclude: v.r.PostFormValue("exclude"),
		Service: v.r.PostFormValue("service"), Label: v.r.PostFormValue("label"),
	}
	ctx, cancel := v.patience(quick)
	defer cancel()
	s, err := v.desk.Preview(ctx, v.tenant, Ask{To: list(p.To), Exclude: list(p.Exclude), Service: p.Service, Label: p.Label})
	if err != nil {
		p.Wrong = err.Error()
		v.showAs(http.StatusUnprocessableEntity, "preview", "What would happen", p)
		return
	}
	p.Story = &s
	v.show("preview", "What would happen", p)
}

// list reads handles apart: by commas, semicolons, and lines.
func list(text string) (handles []string) {
	for _, h := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n\r\t", r) }) {
		if h = strings.TrimSpace(h); h != "" {
			handles = append(handles, h)
		}
	}
	return handles
}

func (v *visit) askDoctor() { v.show("doctor", "Doctor", nil) }

func (v *visit) doctor() {
	ctx, cancel := v.patience(slow)
	defer cancel()
	found, err := v.desk.Examine(ctx)
	if err != nil {
		v.failed(err)
		return
	}
	v.show("doctor", "Doctor", found)
}
