package etcd

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/store"
)

// format is the version of all keys and values of a store.
const format = "1"

// prepare checks the cluster, and writes the format of this release under the
// prefix.
func (s *Store) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	key := s.of(kindFormat)
	if s.o.ReadOnly {
		now, err := s.read(ctx, []string{key})
		if err != nil {
			return err
		}
		_ = s.setClock(ctx) // Parts says if it failed
		if !now[key].there() {
			return fmt.Errorf("etcd: there is no store under the prefix: %w", os.ErrNotExist)
		}
		return checkFormat(now[key].bytes)
	}
	answer, _, err := s.send(ctx, []clientv3.Cmp{clientv3.Compare(clientv3.CreateRevision(key), "=", 0)},
		[]clientv3.Op{clientv3.OpPut(key, format)}, []clientv3.Op{clientv3.OpGet(key)}, func(*clientv3.TxnResponse) bool { return true })
	if err != nil && !errors.Is(err, store.ErrFull) {
		return err
	}
	if err == nil && !answer.Succeeded {
		if kvs := answer.Responses[0].GetResponseRange().Kvs; len(kvs) > 0 {
			if err := checkFormat(kvs[0].Value); err != nil {
				return err
			}
		}
	}
	alarms, err := s.client.AlarmList(ctx)
	if err != nil {
		return readError(err)
	}
	for _, a := range alarms.Alarms {
		if a.Alarm == etcdserverpb.AlarmType_CORRUPT {
			return fmt.Errorf("etcd: %w: node %x has raised the alarm that its data are damaged", store.ErrNotWritten, a.MemberID)
		}
	}
	s.measure(ctx)
	late := s.setClock(ctx)
	if s.o.Unsynced {
		return nil // Parts says if the clock failed
	}
	return cmp.Or(s.checkSync(ctx), late)
}

func checkFormat(is []byte) error {
	if string(is) == format {
		return nil
	}
	return fmt.Errorf("etcd: %w: the store under the prefix has format %q, and this release reads %s", store.ErrInvalid, is, format)
}

// Parts implements store.Composed. It asks every node of the name for its
// status. A node that is nearly full or has raised an alarm has an error, as
// one that is down. So has the part clock while no node has told its time.
func (s *Store) Parts(ctx context.Context) (parts []store.Part) {
	for _, endpoint := range s.where.endpoints {
		once, cancel := context.WithTimeout(ctx, perTry)
		status, err := s.client.Status(once, endpoint)
		cancel()
		if err == nil {
			err = condition(status)
		}
		parts = append(parts, store.Part{Kind: "node", Name: endpoint, Err: err})
	}
	if s.clock != nil && !s.clock.told.Load() {
		parts = append(parts, store.Part{Name: "clock", Err: errAlone})
	}
	slices.SortFunc(parts, func(a, b store.Part) int { return strings.Compare(a.Name, b.Name) })
	return parts
}

// condition returns an error if a node that answers is in a bad state.
func condition(status *clientv3.StatusResponse) error {
	if len(status.Errors) > 0 {
		return errors.New(strings.Join(status.Errors, "; "))
	}
	if status.DbSizeQuota > 0 && float64(status.DbSize) > used*float64(status.DbSizeQuota) {
		return fmt.Errorf("it holds %d of %d MiB, of which %d are in use", status.DbSize>>20, status.DbSizeQuota>>20, status.DbSizeInUse>>20)
	}
	return nil
}

// Same reports whether two names are of one store: one prefix in one cluster.
// It connects to both clusters and changes nothing. The error wraps
// [store.ErrInvalid] for a name that cannot be used, and store.ErrNotWritten if
// a cluster does not answer. Same is safe for concurrent use.
func Same(ctx context.Context, a, b string) (bool, error) {
	one, err := identity(ctx, a)
	if err != nil {
		return false, err
	}
	other, err := identity(ctx, b)
	return one == other, err
}

func identity(ctx context.Context, name string) (string, error) {
	where, err := parse(name)
	if err != nil {
		return "", err
	}
	client, err := where.connect(nil, 0)
	if err != nil {
		return "", err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 3*perTry)
	defer cancel()
	answer, err := client.Get(ctx, where.prefix+kindFormat)
	if err != nil {
		return "", readError(err)
	}
	return fmt.Sprintf("%x %s", answer.Header.ClusterId, where.prefix), nil
}

// The metrics of a node that count its writes to its log, and the syncs of it.
// A node with --unsafe-no-fsync writes and does not sync, but acknowledges
// nevertheless.
const (
	wrote  = "etcd_disk_wal_write_duration_seconds_count"
	synced = "etcd_disk_wal_fsync_duration_seconds_count"
)

// enough is the number of writes without a sync that show that a node makes
// none. A sync may serve several writes.
const enough = 8

