package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
)

const hookURL = "https://hook.example/events"

// world is one fake Twilio for all runs; each run has services of its own in it.
type world struct {
	fake *rig.Fake
	base *url.URL
}

// account is what one run works on.
type account struct {
	world    *world
	sync     string
	chat     string
	channels []string
}

// newAccount makes n chat channels with the documents that write gives them.
func (w *world) newAccount(ctx context.Context, n int) (*account, error) {
	var made struct {
		SyncServices []string `json:"sync_services"`
		ChatServices []string `json:"chat_services"`
	}
	err := w.fake.Control(ctx, http.MethodPost, "seed", map[string]any{
		"sync_services": []map[string]string{{"name": "ledger"}}, "chat_services": []map[string]string{{"name": "chat"}},
	}, &made)
	if err != nil {
		return nil, err
	}
	a := &account{world: w, sync: made.SyncServices[0], chat: made.ChatServices[0]}
	for len(a.channels) < n {
		var channels struct {
			Channels []string `json:"channels"`
		}
		batch := make([]map[string]string, min(1000, n-len(a.channels)))
		for i := range batch {
			batch[i] = map[string]string{"service": a.chat, "attributes": `{"long_lived":true,"status":"ACTIVE","queue":"sales"}`}
		}
		if err := w.fake.Control(ctx, http.MethodPost, "seed", map[string]any{"channels": batch}, &channels); err != nil {
			return nil, err
		}
		a.channels = append(a.channels, channels.Channels...)
	}
	return a, nil
}

// sampleOn gives every channel the sample's document of a completed task.
func (a *account) sampleOn(ctx context.Context, latency time.Duration) (*sample, *line, error) {
	fast := &sample{client: &http.Client{Transport: newLine(a.world.base, 0)}, user: a.world.fake.AccountSID, token: a.world.fake.AuthToken, sync: a.sync, chat: a.chat}
	documents := "https://sync.twilio.com/v1/Services/" + a.sync + "/Documents"
	for _, channel := range a.channels {
		form := url.Values{"UniqueName": {"ChannelSIDIS" + channel}, "Data": {fmt.Sprintf(`{"completed":true,"channel":%q}`, channel)}}
		if err := fast.call(ctx, http.MethodPost, documents, form, nil); err != nil {
			return nil, nil, err
		}
	}
	slow := *fast
	way := newLine(a.world.base, latency)
	slow.client = &http.Client{Transport: way}
	return &slow, way, nil
}

// handler returns the function's own handler over the line.
func (a *account) handler(target function.EntryPoint, way *line, settings map[string]string) (http.Handler, error) {
	fake := a.world.fake
	all := map[string]string{
		"TWILIO_ACCOUNT_SID": fake.AccountSID, "TWILIO_API_KEY": fake.APIKey, "TWILIO_API_SECRET": fake.APISecret, "TWILIO_AUTH_TOKEN": fake.AuthToken,
		"SYNC_SERVICE_SID": a.sync, "CHAT_SERVICE_SIDS": a.chat, "WEBHOOK_URLS": hookURL, "MAX_DUE_SHARE": "1",
		"MAX_RETIREMENTS_PER_RUN": "100000", "TWILIO_REQUESTS_PER_SECOND": "100000",
	}
	for name, value := range settings {
		all[name] = value
	}
	config, err := function.ParseConfig(target, func(name string) (string, bool) { value, ok := all[name]; return value, ok })
	if err != nil {
		return nil, err
	}
	return function.NewHandler(config, function.Adapters{Transport: way, Now: a.world.now, Log: io.Discard}), nil
}

// now is after everything in the fake's world: all that has ended is due.
func (w *world) now() time.Time { return faketwilio.DefaultStart.Add(100 * 24 * time.Hour) }

// ended is an event that ends the task on a channel at the given time.
func (a *account) ended(channel string, n int, at time.Time) []byte {
	attributes, _ := json.Marshal(map[string]string{"channelSid": channel, "channelType": "sms"})
	body, _ := json.Marshal([]map[string]any{{
		"specversion": "1.0", "id": fmt.Sprintf("EZ%032x", n), "type": "com.twilio.taskrouter.task.completed",
		"data": map[string]any{"payload": map[string]any{
			"task_sid": fmt.Sprintf("WT%032x", n), "task_attributes": string(attributes), "timestamp": at.Format(time.RFC3339Nano),
		}},
	}})
	return body
}

var taskNumber atomic.Int64

// send delivers a new task's end to the webhook and tells how long it took.
func (a *account) send(hook http.Handler, channel string, at time.Time) (time.Duration, error) {
	body := a.ended(channel, int(taskNumber.Add(1)), at)
	req := httptest.NewRequest(http.MethodPost, faketwilio.SignedURL(hookURL, body), strings.NewReader(string(body)))
	req.Header.Set("X-Twilio-Signature", faketwilio.Sign(a.world.fake.AuthToken, hookURL, body))
	answer := httptest.NewRecorder()
	started := time.Now()
	hook.ServeHTTP(answer, req)
	took := time.Since(started)
	if answer.Code != http.StatusOK {
		return 0, fmt.Errorf("the webhook answered HTTP %d: %s", answer.Code, answer.Body)
	}
	return took, nil
}
