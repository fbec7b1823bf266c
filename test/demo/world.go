package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// credentials is the line that the fake prints when it listens.
type credentials struct {
	Address    string `json:"address"`
	AccountSID string `json:"account_sid"`
	AuthToken  string `json:"auth_token"`
	APIKey     string `json:"api_key"`
	APISecret  string `json:"api_secret"`
}

// world plays the people: customers, agents, Flex. It speaks to the fake's control API,
// which is not counted as requests to Twilio.
type world struct {
	credentials
	client      *http.Client
	chatService string
	workspace   string
}

// seed makes the account's chat service and workspace.
func (w *world) seed(ctx context.Context) error {
	var made struct {
		ChatServices []string `json:"chat_services"`
		Workspaces   []string `json:"workspaces"`
	}
	err := w.control(ctx, http.MethodPost, "seed", map[string]any{
		"chat_services": []map[string]string{{"name": "Flex Chat Service"}},
		"workspaces":    []map[string]string{{"name": "Flex Task Assignment"}},
	}, &made)
	if err != nil {
		return err
	}
	w.chatService, w.workspace = made.ChatServices[0], made.Workspaces[0]
	return nil
}

// disturb makes deliveries as bad as Event Streams may be: some twice, some late, some
// overtaking others, in batches of any size.
func (w *world) disturb(ctx context.Context) error {
	return w.control(ctx, http.MethodPost, "chaos", faketwilio.Chaos{
		Duplicate: 0.1, Reorder: 0.1, LostAnswer: 0.02, MaxDelay: 20 * time.Second, BatchMin: 1, BatchMax: 10,
	}, nil)
}

func (w *world) advance(ctx context.Context, d time.Duration) error {
	return w.control(ctx, http.MethodPost, "clock", map[string]string{"advance": d.String()}, nil)
}

// calls is how many requests to Twilio there have been.
func (w *world) calls(ctx context.Context) (int, error) {
	var journal struct {
		Calls int `json:"calls"`
	}
	err := w.control(ctx, http.MethodGet, "journal?limit=0", nil, &journal)
	return journal.Calls, err
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
	if err := w.control(ctx, http.MethodPost, "seed", seed, &made); err != nil {
		return err
	}
	if l.chat {
		l.sid = made.Channels[0]
		return nil
	}
	l.sid = made.Conversations[0]
	seed = map[string]any{"interactions": []map[string]string{{"conversation": l.sid, "channel_type": kind}}}
	if err := w.control(ctx, http.MethodPost, "seed", seed, &made); err != nil {
		return err
	}
	l.interaction, l.unit = made.Interactions[0].Interaction, made.Interactions[0].Channel
	return nil
}

func (w *world) newTask(ctx context.Context, attributes string) (string, error) {
	var made struct {
		SID string `json:"sid"`
	}
	err := w.control(ctx, http.MethodPost, "tasks", map[string]string{"workspace": w.workspace, "attributes": attributes}, &made)
	return made.SID, err
}

func (w *world) setTask(ctx context.Context, task, status string) error {
	return w.control(ctx, http.MethodPost, "tasks/"+task, map[string]string{"status": status}, nil)
}

func (w *world) say(ctx context.Context, channel string) error {
	return w.control(ctx, http.MethodPost, "say", map[string]string{"channel": channel, "author": "customer", "body": "hello again"}, nil)
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
	return w.do(req, nil)
}

func (w *world) state(ctx context.Context) (state faketwilio.State, err error) {
	err = w.control(ctx, http.MethodGet, "state", nil, &state)
	return state, err
}

func (w *world) deliveries(ctx context.Context) ([]faketwilio.Delivery, error) {
	var list struct {
		Deliveries []faketwilio.Delivery `json:"deliveries"`
	}
	err := w.control(ctx, http.MethodGet, "deliveries", nil, &list)
	return list.Deliveries, err
}

func (w *world) control(ctx context.Context, method, path string, body, answer any) error {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, w.Address+"/_fake/"+path, reader)
	if err != nil {
		return err
	}
	return w.do(req, answer)
}

func (w *world) do(req *http.Request, answer any) error {
	res, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: HTTP %d: %s", req.Method, req.URL.Path, res.StatusCode, bytes.TrimSpace(text))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
