package faketwilio

import (
	"fmt"
	"net/http"
	"time"
)

// State is everything that GET /_fake/state shows.
type State struct {
	Now           time.Time            `json:"now"`
	AccountSID    string               `json:"account_sid"`
	SyncServices  []SyncServiceState   `json:"sync_services"`
	ChatServices  []ChatServiceState   `json:"chat_services"`
	Interactions  []InteractionChannel `json:"interactions"`
	Workspaces    []WorkspaceState     `json:"workspaces"`
	Sinks         []SinkState          `json:"sinks"`
	Subscriptions []SubscriptionState  `json:"subscriptions"`
	Deliveries    map[string]int       `json:"deliveries"` // number by outcome
	Calls         int                  `json:"calls"`
}

// SyncServiceState is a Sync service with its documents.
type SyncServiceState struct {
	SID       string     `json:"sid"`
	Name      string     `json:"name"`
	Total     int        `json:"total"` // documents, shown or not
	Documents []Document `json:"documents"`
}

// ChatServiceState is a Chat and Conversations service with its channels.
type ChatServiceState struct {
	SID      string         `json:"sid"`
	Name     string         `json:"name"`
	Total    int            `json:"total"`
	Channels []Conversation `json:"channels"`
}

// WorkspaceState is a workspace with its tasks.
type WorkspaceState struct {
	SID   string `json:"sid"`
	Name  string `json:"name"`
	Total int    `json:"total"`
	Tasks []Task `json:"tasks"`
}

// SinkState is a sink.
type SinkState struct {
	SID         string `json:"sid"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Status      string `json:"status"`
	Destination string `json:"destination"`
}

// SubscriptionState is a subscription with its event types.
type SubscriptionState struct {
	SID   string   `json:"sid"`
	Sink  string   `json:"sink"`
	Types []string `json:"types"`
}

// showState shows the world. ?limit keeps each list to its newest entries.
func (s *Server) showState(r *http.Request) (any, error) {
	limit, err := queryInt(r, "limit", 1<<30)
	if err != nil {
		return nil, err
	}
	return s.State(limit), nil
}

// showChannel shows one channel or conversation.
func (s *Server) showChannel(r *http.Request) (any, error) {
	shown, known := s.Conversation(r.PathValue("sid"))
	if !known {
		return nil, fmt.Errorf("show channel: there is no channel %q", r.PathValue("sid"))
	}
	return shown, nil
}

// State returns a picture of the world, with at most limit entries in each list: the newest, newest first.
func (s *Server) State(limit int) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{Now: s.clock.Now(), AccountSID: s.options.AccountSID, Calls: s.journal.Calls(), Deliveries: map[string]int{}}
	for _, d := range s.events.deliveries {
		state.Deliveries[d.Outcome]++
	}
	state.SyncServices = newest(&s.sync.services, limit, func(v *syncService) SyncServiceState {
		current := func(d *document) bool { return !d.expired(state.Now, s.options.ExpiryLag) }
		shown := SyncServiceState{SID: v.sid, Name: v.friendlyName, Total: v.documents.list.len(), Documents: []Document{}}
		for _, row := range v.documents.list.take(0, true, limit, current) {
			shown.Documents = append(shown.Documents, row.value.snapshot())
		}
		return shown
	})
	state.ChatServices = newest(&s.messaging.services, limit, func(v *messagingService) ChatServiceState {
		return ChatServiceState{SID: v.sid, Name: v.friendlyName, Total: v.channels.len(),
			Channels: newest(&v.channels, limit, (*channel).snapshot)}
	})
	state.Workspaces = newest(&s.taskrouter.workspaces, limit, func(w *workspace) WorkspaceState {
		return WorkspaceState{SID: w.sid, Name: w.friendlyName, Total: w.tasks.len(), Tasks: newest(&w.tasks, limit, (*task).snapshot)}
	})
	state.Interactions = newest(&s.flex.order, limit, (*interactionChannel).snapshot)
	state.Sinks = newest(&s.events.sinks, limit, func(v *sink) SinkState {
		return SinkState{SID: v.sid, Description: v.description, Type: v.kind, Status: v.status, Destination: v.destination}
	})
	state.Subscriptions = newest(&s.events.subscriptions, limit, func(v *subscription) SubscriptionState {
		return SubscriptionState{SID: v.sid, Sink: v.sink.sid,
			Types: newest(&v.types, 1<<30, func(t *subscribedType) string { return t.name })}
	})
	return state
}

// newest renders the latest values of a collection, newest first.
func newest[T, O any](from *collection[T], limit int, render func(T) O) []O {
	rows := from.take(0, true, limit, nil)
	out := make([]O, 0, len(rows))
	for _, row := range rows {
		out = append(out, render(row.value))
	}
	return out
}
