package recipients_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/fromline/fromline/recipients"
)

func ExampleParse() {
	phone, _ := recipients.Parse("+15551234567")
	email, _ := recipients.Parse("Ann.Lee@Bücher.example")
	fmt.Println(phone, phone.CallingCode(), phone.AreaCode())
	fmt.Println(email)
	// Output:
	// +15551234567 1 555
	// ann.lee@xn--bcher-kva.example
}

func ExampleError() {
	_, err := recipients.Parse("+4402071838750")
	var e *recipients.Error
	if errors.As(err, &e) {
		fmt.Println("for the log:    ", e)
		fmt.Println("for the caller: ", e.Hint())
		fmt.Println("for the program:", e.Rule, e.Offset, e.Suggestion, errors.Is(err, recipients.ErrPhone))
	}
	// Output:
	// for the log:     recipients: phone number has the trunk prefix 0 after +44, which is dialled inside that country only (phone.trunk at byte 3)
	// for the caller:  drop the 0 after +44: +442071838750
	// for the program: phone.trunk 3 +442071838750 true
}

func ExampleCanonicalize() {
	a, _ := recipients.Canonicalize([]string{"ann@example.com", "+15551234567", "+442071838750"})
	b, _ := recipients.Canonicalize([]string{"+442071838750", "Ann@Example.com", "+15551234567", "+15551234567"})
	fmt.Println(a.String())
	fmt.Println(a.Len(), a.IsGroup(), a.Key() == b.Key())
	// Output:
	// +15551234567,+442071838750,ann@example.com
	// 3 true true
}

func ExampleOptions() {
	// A number that the plan has room for, in a range that is not assigned.
	_, possible := recipients.Options{}.Parse("+15551234567")
	_, valid := recipients.Options{Strength: recipients.Valid}.Parse("+15551234567")
	fmt.Println(possible)
	fmt.Println(valid)
	// Output:
	// <nil>
	// recipients: phone number is in no assigned range for a number of +1 (phone.unassigned at byte 2)
}

func ExampleSet() {
	set, _ := recipients.NewSet(recipients.MustParse("+15551234567"), recipients.MustParse("ann@example.com"))
	for i, h := range set.All() {
		fmt.Println(i, h, h.IsPhone())
	}
	// Output:
	// 0 +15551234567 true
	// 1 ann@example.com false
}

func ExampleHandle_LogValue() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	set, _ := recipients.Canonicalize([]string{"+14155550176", "ann@example.com"})
	log.Info("sent", "to", set.At(0), "all", set, "key", set.Key())
	// Output:
	// level=INFO msg=sent to=+1•••76 all=+1•••76,a•••@example.com key=recipients.Key(redacted)
}

func ExampleKey() {
	set, _ := recipients.Canonicalize([]string{"+15551234567"})
	stored := set.Key().Bytes()
	again, _ := recipients.KeyFromBytes(stored[:])
	fmt.Println(again == set.Key(), again)
	// Output:
	// true recipients.Key(redacted)
}

func ExampleHandle_Country() {
	for _, number := range []string{"+19175550100", "+12125550100", "+14165550100", "+447797712345", "+80012345678"} {
		h := recipients.MustParse(number)
		fmt.Printf("%s %q %q %d\n", number, h.Country(), h.Province(), h.Place())
	}
	// Output:
	// +19175550100 "US" "NY" 212
	// +12125550100 "US" "NY" 212
	// +14165550100 "CA" "ON" 416
	// +447797712345 "JE" "" 0
	// +80012345678 "" "" 0
}
