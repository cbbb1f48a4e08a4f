package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate/imagecheck"
)

// defaultTenant is whose a fleet is that is given without a tenant.
const defaultTenant = "default"

// serveFlags are the settings of fromline serve. What has a name here may also
// stand in the environment and in the file of -config (settle).
type serveFlags struct {
	addr, opsAddr          string
	opsToken               secretSource
	store, policy, guard   string
	deferUpTo              time.Duration
	assigned               string
	deliveries, deliverURL string
	nowhere                bool // no flag says where messages go
	webhooksTo             string
	prefix, docBase        string
	cardURLOptional        bool
	deliverSecret          secretSource
	deliverAuthorization   secretSource
	deliverConcurrency     int
	maxBacklog             int
	reroute                bool
	consents               fromline.ConsentRules
	rate                   float64
	burst                  int
	checkImages            bool
	traces                 bool
	keepUnkeyed            time.Duration
	legacySignatures       bool
	reloadDrops            bool
	images                 imagecheck.Options // of checkImages
	stopWithin             time.Duration
	level                  slog.Level

	fleets  ofTenants  // files
	tokens  ofTenants  // sources of secrets
	secrets ofTenants  // sources of secrets
	bare    []string   // flags of the command line with a password in them
	strange []stranger // variables of the environment that have no effect
}

// maxRate is more than any process can answer. At minRate a tenant waits less
// than three hours for one request.
const (
	maxRate = 1_000_000_000
	minRate = 0.0001
)

// ofTenants are the values of a flag that may be given for each tenant.
type ofTenants struct {
	secret bool // the value says where a secret is
	plain  bool // the tenant may be left out
	values map[string][]string
	err    error // what was given wrongly first
}

func (o *ofTenants) String() string { return "" }

// Set takes TENANT=FILE, or TENANT=@FILE and TENANT=env:NAME for what must not
// be seen on a command line. What is wrong is told later by check: package flag
// would repeat the value, which may be the secret itself.
func (o *ofTenants) Set(text string) error {
	tenant, value, found := strings.Cut(text, "=")
	if o.plain && (!found || strings.ContainsRune(tenant, '/')) { // the path of a file may hold a =
		tenant, value, found = defaultTenant, text, true
	}
	switch {
	case found && tenant == "":
		o.err = cmp.Or(o.err, errors.New("the tenant before = is empty: give TENANT="+o.form()))
		return nil
	case !found || value == "":
		o.err = cmp.Or(o.err, errors.New("give TENANT="+o.form()))
		return nil
	case o.secret && !isSource(value):
		o.err = cmp.Or(o.err, errors.New("give TENANT=@FILE, "+insteadOfBare))
		return nil
	}
	if o.values == nil {
		o.values = map[string][]string{}
	}
	o.values[tenant] = append(o.values[tenant], value)
	return nil
}

// single says what is wrong with a flag that takes one file for each tenant.
func (o *ofTenants) single() error {
	for tenant, files := range o.values {
		if len(files) > 1 {
			return fmt.Errorf("tenant %q has %d files, give one", tenant, len(files))
		}
	}
	return o.err
}

func (o *ofTenants) form() string {
	if o.secret {
		return "@FILE"
	}
	return "FILE"
}

