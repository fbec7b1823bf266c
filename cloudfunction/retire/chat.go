package retire

import (
	"context"
	"errors"
	"fmt"

	chat "github.com/twilio/twilio-go/rest/chat/v2"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// deactivate sets long_lived=false and status=INACTIVE, so that the next message opens a
// new channel while the history stays readable. The attributes can only be replaced as a
// whole and without a condition, so they are read immediately before; and what is overwritten
// must be in the claim, so that a run which dies after the update leaves to the next one what
// to give back.
func (r *Retirer) deactivate(ctx context.Context, service string, record channel.Record) (channel.Result, error) {
	attributes, err := r.fetchAttributes(ctx, service, record.SID)
	if err != nil {
		return "", err
	}
	now, err := Read(attributes)
	switch found := record.Claim.Found; {
	case err != nil:
		return "", err
	case now.Equal(channel.Inactive()):
		return channel.Already, nil
	case found == nil || !now.Equal(*found):
		return "", fmt.Errorf("%w: somebody has changed its attributes", ErrBusy)
	}
	return channel.Done, r.updateAttributes(ctx, service, record.SID, attributes, channel.Inactive())
}

// reactivate gives a deactivated channel its two attributes back, as far as flexsweep has
// changed them: what it has found so is left so.
func (r *Retirer) reactivate(ctx context.Context, service, sid string, target channel.Target) (Restoration, error) {
	attributes, err := r.fetchAttributes(ctx, service, sid)
	if err != nil {
		return "", err
	}
	now, err := Read(attributes)
	if err != nil {
		return "", err
	}
	if !now.Equal(channel.Inactive()) || target.Found == nil || target.Found.Equal(now) {
		return NotNeeded, nil
	}
	return Restored, r.updateAttributes(ctx, service, sid, attributes, *target.Found)
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

func (r *Retirer) updateAttributes(ctx context.Context, service, sid, attributes string, to channel.Found) error {
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

func verify(attributes *string, want channel.Found) error {
	if attributes == nil {
		return errors.New("update channel: the answer has no attributes")
	}
	got, err := Read(*attributes)
	if err != nil || !got.Equal(want) { // not ErrUnreadable: the channel may have been touched
		return errors.New("update channel: the answer shows other attributes than were sent")
	}
	return nil
}

func (r *Retirer) deleteChat(ctx context.Context, service string, record channel.Record) (channel.Result, error) {
	params := new(chat.ListMessageParams).SetOrder("desc").SetPageSize(1)
	page, err := r.client.Chat(ctx).PageMessage(service, record.SID, params, "", "")
	if err != nil {
		return "", twilio.Wrap("list messages", err)
	}
	if len(page.Messages) > 0 {
		if err := r.checkQuiet(page.Messages[0].DateCreated); err != nil {
			return "", err
		}
	}
	return channel.Done, twilio.Wrap("delete channel", r.client.Chat(ctx).DeleteChannel(service, record.SID, nil))
}
