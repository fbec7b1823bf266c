package page

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// stage is a fake with its page, served at an address of its own.
type stage struct {
	t         *testing.T
	fake      *faketwilio.Server
	address   string
	stop      func()
	sync      string // SIDs
	chat      string
	workspace string
}

const eventType = "com.twilio.taskrouter.task.created"

// newStage makes an empty world: services, and a sink that answers with the statuses in turn, the last one for ever.
func newStage(t *testing.T, statuses ...int) *stage {
	t.Helper()
	answers := make(chan int, len(statuses))
	for _, status := range statuses {
		answers <- status
	}
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case status := <-answers:
			w.WriteHeader(status)
		default:
		}
	}))
	t.Cleanup(sink.Close)
	fake := faketwilio.New(faketwilio.Options{Seed: 1})
	Mount(fake)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	fake.NewSubscription(fake.NewSink(sink.URL+"/EventStreams"), eventType, "com.twilio.taskrouter.task.completed")
	return &stage{
		t: t, fake: fake, address: server.URL, stop: server.Close,
		sync: fake.NewSyncService("flexsweep"), chat: fake.NewChatService("Flex Chat"), workspace: fake.NewWorkspace("Flex"),
	}
}

// document writes a Sync Document through Twilio's own API.
func (s *stage) document(name, data string) {
	s.t.Helper()
	s.call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+s.sync+"/Documents", url.Values{"UniqueName": {name}, "Data": {data}})
}

// call asks a product of Twilio; what it answers is for the journal.
func (s *stage) call(method, address string, form url.Values) {
	s.t.Helper()
	s.callWith(s.t.Context(), method, address, form)
}

func (s *stage) callWith(ctx context.Context, method, address string, form url.Values) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials := s.fake.Credentials()
	request.SetBasicAuth(credentials.APIKey, credentials.APISecret)
	response, err := s.fake.Transport().RoundTrip(request)
	if err != nil {
		return // a fault broke the connection, which is an entry of the journal as well
	}
	response.Body.Close()
}

// populate makes a small contact centre: channels in each state, their records and tasks.
func (s *stage) populate() {
	s.t.Helper()
	for i, attributes := range []string{
		`{"channel_type":"sms","from":"+15550100","long_lived":true,"status":"ACTIVE"}`,
		`{"channel_type":"web","long_lived":false,"status":"INACTIVE","order":12345678901234567890}`,
		`{"channel_type":"whatsapp"}`,
		`not JSON`,
	} {
		ch := s.fake.NewChannel(s.chat, attributes)
		s.fake.Say(ch, "+15550100", "Is anybody there?")
		s.document("flexsweep-"+ch, fmt.Sprintf(
			`{"v":1,"channel":%q,"status":%q,"tasks":{}}`, ch, []string{"tracking", "retired", "retiring", "tracking"}[i]))
		s.fake.Clock().Advance(time.Duration(i) * 25 * time.Minute)
		task := s.fake.NewTask(s.workspace, fmt.Sprintf(`{"channelSid":%q,"channelType":"sms"}`, ch))
		if i == 3 {
			s.fake.SetTask(task, "completed")
		}
	}
	closed := s.fake.NewConversation(s.chat, `{}`)
	s.fake.NewInteraction(closed, "whatsapp")
	s.call(http.MethodPost, "https://conversations.twilio.com/v1/Services/"+s.chat+"/Conversations/"+closed, url.Values{"State": {"closed"}})
	s.call(http.MethodGet, "https://sync.twilio.com/v1/Services/"+s.sync+"/Documents?PageSize=50", nil)
	s.call(http.MethodGet, "https://sync.twilio.com/v1/Services/"+s.sync+"/Documents/nobody", nil)
	s.fake.Faults().Add(faketwilio.Fault{Product: "chat", Reset: true, Times: 1})
	s.call(http.MethodGet, "https://chat.twilio.com/v2/Services/"+s.chat, nil)
	s.fake.Faults().Clear()
	s.fake.Flush()
}
