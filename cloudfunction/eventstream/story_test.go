package eventstream_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

var (
	account, otherAccount     = sid("AC", 1), sid("AC", 2)
	workspace, otherWorkspace = sid("WS", 1), sid("WS", 2)
)

// happening is a TaskRouter event of a task, with everything that flexsweep reads.
type happening struct {
	task               int
	kind               string
	at                 time.Time
	attributes         string
	account, workspace string // default: ours
}

func (e happening) String() string {
	if e.account == "" {
		e.account = account
	}
	if e.workspace == "" {
		e.workspace = workspace
	}
	return fmt.Sprintf(`{"id":"EZ%d-%s","type":"com.twilio.taskrouter.task.%s","data":{"account_sid":%q,"payload":{"account_sid":%q,"workspace_sid":%q,"timestamp":%q,"task_sid":%q,"task_attributes":%q}}}`,
		e.task, e.kind, e.kind, e.account, e.account, e.workspace, e.at.Format("2006-01-02T15:04:05.000Z"), sid("WT", e.task), e.attributes)
}

func chat(n int) string { return `{"channelSid":"` + sid("CH", n) + `"}` }

// story is a webhook whose clock is turned, over a ledger in memory.
type story struct {
	hook
	t   *testing.T
	now time.Time
}

func newStory(t *testing.T) *story {
	t.Helper()
	s := &story{t: t, now: noon}
	s.hook = s.instance(newMemory())
	return s
}

// instance returns a webhook that remembers nothing.
func (s *story) instance(m *memory) hook {
	config := eventstream.Config{Verifier: verifier, Account: account, Workspaces: []string{workspace}}
	return newHookAt(m, config, func() time.Time { return s.now })
}

// tell delivers an event by itself.
func (s *story) tell(e happening) {
	s.t.Helper()
	if w := s.deliver(array(e.String())); w.Code != http.StatusOK {
		s.t.Fatalf("%s of task %d: status %d", e.kind, e.task, w.Code)
	}
}

// ledger is the ledger as text, to compare.
func (s *story) ledger() string {
	s.t.Helper()
	text, err := json.Marshal(s.memory.records())
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// alerts returns the lines of a message.
func (s *story) alerts(message string) (found []map[string]any) {
	s.t.Helper()
	for _, line := range s.logged(s.t) {
		if line["msg"] == message {
			found = append(found, line)
		}
	}
	return found
}
