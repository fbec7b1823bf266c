package inventory

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	sync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// SamplePrefix is what the documents of Twilio's sample clear-long-lived-channels begin
// with.
const SamplePrefix = "ChannelSIDIS"

// SampleRecord is what the sample knows of a channel: the last event that it was told of.
type SampleRecord struct {
	channel.Event // Phase is Ended only if that event ended a task
}

// sampleData is what is read of such a document. The rest, personal data above all, is not.
type sampleData struct {
	EventType      string    `json:"eventtype"`
	Timestamp      time.Time `json:"timestamp"`
	TaskAttributes string    `json:"taskattributes"`
	Message        struct {
		TaskSID string `json:"task_sid"`
	} `json:"msg"`
}

// ReadSample reads the records of the sample from its Sync service (IS…), by channel: a
// request for each 100 documents. unreadable counts those that are none, among them the
// one that the sample makes for calls.
func ReadSample(ctx context.Context, c *twilio.Client, service, prefix string, seen func(records int)) (records map[string]SampleRecord, unreadable int, err error) {
	records = map[string]SampleRecord{}
	first := "https://sync.twilio.com/v1/Services/" + url.PathEscape(service) + "/Documents?PageSize=100"
	err = pages(ctx, c, "list the sample's documents", first, func(p *sync.ListDocumentResponse) (*string, error) {
		for i := range p.Documents {
			name, ours := strings.CutPrefix(value(p.Documents[i].UniqueName), prefix)
			if !ours {
				continue
			}
			record, ok := readSample(name, value(p.Documents[i].Data))
			if !ok {
				unreadable++
				continue
			}
			records[name] = record
		}
		seen(len(records))
		return p.Meta.NextPageUrl, nil
	})
	return records, unreadable, err
}

func readSample(sid string, data any) (SampleRecord, bool) {
	raw, err := json.Marshal(data)
	if err != nil || !channel.IsSID(sid, "CH") {
		return SampleRecord{}, false
	}
	var d sampleData
	if json.Unmarshal(raw, &d) != nil || d.Timestamp.IsZero() {
		return SampleRecord{}, false
	}
	event := channel.Event{ChannelSID: sid, Backend: channel.Chat, Time: d.Timestamp.UTC()}
	named, _ := eventstream.FromAttributes(d.TaskAttributes, event.Time) // what cannot be read names nothing
	for _, e := range named {
		if e.ChannelSID == sid {
			event = e
		}
	}
	event.Phase = channel.Open
	switch outcome := strings.TrimPrefix(d.EventType, "task."); outcome {
	case "completed", "canceled", "deleted", "system-deleted":
		event.Phase, event.Outcome = channel.Ended, outcome
	case "wrapup":
		event.Phase = channel.Wrapping
	}
	if event.TaskSID = "sample"; channel.IsSID(d.Message.TaskSID, "WT") {
		event.TaskSID = d.Message.TaskSID
	}
	return SampleRecord{Event: event}, true
}
