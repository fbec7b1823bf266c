package ledger_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// FuzzRecord: whatever stands in a document, it is refused or is a record that every part
// of the protocol can work on and write back without loss.
func FuzzRecord(f *testing.F) {
	for _, seed := range []string{
		recordJSON, `{"version":2}`, `null`, `{"version":1,"sid":"CH","tasks":null,"claim":{},"retirement":{},"hold":{},"failure":{}}`,
		`{"version":1,"sid":"` + ch + `","backend":"chat","tasks":{"` + wt + `":{"phase":"open","time":"0001-01-01T00:00:00Z"}},"status":"retiring","retirement":{"disposition":"deactivate","previous":{"long_lived":null,"status":{"a":[1e999]}}}}`,
		`{"version":2,"sid":"` + ch + `","backend":"conversations","tasks":{},"status":"retiring","claim":{"run":"r","time":"2026-03-01T12:00:00Z","backend":"chat","disposition":"deactivate","found":{"long_lived":"1e999"}}}`,
	} {
		f.Add([]byte(seed))
	}
	policy := channel.Policy{Retention: time.Hour, Chat: channel.Deactivate, Conversations: channel.Close}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := channel.Decode(raw)
		if err != nil {
			return
		}
		claimed := channel.Claimed(channel.Trim(r, now), "run", channel.TargetOf(r, policy, nil), now)
		for _, next := range []channel.Record{
			r, claimed, channel.Settled(claimed, channel.Already, "", now), channel.ClaimedToRestore(r, "run", now), channel.Failed(r, channel.Failure{}), channel.Released(r), channel.Restored(r),
			channel.Apply(r, channel.Event{ChannelSID: r.SID, Backend: channel.Chat, TaskSID: wt, Phase: channel.Ended, Time: now}),
		} {
			if d := channel.Decide(next, policy, now); d.Action == "" || d.Text == "" {
				t.Errorf("no verdict on %+v", next)
			}
			written, err := json.Marshal(next)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			back, err := channel.Decode(written)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			again, err := json.Marshal(back)
			if d := cmp.Diff(string(written), string(again)); err != nil || d != "" {
				t.Errorf("a round trip lost something (-written +read), %v:\n%s", err, d)
			}
		}
	})
}
