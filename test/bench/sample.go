package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/flexsweep/flexsweep/test/rig"
)

// sample is the algorithm of Twilio's sample for this job, as docs/performance.md
// describes it: on each event it lists all documents in pages of 50 to find the one of
// the channel, and then creates or updates it; each sweep lists all documents and, for
// every one whose task is completed, fetches the channel and updates it, one after another.
// Its mistakes that would make it stop or harm channels are left out: only its cost is of
// interest here.
type sample struct {
	rig.Client
	sync, chat string // service SIDs
}

type sampleDocument struct {
	SID        string `json:"sid"`
	UniqueName string `json:"unique_name"`
	Data       struct {
		Completed bool   `json:"completed"`
		Channel   string `json:"channel"`
	} `json:"data"`
}

// list reads every document, 50 to a page, as the sample's SDK does by default.
func (s *sample) list(ctx context.Context) ([]sampleDocument, error) {
	var all []sampleDocument
	next := "https://sync.twilio.com/v1/Services/" + s.sync + "/Documents?PageSize=50"
	for next != "" {
		var page struct {
			Documents []sampleDocument `json:"documents"`
			Meta      struct {
				Next string `json:"next_page_url"`
			} `json:"meta"`
		}
		if err := s.Call(ctx, http.MethodGet, next, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Documents...)
		next = page.Meta.Next
	}
	return all, nil
}

// event handles the end of the task on a channel.
func (s *sample) event(ctx context.Context, channel string) error {
	all, err := s.list(ctx)
	if err != nil {
		return err
	}
	name := "ChannelSIDIS" + channel
	documents := "https://sync.twilio.com/v1/Services/" + s.sync + "/Documents"
	form := url.Values{"Data": {fmt.Sprintf(`{"completed":true,"channel":%q}`, channel)}}
	for _, d := range all {
		if d.UniqueName == name {
			return s.Call(ctx, http.MethodPost, documents+"/"+d.SID, form, nil)
		}
	}
	form.Set("UniqueName", name)
	return s.Call(ctx, http.MethodPost, documents, form, nil)
}

// sweep resets every channel whose task was ever completed, and returns how many.
func (s *sample) sweep(ctx context.Context) (int, error) {
	all, err := s.list(ctx)
	if err != nil {
		return 0, err
	}
	reset := 0
	for _, d := range all {
		if !d.Data.Completed {
			continue
		}
		channel := "https://chat.twilio.com/v2/Services/" + s.chat + "/Channels/" + d.Data.Channel
		var found struct {
			Attributes string `json:"attributes"`
		}
		if err := s.Call(ctx, http.MethodGet, channel, nil, &found); err != nil {
			return reset, err
		}
		attributes := map[string]any{}
		if err := json.Unmarshal([]byte(found.Attributes), &attributes); err != nil {
			return reset, err
		}
		attributes["long_lived"], attributes["status"] = false, "INACTIVE"
		text, err := json.Marshal(attributes)
		if err != nil {
			return reset, err
		}
		if err := s.Call(ctx, http.MethodPost, channel, url.Values{"Attributes": {string(text)}}, nil); err != nil {
			return reset, err
		}
		reset++
	}
	return reset, nil
}
