package open

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sharded"
)

// shardFile is the content of FILE in sharded:FILE.
type shardFile struct {
	Directory string            `json:"directory"`
	Shards    map[string]string `json:"shards"` // names of stores, by names of shards

	// The options of sharded.Options that must be the same in all processes. So
	// they stand in the file.
	Recheck  duration `json:"recheck"`
	Patience duration `json:"patience"`
}

// duration is a time.Duration as text, such as 2s.
type duration time.Duration

// UnmarshalText reads a positive duration, as time.ParseDuration does.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err == nil && v <= 0 {
		err = errors.New("the duration is not positive")
	}
	*d = duration(v)
	return err
}

// readShards reads the file of a sharded store. Its errors repeat no more of a
// store's name than parse does.
func readShards(path string) (f shardFile, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return f, fmt.Errorf("sharded: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := json.Unmarshal(text, &f, json.RejectUnknownMembers(true)); err != nil {
		return f, invalid(fmt.Sprintf(`%s is not the file of a sharded store: give {"directory": "NAME", "shards": {"NAME": "STORE", …}}`, path))
	}
	if len(f.Shards) == 0 {
		return f, invalid(path + " names no shards")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Shards)) {
		n, err := parse(f.Shards[name])
		switch {
		case err != nil:
			return f, invalid(fmt.Sprintf("%s: shard %s: %v", path, name, err))
		case n.kind == kindSharded:
			return f, invalid(fmt.Sprintf("%s: shard %s is a sharded store itself: name its shards", path, name))
		case n.kind == kindMemory:
			return f, invalid(fmt.Sprintf("%s: shard %s is in memory: every process would have its own", path, name))
		}
	}
	if f.Directory != "" && f.Shards[f.Directory] == "" {
		return f, invalid(fmt.Sprintf("%s: the directory names %q, which is none of the shards", path, f.Directory))
	}
	return f, nil
}

// Sharded opens the store of a name sharded:FILE as a *sharded.Store, which can
// move tenants. It opens no shard: the store opens each shard when it first
// needs it, so a shard that is down does not stop Sharded. The error wraps
// [store.ErrInvalid] for any other name and for a file that cannot be used.
// Sharded is safe for concurrent use.
func Sharded(_ context.Context, name string, o Options) (*sharded.Store, error) {
	n, err := parse(name)
	if err != nil {
		return nil, err
	}
	if n.kind != kindSharded {
		return nil, invalid("that is no sharded store: give sharded:FILE")
	}
	f, err := readShards(n.rest)
	if err != nil {
		return nil, err
	}
	var shards []sharded.Shard
	for shard, of := range f.Shards {
		shards = append(shards, sharded.Shard{
			Name: shard,
			Open: func(ctx context.Context) (store.Store, error) {
				return Store(context.WithoutCancel(ctx), of, o.ofShard(shard))
			},
		})
	}
	return sharded.New(shards, sharded.Options{
		Directory: f.Directory, ReadOnly: o.ReadOnly, Recheck: time.Duration(f.Recheck), Patience: time.Duration(f.Patience),
	})
}
