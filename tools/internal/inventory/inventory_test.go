package inventory_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
	"github.com/flexsweep/flexsweep/tools/internal/inventory"
)

const (
	ch  = "CH0123456789abcdef0123456789abcdef"
	ch2 = "CHfedcba9876543210fedcba9876543210"
	is  = "IS0123456789abcdef0123456789abcdef"
)

// answers is a Twilio that says the same whenever it is asked; 404 to all else.
type answers map[string]string

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	body, known := a[r.URL.Host+r.URL.Path]
	if !known {
		w.WriteHeader(http.StatusNotFound)
		body = `{"status":404,"code":20404,"message":"not found"}`
	}
	_, _ = io.WriteString(w, body)
	return w.Result(), nil
}

func (a answers) client() *twilio.Client {
	return twilio.New(twilio.Config{
		AccountSID: "AC1", Username: "SK1", Password: "secret", RequestsPerSecond: 10_000, Transport: a,
		Sleep: func(context.Context, time.Duration) error { return nil },
	})
}

var noon = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

func task(n int, status, attributes string) string {
	return fmt.Sprintf(`{"sid":"WT%032d","assignment_status":%q,"attributes":%s,"date_created":"2026-01-05T12:00:00Z","date_updated":"2026-01-05T12:30:00Z"}`, n, status, attributes)
}

func onChannel(sid string) string {
	return fmt.Sprintf("%q", `{"channelSid":"`+sid+`","channelType":"SMS"}`)
}

func TestReadTasks(t *testing.T) {
	t.Parallel()
	const tasks = "taskrouter.twilio.com/v1/Workspaces/WS1/Tasks"
	for _, row := range []struct {
		name       string
		listed     []string
		single     map[int]string // answers to fetching one
		want       map[string]string
		unreadable int
		reason     string
	}{
		{"open since it began", []string{task(1, "assigned", onChannel(ch))}, nil, map[string]string{ch: "open 12:00 "}, 0, "what happened to it since does not make it younger"},
		{"wrapping", []string{task(1, "wrapping", onChannel(ch))}, nil, map[string]string{ch: "wrapping 12:30 "}, 0, "since it was updated last"},
		{"ended", []string{task(1, "canceled", onChannel(ch))}, nil, map[string]string{ch: "ended 12:30 canceled"}, 0, "TaskRouter keeps it for minutes"},
		{"status nobody knows", []string{task(1, "paused", onChannel(ch))}, nil, map[string]string{ch: "open 12:00 "}, 0, "a channel is rather kept"},
		{"attributes left out", []string{task(1, "assigned", "null")}, map[int]string{1: task(1, "assigned", onChannel(ch2))}, map[string]string{ch2: "open 12:00 "}, 0, "the reference says that a list leaves them out"},
		{"gone since it was listed", []string{task(1, "assigned", "null"), task(2, "assigned", onChannel(ch))}, nil, map[string]string{ch: "open 12:00 "}, 0, "it has ended"},
		{"a call", []string{task(1, "assigned", `"{\"call_sid\":\"CA1\"}"`)}, nil, map[string]string{}, 0, "it is on no channel"},
		{"unreadable", []string{task(1, "assigned", `"no JSON"`), task(2, "assigned", `"{\"channelSid\":\"CH1\"}"`)}, nil, map[string]string{}, 2, "somebody must look at them"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			a := answers{
				"taskrouter.twilio.com/v1/Workspaces": `{"workspaces":[{"sid":"WS1"}],"meta":{}}`,
				tasks:                                 `{"tasks":[` + strings.Join(row.listed, ",") + `],"meta":{}}`,
			}
			for n, body := range row.single {
				a[fmt.Sprintf("%s/WT%032d", tasks, n)] = body
			}
			got, err := inventory.ReadTasks(t.Context(), a.client(), func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			of := map[string]string{}
			for sid, list := range got.Of {
				for _, x := range list {
					of[sid] += fmt.Sprintf("%s %s %s", x.Phase, x.Time.Format("15:04"), x.Outcome)
				}
			}
			if diff := cmp.Diff(row.want, of); diff != "" || len(got.Unreadable) != row.unreadable || got.Listed != len(row.listed) {
				t.Errorf("%d unreadable, %d listed: %s (-want +got):\n%s", len(got.Unreadable), got.Listed, row.reason, diff)
			}
		})
	}
}

