package main

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// interrupted is a network that counts the records that are written, and interrupts the
// tool before one of them.
type interrupted struct {
	next    http.RoundTripper
	creates atomic.Int64
	at      int64
	stop    context.CancelFunc
}

// RoundTrip waits for what is under way at the interruption: else the fake could do it
// after the test has begun to count anew.
func (i *interrupted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Documents") && i.creates.Add(1) == i.at {
		i.stop()
	}
	return i.next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
}

// backfill runs it for all channels, over a network of the test's own.
func (o *tool) backfill(t *testing.T, over *interrupted) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	over.stop = cancel
	o.out.Reset()
	o.err.Reset()
	file, err := world.WriteOutputs(o.dir, o.Outputs())
	if err != nil {
		t.Fatal(err)
	}
	var seconds atomic.Int64 // a clock that goes a second whenever it is looked at
	p := o.program("", map[string]string{"TWILIO_API_SECRET": o.Fake.Credentials().APISecret})
	p.Transport = over
	p.Now = func() time.Time { return faketwilio.DefaultStart.Add(time.Duration(seconds.Add(1)) * time.Second) }
	return p.Run(ctx, []string{"backfill", "shop", "--apply", "--yes", "--rate", "100000", "--outputs", file})
}

// TestBackfillIsCheapAndGoesOn: 5,000 channels cost a request for each 100 to list and two
// for each to adopt; an interrupted backfill asks for none of them twice.
func TestBackfillIsCheapAndGoesOn(t *testing.T) {
	t.Parallel()
	const channels = 5000
	o := &tool{World: world.New(t, nil, faketwilio.Options{Seed: 1}), dir: t.TempDir()}
	for range channels {
		o.NewChatWith(marked)
	}
	o.Fake.Journal().Reset()

	if code := o.backfill(t, &interrupted{next: o.Transport(), at: 2000}); code != cli.ExitCancelled {
		t.Fatalf("interrupted: exit code %d, want %d\n%s%s", code, cli.ExitCancelled, &o.out, &o.err)
	}
	if !strings.Contains(o.err.String(), "interrupted; run it again, it goes on where it was") {
		t.Errorf("an interruption must say that nothing is lost: %s", &o.err)
	}
	written := len(o.Fake.Documents(o.Ledger))
	if written == 0 || written >= 2100 {
		t.Fatalf("%d records at the interruption, want about 2000", written)
	}

	o.Fake.Journal().Reset()
	if code := o.backfill(t, &interrupted{next: o.Transport()}); code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s%s", code, &o.out, &o.err)
	}
	if got := len(o.Fake.Documents(o.Ledger)); got != channels {
		t.Errorf("%d records, want %d", got, channels)
	}
	if lines := strings.Count(o.err.String(), "channels seen"); lines < 10 {
		t.Errorf("%d lines of progress, want many:\n%s", lines, &o.err)
	}
	rest := channels - written
	want := map[string]int{
		"GET chat.twilio.com/v2/Services/{ServiceSid}/Channels":                       channels / 100,
		"GET conversations.twilio.com/v1/Services/{ChatServiceSid}/Conversations":     channels/100 + 1, // active ones, and none inactive
		"GET chat.twilio.com/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages": rest,
		"GET sync.twilio.com/v1/Services/{ServiceSid}/Documents":                      (written + 99) / 100,
		"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents":                     rest,
		"GET taskrouter.twilio.com/v1/Workspaces":                                     1,
		"GET taskrouter.twilio.com/v1/Workspaces/{WorkspaceSid}/Tasks":                1,
	}
	if diff := cmp.Diff(want, o.Fake.Journal().CallsByRoute()); diff != "" {
		t.Errorf("requests of the second half (-want +got):\n%s", diff)
	}
}
