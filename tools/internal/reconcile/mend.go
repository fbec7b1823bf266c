package reconcile

import (
	"context"
	"errors"
	"fmt"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// tries bounds how often a record is changed anew that met another change.
const tries = 10

// mendAll mends what can be mended, one after the other: these are few.
func (j *job) mendAll(ctx context.Context, _ *Report) error {
	j.sort()
	if !j.options.Fix {
		return nil
	}
	for i := range j.findings {
		f := &j.findings[i]
		j.tell("mending", i, len(j.findings))
		if f.Mend == "" {
			continue
		}
		if err := j.mend(ctx, *f); err != nil {
			f.Failure = err.Error()
			continue
		}
		f.Fixed = true
	}
	return ctx.Err()
}

// mend changes the record that a finding is about, under its revision.
func (j *job) mend(ctx context.Context, f Finding) error {
	for range tries {
		entry, err := j.env.Ledger.Load(ctx, f.Channel)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		next, ttl, err := j.mended(entry, f)
		if err != nil {
			return err
		}
		if entry.Revision == "" {
			_, err = j.env.Ledger.Create(ctx, next)
		} else {
			_, err = j.env.Ledger.Save(ctx, ledger.Entry{Record: next, Document: entry.Document, Revision: entry.Revision}, ttl)
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("save the record: it was changed by someone else in each of %d tries", tries)
}

// mended is the record as it ought to be.
func (j *job) mended(entry ledger.Entry, f Finding) (channel.Record, ledger.TTL, error) {
	r := entry.Record
	if f.Kind == MissedTask || f.Kind == MissedEnd {
		next := channel.Trim(channel.Apply(r, f.event), j.now)
		if r.Status == channel.Retired && next.Status != channel.Retired {
			return next, ledger.NoTTL, nil // the tombstone is a record again
		}
		return next, ledger.KeepTTL, nil
	}
	switch {
	case entry.Revision == "":
		return r, 0, errors.New("its record is gone meanwhile")
	case r.Status != channel.Tracking || r.Touched():
		return r, 0, errors.New("a sweep is at work on it meanwhile")
	case len(r.OpenTasks()) > 0:
		return r, 0, errors.New("a task on it is open, so nothing is noted down; when it has ended, the next sweep finds out by itself")
	}
	run := j.now.UTC().Format("20060102T150405Z") + "-reconcile"
	next := channel.Settled(channel.Claimed(r, run, channel.TargetOf(r, j.env.Config.Policy, nil), j.now), f.result, "", j.now)
	return next, ledger.ExpireIn(j.env.Config.TombstoneTTL), nil
}
