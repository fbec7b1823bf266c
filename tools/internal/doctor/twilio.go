package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// products are asked for what flexsweep needs of each: the key must open all of them.
func products(p *Patient) []struct{ name, address string } {
	chat := p.Env.Config.ChatServices[0]
	return []struct{ name, address string }{
		{"Sync", "https://sync.twilio.com/v1/Services?PageSize=1"},
		{"Event Streams", "https://events.twilio.com/v1/Sinks?PageSize=1"},
		{"TaskRouter", "https://taskrouter.twilio.com/v1/Workspaces?PageSize=1"},
		{"Conversations", "https://conversations.twilio.com/v1/Services/" + chat + "/Conversations?PageSize=1"},
		{"Programmable Chat", "https://chat.twilio.com/v2/Services/" + chat},
	}
}

// credentials looks whether the account's key opens the products.
func credentials(ctx context.Context, p *Patient) Line {
	var refused, silent []string
	for _, product := range products(p) {
		status, _, err := p.ask(ctx, http.MethodGet, product.address, nil)
		switch {
		case err != nil:
			return Line{Verdict: Fail, Found: "Twilio cannot be reached: " + err.Error(), Do: "Look at the network from here, and at status.twilio.com"}
		case status == http.StatusUnauthorized || status == http.StatusForbidden:
			refused = append(refused, fmt.Sprintf("%s (%d)", product.name, status))
		case status >= 300:
			silent = append(silent, fmt.Sprintf("%s (%d)", product.name, status))
		}
	}
	who := "the key " + p.Env.Config.APIKey
	if p.Env.Config.APIKey == "" {
		who = "the Auth Token"
	}
	switch {
	case len(refused) > 0:
		return Line{Verdict: Fail, Found: who + " is refused by " + strings.Join(refused, ", "), Do: "Is the key revoked, its secret another, or may it not do that? docs/deploy.md#later says how to change it"}
	case len(silent) > 0:
		return Line{Verdict: Warn, Found: who + " is taken, but these do not answer as they should: " + strings.Join(silent, ", "), Do: "Are chat_service_sids right? Programmable Chat has ended for most accounts: then only its channels cannot be retired"}
	}
	return Line{Verdict: OK, Found: who + " opens Sync, Event Streams, TaskRouter, Conversations and Programmable Chat"}
}

// sinkBody is what is read of a sink.
type sinkBody struct {
	Status        string `json:"status"`
	Configuration struct {
		Destination string `json:"destination"`
	} `json:"sink_configuration"`
}

// sink adds to the common check that the sink is active, and that its destination is one
// that the webhook takes signatures for.
func sink(ctx context.Context, p *Patient) Line {
	line := common("sink", "If it is deleted: flexsweep heal, then apply. If it is failed or leads elsewhere: replace it, flexsweep plan shows how")(ctx, p)
	if line.Verdict != OK {
		return line
	}
	var body sinkBody
	status, text, err := p.ask(ctx, http.MethodGet, p.sinkAddress(), nil)
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil || status != http.StatusOK {
		return Line{Verdict: Fail, Found: fmt.Sprintf("it cannot be read: %d, %v", status, err), Do: "Try again"}
	}
	if taken := p.webhookURLs(); !slices.Contains(taken, body.Configuration.Destination) {
		return Line{Verdict: Fail, Found: fmt.Sprintf("it sends to %s, and the webhook takes signatures for %s only: every event is refused, and lost after four hours", body.Configuration.Destination, strings.Join(taken, ", ")),
			Do: "Apply again at once: WEBHOOK_URLS must have the sink's destination, letter by letter"}
	}
	if body.Status != "active" {
		return Line{Verdict: Warn, Found: "its status is " + body.Status + ", not active", Do: "Wait some minutes. If it stays so, replace the sink"}
	}
	return line
}

func (p *Patient) sinkAddress() string {
	return "https://events.twilio.com/v1/Sinks/" + p.Env.Outputs.SinkSID
}

// webhookURLs are the addresses for which the applied webhook takes signatures.
func (p *Patient) webhookURLs() []string {
	return strings.Split(p.Env.Outputs.Functions["EventStreams"].Environment["WEBHOOK_URLS"], ",")
}

// addresses looks whether outputs and settings agree on where the functions are.
func addresses(_ context.Context, p *Patient) Line {
	o := p.Env.Outputs
	const do = "Apply again; somebody has changed one of them by hand"
	switch {
	case !slices.Contains(p.webhookURLs(), o.WebhookURL):
		return Line{Verdict: Fail, Found: fmt.Sprintf("the webhook is at %s, and WEBHOOK_URLS has %s: signatures will not fit", o.WebhookURL, strings.Join(p.webhookURLs(), ", ")), Do: do}
	case o.SchedulerJob.URI != o.SweepURL:
		return Line{Verdict: Fail, Found: fmt.Sprintf("the schedule calls %s, and the sweep is at %s", o.SchedulerJob.URI, o.SweepURL), Do: do}
	}
	return Line{Verdict: OK, Found: "sink, signatures and schedule have the functions' own addresses"}
}

// maxSkew is from where on two clocks differ. Google's and Twilio's are right to the
// second; retentions are hours.
const maxSkew = 30 * time.Second

// clock holds this machine's clock against that of Twilio. The functions run by Google's
// clock; this machine's is what the commands that work from here go by.
func clock(ctx context.Context, p *Patient) Line {
	before := p.Machine()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.sinkAddress(), nil)
	if err != nil {
		return Line{Verdict: Unknown, Found: err.Error(), Do: "Try again"}
	}
	res, err := p.twilio.Do(req)
	if err != nil {
		return Line{Verdict: Unknown, Found: err.Error(), Do: "Try again"}
	}
	defer res.Body.Close()
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return Line{Verdict: Unknown, Found: "Twilio's answer has no Date", Do: "Compare this machine's clock with another"}
	}
	if skew := theirs.Sub(before).Abs(); skew > maxSkew {
		return Line{Verdict: Warn, Found: fmt.Sprintf("this machine's clock and Twilio's differ by %s", skew.Round(time.Second)),
			Do: "Set this machine's clock: dry runs, retire and reconcile go by it. The functions go by Google's"}
	}
	return Line{Verdict: OK, Found: fmt.Sprintf("this machine's clock and Twilio's differ by less than %s", maxSkew)}
}

// ask makes a request to Twilio and reads the answer.
func (p *Patient) ask(ctx context.Context, method, address string, body io.Reader) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := p.twilio.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	return res.StatusCode, text, err
}
