package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// loopPatience bounds each step of the loop that waits for something else to work.
const loopPatience = 30 * time.Second

// loop puts one channel through its whole life in the local environment: a task
// is opened and ended in TaskRouter, Twilio's signed events make the record, the
// fake's clock leaps over the retention, a sweep retires the channel.
func loop(ctx context.Context, s *Subject) (string, error) {
	if s.Token == "" {
		return "", skipped{"it would open a task in a real account"}
	}
	l := &life{Subject: s}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"open a channel and a task", l.open},
		{"see the task in the ledger", l.seen("open")},
		{"end the task", l.end},
		{"see its end in the ledger", l.seen("ended")},
		{"let the retention pass", l.wait},
		{"sweep", l.sweep},
		{"see the channel retired", l.retired},
	} {
		if err := step.do(ctx); err != nil {
			return "", fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return fmt.Sprintf("task ended, events signed and taken, retention over, %s retired by the sweep", l.channel), nil
}

type life struct {
	*Subject
	channel, workspace, task string
}

func (l *life) chat() string {
	return "https://chat.twilio.com/v2/Services/" + l.Outputs.ChatServiceSIDs[0] + "/Channels"
}

func (l *life) tasks() string {
	return "https://taskrouter.twilio.com/v1/Workspaces/" + l.workspace + "/Tasks"
}

func (l *life) open(ctx context.Context) error {
	var made struct {
		SID string `json:"sid"`
	}
	attributes := `{"long_lived":true,"status":"ACTIVE","from":"check"}`
	if err := l.post(ctx, l.chat(), url.Values{"Type": {"private"}, "Attributes": {attributes}}, &made); err != nil {
		return err
	}
	l.channel = made.SID
	if err := l.post(ctx, "https://taskrouter.twilio.com/v1/Workspaces", url.Values{"FriendlyName": {"flexsweep check"}}, &made); err != nil {
		return err
	}
	l.workspace = made.SID
	task := fmt.Sprintf(`{"channelSid":%q,"channelType":"sms"}`, l.channel)
	if err := l.post(ctx, l.tasks(), url.Values{"Attributes": {task}}, &made); err != nil {
		return err
	}
	l.task = made.SID
	return nil
}

func (l *life) end(ctx context.Context) error {
	var task struct{}
	return l.post(ctx, l.tasks()+"/"+l.task, url.Values{"AssignmentStatus": {"canceled"}, "Reason": {"flexsweep check"}}, &task)
}

// seen waits until the channel's record shows the task in the phase.
func (l *life) seen(phase string) func(context.Context) error {
	return func(ctx context.Context) error {
		address := syncAPI + "/Services/" + l.Outputs.SyncServiceSID + "/Documents/" + l.Outputs.DocumentPrefix + l.channel
		return l.until(ctx, func() error {
			var doc struct {
				Data json.RawMessage `json:"data"`
			}
			if err := l.get(ctx, address, &doc); err != nil {
				return err
			}
			if !strings.Contains(string(doc.Data), fmt.Sprintf("%q", phase)) {
				return fmt.Errorf("the record does not say %q: %s", phase, doc.Data)
			}
			return nil
		})
	}
}

// wait turns the fake's clock past the longest that the record can be kept.
func (l *life) wait(ctx context.Context) error {
	settings := l.Outputs.Functions["Sweep"].Environment
	retention, err := time.ParseDuration(settings["RETENTION"])
	if err != nil {
		return fmt.Errorf("read RETENTION: %w", err)
	}
	body := fmt.Sprintf(`{"advance":%q}`, (retention + time.Hour).String())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.Fake+"/_fake/clock", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := l.Web.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the fake's clock answers %s", resp.Status)
	}
	return nil
}

func (l *life) sweep(ctx context.Context) error {
	status, body, err := l.knock(ctx, l.Outputs.SweepURL, `{}`, l.Token)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("it answers %d: %s", status, body)
	}
	return nil
}

// retired waits for the channel's attributes: this sweep or the scheduler's own,
// which the leaping clock woke too, has set them.
func (l *life) retired(ctx context.Context) error {
	return l.until(ctx, func() error {
		var channel struct {
			Attributes string `json:"attributes"`
		}
		if err := l.get(ctx, l.chat()+"/"+l.channel, &channel); err != nil {
			return err
		}
		var attributes struct {
			LongLived bool   `json:"long_lived"`
			Status    string `json:"status"`
			From      string `json:"from"`
		}
		if err := json.Unmarshal([]byte(channel.Attributes), &attributes); err != nil {
			return err
		}
		switch {
		case attributes.From != "check":
			return errors.New("an attribute of the channel was lost: " + channel.Attributes)
		case attributes.LongLived || attributes.Status != "INACTIVE":
			return errors.New("the channel still has " + channel.Attributes)
		}
		return nil
	})
}

// until tries again until it works or patience ends; the last error is told.
func (l *life) until(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, loopPatience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}
