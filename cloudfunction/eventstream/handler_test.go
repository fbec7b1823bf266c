package eventstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func sid(kind string, n int) string { return fmt.Sprintf("%s%032x", kind, n) }

// taskEvent is an event of a task on a legacy chat channel.
func taskEvent(ch, task int, kind string, at time.Time) string {
	return fmt.Sprintf(`{"id":"EZ%d-%s","type":"com.twilio.taskrouter.task.%s","data":{"payload":{"timestamp":%q,"task_sid":%q,"task_attributes":%q}}}`,
		task, kind, kind, at.Format("2006-01-02T15:04:05.000Z"), sid("WT", task), `{"channelSid":"`+sid("CH", ch)+`"}`)
}

func array(events ...string) string { return "[" + strings.Join(events, ",") + "]" }

// hook is a webhook over a ledger in memory, and what it logs.
type hook struct {
	*eventstream.Handler
	memory *memory
	lines  *lines
}

// lines is a log that several requests write to.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func newHook(m *memory) hook {
	return newHookWith(m, eventstream.Config{Verifier: verifier})
}

func newHookWith(m *memory, c eventstream.Config) hook {
	return newHookAt(m, c, func() time.Time { return noon })
}

func newHookAt(m *memory, c eventstream.Config, now func() time.Time) hook {
	log := &lines{}
	logger := slog.New(slog.NewJSONHandler(log, nil))
	return hook{eventstream.New(c, m, now, func(*http.Request) *slog.Logger { return logger }), m, log}
}

// logged returns the lines of the log.
func (h hook) logged(t *testing.T) (all []map[string]any) {
	t.Helper()
	for text := range strings.Lines(h.lines.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log is no JSON: %q", text)
		}
		all = append(all, line)
	}
	return all
}

// deliver sends a signed body and returns the answer.
func (h hook) deliver(body string) *httptest.ResponseRecorder {
	r := attempt{body: body}.request()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// summary returns what the last delivery's line counts.
func (h hook) summary(t *testing.T) map[string]int {
	t.Helper()
	all := h.logged(t)
	if len(all) == 0 || all[len(all)-1]["msg"] != "delivery" {
		t.Fatalf("the last line is no summary: %v", all)
	}
	counts := map[string]int{}
	for key, value := range all[len(all)-1] {
		if n, ok := value.(float64); ok && n != 0 {
			counts[key] = int(n)
		}
	}
	return counts
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	one := array(taskEvent(1, 1, "created", noon))
	down := func(failing string) func(string, string) error {
		return func(operation, _ string) error {
			if operation == failing {
				return errors.New("Sync is down")
			}
			return nil
		}
	}
	request := func(method, body string) *http.Request {
		r := attempt{body: body}.request()
		r.Method = method
		return r
	}
	unsigned := func(body string) *http.Request {
		return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	}
	broken := request(http.MethodPost, one)
	broken.Body = io.NopCloser(iotest.ErrReader(errors.New("connection reset")))
	forged := attempt{key: "stranger"}.request()
	forged.Body = broken.Body
	known := channel.Apply(channel.Record{}, channel.Event{ChannelSID: sid("CH", 1), TaskSID: sid("WT", 9), Phase: channel.Open, Time: noon})

	for name, row := range map[string]struct {
		reason  string
		memory  *memory
		request *http.Request
		want    int
	}{
		"stored":               {"2xx: it is durable", newMemory(), request(http.MethodPost, one), 200},
		"stored in one known":  {"2xx: it is durable", newMemory(known), request(http.MethodPost, one), 200},
		"empty":                {"nothing to do is done", newMemory(), request(http.MethodPost, `[]`), 200},
		"of no concern":        {"what is ignored must not come again", newMemory(), request(http.MethodPost, `[{"id":"EZ1","type":"com.twilio.taskrouter.worker.created"}]`), 200},
		"test event":           {"the sink's test must succeed", newMemory(), request(http.MethodPost, `[{"id":"AC1","type":"com.twilio.eventstreams.test-event","data":{"test_id":"x"}}]`), 200},
		"poison":               {"a repetition would read the same", newMemory(), request(http.MethodPost, `[5]`), 200},
		"GET":                  {"not a delivery", newMemory(), request(http.MethodGet, one), 405},
		"PUT":                  {"not a delivery", newMemory(), request(http.MethodPut, one), 405},
		"HEAD":                 {"not a delivery", newMemory(), request(http.MethodHead, one), 405},
		"unsigned":             {"a stranger is told to go", newMemory(), unsigned(one), 403},
		"unsigned nonsense":    {"nothing is parsed before the signature", newMemory(), unsigned(`{`), 403},
		"not JSON":             {"a repetition would read the same", newMemory(), request(http.MethodPost, `created`), 400},
		"an object":            {"a delivery that is not in an array is one event", newMemory(), request(http.MethodPost, taskEvent(1, 1, "created", noon)), 200},
		"two objects":          {"then it is no JSON", newMemory(), request(http.MethodPost, `{}{}`), 400},
		"as large as allowed":  {"the limit itself is allowed", newMemory(), request(http.MethodPost, "["+strings.Repeat(" ", eventstream.MaxBody-2)+"]"), 200},
		"too large":            {"it will not shrink", newMemory(), request(http.MethodPost, "["+strings.Repeat(" ", eventstream.MaxBody-1)+"]"), 413},
		"too large, unsigned":  {"nothing of it is read", newMemory(), unsigned(strings.Repeat(" ", eventstream.MaxBody+1)), 403},
		"broken off":           {"the next attempt may arrive whole", newMemory(), broken, 503},
		"broken off, forged":   {"a stranger who hangs up is no fault of ours: his body is never read", newMemory(), forged, 429},
		"load fails":           {"Sync may be back at the next attempt", &memory{fault: down("load")}, request(http.MethodPost, one), 503},
		"create fails":         {"Sync may be back at the next attempt", &memory{fault: down("create")}, request(http.MethodPost, one), 503},
		"save fails":           {"Sync may be back at the next attempt", func() *memory { m := newMemory(known); m.fault = down("save"); return m }(), request(http.MethodPost, one), 503},
		"conflicts for ever":   {"better again than never", &memory{fault: conflict}, request(http.MethodPost, one), 503},
		"record of the future": {"a newer flexsweep will store it, within 4 hours", &memory{fault: func(string, string) error { return errors.New("read record: it has schema version 9") }}, request(http.MethodPost, one), 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			newHook(row.memory).ServeHTTP(w, row.request)
			if w.Code != row.want {
				t.Errorf("%s: got %d, want %d: %s", row.reason, w.Code, row.want, w.Body)
			}
			if (w.Code == 405) != (w.Header().Get("Allow") == http.MethodPost) {
				t.Errorf("status %d with Allow: %q", w.Code, w.Header().Get("Allow"))
			}
			if calls := row.memory.took(); w.Code >= 400 && w.Code < 500 && len(calls) > 0 {
				t.Errorf("refused, yet the ledger was asked: %v", calls)
			}
		})
	}
}

