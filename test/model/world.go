package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// The attributes of a chat channel, as Flex wrote them and as a retirement leaves them.
// Whatever text the channel has at any other time has lost something.
const (
	liveAttributes    = `{"from":"web","long_lived":true,"pre": {"n":12345678901234567890, "f":1.10},"status":"ACTIVE","tail":[]}`
	retiredAttributes = `{"from":"web","long_lived":false,"pre": {"n":12345678901234567890, "f":1.10},"status":"INACTIVE","tail":[]}`
)

const prefix = "model-"

// world is the fake Twilio of one execution: one channel and its record.
type world struct {
	*faketwilio.Server
	backend backend
	start   time.Time // of the schedule
	token   string
	account string

	sync, chat, channel, workspace  string
	interaction, interactionChannel string
}

// image is a world at the moment when a schedule begins, to make more of its kind from.
type image struct {
	backend    backend
	document   json.RawMessage // nil: none yet
	attributes string
	closed     bool
}

// scheduleStart is when every schedule begins.
var scheduleStart = faketwilio.DefaultStart.Add(24 * time.Hour)

// newWorld makes a world whose clock shows the start of the schedule less early. SIDs
// come from the fake's seed, so they are the same in every world.
func newWorld(i image, early time.Duration) *world {
	server := faketwilio.New(faketwilio.Options{Seed: 1, Start: scheduleStart.Add(-early), JournalSize: 1, JournalBodies: -1})
	credentials := server.Credentials()
	w := &world{Server: server, backend: i.backend, start: scheduleStart, token: credentials.AuthToken, account: credentials.AccountSID}
	w.sync, w.chat, w.workspace = server.NewSyncService("ledger"), server.NewChatService("flex"), server.NewWorkspace("flex")
	w.channel = server.NewChannel(w.chat, i.attributes)
	if i.backend == onInteraction {
		w.interaction, w.interactionChannel = server.NewInteraction(w.channel, "sms")
	}
	if i.closed {
		w.call(conversationsHost, "/v1/Services/"+w.chat+"/Conversations/"+w.channel, url.Values{"State": {"closed"}})
	}
	if i.document != nil {
		w.call(syncHost, "/v1/Services/"+w.sync+"/Documents", url.Values{"UniqueName": {prefix + w.channel}, "Data": {string(i.document)}})
	}
	return w
}

const (
	syncHost          = "sync.twilio.com"
	conversationsHost = "conversations.twilio.com"
)

// call sets the world up through the fake's API.
func (w *world) call(host, path string, form url.Values) {
	request, err := http.NewRequest(http.MethodPost, "https://"+host+path, strings.NewReader(form.Encode()))
	if err != nil {
		panic("model: " + err.Error())
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(w.account, w.token)
	answer, err := w.Transport().RoundTrip(request)
	if err != nil || answer.StatusCode >= http.StatusBadRequest {
		panic(fmt.Sprintf("model: set up %s: %v %v", path, answer, err))
	}
}

// image returns what the world looks like.
func (w *world) image() image {
	v := w.view()
	i := image{backend: w.backend, attributes: v.attributes, closed: v.state == "closed"}
	if v.revision != "" {
		i.document = json.RawMessage(v.document)
	}
	return i
}

// view is all of the world that an answer of the fake can depend on while its clock
// stands still.
type view struct {
	revision, document string // "": no document
	expires            time.Time
	attributes, state  string
	messages           int
	interaction        string // the status of the interaction's channel
}

func (w *world) view() view {
	var v view
	if d, found := w.Document(w.sync, prefix+w.channel); found {
		v.revision, v.document, v.expires = d.Revision, string(d.Data), d.Expires
	}
	ch, _ := w.Conversation(w.channel)
	v.attributes, v.state, v.messages = ch.Attributes, ch.State, len(ch.Messages)
	if uo, found := w.InteractionChannel(w.interaction, w.interactionChannel); found {
		v.interaction = uo.Status
	}
	return v
}

// retired tells whether the channel is.
func (v view) retired() bool { return v.state == "closed" || v.attributes == retiredAttributes }

// record is what the checks read of a document. It is written down here once more, so
// that the checks do not share the code that they judge.
type record struct {
	Tasks  map[string]task `json:"tasks"`
	Status string          `json:"status"`
	Claim  *struct {
		Run  string    `json:"run"`
		Time time.Time `json:"time"`
		Done bool      `json:"done"`
	} `json:"claim"`
	Retirement *struct {
		Run         string `json:"run"`
		Disposition string `json:"disposition"`
	} `json:"retirement"`
}

type task struct {
	Phase   string    `json:"phase"`
	Time    time.Time `json:"time"`
	Outcome string    `json:"outcome"`
}

func (v view) record() record {
	var r record
	if v.document != "" {
		if err := json.Unmarshal([]byte(v.document), &r); err != nil {
			panic("model: read document: " + err.Error())
		}
	}
	return r
}
