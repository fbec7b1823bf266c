package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// What stands in the account and in its deployment.

// newSample writes what the sample would have written: the last event with all its data.
func (s *script) newSample(ts *testscript.TestScript, args []string) error {
	if s.sample == "" {
		s.sample = s.Fake.NewSyncService("the sample")
		ts.Setenv("SAMPLE_SERVICE", s.sample)
	}
	sid := args[0]
	if c := s.threads[sid]; c != nil {
		sid = c.SID
	}
	attributes := fmt.Sprintf(`{"channelSid":%q,"channelType":"web","name":"somebody"}`, sid)
	data, err := json.Marshal(map[string]any{
		"eventtype": args[1], "timestamp": s.Fake.Clock().Now().UTC().Format("2006-01-02T15:04:05.000Z"), "taskattributes": attributes, "channelsid": sid,
		"msg": map[string]any{"task_sid": "WT0000000000000000000000000000005a", "task_attributes": attributes},
	})
	if err != nil {
		return err
	}
	address := "https://sync.twilio.com/v1/Services/" + s.sample + "/Documents"
	s.Call(http.MethodPost, address, world.Form("UniqueName", "ChannelSIDIS"+sid, "Data", string(data)))
	return nil
}

// twilio is what others do in the account.
func (s *script) twilio(_ *testscript.TestScript, args []string) error {
	kind, name, _ := strings.Cut(args[1], "/")
	var address string
	switch kind {
	case "chat", "conversation":
		address = s.threads[name].URL()
	case "sink":
		address = "https://events.twilio.com/v1/Sinks/" + s.Sink
	case "type":
		address = "https://events.twilio.com/v1/Subscriptions/" + s.Subscription + "/SubscribedEvents/" + name
	case "sync":
		address = "https://sync.twilio.com/v1/Services/" + s.Ledger
	}
	var form []string
	for _, pair := range args[2:] {
		key, value, _ := strings.Cut(pair, "=")
		form = append(form, key, value)
	}
	s.Call(args[0], address, world.Form(form...))
	return nil
}

func (s *script) fault(_ *testscript.TestScript, args []string) error {
	if args[0] == "off" {
		s.Fake.Faults().Clear()
		return nil
	}
	status, err := strconv.Atoi(args[0])
	s.Fake.Faults().Add(faketwilio.Fault{Status: status, Method: args[1], Path: args[2]})
	return err
}

func (s *script) setting(_ *testscript.TestScript, args []string) error {
	s.Settings[args[0]] = args[1]
	s.RestartWebhook()
	s.RestartSweep()
	return nil
}

func (s *script) setApplied(_ *testscript.TestScript, args []string) error {
	s.applied[args[0]] = args[1]
	return nil
}

func (s *script) output(_ *testscript.TestScript, args []string) error {
	s.outputs[args[0]] = args[1]
	return nil
}
