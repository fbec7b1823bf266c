// Package retire changes the channels themselves: it retires one by its disposition,
// and puts one back where that is possible.
//
// What it does is what the record's claim says, whatever events have made of the record
// since. Everything here may be interrupted and done again: a channel that is gone or already
// as it should be is a success, and no attribute but the two of a deactivation changes.
package retire

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

var (
	// ErrBusy: the newest message is younger than the quiet period, so somebody may be
	// writing whose task has not been heard of yet; or somebody has changed the two attributes
	// since they were looked at. The channel was not touched.
	ErrBusy = errors.New("the channel is in use just now")
	// ErrUnreadable: the channel's attributes are none that flexsweep could change and give
	// back. The channel was not touched.
	ErrUnreadable = errors.New("the channel's attributes cannot be changed and given back")
	// ErrService: Twilio does not know one of the chat services, so that it does not know a
	// channel says nothing.
	ErrService = errors.New("Twilio does not know the chat service")
)

// Restoration is what came of putting a channel back.
type Restoration string

const (
	Restored  Restoration = "restored"   // the channel was retired and is as before now
	NotNeeded Restoration = "not-needed" // the channel was not retired, or was so before
	Final     Restoration = "final"      // what was to be done is done, and cannot be undone
	Lost      Restoration = "lost"       // Twilio does not know the channel
	HalfDone  Restoration = "half-done"  // it was to be deleted, and is closed for good but still there
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

// CheckServices returns [ErrService] if Twilio does not know one of the chat services by the
// backend's API: one request for each.
func (r *Retirer) CheckServices(ctx context.Context, backend channel.Backend) error {
	for _, service := range r.services {
		err := r.checkService(ctx, backend, service)
		if twilio.IsGone(err) {
			return fmt.Errorf("%w %s: look at CHAT_SERVICE_SIDS", ErrService, service)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Retirer) checkService(ctx context.Context, backend channel.Backend, service string) error {
	if backend == channel.Chat {
		_, err := r.client.Chat(ctx).FetchService(service)
		return twilio.Wrap("fetch chat service", err)
	}
	_, err := r.client.Conversations(ctx).FetchService(service)
	return twilio.Wrap("fetch chat service", err)
}

// Inspect returns the two attributes that a deactivation of the record's channel would
// overwrite, which must be in the claim before it does: one request for each service until
// one has the channel. Nil if none has it. [ErrUnreadable] as above.
func (r *Retirer) Inspect(ctx context.Context, record channel.Record) (*channel.Found, error) {
	var found *channel.Found
	_, _, err := r.inService(record.ServiceSID, func(service string) (channel.Result, error) {
		attributes, err := r.fetchAttributes(ctx, service, record.SID)
		if err != nil {
			return "", err
		}
		now, err := Read(attributes)
		found = &now
		return channel.Done, err
	})
	return found, err
}

// Retire retires the channel of the record as its claim says, and returns in which service it
// was found. [ErrBusy] and [ErrUnreadable] mean that the channel was not touched; after any
// other error it may be in either state.
//
// Requests: deactivate 2; close 2 and, if the interaction is known, 2 more; delete 2 and
// 2 more for a known interaction; one more for each service that does not have it.
func (r *Retirer) Retire(ctx context.Context, record channel.Record) (result channel.Result, service string, err error) {
	target := record.Claim.Target
	if !target.Disposition.Fits(target.Backend) {
		return "", "", fmt.Errorf("retire channel: its claim says %q, which is nothing that is done to %s", target.Disposition, target.Backend)
	}
	return r.inService(target.ServiceSID, func(service string) (channel.Result, error) {
		switch target.Disposition {
		case channel.Deactivate:
			return r.deactivate(ctx, service, record)
		case channel.Close:
			return r.closeConversation(ctx, service, record)
		case channel.Delete:
			if target.Backend == channel.Chat {
				return r.deleteChat(ctx, service, record)
			}
			return r.deleteConversation(ctx, service, record)
		}
		return "", fmt.Errorf("retire channel: the disposition %q is unknown", target.Disposition)
	})
}

// Restore puts the channel of a record back that a sweep may have retired, by what its claim
// says: one request, and one more if there is something to give back.
func (r *Retirer) Restore(ctx context.Context, record channel.Record) (Restoration, error) {
	target := record.Claim.Target
	restoration := NotNeeded
	result, _, err := r.inService(target.ServiceSID, func(service string) (channel.Result, error) {
		var err error
		switch target.Backend {
		case channel.Chat:
			restoration, err = r.reactivate(ctx, service, record.SID, target)
		case channel.Conversations:
			restoration, err = r.conversationLeft(ctx, service, record.SID, target)
		}
		return channel.Done, err
	})
	switch {
	case err != nil:
		return "", err
	case result == channel.Gone && target.Disposition == channel.Delete:
		return Final, nil
	case result == channel.Gone:
		return Lost, nil
	}
	return restoration, nil
}

// inService does do in the first service that knows the channel; it is gone if none does. A
// service that is known but not listed (any more) is not asked.
func (r *Retirer) inService(known string, do func(service string) (channel.Result, error)) (channel.Result, string, error) {
	services := r.services
	if slices.Contains(services, known) {
		services = []string{known}
	}
	for _, service := range services {
		result, err := do(service)
		if twilio.IsGone(err) {
			continue
		}
		if err != nil {
			return "", service, err
		}
		return result, service, nil
	}
	return channel.Gone, "", nil
}

// checkQuiet returns [ErrBusy] if the newest message, created at the given time, is too young.
func (r *Retirer) checkQuiet(newest *time.Time) error {
	if newest == nil {
		return nil
	}
	if age := r.now().Sub(*newest); age < r.quiet {
		return fmt.Errorf("%w: a message came in %s ago, and the quiet period is %s", ErrBusy, age.Round(time.Second), r.quiet)
	}
	return nil
}
