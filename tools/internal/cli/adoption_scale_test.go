package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// backfiller runs backfill in an account, and can be interrupted.
type backfiller struct {
	*account
	outputs  string
	creates  atomic.Int64
	stopAt   int64 // interrupts before this record is written
	stop     context.CancelFunc
	out, err bytes.Buffer
}

// RoundTrip counts the records that are written. What is under way at the interruption is
// waited for: else the fake could do it after the test has begun to count anew.
func (b *backfiller) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Documents") && b.creates.Add(1) == b.stopAt {
		b.stop()
	}
	return http.DefaultTransport.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
}

func (b *backfiller) run(t *testing.T) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.stop = cancel
	b.out.Reset()
	b.err.Reset()
	var seconds atomic.Int64 // a clock that goes a second whenever it is looked at
	p := cli.Program{
		In: strings.NewReader(""), Out: &b.out, Err: &b.err, Dir: t.TempDir(), Transport: b, Sleep: noPause,
		Env: func(name string) (string, bool) { return b.fake.Credentials().APISecret, name == "TWILIO_API_SECRET" },
		Now: func() time.Time {
			return faketwilio.DefaultStart.Add(time.Duration(seconds.Add(1)) * time.Second)
		},
	}
	return p.Run(ctx, []string{"backfill", "shop", "--apply", "--yes", "--rate", "100000", "--outputs", b.outputs})
}

// TestBackfillIsCheapAndGoesOn: 5,000 channels cost a request for each 100 to list and two
// for each to adopt; an interrupted backfill asks for none of them twice.
func TestBackfillIsCheapAndGoesOn(t *testing.T) {
	t.Parallel()
	const channels = 5000
	a, err := newAccount(t.Cleanup)
	if err != nil {
		t.Fatal(err)
	}
	for range channels {
		a.fake.NewChannel(a.chat, marked)
	}
	b := &backfiller{account: a, stopAt: 2000}
	if b.outputs, err = a.writeOutputs(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	a.fake.Journal().Reset()

	if code := b.run(t); code != cli.ExitCancelled {
		t.Fatalf("interrupted: exit code %d, want %d\n%s%s", code, cli.ExitCancelled, &b.out, &b.err)
	}
	if !strings.Contains(b.err.String(), "interrupted; run it again, it goes on where it was") {
		t.Errorf("an interruption must say that nothing is lost: %s", &b.err)
	}
	written := len(a.fake.Documents(a.ledger))
	if written == 0 || written >= 2100 {
		t.Fatalf("%d records at the interruption, want about 2000", written)
	}

	a.fake.Journal().Reset()
	b.stopAt = 0
	if code := b.run(t); code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s%s", code, &b.out, &b.err)
	}
	if got := len(a.fake.Documents(a.ledger)); got != channels {
		t.Errorf("%d records, want %d", got, channels)
	}
	if lines := strings.Count(b.err.String(), "channels seen"); lines < 10 {
		t.Errorf("%d lines of progress, want many:\n%s", lines, &b.err)
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
	if diff := cmp.Diff(want, a.fake.Journal().CallsByRoute()); diff != "" {
		t.Errorf("requests of the second half (-want +got):\n%s", diff)
	}
}