func TestChats(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, attributes string
		life             inventory.Life
		marked           bool
		kind             string
		reason           string
	}{
		{"long-lived", `{"long_lived":true,"status":"ACTIVE"}`, inventory.LongLived, true, "", "as Flex makes it"},
		{"as text", `{"long_lived":"true","channel_type":"Web"}`, inventory.LongLived, true, "web", "some write it so"},
		{"inactive and long-lived", `{"long_lived":true,"status":"INACTIVE"}`, inventory.LongLived, true, "", "the next message still goes into it"},
		{"retired", `{"status":"INACTIVE","long_lived":false}`, inventory.Retired, true, "", "both are needed"},
		{"half retired", `{"long_lived":false,"status":"ACTIVE"}`, inventory.Usable, true, "", "Flex ends it by itself"},
		{"not long-lived", `{"status":"ACTIVE"}`, inventory.Usable, true, "", "Flex ends it by itself"},
		{"a conversation", `{}`, inventory.Usable, false, "", "nothing says that it was made for chat"},
		{"no JSON", `nonsense`, inventory.Usable, false, "", "it is left alone"},
		{"type that is none", `{"long_lived":true,"channel_type":{"a":1}}`, inventory.LongLived, true, "", "a type is a plain word"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			a := answers{"chat.twilio.com/v2/Services/" + is + "/Channels": fmt.Sprintf(
				`{"channels":[{"sid":%q,"attributes":%q,"date_created":"2026-01-05T12:00:00Z","date_updated":"2026-01-05T12:00:00Z"}],"meta":{}}`, ch, row.attributes)}
			var got []inventory.Channel
			err := inventory.Chats(t.Context(), a.client(), is, func(page []inventory.Channel) error { got = append(got, page...); return nil })
			want := []inventory.Channel{{SID: ch, Service: is, Backend: channel.Chat, Type: row.kind, Life: row.life, Marked: row.marked, Created: noon, Updated: noon}}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v: %s (-want +got):\n%s", err, row.reason, diff)
			}
		})
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	const other = "IS00000000000000000000000000000001"
	a := answers{
		"conversations.twilio.com/v1/Services/" + is + "/Conversations/" + ch: `{"sid":"` + ch + `","state":"closed","attributes":"{}"}`,
		"chat.twilio.com/v2/Services/" + is + "/Channels/" + ch2:              `{"sid":"` + ch2 + `","attributes":"{\"long_lived\":true}"}`,
	}
	for _, row := range []struct {
		name   string
		record channel.Record
		want   inventory.Life
		reason string
	}{
		{"closed", channel.Record{SID: ch, Backend: channel.Conversations}, inventory.Retired, "the second service has it"},
		{"its own service", channel.Record{SID: ch, Backend: channel.Conversations, ServiceSID: other}, inventory.Gone, "where the record says, and nowhere else"},
		{"chat", channel.Record{SID: ch2, Backend: channel.Chat}, inventory.LongLived, "chat's API is asked for chat channels"},
		{"gone", channel.Record{SID: ch, Backend: channel.Chat}, inventory.Gone, "no service has it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.Fetch(t.Context(), a.client(), row.record, []string{other, is})
			if err != nil || got.Life != row.want {
				t.Errorf("%q, %v, want %q: %s", got.Life, err, row.want, row.reason)
			}
		})
	}
}

func TestReadSample(t *testing.T) {
	t.Parallel()
	const wt = "WT00000000000000000000000000000001"
	document := func(name, event, attributes, sid string) string {
		return fmt.Sprintf(`{"unique_name":%q,"data":{"eventtype":%q,"timestamp":"2026-01-05T12:00:00.000Z","taskattributes":%q,"msg":{"task_sid":%q,"task_attributes":"{}"}}}`, name, event, attributes, sid)
	}
	for _, row := range []struct {
		name, document string
		want           string // phase, outcome, task, type
		unreadable     int
		reason         string
	}{
		{"ended", document("ChannelSIDIS"+ch, "task.completed", `{"channelSid":"`+ch+`","channelType":"web"}`, wt), "ended completed " + wt + " web", 0, "the sample was told of the end"},
		{"canceled", document("ChannelSIDIS"+ch, "task.canceled", `{"channelSid":"`+ch+`"}`, wt), "ended canceled " + wt + " ", 0, "an end, too, though the sample did not think so"},
		{"begun", document("ChannelSIDIS"+ch, "task.created", `{"channelSid":"`+ch+`"}`, wt), "open  " + wt + " ", 0, "no end is known"},
		{"in wrap-up", document("ChannelSIDIS"+ch, "task.wrapup", `{"channelSid":"`+ch+`"}`, wt), "wrapping  " + wt + " ", 0, "no end is known"},
		{"no task", document("ChannelSIDIS"+ch, "task.completed", `{"channelSid":"`+ch+`"}`, "none"), "ended completed sample ", 0, "the end counts without it"},
		{"attributes of another", document("ChannelSIDIS"+ch, "task.completed", `{"channelSid":"`+ch2+`","channelType":"web"}`, wt), "ended completed " + wt + " ", 0, "the name says which channel it is"},
		{"a call", document("ChannelSIDISundefined", "task.completed", `{}`, wt), "", 1, "the sample's own mistake"},
		{"no time", `{"unique_name":"ChannelSIDIS` + ch + `","data":{"eventtype":"task.completed"}}`, "", 1, "without a time it says nothing"},
		{"not the sample's", document("flexsweep-"+ch, "task.completed", `{}`, wt), "", 0, "others use the service, too"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			a := answers{"sync.twilio.com/v1/Services/" + is + "/Documents": `{"documents":[` + row.document + `],"meta":{}}`}
			records, unreadable, err := inventory.ReadSample(t.Context(), a.client(), is, inventory.SamplePrefix, func(int) {})
			if err != nil || unreadable != row.unreadable {
				t.Fatalf("%d unreadable, %v, want %d: %s", unreadable, err, row.unreadable, row.reason)
			}
			got := ""
			if r, ok := records[ch]; ok {
				got = fmt.Sprintf("%s %s %s %s", r.Phase, r.Outcome, r.TaskSID, r.Type)
			}
			if got != row.want {
				t.Errorf("%q, want %q: %s", got, row.want, row.reason)
			}
		})
	}
}
