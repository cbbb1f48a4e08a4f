package castest

import (
	"testing"

	"github.com/fromline/fromline/store/storetest"
)

// TestStore checks that a store with compare-and-swap on one key keeps the
// whole contract.
func TestStore(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Harness {
		return storetest.Harness{
			Store: newStore(newTable()),
			Without: []storetest.Power{
				storetest.Damage,
				storetest.ChatReader, storetest.ChatWalker, storetest.ChatFinder, storetest.Copier, storetest.DecisionReader, storetest.UseReader, storetest.LineStates,
				storetest.Purger, storetest.Clocked, storetest.Forgetter, storetest.TenantRemover, storetest.Things, storetest.ChangeLister, storetest.DeliveryReader, storetest.KnownReader, storetest.Consents, storetest.Inbox, storetest.Outbox,
				storetest.Durability, storetest.Clock, storetest.Bound,
			},
		}
	})
}
