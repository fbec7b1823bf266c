package retire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
	flex "github.com/twilio/twilio-go/rest/flex/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

const stateClosed = "closed"

// closeConversation closes the interaction channel, if it is known, and makes sure that
// the conversation is closed. Closed is final.
func (r *Retirer) closeConversation(ctx context.Context, service string, record channel.Record) (channel.Result, error) {
	if err := r.conversationQuiet(ctx, service, record.SID); err != nil {
		return "", err
	}
	byInteraction, err := r.closeInteraction(ctx, record)
	if err != nil {
		return "", err
	}
	params := new(conversations.UpdateServiceConversationParams).SetState(stateClosed)
	_, err = r.client.Conversations(ctx).UpdateServiceConversation(service, record.SID, params)
	err = twilio.Wrap("close conversation", err)
	switch {
	case twilio.Code(err) == twilio.CodeConversationClosed && !byInteraction:
		return channel.Already, nil
	case twilio.Code(err) == twilio.CodeConversationClosed:
		return channel.Done, nil
	case err != nil:
		return "", err
	}
	return channel.Done, nil
}

func (r *Retirer) deleteConversation(ctx context.Context, service string, record channel.Record) (channel.Result, error) {
	if err := r.conversationQuiet(ctx, service, record.SID); err != nil {
		return "", err
	}
	if _, err := r.closeInteraction(ctx, record); err != nil {
		return "", err
	}
	err := r.client.Conversations(ctx).DeleteServiceConversation(service, record.SID, nil)
	return channel.Done, twilio.Wrap("delete conversation", err)
}

func (r *Retirer) conversationQuiet(ctx context.Context, service, sid string) error {
	params := new(conversations.ListServiceConversationMessageParams).SetOrder("desc").SetPageSize(1)
	page, err := r.client.Conversations(ctx).PageServiceConversationMessage(service, sid, params, "", "")
	if err != nil {
		return twilio.Wrap("list messages", err)
	}
	if len(page.Messages) == 0 {
		return nil
	}
	return r.checkQuiet(page.Messages[0].DateCreated)
}

// belongs reports whether Flex itself shows that the interaction is of this conversation. The
// record has it from a task's attributes, and those may name another customer's. Where nothing
// shows it the interaction is left alone: closing the conversation does what must be done. That
// an interaction shows the attributes of its task is in Twilio's examples, and not verified.
func (r *Retirer) belongs(ctx context.Context, interaction *channel.Interaction, conversation string) (bool, error) {
	var shown json.RawMessage
	err := r.client.Get(ctx, "fetch interaction", "https://flex-api.twilio.com/v1/Interactions/"+interaction.SID, &shown)
	if nothingToClose(twilio.Status(err)) {
		return false, nil
	}
	return bytes.Contains(shown, []byte(conversation)) && bytes.Contains(shown, []byte(interaction.ChannelSID)), err
}

// closeInteraction closes the interaction's channel and its routing: without the latter
// its tasks would stay in wrap-up with their agents
// (https://www.twilio.com/docs/flex/developer/conversations/interactions-api/channels-subresource).
func (r *Retirer) closeInteraction(ctx context.Context, record channel.Record) (closed bool, err error) {
	interaction := record.Interaction
	if interaction == nil {
		return false, nil
	}
	if ours, err := r.belongs(ctx, interaction, record.SID); err != nil || !ours {
		return false, err
	}
	params := new(flex.UpdateInteractionChannelParams).SetStatus(stateClosed).SetRouting(map[string]string{"status": stateClosed})
	_, err = r.client.Flex(ctx).UpdateInteractionChannel(interaction.SID, interaction.ChannelSID, params)
	err = twilio.Wrap("close interaction channel", err)
	if nothingToClose(twilio.Status(err)) {
		return false, nil
	}
	return err == nil, err
}

// nothingToClose reports whether Twilio's refusal means that there is no interaction channel
// that could be closed: it removes them after 180 days (404), and one that is closed already or
// in no state to be closed must not keep the conversation open. Which status it answers then is
// not documented.
func nothingToClose(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// conversationLeft tells how an interrupted closing or deleting left the conversation.
func (r *Retirer) conversationLeft(ctx context.Context, service, sid string, target channel.Target) (Restoration, error) {
	found, err := r.client.Conversations(ctx).FetchServiceConversation(service, sid)
	if err != nil {
		return "", twilio.Wrap("fetch conversation", err)
	}
	switch {
	case found.State == nil || *found.State != stateClosed:
		return NotNeeded, nil
	case target.Disposition == channel.Delete:
		return HalfDone, nil // its history is still to go, when the record is due again
	}
	return Final, nil
}