func conflict(operation, _ string) error {
	if operation == "create" {
		return ledger.ErrConflict
	}
	return nil
}

// The figures of the design: 2 requests for a channel never heard of, 1 for a known one,
// none for what is no news. They are exact.
func TestCallsPerEvent(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	stranger := newHook(h.memory) // another instance on the same ledger
	for _, step := range []struct {
		reason string
		hook   hook
		body   string
		want   []string
	}{
		{"a cold instance, a new channel", h, array(taskEvent(1, 1, "created", noon)), []string{"load", "create"}},
		{"a duplicate is no news", h, array(taskEvent(1, 1, "created", noon)), nil},
		{"a known channel", h, array(taskEvent(1, 1, "wrapup", noon)), []string{"save"}},
		{"several events of one channel", h, array(taskEvent(1, 1, "completed", noon), taskEvent(1, 2, "created", noon), taskEvent(1, 1, "created", noon)), []string{"save"}},
		{"a late event is no news", h, array(taskEvent(1, 1, "wrapup", noon)), nil},
		{"a cold instance, a known channel", stranger, array(taskEvent(1, 2, "wrapup", noon)), []string{"load", "save"}},
		{"a revision that another instance replaced costs one retry", h, array(taskEvent(1, 2, "completed", noon)), []string{"save", "load", "save"}},
		{"a cold instance, a duplicate", newHook(h.memory), array(taskEvent(1, 2, "completed", noon)), []string{"load"}},
		{"what is ignored", h, `[{"id":"EZ1","type":"com.twilio.taskrouter.task.updated"}]`, nil},
	} {
		h.memory.took()
		if w := step.hook.deliver(step.body); w.Code != http.StatusOK {
			t.Fatalf("%s: status %d", step.reason, w.Code)
		}
		if d := cmp.Diff(step.want, h.memory.took()); d != "" {
			t.Errorf("%s (-want +got):\n%s", step.reason, d)
		}
	}
}

