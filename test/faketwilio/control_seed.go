package faketwilio

import (
	"fmt"
	"net/http"
	"time"
)

// seedRequest is what POST /_fake/seed makes, in this order. A SID that is left out means the first of its kind.
type seedRequest struct {
	SyncServices  []seedNamed        `json:"sync_services"`
	ChatServices  []seedNamed        `json:"chat_services"`
	Workspaces    []seedNamed        `json:"workspaces"`
	Sinks         []seedSink         `json:"sinks"`
	Subscriptions []seedSubscription `json:"subscriptions"`
	Channels      []seedChannel      `json:"channels"`
	Conversations []seedChannel      `json:"conversations"`
	Interactions  []seedInteraction  `json:"interactions"`
	Tasks         []seedTask         `json:"tasks"`
}

type seedNamed struct {
	Name string `json:"name"`
}

type seedSink struct {
	URL string `json:"url"`
}

type seedSubscription struct {
	Sink  string   `json:"sink"`
	Types []string `json:"types"` // full names
}

type seedChannel struct {
	Service    string         `json:"service"`
	Attributes attributesJSON `json:"attributes"`
}

type seedInteraction struct {
	Conversation string `json:"conversation"`
	ChannelType  string `json:"channel_type"`
}

type seedTask struct {
	Workspace  string         `json:"workspace"`
	Attributes attributesJSON `json:"attributes"`
	Status     string         `json:"status"` // pending if left out
}

// seeded is the answer: the SIDs, in the order of the request.
type seeded struct {
	SyncServices  []string            `json:"sync_services,omitempty"`
	ChatServices  []string            `json:"chat_services,omitempty"`
	Workspaces    []string            `json:"workspaces,omitempty"`
	Sinks         []string            `json:"sinks,omitempty"`
	Subscriptions []string            `json:"subscriptions,omitempty"`
	Channels      []string            `json:"channels,omitempty"`
	Conversations []string            `json:"conversations,omitempty"`
	Interactions  []seededInteraction `json:"interactions,omitempty"`
	Tasks         []string            `json:"tasks,omitempty"`
}

type seededInteraction struct {
	Interaction string `json:"interaction"`
	Channel     string `json:"channel"`
}

// seed makes a world. What came before a mistake stays.
func (s *Server) seed(r *http.Request) (any, error) {
	var in seedRequest
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	var out seeded
	for _, v := range in.SyncServices {
		out.SyncServices = append(out.SyncServices, s.NewSyncService(v.Name))
	}
	for _, v := range in.ChatServices {
		out.ChatServices = append(out.ChatServices, s.NewChatService(v.Name))
	}
	for _, v := range in.Workspaces {
		out.Workspaces = append(out.Workspaces, s.NewWorkspace(v.Name))
	}
	for _, v := range in.Sinks {
		out.Sinks = append(out.Sinks, s.NewSink(v.URL))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	var failed error
	out.Subscriptions = each(in.Subscriptions, now, s.seedSubscription, &failed)
	out.Channels = each(in.Channels, now, s.seedChannel, &failed)
	out.Conversations = each(in.Conversations, now, s.seedChannel, &failed)
	out.Interactions = each(in.Interactions, now, s.seedInteraction, &failed)
	out.Tasks = each(in.Tasks, now, s.seedTask, &failed)
	return out, failed
}

// each makes a list of things, up to the first that cannot be made.
func each[I, O any](list []I, now time.Time, make func(I, time.Time) (O, error), failed *error) []O {
	var out []O
	for _, in := range list {
		if *failed != nil {
			break
		}
		made, err := make(in, now)
		if *failed = err; err == nil {
			out = append(out, made)
		}
	}
	return out
}

func (s *Server) seedSubscription(in seedSubscription, now time.Time) (string, error) {
	to, err := pick(&s.events.sinks, s.events.sinkBySID, in.Sink, "sink")
	if err != nil {
		return "", err
	}
	types := make([]subscribedType, 0, len(in.Types))
	for _, name := range in.Types {
		types = append(types, subscribedType{name: name, version: defaultSchemaVersion})
	}
	return s.addSubscription("seeded", to, types, now).sid, nil
}

func (s *Server) seedChannel(in seedChannel, now time.Time) (string, error) {
	service, err := pick(&s.messaging.services, s.messaging.bySID, in.Service, "chat service")
	if err != nil {
		return "", err
	}
	return s.addChannel(service, "private", "", in.Attributes.orEmpty(), now).sid, nil
}

func (s *Server) seedInteraction(in seedInteraction, now time.Time) (seededInteraction, error) {
	ch, known := s.messaging.channels[in.Conversation]
	if !known {
		return seededInteraction{}, fmt.Errorf("seed interaction: no conversation %q", in.Conversation)
	}
	uo := s.addInteraction(ch, in.ChannelType, now)
	return seededInteraction{uo.interaction.sid, uo.sid}, nil
}

func (s *Server) seedTask(in seedTask, now time.Time) (string, error) {
	w, err := pick(&s.taskrouter.workspaces, s.taskrouter.bySID, in.Workspace, "workspace")
	if err != nil {
		return "", err
	}
	t := s.addTask(w, in.Attributes.orEmpty(), now)
	if in.Status == "" || in.Status == statusPending {
		return t.sid, nil
	}
	return t.sid, s.setTask(t.sid, in.Status)
}

// pick finds what a SID names, or the first of its kind for an empty one.
func pick[T any](list *collection[T], bySID map[string]T, sid, what string) (T, error) {
	if found, known := bySID[sid]; known {
		return found, nil
	}
	var none T
	if sid != "" {
		return none, fmt.Errorf("seed: no %s %q", what, sid)
	}
	if first := list.take(0, false, 1, nil); len(first) == 1 {
		return first[0].value, nil
	}
	return none, fmt.Errorf("seed: there is no %s yet", what)
}
