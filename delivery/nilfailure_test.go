package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// A nil *Failure in an error says neither that the message was taken nor why it
// was not: the process lives, and the message is sent again.
func TestANilFailureIsNoSuccess(t *testing.T) {
	var none *delivery.Failure
	for name, err := range map[string]error{
		"alone":   none,
		"wrapped": fmt.Errorf("the gateway: %w", none),
		"joined":  errors.Join(errFault, none),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				commit(t, s, 0, 0)
				var results []delivery.Result
				calls := 0
				d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
					if calls++; calls == 1 {
						return err
					}
					return nil
				}, delivery.Options{Settled: func(s delivery.Settlement) {
					results = append(results, s.Result)
					failure, is := errors.AsType[*delivery.Failure](s.Err)
					require.Equal(t, is, failure != nil, "what is told of can be looked into")
				}})
				require.NoError(t, d.Drain(context.Background()))
				time.Sleep(time.Minute)
				require.NoError(t, d.Drain(context.Background()))
				require.Equal(t, []delivery.Result{delivery.Retrying, delivery.Sent}, results)
				require.Contains(t, err.Error(), "nil *delivery.Failure")
			})
		})
	}
}
