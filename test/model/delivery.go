package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// webhook is the address that the deliveries are signed for.
const webhook = "https://flexsweep.example/events"

// parcel is a delivery as it goes over the wire, made once for all schedules.
type parcel struct {
	delivery
	bit            parcels // which it is in its setting
	url, signature string
	body           []byte
}

// pack writes the delivery's CloudEvents and signs them as Event Streams does.
func (w *world) pack(d delivery) parcel {
	events := make([]map[string]any, len(d.reports))
	for i, r := range d.reports {
		at := w.start.Add(-r.ago).Format(time.RFC3339)
		events[i] = map[string]any{
			"specversion": "1.0", "type": "com.twilio.taskrouter.task." + r.kind, "source": "taskrouter",
			"id": fmt.Sprintf("EZ%030x%02x", r.task, i), "time": at,
			"data": map[string]any{"timestamp": at, "payload": map[string]any{
				"eventtype": "task." + r.kind, "timestamp": at, "task_sid": taskSID(r.task), "task_attributes": w.taskAttributes(),
			}},
		}
	}
	body, err := json.Marshal(events)
	if err != nil {
		panic("model: encode events: " + err.Error())
	}
	url := faketwilio.SignedURL(webhook, body)
	return parcel{delivery: d, url: url, body: body, signature: faketwilio.Sign(w.token, url, body)}
}

func taskSID(n int) string { return fmt.Sprintf("WT%032x", n) }

// taskAttributes are what Flex puts on a task of the channel, of either generation.
func (w *world) taskAttributes() string {
	attributes := map[string]string{"channelType": "sms"}
	switch w.backend {
	case onChat:
		attributes["channelSid"] = w.channel
	case onInteraction:
		attributes["flexInteractionSid"], attributes["flexInteractionChannelSid"] = w.interaction, w.interactionChannel
		fallthrough
	default:
		attributes["conversationSid"] = w.channel
	}
	text, err := json.Marshal(attributes)
	if err != nil {
		panic("model: encode attributes: " + err.Error())
	}
	return string(text)
}

// send gives the parcel to a handler and returns the status that it answers.
func (p parcel) send(tag actorTag, handler http.Handler) int {
	request := httptest.NewRequest(http.MethodPost, p.url, bytes.NewReader(p.body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Twilio-Signature", p.signature)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request.WithContext(tag.context()))
	return answer.Code
}
