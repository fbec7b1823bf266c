// Package retire changes the channels themselves: it retires one by its disposition,
// and puts one back where that is possible.
//
// Everything here may be interrupted and done again: a channel that is gone or already
// as it should be is a success, and no attribute but the two of a deactivation changes.
package retire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// ErrBusy: the newest message is younger than the quiet period, so somebody may be
// writing whose task has not been heard of yet. The channel was not touched.
var ErrBusy = errors.New("a message came in just now")

// UnusualError says that the two attributes which a deactivation overwrites are not those
// of every long-lived channel, and the record does not hold them. The channel was not touched: the
// caller must write them down first ([channel.Noted]), so that a run which dies after the
// update leaves to the next one what to give back.
type UnusualError struct{ Previous channel.Previous }

func (e *UnusualError) Error() string { return "the channel's attributes must be written down first" }

// Restoration is what came of putting a channel back.
type Restoration string

const (
	PutBack    Restoration = "restored"   // the channel was retired and is as before now
	NotNeeded  Restoration = "not-needed" // the channel was not retired
	Impossible Restoration = "impossible" // the channel is closed or gone for good
	HalfDone   Restoration = "half-done"  // it was to be deleted, and is closed for good but still there
)

// Retirer retires channels of both backends.
type Retirer struct {
	client   *twilio.Client
	services []string
	quiet    time.Duration
	now      func() time.Time
}

// New returns a retirer for the channels of the chat services (IS…, one or more, which
// are looked through in this order). A final disposition waits until the channel has
// been quiet for the given time at now.
func New(client *twilio.Client, services []string, quiet time.Duration, now func() time.Time) *Retirer {
	return &Retirer{client: client, services: services, quiet: quiet, now: now}
}

// Retire retires the channel of the record as its claim says. [ErrBusy] and
// [UnusualError] mean that the channel was not touched; after any other error it may be
// in either state.
//
// Requests: deactivate 2; close 2 and, if the interaction is known, 1 more; delete 2 and
// 1 more for a known interaction; one more for each service that does not have it.
func (r *Retirer) Retire(ctx context.Context, record channel.Record) (channel.Outcome, error) {
	return inService(r.candidates(record), func(service string) (channel.Outcome, error) {
		switch {
		case record.Backend == channel.Chat && record.Claim.Disposition == channel.Deactivate:
			return r.deactivate(ctx, service, record)
		case record.Backend == channel.Chat:
			return r.deleteChat(ctx, service, record)
		case record.Claim.Disposition == channel.Close:
			return r.closeConversation(ctx, service, record)
		default:
			return r.deleteConversation(ctx, service, record)
		}
	})
}

// Restore puts the channel of a record back that a sweep may have retired.
func (r *Retirer) Restore(ctx context.Context, record channel.Record) (Restoration, error) {
	var result Restoration
	outcome, err := inService(r.candidates(record), func(service string) (channel.Outcome, error) {
		var err error
		if record.Backend == channel.Chat {
			result, err = r.reactivate(ctx, service, record)
		} else {
			result, err = r.conversationLeft(ctx, service, record)
		}
		return channel.Outcome{Result: channel.Done}, err
	})
	if err == nil && outcome.Result == channel.Gone {
		return Impossible, nil
	}
	return result, err
}

// candidates lists the services to look for the channel in.
func (r *Retirer) candidates(record channel.Record) []string {
	if record.ServiceSID != "" {
		return []string{record.ServiceSID}
	}
	return r.services
}

// inService does do in the first service that knows the channel; it is gone if none does.
func inService(services []string, do func(service string) (channel.Outcome, error)) (channel.Outcome, error) {
	for _, service := range services {
		outcome, err := do(service)
		if twilio.IsGone(err) {
			continue
		}
		outcome.ServiceSID = service
		return outcome, err
	}
	return channel.Outcome{Result: channel.Gone}, nil
}

// checkQuiet returns [ErrBusy] if the newest message, created at the given time, is too young.
func (r *Retirer) checkQuiet(newest *time.Time) error {
	if newest == nil {
		return nil
	}
	if age := r.now().Sub(*newest); age < r.quiet {
		return fmt.Errorf("%w: %s ago, and the quiet period is %s", ErrBusy, age.Round(time.Second), r.quiet)
	}
	return nil
}
