package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	testType = "com.twilio.eventstreams.test-event"
	// looks and between are the patience with a test event: most arrive within 2 s
	// (https://www.twilio.com/docs/events/ga-migration), and logs take some seconds more.
	looks   = 15
	between = 2 * time.Second
)

// testEvent has the sink send its test event, and looks whether the webhook has taken it.
func testEvent(ctx context.Context, p *Patient) Line {
	if p.NoTestEvent {
		return Line{Verdict: Unknown, Found: "not sent, as you said", Do: "Leave --no-test-event out"}
	}
	sent := p.Env.Now().Add(-time.Second) // of whole seconds in some places
	status, text, err := p.ask(ctx, http.MethodPost, p.sinkAddress()+"/Test", nil)
	if err != nil || status >= 300 {
		return Line{Verdict: Fail, Found: fmt.Sprintf("Twilio does not send it: %d, %v %.200s", status, err, text), Do: "Look at the sink in Twilio"}
	}
	arrived := p.logged
	if p.Env.Config.BaseURL != nil {
		arrived = p.delivered
	}
	for range looks {
		how, err := arrived(ctx, sent)
		switch {
		case err == nil:
			return Line{Verdict: OK, Found: how}
		case !errors.Is(err, errNotYet):
			return p.untold(err)
		}
		if err := p.Sleep(ctx, between); err != nil {
			return Line{Verdict: Unknown, Found: err.Error(), Do: "Try again"}
		}
	}
	return Line{Verdict: Fail, Found: fmt.Sprintf("Twilio has sent it, and it has not arrived within %s", looks*between),
		Do: "Do others arrive (jsonPayload.message=\"delivery\")? If none does: docs/runbook.md#signatures-refused, docs/runbook.md#webhook-errors"}
}

// refusal is an answer that says why the test event was not taken.
type refusal struct{ text string }

func (r refusal) Error() string { return r.text }

func (p *Patient) untold(err error) Line {
	if r := (refusal{}); errors.As(err, &r) {
		return Line{Verdict: Fail, Found: r.text, Do: "403, 429: docs/runbook.md#signatures-refused; 5xx or none: docs/runbook.md#webhook-errors"}
	}
	return Line{Verdict: Unknown, Found: "it was sent, and cannot be looked for: " + err.Error(),
		Do: fmt.Sprintf("Look yourself, in the Logs Explorer: %s", p.logFilter(time.Time{}))}
}

// delivered asks a fake Twilio what became of the event.
func (p *Patient) delivered(ctx context.Context, sent time.Time) (string, error) {
	base := p.Env.Config.BaseURL
	// A fake whose clock stands delivers only when it is turned, be it by nothing.
	if _, err := p.plain(ctx, http.MethodPost, base.JoinPath("_fake", "clock").String(), `{"advance":"0s"}`, ""); err != nil {
		return "", err
	}
	text, err := p.plain(ctx, http.MethodGet, base.JoinPath("_fake", "deliveries").String(), "", "")
	if err != nil {
		return "", err
	}
	var answer struct {
		Deliveries []struct {
			Sink       string    `json:"sink"`
			EventTypes []string  `json:"event_types"`
			Created    time.Time `json:"created"`
			Outcome    string    `json:"outcome"`
			Attempts   []struct {
				Status int    `json:"status"`
				Error  string `json:"error"`
			} `json:"attempts"`
		} `json:"deliveries"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", fmt.Errorf("read the fake's deliveries: %w", err)
	}
	for _, d := range slices.Backward(answer.Deliveries) {
		if d.Sink != p.Env.Outputs.SinkSID || !slices.Contains(d.EventTypes, testType) || d.Created.Before(sent) || len(d.Attempts) == 0 {
			continue
		}
		if d.Outcome == "delivered" {
			return "Twilio has sent it, and the webhook has taken it", nil
		}
		last := d.Attempts[len(d.Attempts)-1]
		return "", refusal{fmt.Sprintf("Twilio has sent it, and the webhook answers %d %s", last.Status, last.Error)}
	}
	return "", errNotYet
}

func (p *Patient) logFilter(since time.Time) string {
	filter := fmt.Sprintf(`resource.labels.service_name=%q jsonPayload.message="test event received"`, p.Env.Outputs.Functions["EventStreams"].Name)
	if !since.IsZero() {
		filter += fmt.Sprintf(" timestamp>=%q", since.UTC().Format(time.RFC3339))
	}
	return filter
}

// logged looks for the event in the function's log, with the operator's own account
// (https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list).
func (p *Patient) logged(ctx context.Context, sent time.Time) (string, error) {
	token, err := p.GoogleToken(ctx)
	if err != nil {
		return "", err
	}
	query, err := json.Marshal(map[string]any{
		"resourceNames": []string{"projects/" + p.Env.Outputs.ProjectID}, "filter": p.logFilter(sent), "pageSize": 1,
	})
	if err != nil {
		return "", err
	}
	text, err := p.plain(ctx, http.MethodPost, p.Logging+"/v2/entries:list", string(query), token)
	if err != nil {
		return "", err
	}
	var answer struct {
		Entries []struct {
			Timestamp time.Time `json:"timestamp"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", fmt.Errorf("read Cloud Logging: %w", err)
	}
	if len(answer.Entries) == 0 {
		return "", errNotYet
	}
	return "Twilio has sent it, and the webhook's log has it", nil
}

// plain makes a request that does not go to Twilio.
func (p *Patient) plain(ctx context.Context, method, address, body, token string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := p.public.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s (may your account read logs? roles/logging.viewer)", req.URL.Host, res.Status)
	}
	return text, err
}
