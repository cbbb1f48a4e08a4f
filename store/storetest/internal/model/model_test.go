package model_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/fromline/fromline/store/storetest"
	"github.com/fromline/fromline/store/storetest/internal/model"
)

// TestModel: the model passes the suite too.
func TestModel(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Harness {
		var clock atomic.Int64
		clock.Store(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
		return storetest.Harness{
			Store:   model.New(func() time.Time { return time.Unix(0, clock.Load()) }),
			Advance: func(d time.Duration) { clock.Add(int64(d)) },
			Without: []storetest.Power{storetest.Copier, storetest.DeliveryReader, storetest.Consents, storetest.Inbox, storetest.TenantRemover, storetest.Durability, storetest.Bound, storetest.Damage, storetest.Clocked, storetest.Things, storetest.ChangeLister},
		}
	})
}
