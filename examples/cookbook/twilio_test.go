package cookbook_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Twilio, and gateways that copied its API, take a form for each recipient. A
// message that was filtered (30007) is told later, by the status callback: give
// that to Router.LineFlagged where it means that the line is flagged.
//
// Read 2026-11-28: www.twilio.com/docs/sms/api/message-resource.
type Twilio struct{ URL, Account, Token string }

// Send implements delivery.Sender.
func (t Twilio) Send(ctx context.Context, d delivery.Delivery) error {
	content, err := message.DecodeContent(d.Content)
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	var texts []string
	for _, part := range content.Parts {
		text, is := part.(*message.TextPart)
		if !is { // it takes nothing else here: the message is parked
			return &delivery.Failure{Err: fmt.Errorf("a part of the type %s", part.Type()), Permanent: true}
		}
		texts = append(texts, *text.Value)
	}
	for _, person := range d.To.All() {
		form := url.Values{"From": {d.From.String()}, "To": {person.String()}, "Body": {strings.Join(texts, "\n")}}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost,
			t.URL+"/2010-04-01/Accounts/"+t.Account+"/Messages.json", strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(t.Account, t.Token)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err // a group of which some were reached is sent again to all
		}
		_ = answer.Body.Close()
		if answer.StatusCode >= 300 {
			return fmt.Errorf("the provider answers %s", answer.Status)
		}
	}
	return nil
}

// What Twilio is asked, for a group of two. See Gateway for what its answers
// may mean.
func Example_twilio() {
	provider := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		account, token, _ := r.BasicAuth()
		body, err := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL, account, token, err)
		fmt.Println(string(body))
	}))
	defer provider.Close()
	people, err := recipients.Canonicalize([]string{"+14155559876", "+14155559877"})
	if err != nil {
		log.Fatal(err)
	}
	d := delivery.Delivery{Delivery: store.Delivery{
		From: recipients.MustParse("+14155550102"), To: people,
		Content: []byte(`{"parts":[{"type":"text","value":"Hi Ann!"}]}`),
	}}
	fmt.Println(Twilio{provider.URL, "AC1", "secret"}.Send(context.Background(), d))
	// Output:
	// POST /2010-04-01/Accounts/AC1/Messages.json AC1 secret <nil>
	// Body=Hi+Ann%21&From=%2B14155550102&To=%2B14155559876
	// POST /2010-04-01/Accounts/AC1/Messages.json AC1 secret <nil>
	// Body=Hi+Ann%21&From=%2B14155550102&To=%2B14155559877
	// <nil>
}
