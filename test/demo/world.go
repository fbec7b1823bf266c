package main

import (
	"context"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
)

// world plays the people: customers, agents, Flex.
type world struct{ *rig.Account }

// disturb makes deliveries as bad as Event Streams may be: some twice, some late, some
// overtaking others, in batches of any size.
func (w *world) disturb(ctx context.Context) error {
	return w.Disturb(ctx, faketwilio.Chaos{
		Duplicate: 0.1, Reorder: 0.1, LostAnswer: 0.02, MaxDelay: 20 * time.Second, BatchMin: 1, BatchMax: 10,
	})
}

// newChannel makes a channel of the life's kind, and a conversation's interaction.
func (w *world) newChannel(ctx context.Context, l *life, kind string) (err error) {
	if l.chat {
		made, err := w.NewChannels(ctx, 1, l.attributes)
		if err == nil {
			l.sid = made[0]
		}
		return err
	}
	if l.sid, err = w.NewConversation(ctx, l.attributes); err != nil {
		return err
	}
	l.interaction, l.unit, err = w.NewInteraction(ctx, l.sid, kind)
	return err
}

// deleteChannel does by hand what an administrator would: with Twilio's own API.
func (w *world) deleteChannel(ctx context.Context, l *life) error {
	address := "https://chat.twilio.com/v2/Services/" + w.ChatService + "/Channels/" + l.sid
	if !l.chat {
		address = "https://conversations.twilio.com/v1/Services/" + w.ChatService + "/Conversations/" + l.sid
	}
	client, err := w.Client()
	if err != nil {
		return err
	}
	return client.Call(ctx, http.MethodDelete, address, nil, nil)
}
