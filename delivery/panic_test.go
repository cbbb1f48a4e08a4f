package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// clumsy panics in a function of its own, in one of the ways of a program.
func clumsy(how string, secret string, none *delivery.Failure, list []string) error {
	switch how {
	case "by itself":
		panic(secret)
	case "with an error":
		panic(errors.New(secret))
	case "a nil pointer":
		none.Permanent = true
	case "an index":
		return errors.New(list[len(secret)])
	}
	return nil
}

// A Sender that panics is told by the type of the value and the place, however
// it came to that, and never by the value.
func TestAPanicTellsItsPlace(t *testing.T) {
	for _, how := range []string{"by itself", "with an error", "a nil pointer", "an index"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				commit(t, s, 0, 0)
				var settled []delivery.Settlement
				d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
					return clumsy(how, "a secret", nil, nil)
				}, delivery.Options{Settled: func(s delivery.Settlement) { settled = append(settled, s) }, Backoff: time.Hour})
				require.NoError(t, d.Drain(context.Background()))
				require.Len(t, settled, 1)
				require.Equal(t, delivery.Retrying, settled[0].Result)
				require.ErrorContains(t, settled[0].Err, "delivery_test.clumsy, panic_test.go:")
				require.NotContains(t, settled[0].Err.Error(), "secret")
			})
		})
	}
}
