package retire

import (
	"context"
	"errors"

	chat "github.com/twilio/twilio-go/rest/chat/v2"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// deactivate sets long_lived=false and status=INACTIVE, so that the next message opens a
// new channel while the history stays readable. The attributes can only be replaced as a
// whole and without a condition, so they are read immediately before.
func (r *Retirer) deactivate(ctx context.Context, service string, record channel.Record) (channel.Outcome, error) {
	attributes, err := r.fetchAttributes(ctx, service, record.SID)
	if err != nil {
		return channel.Outcome{}, err
	}
	previous, err := Previous(attributes)
	if err != nil {
		return channel.Outcome{}, err
	}
	if deactivated(previous) {
		return channel.Outcome{Result: channel.Already}, nil
	}
	if !same(previous, longLived) && !noted(record) {
		return channel.Outcome{}, &UnusualError{previous}
	}
	if err := r.updateAttributes(ctx, service, record.SID, attributes, inactive); err != nil {
		return channel.Outcome{}, err
	}
	return channel.Outcome{Result: channel.Done, Previous: &previous}, nil
}

// reactivate gives a deactivated channel its two attributes back.
func (r *Retirer) reactivate(ctx context.Context, service string, record channel.Record) (Restoration, error) {
	attributes, err := r.fetchAttributes(ctx, service, record.SID)
	if err != nil {
		return "", err
	}
	now, err := Previous(attributes)
	if err != nil {
		return "", err
	}
	if !deactivated(now) {
		return NotNeeded, nil
	}
	if err := r.updateAttributes(ctx, service, record.SID, attributes, before(record)); err != nil {
		return "", err
	}
	return PutBack, nil
}

// noted tells whether the run has written down what it is about to overwrite.
func noted(record channel.Record) bool {
	return record.Retirement != nil && record.Retirement.Run == record.Claim.Run
}

// before returns the two attributes that the channel had, as far as the record tells: if
// it does not, they are what every long-lived channel has.
func before(record channel.Record) channel.Previous {
	if record.Retirement != nil && record.Retirement.Previous != nil {
		return *record.Retirement.Previous
	}
	return longLived
}

func (r *Retirer) fetchAttributes(ctx context.Context, service, sid string) (string, error) {
	found, err := r.client.Chat(ctx).FetchChannel(service, sid)
	if err != nil {
		return "", twilio.Wrap("fetch channel", err)
	}
	if found.Attributes == nil {
		return "{}", nil
	}
	return *found.Attributes, nil
}

func (r *Retirer) updateAttributes(ctx context.Context, service, sid, attributes string, to channel.Previous) error {
	merged, err := Merge(attributes, to)
	if err != nil {
		return err
	}
	updated, err := r.client.Chat(ctx).UpdateChannel(service, sid, new(chat.UpdateChannelParams).SetAttributes(merged))
	if err != nil {
		return twilio.Wrap("update channel", err)
	}
	if updated.Attributes == nil || *updated.Attributes != merged {
		// Twilio may write the same JSON another way; what must hold are the two values.
		return verify(updated.Attributes, to)
	}
	return nil
}

func verify(attributes *string, want channel.Previous) error {
	if attributes == nil {
		return errors.New("update channel: the answer has no attributes")
	}
	got, err := Previous(*attributes)
	if err != nil {
		return err
	}
	if !same(got, want) {
		return errors.New("update channel: the answer shows other attributes than were sent")
	}
	return nil
}

func (r *Retirer) deleteChat(ctx context.Context, service string, record channel.Record) (channel.Outcome, error) {
	params := new(chat.ListMessageParams).SetOrder("desc").SetPageSize(1)
	page, err := r.client.Chat(ctx).PageMessage(service, record.SID, params, "", "")
	if err != nil {
		return channel.Outcome{}, twilio.Wrap("list messages", err)
	}
	if len(page.Messages) > 0 {
		if err := r.checkQuiet(page.Messages[0].DateCreated); err != nil {
			return channel.Outcome{}, err
		}
	}
	if err := r.client.Chat(ctx).DeleteChannel(service, record.SID, nil); err != nil {
		return channel.Outcome{}, twilio.Wrap("delete channel", err)
	}
	return channel.Outcome{Result: channel.Done}, nil
}
