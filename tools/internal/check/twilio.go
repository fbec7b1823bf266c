package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	eventsAPI = "https://events.twilio.com/v1"
	syncAPI   = "https://sync.twilio.com/v1"
)

func syncService(ctx context.Context, s *Subject) (string, error) {
	var service struct {
		FriendlyName string `json:"friendly_name"`
	}
	if err := s.get(ctx, syncAPI+"/Services/"+s.Outputs.SyncServiceSID, &service); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s (%s) is there", s.Outputs.SyncServiceSID, service.FriendlyName), nil
}

func sink(ctx context.Context, s *Subject) (string, error) {
	var got struct {
		SinkType      string `json:"sink_type"`
		Status        string `json:"status"`
		Configuration struct {
			Destination string `json:"destination"`
			Method      string `json:"method"`
		} `json:"sink_configuration"`
	}
	if err := s.get(ctx, eventsAPI+"/Sinks/"+s.Outputs.SinkSID, &got); err != nil {
		return "", err
	}
	switch {
	case got.SinkType != "webhook":
		return "", fmt.Errorf("%s is a %s sink, not a webhook", s.Outputs.SinkSID, got.SinkType)
	case got.Configuration.Destination != s.Outputs.WebhookURL:
		return "", fmt.Errorf("it sends to %s, and the function answers at %s", got.Configuration.Destination, s.Outputs.WebhookURL)
	case !strings.EqualFold(got.Configuration.Method, "POST"):
		return "", fmt.Errorf("its method is %q, not POST", got.Configuration.Method)
	case got.Status == "failed":
		return "", errors.New("Twilio has set it to failed")
	}
	return fmt.Sprintf("%s sends to the webhook (status %s)", s.Outputs.SinkSID, got.Status), nil
}

func subscription(ctx context.Context, s *Subject) (string, error) {
	var got struct {
		SinkSID string `json:"sink_sid"`
	}
	if err := s.get(ctx, eventsAPI+"/Subscriptions/"+s.Outputs.SubscriptionSID, &got); err != nil {
		return "", err
	}
	if got.SinkSID != s.Outputs.SinkSID {
		return "", fmt.Errorf("%s feeds sink %s, not %s", s.Outputs.SubscriptionSID, got.SinkSID, s.Outputs.SinkSID)
	}
	return s.Outputs.SubscriptionSID + " feeds the sink", nil
}

// eventTypes reads what Terraform's provider never reads back: the types that are
// really subscribed.
func eventTypes(ctx context.Context, s *Subject) (string, error) {
	var subscribed []string
	next := eventsAPI + "/Subscriptions/" + s.Outputs.SubscriptionSID + "/SubscribedEvents?PageSize=100"
	for next != "" {
		var page struct {
			Types []struct {
				Type string `json:"type"`
			} `json:"types"`
			Meta struct {
				NextPageURL string `json:"next_page_url"`
			} `json:"meta"`
		}
		if err := s.get(ctx, next, &page); err != nil {
			return "", err
		}
		for _, t := range page.Types {
			subscribed = append(subscribed, t.Type)
		}
		next = page.Meta.NextPageURL
	}
	if lacks := without(s.Outputs.EventTypes, subscribed); len(lacks) > 0 {
		return "", fmt.Errorf("not subscribed: %s", strings.Join(lacks, ", "))
	}
	if extra := without(subscribed, s.Outputs.EventTypes); len(extra) > 0 {
		return "", fmt.Errorf("subscribed and not wanted: %s", strings.Join(extra, ", "))
	}
	return fmt.Sprintf("all %d are subscribed, and no other", len(subscribed)), nil
}

// without lists what is in a and not in b.
func without(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}