// add adds the flags to a set.
func (f *serveFlags) add(set *flag.FlagSet) {
	f.fleets.plain, f.tokens.secret, f.secrets.secret = true, true, true
	set.StringVar(&f.addr, "addr", "127.0.0.1:8080", "`address` to serve the endpoint on")
	set.Var(&f.fleets, "fleet", "lines of a tenant, as `[TENANT=]FILE`; without TENANT they are those of the tenant "+defaultTenant+"; may be repeated (required); a tenant has no slash: ./a=b.json is a file")
	set.StringVar(&f.policy, "policy", "", policyUsage)
	set.StringVar(&f.guard, "guard", "off", guardUsage)
	set.DurationVar(&f.deferUpTo, "defer", 0, "longest `time` that a message that opens a chat may wait for the pace of a -guard; at most 4h; 1h is a good beginning; 0 refuses such a message")
	set.StringVar(&f.assigned, "assigned", "", "`file` with the settings of lines that are assigned to us and in no -fleet; it holds one line of a fleet file, without id and phone_number; by default such a number is logged and not used")
	f.store = "memory:"
	storeVar(set, &f.store, "store", storeUsage)
	set.StringVar(&f.deliveries, "deliveries", "", "`file` to append decided messages to, one JSON object a line; - for standard output, which is the default")
	set.StringVar(&f.deliverURL, "deliver-url", "", "`URL` to post decided messages to, instead of -deliveries")
	set.Var(&f.deliverSecret, "deliver-secret", "secrets that sign each post, in `@FILE` or env:NAME; one a line; each is whsec_ and base64 of 24 bytes or more; they sign posts to -deliver-url and -webhooks-to as Standard Webhooks says; webhook-id is the id of the message or of the event")
	set.StringVar(&f.webhooksTo, "webhooks-to", "", "`URL` to post our own webhooks to, in the vendor's form; message.sent, message.delivered, message.failed and phone_number.status_updated; none by default")
	set.Var(&f.deliverAuthorization, "deliver-authorization", "Authorization header of posts to -deliver-url, in `@FILE` or env:NAME; such as Bearer abc")
	set.IntVar(&f.deliverConcurrency, "deliver-concurrency", 64, "`number` of messages handed over at the same time; each is of another chat")
	set.IntVar(&f.maxBacklog, "max-backlog", 0, "`number` of messages that may wait, before sends are refused; with 4004; 0 for no bound")
	set.BoolVar(&f.reroute, "reroute", true, "send messages from another line if their own cannot continue; -reroute=false leaves them on their line")
	f.consents.OptOuts = true
	set.Var(optOuts{&f.consents}, "opt-outs", "do not send to people who opted out (=en,es: more words); they opt out with a stop word, and -opt-outs=en,es adds the stop words of these languages, in upper and lower case; -opt-outs=false sends to all")
	set.BoolVar(&f.consents.Blocks, "blocks", true, "refuse messages to people whom the tenant has blocked; -blocks=false sends them, and refuses requests to block")
	set.BoolVar(&f.consents.AllowList, "allow-list", false, "refuse messages to people who are not on the tenant's list")
	set.Var(&f.tokens, "token", "tokens of a tenant, as `TENANT=@FILE`; or TENANT=env:NAME; one a line, 16 characters at least; may be repeated")
	set.Var(&f.secrets, "webhook-secret", "secrets that sign the line events of a tenant, as `TENANT=@FILE`; or TENANT=env:NAME; one a line; each is whsec_ and base64 of 24 bytes or more; may be repeated")
	set.BoolVar(&f.legacySignatures, "webhook-legacy", false, "accept the vendor's older signatures too; those have the header X-Webhook-Signature and none of Standard Webhooks")
	set.StringVar(&f.opsAddr, "ops-addr", "", "`address` to serve /metrics, /livez, /readyz, /parked and the console for operators on; none by default")
	set.Var(&f.opsToken, "ops-token", "token of the operators, in `@FILE` or env:NAME; 16 characters or more; with an -ops-addr that other machines can reach, /metrics and /parked need it as a Bearer token, and the console asks for it")
	set.StringVar(&f.prefix, "prefix", "", "`path` before every path of the endpoint, such as /api/partner")
	set.StringVar(&f.docBase, "doc-base", "", "`URL` to put before the paths of doc_url; by default this server, which serves those pages without a token")
	set.BoolVar(&f.cardURLOptional, "card-url-optional", false, "accept app cards without a url, as a later revision of the API does")
	set.Float64Var(&f.rate, "rate", 0, "`requests` a second that each tenant may make; 0 for no bound")
	set.IntVar(&f.burst, "burst", 0, "`requests` that each tenant may make at once; by default those of one second")
	set.BoolVar(&f.checkImages, "check-images", false, "fetch the images of app cards, and refuse those that cannot be used")
	set.BoolVar(&f.traces, "traces", true, "keep the reasons of each decision; fromline explain and GET /v3/messages/{id} show them")
	set.DurationVar(&f.keepUnkeyed, "keep-unkeyed", time.Hour, "`time` for which records without an idempotency key are kept")
	set.StringVar(&f.images.UserAgent, "image-user-agent", "", "value of the header User-Agent for -check-images; default fromline-imagecheck")
	set.BoolVar(&f.reloadDrops, "reload-drops", false, "take over, at SIGHUP, a -fleet file that lost more than half of its lines; without it such a file is refused, if it had 10 lines or more")
	set.DurationVar(&f.stopWithin, "stop-within", 10*time.Second, "`time` in which a stop finishes requests and hands over the messages that are due")
	set.TextVar(&f.level, "log-level", slog.LevelInfo, "least `level` that is logged: DEBUG, INFO, WARN or ERROR")
}

func (f *serveFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, serveUsage, stdout); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("%q is not expected: serve takes flags only", set.Arg(0))
	}
	f.bare = exposed(args)
	c, _ := find(set.Name())
	f.strange = strangers(c, args)
	return f.check()
}

