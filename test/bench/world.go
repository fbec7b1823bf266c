package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
	inprocess "github.com/flexsweep/flexsweep/test/world"
)

const hookURL = "https://hook.example/events"

// world is one fake Twilio for all runs; each run has services of its own in it.
type world struct {
	fake *rig.Fake
	base *url.URL
}

// account is what one run works on.
type account struct {
	*rig.Account
	world    *world
	channels []string
}

// newAccount makes an account with n chat channels.
func (w *world) newAccount(ctx context.Context, n int) (*account, error) {
	made, err := rig.NewAccount(ctx, w.fake)
	if err != nil {
		return nil, err
	}
	channels, err := made.NewChannels(ctx, n, `{"long_lived":true,"status":"ACTIVE","queue":"sales"}`)
	return &account{made, w, channels}, err
}

// sampleOn gives every channel the sample's document of a completed task.
func (a *account) sampleOn(ctx context.Context, latency time.Duration) (*sample, *line, error) {
	over := func(way *line) *sample {
		return &sample{Client: rig.Client{HTTP: &http.Client{Transport: way}, User: a.AccountSID, Password: a.AuthToken}, sync: a.Ledger, chat: a.ChatService}
	}
	fast := over(newLine(a.world.base, 0))
	documents := "https://sync.twilio.com/v1/Services/" + a.Ledger + "/Documents"
	for _, channel := range a.channels {
		form := url.Values{"UniqueName": {"ChannelSIDIS" + channel}, "Data": {fmt.Sprintf(`{"completed":true,"channel":%q}`, channel)}}
		if err := fast.Call(ctx, http.MethodPost, documents, form, nil); err != nil {
			return nil, nil, err
		}
	}
	way := newLine(a.world.base, latency)
	return over(way), way, nil
}

// handler returns the function's own handler over the line.
func (a *account) handler(target function.EntryPoint, way *line, settings map[string]string) (http.Handler, error) {
	all := a.Settings(hookURL, map[string]string{"MAX_RETIREMENTS_PER_RUN": "50000"})
	delete(all, "TWILIO_BASE_URL") // the line leads there
	maps.Copy(all, settings)
	now := a.world.now
	if target == function.EventStreams {
		now = a.world.heard
	}
	return inprocess.NewFunction(target, all, function.Adapters{Transport: way, Now: now, Log: io.Discard})
}

// ahead is how far the fake's clock is turned at the beginning.
const ahead = 100 * 24 * time.Hour

// now is the fake's time, after everything in its world: all that has ended is due.
func (w *world) now() time.Time { return faketwilio.DefaultStart.Add(ahead) }

// heard is when the webhook gets the events, long enough ago for all of them to be due: they
// are too old for it otherwise.
func (w *world) heard() time.Time { return w.now().Add(-10 * 24 * time.Hour) }

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
	req.Header.Set("X-Twilio-Signature", faketwilio.Sign(a.AuthToken, hookURL, body))
	answer := httptest.NewRecorder()
	started := time.Now()
	hook.ServeHTTP(answer, req)
	took := time.Since(started)
	if answer.Code != http.StatusOK {
		return 0, fmt.Errorf("the webhook answered HTTP %d: %s", answer.Code, answer.Body)
	}
	return took, nil
}
