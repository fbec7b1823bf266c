package main

import (
	"context"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
)

// world plays the people: customers, agents, Flex. It speaks to the fake's control API,
// which is not counted as requests to Twilio.
type world struct {
	*rig.Fake
	chatService string
	workspace   string
}

// seed makes the account's chat service and workspace.
func (w *world) seed(ctx context.Context) error {
	var made struct {
		ChatServices []string `json:"chat_services"`
	}
	err := w.Control(ctx, http.MethodPost, "seed", map[string]any{"chat_services": []map[string]string{{"name": "Flex Chat Service"}}}, &made)
	if err != nil {
		return err
	}
	w.chatService = made.ChatServices[0]
	return w.seedWorkspace(ctx)
}

func (w *world) seedWorkspace(ctx context.Context) error {
	var made struct {
		Workspaces []string `json:"workspaces"`
	}
	err := w.Control(ctx, http.MethodPost, "seed", map[string]any{"workspaces": []map[string]string{{"name": "Flex Task Assignment"}}}, &made)
	if err == nil {
		w.workspace = made.Workspaces[0]
	}
	return err
}

// disturb makes deliveries as bad as Event Streams may be: some twice, some late, some
// overtaking others, in batches of any size.
func (w *world) disturb(ctx context.Context) error {
	return w.Control(ctx, http.MethodPost, "chaos", faketwilio.Chaos{
		Duplicate: 0.1, Reorder: 0.1, LostAnswer: 0.02, MaxDelay: 20 * time.Second, BatchMin: 1, BatchMax: 10,
	}, nil)
}

// newChannel makes a channel of the life's kind, and a conversation's interaction.
func (w *world) newChannel(ctx context.Context, l *life, kind string) error {
	list := "channels"
	if !l.chat {
		list = "conversations"
	}
	var made struct {
		Channels      []string `json:"channels"`
		Conversations []string `json:"conversations"`
		Interactions  []struct {
			Interaction string `json:"interaction"`
			Channel     string `json:"channel"`
		} `json:"interactions"`
	}
	seed := map[string]any{list: []map[string]string{{"service": w.chatService, "attributes": l.attributes}}}
	if err := w.Control(ctx, http.MethodPost, "seed", seed, &made); err != nil {
		return err
	}
	if l.chat {
		l.sid = made.Channels[0]
		return nil
	}
	l.sid = made.Conversations[0]
	seed = map[string]any{"interactions": []map[string]string{{"conversation": l.sid, "channel_type": kind}}}
	if err := w.Control(ctx, http.MethodPost, "seed", seed, &made); err != nil {
		return err
	}
	l.interaction, l.unit = made.Interactions[0].Interaction, made.Interactions[0].Channel
	return nil
}

func (w *world) newTask(ctx context.Context, attributes string) (string, error) {
	var made struct {
		SID string `json:"sid"`
	}
	err := w.Control(ctx, http.MethodPost, "tasks", map[string]string{"workspace": w.workspace, "attributes": attributes}, &made)
	return made.SID, err
}

func (w *world) setTask(ctx context.Context, task, status string) error {
	return w.Control(ctx, http.MethodPost, "tasks/"+task, map[string]string{"status": status}, nil)
}

func (w *world) say(ctx context.Context, channel string) error {
	return w.Control(ctx, http.MethodPost, "say", map[string]string{"channel": channel, "author": "customer", "body": "hello again"}, nil)
}

// deleteChannel does by hand what an administrator would: with Twilio's own API.
func (w *world) deleteChannel(ctx context.Context, l *life) error {
	host, path := "chat.twilio.com", "/v2/Services/"+w.chatService+"/Channels/"+l.sid
	if !l.chat {
		host, path = "conversations.twilio.com", "/v1/Services/"+w.chatService+"/Conversations/"+l.sid
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, w.Address+path, nil)
	if err != nil {
		return err
	}
	req.Host = host
	req.SetBasicAuth(w.AccountSID, w.AuthToken)
	return w.Do(req, nil)
}

func (w *world) state(ctx context.Context) (state faketwilio.State, err error) {
	err = w.Control(ctx, http.MethodGet, "state", nil, &state)
	return state, err
}

func (w *world) deliveries(ctx context.Context) ([]faketwilio.Delivery, error) {
	var list struct {
		Deliveries []faketwilio.Delivery `json:"deliveries"`
	}
	err := w.Control(ctx, http.MethodGet, "deliveries", nil, &list)
	return list.Deliveries, err
}
