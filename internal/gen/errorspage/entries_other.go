package main

import (
	"bytes"
	"fmt"
)

// aToken is that of the tenant on a server with tokens.
const aToken = "0123456789abcdef0123456789abcdef"

// tokenRules are the rules of the header Authorization.
var tokenRules = []string{"token.missing", "token.form", "token.unknown"}

// tokens are the entries of tokenRules.
var tokens = []entry{
	{rule: "token.missing", cause: "The request has no header Authorization, or an empty one.",
		mend: "Send the header Authorization with the word Bearer, a space and a token of your tenant. Events may be signed instead.", note: "on a server with tokens",
		server: withTokens, wrong: hello(""), right: hello("Bearer " + aToken)},
	{rule: "token.form", cause: "The header Authorization does not have the word Bearer, a space and a token, or the request has two such headers.",
		mend: "Send one header Authorization: the word Bearer, a space and the token.", note: "on a server with tokens",
		server: withTokens, wrong: hello(aToken), right: hello("Bearer " + aToken)},
	{rule: "token.unknown", cause: "No tenant of this server has the token. It was mistyped, or it is a token of another server or of the vendor.",
		mend: "Compare the token with those that the server was given: serve -token TENANT=@FILE.", note: "on a server with tokens",
		server: withTokens, wrong: hello("Bearer fedcba9876543210fedcba9876543210"), right: hello("Bearer " + aToken)},
}

// hello is a text with a header Authorization, "" for none.
func hello(authorization string) sample {
	return sample{authorization: authorization, body: to(`["+14155559876"]`).body}
}

// others are the rules of requests that are not messages. Their faults say in
// words what is wrong, so they have no examples here.
var others = []struct{ rule, code, where, mend string }{
	{"event.malformed", "1003", "the body of an event", "Send the JSON object of the vendor's webhook. The pointer names the place that cannot be read."},
	{"event.missing", "1001", "the body of an event", "Add the member that the pointer names."},
	{"event.bad_number", "1002", "the body of an event", "Write the phone number with + and digits only."},
	{"event.bad_value", "1005", "the body of an event", "Use a value that the message names."},
	{"event.ahead", "1005", "the time of an event", "Compare the clock of the sender with that of the server; five minutes of difference are allowed."},
	{"signature.headers", "2004", "the header that the fault names", "Send webhook-id, webhook-timestamp and webhook-signature together."},
	{"signature.time", "2004", "the header that the fault names", "Sign each attempt anew, with the time in whole seconds since 1970; compare the clocks."},
	{"signature.wrong", "2004", "the header that the fault names", "Sign the bytes of the body as they are sent, with a secret that the server was given: serve -webhook-secret TENANT=@FILE."},
	{"signature.legacy", "2004", "X-Webhook-Signature", "Sign as Standard Webhooks says, or start the server with -webhook-legacy."},
	{"signature.none", "2004", "webhook-signature", "Give the server a secret with -webhook-secret, or send a token."},
}

// writeOthers writes the table of others.
func writeOthers(b *bytes.Buffer) {
	b.WriteString(`
## Rules of events

` + "`POST /v3/events` and its signature" + ` have these rules; [http.md](http.md#events) describes events.

| rule | code | where | mend |
|---|---|---|---|
`)
	for _, o := range others {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", o.rule, o.code, cell(o.where), cell(o.mend))
	}
}
