package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate/imagecheck"
)

// defaultTenant is whose a fleet is that is given without a tenant.
const defaultTenant = "default"

// serveFlags are the settings of fromline serve. What has a name here may also stand
// in the environment and in the file of -config (settle).
type serveFlags struct {
	addr, opsAddr          string
	opsToken               secretSource
	store, policy, guard   string
	deferUpTo              time.Duration
	assigned               string
	deliveries, deliverURL string
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
	images                 imagecheck.Options // of checkImages
	stopWithin             time.Duration
	level                  slog.Level

	fleets  ofTenants  // files
	tokens  ofTenants  // sources of secrets
	secrets ofTenants  // sources of secrets
	bare    []string   // flags of the command line with a password in them
	strange []stranger // variables of the environment that have no effect
}

// maxRate is more than any process can answer.
const maxRate = 1_000_000_000

// ofTenants are the values of a flag that may be given for each tenant.
type ofTenants struct {
	secret bool // the value says where a secret is
	plain  bool // the tenant may be left out
	values map[string][]string
	err    error // what was given wrongly first
}

func (o *ofTenants) String() string { return "" }

// Set takes TENANT=FILE, or TENANT=@FILE and TENANT=env:NAME for what must not be
// seen on a command line. What is wrong is told later by check: package flag would repeat the
// value, which may be the secret itself.
func (o *ofTenants) Set(text string) error {
	tenant, value, found := strings.Cut(text, "=")
	if o.plain && (!found || strings.ContainsRune(tenant, '/')) { // the path of a file may hold a =
		tenant, value, found = defaultTenant, text, true
	}
	switch {
	case !found || tenant == "" || value == "":
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
	set.Var(&f.fleets, "fleet", "`[TENANT=]FILE` with the lines of a tenant, "+defaultTenant+" if none is named; may be repeated (required); a tenant has no slash: ./a=b.json is a file")
	set.StringVar(&f.policy, "policy", "", policyUsage)
	set.StringVar(&f.guard, "guard", "off", guardUsage)
	set.DurationVar(&f.deferUpTo, "defer", 0, "`time` that openings may wait for the pace of a -guard; at most 4h, instead of being refused; 1h is a good beginning")
	set.StringVar(&f.assigned, "assigned", "", "`file` with what a number becomes that is assigned to us and that no -fleet has: a line as in a fleet file, without id and phone_number; default: it is told, and is no line")
	f.store = "memory:"
	storeVar(set, &f.store, "store", storeUsage)
	set.StringVar(&f.deliveries, "deliveries", "", "`file` to append decided messages to, one JSON object a line; - for standard output, which is the default")
	set.StringVar(&f.deliverURL, "deliver-url", "", "`URL` to post decided messages to, instead of -deliveries")
	set.Var(&f.deliverSecret, "deliver-secret", "`@FILE` with the secrets that sign what is posted, one a line; each whsec_ and base64 of 24 bytes or more; as Standard Webhooks has it, to -deliver-url and -webhooks-to; or env:NAME; webhook-id is the id of the message, or of the event")
	set.StringVar(&f.webhooksTo, "webhooks-to", "", "`URL` to post webhooks of ours to, in the vendor's form; message.sent, message.delivered, message.failed and phone_number.status_updated; none by default")
	set.Var(&f.deliverAuthorization, "deliver-authorization", "`@FILE` with the Authorization header of what is posted to -deliver-url, such as Bearer abc; or env:NAME")
	set.IntVar(&f.deliverConcurrency, "deliver-concurrency", 64, "`number` of messages handed over at the same time; of as many chats")
	set.IntVar(&f.maxBacklog, "max-backlog", 0, "`number` of messages waiting to be handed over at which sends are refused; with 4004; 0 for any number")
	set.BoolVar(&f.reroute, "reroute", true, "reroute messages whose line can no longer continue; -reroute=false leaves them on their line")
	f.consents.OptOuts = true
	set.Var(optOuts{&f.consents}, "opt-outs", "refuse messages to people who last sent a stop word; -opt-outs=en,es: of these languages too, in any case; -opt-outs=false sends them")
	set.BoolVar(&f.consents.Blocks, "blocks", true, "refuse messages to people who are blocked; -blocks=false sends them, and refuses to block")
	set.BoolVar(&f.consents.AllowList, "allow-list", false, "refuse messages to people who are not on the tenant's list")
	set.Var(&f.tokens, "token", "`TENANT=@FILE` with a tenant's tokens, one a line, 16 characters at least; or TENANT=env:NAME; may be repeated")
	set.Var(&f.secrets, "webhook-secret", "`TENANT=@FILE` with the secrets that sign a tenant's line events, one a line; each whsec_ and base64 of 24 bytes or more; or TENANT=env:NAME; may be repeated")
	set.BoolVar(&f.legacySignatures, "webhook-legacy", false, "take events that are signed in the older way too; X-Webhook-Signature, and no header of Standard Webhooks")
	set.StringVar(&f.opsAddr, "ops-addr", "", "`address` to serve /metrics, /livez, /readyz, /parked and the console for operators on; none by default")
	set.Var(&f.opsToken, "ops-token", "`@FILE` with the token that readers of the console give; 16 characters or more; or env:NAME; with an -ops-addr that other machines can reach, everything but /livez and /readyz needs it as a Bearer token")
	set.StringVar(&f.prefix, "prefix", "", "`path` before every path of the endpoint, such as /api/partner")
	set.StringVar(&f.docBase, "doc-base", "", "`URL` before the path of the pages that doc_url names; by default this server, which serves such pages without a token")
	set.BoolVar(&f.cardURLOptional, "card-url-optional", false, "take app cards without a url, as a later revision of the API does")
	set.Float64Var(&f.rate, "rate", 0, "requests a second that each tenant may make; 0 for any number")
	set.IntVar(&f.burst, "burst", 0, "requests that each tenant may make at once; default: those of one second")
	set.BoolVar(&f.checkImages, "check-images", false, "fetch the images of app cards, and refuse those that cannot be used")
	set.BoolVar(&f.traces, "traces", true, "keep why each message was decided so; fromline explain and GET /v3/messages/{id} tell it")
	set.DurationVar(&f.keepUnkeyed, "keep-unkeyed", time.Hour, "`time` that records without an idempotency key are kept")
	set.StringVar(&f.images.UserAgent, "image-user-agent", "", "what the servers of images are told in User-Agent; default fromline-imagecheck")
	set.DurationVar(&f.stopWithin, "stop-within", 10*time.Second, "`time` that a stop may take, to finish requests and to hand over what is due")
	set.TextVar(&f.level, "log-level", slog.LevelInfo, "DEBUG, INFO, WARN or ERROR")
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
		return errors.New("-fleet is missing: name the file with our lines")
	}
	for tenant, files := range f.fleets.values {
		if len(files) > 1 {
			return fmt.Errorf("-fleet: tenant %q has %d files, give one", tenant, len(files))
		}
	}
	for name, o := range map[string]ofTenants{"-token": f.tokens, "-webhook-secret": f.secrets} {
		for tenant := range o.values {
			if f.fleets.values[tenant] == nil {
				return fmt.Errorf("%s: tenant %q has no -fleet", name, tenant)
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
			return errors.New("-token is missing: without tokens there can be one tenant only")
		case !isLoopback(f.addr):
			return fmt.Errorf("-addr %s can be reached from other machines: give tokens with -token, or an address such as 127.0.0.1:8080", f.addr)
		}
	}
	switch {
	case f.deliveries != "" && f.deliverURL != "":
		return errors.New("-deliveries and -deliver-url: give one of them")
	case f.deliverSecret.err != nil:
		return fmt.Errorf("-deliver-secret: %w", f.deliverSecret.err)
	case f.opsAddr != "" && !isLoopback(f.opsAddr) && f.opsToken.source == "" && f.opsToken.err == nil:
		return fmt.Errorf("-ops-addr %s can be reached from other machines: give a token with -ops-token, or an address such as 127.0.0.1:9090", f.opsAddr)
	case f.opsToken.err != nil:
		return fmt.Errorf("-ops-token: %w", f.opsToken.err)
	case f.deliverAuthorization.err != nil:
		return fmt.Errorf("-deliver-authorization: %w", f.deliverAuthorization.err)
	case f.deliverURL == "" && f.deliverAuthorization.source != "":
		return errors.New("-deliver-authorization goes with -deliver-url")
	case f.deliverURL+f.webhooksTo == "" && f.deliverSecret.source != "":
		return errors.New("-deliver-secret goes with -deliver-url or -webhooks-to")
	case f.deliverConcurrency < 1 || f.deliverConcurrency > store.MaxPage:
		return fmt.Errorf("-deliver-concurrency is a number of messages from 1 to %d", store.MaxPage)
	case f.maxBacklog < 0:
		return errors.New("-max-backlog is a number of messages; 0 for any number")
	case f.keepUnkeyed <= 0:
		return fmt.Errorf("-keep-unkeyed is %v: give a positive time", f.keepUnkeyed)
	case f.stopWithin <= 0:
		return errors.New("-stop-within is a positive time, such as 10s")
	case !(f.rate >= 0 && f.rate <= maxRate): // NaN is neither
		return fmt.Errorf("-rate is a number of requests a second, at most %d; 0 for any number", maxRate)
	case f.burst < 0 || f.burst > maxRate:
		return fmt.Errorf("-burst is a number of requests, at most %d", maxRate)
	case f.burst > 0 && f.rate == 0:
		return errors.New("-burst goes with -rate")
	}
	if f.deliveries == "" && f.deliverURL == "" {
		f.deliveries = "-"
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