// checkSync writes until every node that answers has synced. It refuses a
// cluster if a node does not sync, or if no node shows its metrics.
func (s *Store) checkSync(ctx context.Context) error {
	before := make(map[string]counts)
	var hidden error
	for _, endpoint := range s.where.endpoints {
		c, err := s.counts(ctx, endpoint)
		if err != nil {
			hidden = err
			continue
		}
		before[endpoint] = c
	}
	if len(before) == 0 {
		return fmt.Errorf("etcd: %w: no node shows whether it syncs its disk: its metrics cannot be read (%w); "+
			"let the store read /metrics at the hosts of its name, or accept that with Options.Unsynced or ?unsynced=accept", store.ErrNotWritten, hidden)
	}
	for range 2 * enough {
		key := s.of(kindFormat)
		if _, _, err := s.send(ctx, nil, []clientv3.Op{clientv3.OpPut(key, format)}, nil, func(*clientv3.TxnResponse) bool { return true }); err != nil {
			if errors.Is(err, store.ErrFull) {
				return nil // it refuses commits
			}
			return err
		}
		for endpoint, was := range before {
			now, err := s.counts(ctx, endpoint)
			switch {
			case err != nil:
			case now.synced > was.synced:
				delete(before, endpoint)
			case now.wrote >= was.wrote+enough:
				return fmt.Errorf("etcd: %w: %s acknowledges writes before it syncs them to its disk (--unsafe-no-fsync): a power failure would lose commits; "+
					"start it without, or accept that with Options.Unsynced or ?unsynced=accept", store.ErrInvalid, endpoint)
			}
		}
		if len(before) == 0 {
			break
		}
	}
	return nil
}

// counts are the writes and syncs of a node's log.
type counts struct{ wrote, synced float64 }

func (s *Store) counts(ctx context.Context, endpoint string) (c counts, err error) {
	answer, done, err := s.visit(ctx, endpoint+"/metrics")
	if err != nil {
		return c, err
	}
	defer done()
	found := 0
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		for name, v := range map[string]*float64{wrote: &c.wrote, synced: &c.synced} {
			if text, is := bytes.CutPrefix(lines.Bytes(), []byte(name+" ")); is {
				if *v, err = strconv.ParseFloat(string(text), 64); err != nil {
					return c, err
				}
				found++
			}
		}
	}
	if found < 2 {
		return c, fmt.Errorf("%s has no metrics %s and %s", endpoint, wrote, synced)
	}
	return c, nil
}

// tend measures, compacts and corrects the clock, until the store is closed.
func (s *Store) tend() {
	measure := time.NewTicker(5 * time.Second)
	defer measure.Stop()
	every := s.o.CompactEvery
	if every < 0 {
		every = 365 * 24 * time.Hour
	}
	compact := time.NewTicker(every)
	defer compact.Stop()
	clock := time.NewTicker(time.Minute)
	defer clock.Stop()
	before := s.seen.Load()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), s.o.Timeout)
		select {
		case <-s.stop:
			cancel()
			return
		case <-measure.C:
			s.measure(ctx)
		case <-clock.C:
			_ = s.setClock(ctx) // after an error the clock goes on as it is
		case <-compact.C:
			if s.o.CompactEvery > 0 {
				s.compact(ctx, before)
				before = s.seen.Load()
			}
		}
		cancel()
	}
}

// compact compacts the history before a revision, except for the part that a
// list of changes needs.
func (s *Store) compact(ctx context.Context, before int64) {
	if needed, err := s.oldest(ctx); err == nil {
		_, _ = s.client.Compact(ctx, min(before, needed-1)) // it fails if another process was faster
	}
}

// used is the part of a node's quota above which the store refuses commits. At
// the whole quota the servers refuse every write until an operator clears the
// alarm, also the writes that make room.
const used = 0.95

// measure asks every node how full it is.
func (s *Store) measure(ctx context.Context) {
	var full []string
	for _, endpoint := range s.where.endpoints {
		once, cancel := context.WithTimeout(ctx, perTry)
		status, err := s.client.Status(once, endpoint)
		cancel()
		if err != nil {
			continue
		}
		if wrong := condition(status); wrong != nil {
			full = append(full, endpoint+": "+wrong.Error())
		}
	}
	if len(full) == 0 {
		s.full.Store(nil)
		return
	}
	what := strings.Join(full, "; ")
	s.full.Store(&what)
}

// room returns an error wrapping store.ErrFull if the store must not keep more.
func (s *Store) room() error {
	if what := s.full.Load(); what != nil {
		return fmt.Errorf("etcd: %w: %s; purge, defragment, or give the servers a larger --quota-backend-bytes", store.ErrFull, *what)
	}
	return nil
}