func TestOneBadEventCostsNoOther(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	var events []string
	for n := range 499 {
		events = append(events, taskEvent(n, n, "created", noon))
	}
	poison := strings.Replace(taskEvent(999, 999, "created", noon), `{\"channelSid\"`, `{channelSid`, 1)
	if w := h.deliver(array(slices.Insert(events, 250, poison)...)); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	if got := len(h.memory.records()); got != 499 {
		t.Errorf("%d of 499 channels are stored", got)
	}
	if d := cmp.Diff(map[string]int{"received": 500, "applied": 499, "quarantined": 1}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
	if !strings.Contains(h.lines.String(), `"event":"EZ999-created"`) {
		t.Error("the log does not name the quarantined event")
	}
}

// The sink's test event leaves a line that can be found by its id, and touches nothing.
func TestTestEvent(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	h.deliver(`[{"id":"AC1","type":"com.twilio.eventstreams.test-event","data":{"test_id":"x-1"}}]`)
	if d := cmp.Diff(map[string]int{"received": 1, "ignored": 1}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
	if line := h.logged(t)[0]; line["msg"] != "test event received" || line["event"] != "AC1" || line["test_id"] != "x-1" || line["level"] != "INFO" {
		t.Errorf("the line is %v", line)
	}
	if calls := h.memory.took(); len(calls) > 0 {
		t.Errorf("the ledger was asked: %v", calls)
	}
}

func TestOneFailingChannelCostsNoOther(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	h.memory.fault = func(_, failing string) error {
		if failing == sid("CH", 2) {
			return errors.New("Sync refuses")
		}
		return nil
	}
	body := array(taskEvent(1, 1, "created", noon), taskEvent(2, 2, "created", noon), taskEvent(2, 3, "created", noon), taskEvent(3, 4, "created", noon))
	if w := h.deliver(body); w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d: the failed events would be lost", w.Code)
	}
	if d := cmp.Diff(map[string]int{"received": 4, "applied": 2, "failed": 2}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
	h.memory.fault = nil
	if w := h.deliver(body); w.Code != http.StatusOK {
		t.Errorf("status %d at the next attempt", w.Code)
	}
	if d := cmp.Diff(map[string]int{"received": 4, "applied": 2, "unchanged": 2}, h.summary(t)); d != "" {
		t.Errorf("the summary of the next attempt (-want +got):\n%s", d)
	}
}

// A tombstone that comes to life again must not be collected under a live channel.
func TestRevivedTombstoneLosesItsTTL(t *testing.T) {
	t.Parallel()
	retired := func(d channel.Disposition) channel.Record {
		r := channel.Apply(channel.Record{}, channel.Event{ChannelSID: sid("CH", 1), TaskSID: sid("WT", 1), Phase: channel.Ended, Time: noon.Add(-time.Hour)})
		r.Status, r.Retirement = channel.Retired, &channel.Retirement{Target: channel.Target{Disposition: d}, Result: channel.Done}
		return r
	}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		want   ledger.TTL
	}{
		"deactivated": {"it is tracked again, for ever", retired(channel.Deactivate), ledger.NoTTL},
		"closed":      {"it stays retired, and may go", retired(channel.Close), ledger.KeepTTL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHook(newMemory(row.record))
			if w := h.deliver(array(taskEvent(1, 2, "created", noon))); w.Code != http.StatusOK {
				t.Fatalf("status %d", w.Code)
			}
			if d := cmp.Diff([]ledger.TTL{row.want}, h.memory.ttls); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// Two instances, many deliveries at once, each repeated until it is acknowledged, as
// Twilio does: the ledger must be the fold of the events.
func TestInstancesRace(t *testing.T) {
	t.Parallel()
	shared := newMemory()
	instances := []hook{newHook(shared), newHook(shared)}
	var bodies []string
	want := map[string]channel.Record{}
	for task := range 24 {
		ch := task % 3
		for step, kind := range []string{"created", "wrapup", "completed"} {
			at := noon.Add(time.Duration(step-60) * time.Minute)
			bodies = append(bodies, array(taskEvent(ch, task, kind, at)))
			e := channel.Event{ChannelSID: sid("CH", ch), Backend: channel.Chat, TaskSID: sid("WT", task), Time: at}
			e.Phase = []channel.Phase{channel.Open, channel.Wrapping, channel.Ended}[step]
			if e.Created = kind == "created"; kind == "completed" {
				e.Outcome = kind
			}
			want[e.ChannelSID] = channel.Apply(want[e.ChannelSID], e)
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	var group sync.WaitGroup
	for i, body := range bodies {
		group.Go(func() {
			for instances[i%2].deliver(body).Code != http.StatusOK {
			}
		})
	}
	group.Wait()
	if d := cmp.Diff(want, shared.records()); d != "" {
		t.Errorf("the ledger is not the fold of the events (-want +got):\n%s", d)
	}
}

// Whatever an event contains, the log and the answer show identifiers and counts only.
func TestNoPersonalDataLeaks(t *testing.T) {
	t.Parallel()
	const canary = "Ann Canary +15550100"
	attributes := fmt.Sprintf(`{"channelSid":%q,"customerName":%q,"from":%q,"channelType":%q,"flexInteractionSid":%q}`, sid("CH", 1), canary, canary, canary, canary)
	whole := func(attributes string) string {
		return fmt.Sprintf(`{"id":"EZ1","type":"com.twilio.taskrouter.task.created","data":{"account_friendly_name":%q,"payload":{"task_sid":%q,"workspace_name":%q,"task_attributes":%q}}}`, canary, sid("WT", 1), canary, attributes)
	}
	for name, body := range map[string]string{
		"stored":              array(whole(attributes)),
		"attributes cut off":  array(whole(attributes[:len(attributes)-1])),
		"a malformed channel": array(whole(`{"channelSid":"` + canary + `"}`)),
		"as its type":         `[{"id":"EZ1","type":"` + canary + `"}]`,
		"as its id":           array(strings.Replace(whole(attributes), "EZ1", canary, 1)),
		"as its task":         array(strings.Replace(whole(attributes), sid("WT", 1), canary, 1)),
		"as its time":         `[{"id":"EZ1","type":"com.twilio.taskrouter.task.created","time":"` + canary + `","data":{"payload":{"timestamp":"` + canary + `"}}}]`,
		"as its data":         `[{"id":"EZ1","type":"com.twilio.taskrouter.task.created","data":"` + canary + `"}]`,
		"as the test's id":    `[{"id":"EZ1","type":"com.twilio.eventstreams.test-event","data":{"test_id":"` + canary + `"}}]`,
		"as the event":        `["` + canary + `"]`,
		"as the body":         canary,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHook(newMemory())
			h.memory.fault = func(operation, _ string) error {
				if operation == "create" && name != "stored" {
					return errors.New("Sync is down")
				}
				return nil
			}
			w := h.deliver(body)
			stored, _ := json.Marshal(h.memory.records())
			for what, text := range map[string]string{"log": h.lines.String(), "answer": w.Body.String(), "ledger": string(stored)} {
				for _, secret := range []string{"Canary", "5550100", token} {
					if strings.Contains(text, secret) {
						t.Errorf("the %s contains %q: %s", what, secret, text)
					}
				}
			}
		})
	}
}

// FuzzWebhookBody: any body that Twilio may have signed is answered 200 or 400, whatever
// is stored is a record of the channel it is stored under, and a second delivery of the
// same leaves the ledger as it is.
func FuzzWebhookBody(f *testing.F) {
	for _, seed := range []string{
		`[]`, `null`, `[null,5,"x",[],{}]`, array(taskEvent(1, 1, "created", noon), taskEvent(1, 1, "completed", noon.Add(time.Hour))),
		`[{"id":"AC1","type":"com.twilio.eventstreams.test-event","data":{"test_id":"x"}}]`,
		`[{"type":"com.twilio.taskrouter.task.created","data":{"payload":{"task_sid":"` + sid("WT", 1) + `","timestamp":1772362800,"task_attributes":{"conversations":{"media":[{"sid":"` + sid("CH", 1) + `"}]}}}}}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if body == "" {
			return // attempt takes it for its default
		}
		h := newHook(newMemory())
		first := h.deliver(body)
		if first.Code != http.StatusOK && first.Code != http.StatusBadRequest {
			t.Errorf("status %d", first.Code)
		}
		stored := h.memory.records()
		for key, r := range stored {
			if _, err := channel.Decode(encode(t, r)); err != nil || r.SID != key || len(r.Tasks) == 0 {
				t.Errorf("stored under %s: %+v (%v)", key, r, err)
			}
		}
		if again := h.deliver(body); again.Code != first.Code {
			t.Errorf("status %d, and %d at the second delivery", first.Code, again.Code)
		}
		if d := cmp.Diff(stored, h.memory.records()); d != "" {
			t.Errorf("the second delivery changed the ledger (-first +second):\n%s", d)
		}
		for line := range strings.Lines(h.lines.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("a line of the log is not JSON: %q", line)
			}
		}
	})
}

func encode(t *testing.T, r channel.Record) []byte {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