// check refuses settings that contradict each other.
func (f *serveFlags) check() error {
	for name, o := range map[string]ofTenants{"-fleet": f.fleets, "-token": f.tokens, "-webhook-secret": f.secrets} {
		if o.err != nil {
			return fmt.Errorf("%s: %w", name, o.err)
		}
	}
	if len(f.fleets.values) == 0 {
		return errors.New("-fleet is missing: type -fleet FILE, with the name of the file that lists our lines")
	}
	for tenant, files := range f.fleets.values {
		if len(files) > 1 {
			return fmt.Errorf("-fleet: tenant %q has %d files, give one", tenant, len(files))
		}
	}
	for name, o := range map[string]ofTenants{"-token": f.tokens, "-webhook-secret": f.secrets} {
		for tenant := range o.values {
			if f.fleets.values[tenant] == nil {
				return fmt.Errorf("%s: tenant %q has no -fleet: %s", name, tenant, f.fleetHint(tenant))
			}
		}
	}
	for name, addr := range map[string]string{"-addr": f.addr, "-ops-addr": f.opsAddr} {
		if _, _, err := net.SplitHostPort(addr); err != nil && !(name == "-ops-addr" && addr == "") {
			return fmt.Errorf("%s %q: give a host and a port, as in 127.0.0.1:8080", name, addr)
		}
	}
	if f.deferUpTo < 0 || f.deferUpTo > fromline.MaxDefer {
		return fmt.Errorf("-defer %v: give 0 for no waiting, or up to %v", f.deferUpTo, fromline.MaxDefer)
	}
	if f.prefix != "" && (!strings.HasPrefix(f.prefix, "/") || strings.HasSuffix(f.prefix, "/")) {
		return fmt.Errorf("-prefix %q: begin it with a slash and do not end it with one, as in /api/partner", f.prefix)
	}
	if f.docBase != "" {
		base := strings.TrimRight(f.docBase, "/")
		if err := httpapi.CheckDocBase(base); err != nil {
			return fmt.Errorf("-doc-base: %w", err)
		}
		f.docBase = base
	}
	if len(f.tokens.values) == 0 {
		switch {
		case len(f.fleets.values) > 1:
			return errors.New("-token is missing: the fleets are of several tenants, so give each of them its tokens with -token TENANT=@FILE")
		case !isLoopback(f.addr):
			return fmt.Errorf("-addr %s can be reached from other machines: give tokens with -token, or an address such as 127.0.0.1:8080", f.addr)
		}
	}
	switch {
	case f.deliveries != "" && f.deliverURL != "":
		return errors.New("-deliveries and -deliver-url exclude each other: leave one of them out")
	case f.deliverSecret.err != nil:
		return fmt.Errorf("-deliver-secret: %w", f.deliverSecret.err)
	case f.opsAddr != "" && !isLoopback(f.opsAddr) && f.opsToken.source == "" && f.opsToken.err == nil:
		return fmt.Errorf("-ops-addr %s can be reached from other machines: give a token with -ops-token, or an address such as 127.0.0.1:9090", f.opsAddr)
	case f.opsToken.err != nil:
		return fmt.Errorf("-ops-token: %w", f.opsToken.err)
	case f.deliverAuthorization.err != nil:
		return fmt.Errorf("-deliver-authorization: %w", f.deliverAuthorization.err)
	case f.deliverURL == "" && f.deliverAuthorization.source != "":
		return errors.New("-deliver-authorization has no effect alone: add -deliver-url URL")
	case f.deliverURL+f.webhooksTo == "" && f.deliverSecret.source != "":
		return errors.New("-deliver-secret has no effect alone: add -deliver-url URL or -webhooks-to URL")
	case f.deliverConcurrency < 1 || f.deliverConcurrency > store.MaxPage:
		return fmt.Errorf("-deliver-concurrency: give a number of messages from 1 to %d", store.MaxPage)
	case f.maxBacklog < 0:
		return errors.New("-max-backlog: give a number of messages, or 0 for no bound")
	case f.keepUnkeyed <= 0:
		return fmt.Errorf("-keep-unkeyed %v: give a time above zero, such as 1h", f.keepUnkeyed)
	case f.stopWithin <= 0:
		return errors.New("-stop-within: give a time above zero, such as 10s")
	case f.rate != 0 && !(f.rate >= minRate && f.rate <= maxRate): // NaN is neither
		return fmt.Errorf("-rate %v: give a number of requests a second, from %v to %d, or 0 for no bound", f.rate, minRate, maxRate)
	case f.burst < 0 || f.burst > maxRate:
		return fmt.Errorf("-burst: give a number of requests, at most %d", maxRate)
	case f.burst > 0 && f.rate == 0:
		return errors.New("-burst has no effect alone: add -rate")
	}
	if f.deliveries == "" && f.deliverURL == "" {
		f.deliveries, f.nowhere = "-", true
	}
	if f.rate > 0 && f.burst == 0 {
		f.burst = max(1, int(f.rate))
	}
	return nil
}

// isLoopback says whether an address can be reached from this machine only.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fleetHint says how to name the lines of a tenant that a secret is for.
func (f *serveFlags) fleetHint(tenant string) string {
	if meant := nearest.Name(tenant, slices.Sorted(maps.Keys(f.fleets.values))); meant != "" {
		return fmt.Sprintf("did you mean %q?", meant)
	}
	return fmt.Sprintf("type -fleet %s=FILE", tenant)
}
