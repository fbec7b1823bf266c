package rig

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// Account is a contact centre's account on a fake: what its people and its Flex do goes
// through the fake's control API, and is not counted as requests to Twilio.
type Account struct {
	*Fake
	Ledger      string // the Sync service
	ChatService string
	Workspace   string
}

// NewAccount makes an account's ledger, chat service and workspace.
func NewAccount(ctx context.Context, f *Fake) (*Account, error) {
	ledger, err := f.seed(ctx, "sync_services", map[string]any{"name": "flexsweep ledger"})
	if err != nil {
		return nil, err
	}
	chat, err := f.seed(ctx, "chat_services", map[string]any{"name": "Flex Chat Service"})
	if err != nil {
		return nil, err
	}
	a := &Account{Fake: f, Ledger: ledger[0], ChatService: chat[0]}
	return a, a.AddWorkspace(ctx)
}

// AddWorkspace makes the account's workspace.
func (a *Account) AddWorkspace(ctx context.Context) error {
	made, err := a.seed(ctx, "workspaces", map[string]any{"name": "Flex Task Assignment"})
	if err == nil {
		a.Workspace = made[0]
	}
	return err
}

// NewChannels makes n chat channels in the account's chat service and returns their SIDs.
func (a *Account) NewChannels(ctx context.Context, n int, attributes string) ([]string, error) {
	return a.newThreads(ctx, "channels", n, attributes)
}

// NewConversation makes a conversation in the account's chat service and returns its SID.
func (a *Account) NewConversation(ctx context.Context, attributes string) (string, error) {
	made, err := a.newThreads(ctx, "conversations", 1, attributes)
	if err != nil {
		return "", err
	}
	return made[0], nil
}

func (a *Account) newThreads(ctx context.Context, kind string, n int, attributes string) ([]string, error) {
	const most = 1000 // in one request
	var all []string
	for len(all) < n {
		batch := make([]map[string]any, min(most, n-len(all)))
		for i := range batch {
			batch[i] = map[string]any{"service": a.ChatService, "attributes": attributes}
		}
		made, err := a.seed(ctx, kind, batch...)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	return all, nil
}

// NewInteraction gives a conversation its interaction and returns the SIDs of both parts:
// KD, and UO of its channel.
func (a *Account) NewInteraction(ctx context.Context, conversation, channelType string) (kd, uo string, err error) {
	var made struct {
		Interactions []struct {
			Interaction string `json:"interaction"`
			Channel     string `json:"channel"`
		} `json:"interactions"`
	}
	things := map[string]any{"interactions": []map[string]string{{"conversation": conversation, "channel_type": channelType}}}
	if err := a.Control(ctx, http.MethodPost, "seed", things, &made); err != nil {
		return "", "", err
	}
	return made.Interactions[0].Interaction, made.Interactions[0].Channel, nil
}

// NewTask makes a task and returns its SID.
func (a *Account) NewTask(ctx context.Context, attributes string) (string, error) {
	var made struct {
		SID string `json:"sid"`
	}
	err := a.Control(ctx, http.MethodPost, "tasks", map[string]string{"workspace": a.Workspace, "attributes": attributes}, &made)
	return made.SID, err
}

// SetTask moves a task to a status of TaskRouter's.
func (a *Account) SetTask(ctx context.Context, task, status string) error {
	return a.Control(ctx, http.MethodPost, "tasks/"+task, map[string]string{"status": status}, nil)
}

// Say lets the customer write on a channel or conversation.
func (a *Account) Say(ctx context.Context, channel, text string) error {
	return a.Control(ctx, http.MethodPost, "say", map[string]string{"channel": channel, "author": "customer", "body": text}, nil)
}

// State returns everything that the fake knows.
func (f *Fake) State(ctx context.Context) (state faketwilio.State, err error) {
	err = f.Control(ctx, http.MethodGet, "state", nil, &state)
	return state, err
}

// Deliveries returns all deliveries of events so far.
func (f *Fake) Deliveries(ctx context.Context) ([]faketwilio.Delivery, error) {
	var list struct {
		Deliveries []faketwilio.Delivery `json:"deliveries"`
	}
	err := f.Control(ctx, http.MethodGet, "deliveries", nil, &list)
	return list.Deliveries, err
}

// Disturb makes deliveries as bad as the chaos says from now on; the zero one ends it.
func (f *Fake) Disturb(ctx context.Context, chaos faketwilio.Chaos) error {
	return f.Control(ctx, http.MethodPost, "chaos", chaos, nil)
}

// AddFault lets requests to Twilio go wrong from now on.
func (f *Fake) AddFault(ctx context.Context, fault faketwilio.Fault) error {
	return f.Control(ctx, http.MethodPost, "faults", fault, nil)
}

// seed makes things of one kind and returns their SIDs, in order.
func (f *Fake) seed(ctx context.Context, kind string, things ...map[string]any) ([]string, error) {
	made := map[string]json.RawMessage{}
	if err := f.Control(ctx, http.MethodPost, "seed", map[string]any{kind: things}, &made); err != nil {
		return nil, err
	}
	var sids []string
	err := json.Unmarshal(made[kind], &sids)
	return sids, err
}
