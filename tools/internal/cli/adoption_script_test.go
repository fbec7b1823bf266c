package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

var updateScripts = flag.Bool("update", false, "write the expected output in the scripts anew")

// TestAdoptionScripts plays backfill, reconcile and doctor as a person types them, each
// script in an account of its own. The scripts' words, besides flexsweep:
//
//	chat NAME [ATTRIBUTES]   a chat channel, long-lived unless the attributes say otherwise
//	conversation NAME        a conversation
//	many COUNT               so many long-lived chat channels
//	task NAME [TYPE]         a task on it begins
//	wrap NAME, end NAME      the task goes to wrap-up; it ends
//	say NAME                 the customer writes
//	pass 48h                 time goes by
//	deaf, hear               the webhook loses all events; it listens again
//	scheduled                the schedule sweeps
//	sample NAME EVENT        the sample has a record of the channel, whose last event was EVENT
//	twilio METHOD WHAT [KEY=VALUE…]   somebody else changes a chat channel (chat/NAME), a conversation
//	                         (conversation/NAME), the sink or the subscribed event TYPE (type/TYPE)
//	fault STATUS METHOD PATH Twilio answers so from now on; "fault off" ends it
//	setting NAME VALUE       the applied webhook has this environment variable
//	output NAME VALUE        Terraform knows this output
//	answer yes               what the operator answers to the next question
//	code N                   the exit code of the last command
//	record NAME TEXT         the ledger's record of the channel contains the text
func TestAdoptionScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/adoption", UpdateScripts: *updateScripts, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			a, err := newAccount(env.Defer)
			if err != nil {
				return err
			}
			env.Values[adoptionKey{}] = &adoption{account: a, tasks: map[string]string{}, dir: env.WorkDir}
			env.Setenv("SAMPLE_SERVICE", a.sample)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"flexsweep": runAdoption, "chat": play((*adoption).newChat), "conversation": play((*adoption).newConversation), "many": play((*adoption).many),
			"task": play((*adoption).newTask), "wrap": play((*adoption).wrapTask), "end": play((*adoption).endTask), "say": play((*adoption).say),
			"pass": play((*adoption).pass), "deaf": play((*adoption).setDeaf), "hear": play((*adoption).hear), "scheduled": play((*adoption).scheduled),
			"sample": play((*adoption).newSample), "twilio": play((*adoption).change), "fault": play((*adoption).fault), "setting": play((*adoption).setting),
			"output": play((*adoption).output), "answer": play((*adoption).answerNext), "code": play((*adoption).wantCode), "record": play((*adoption).wantRecord),
		},
	})
}

type adoptionKey struct{}

// adoption is an account with what its script has named.
type adoption struct {
	*account
	dir      string
	tasks    map[string]string // by channel
	said     string
	exitCode int
}

func play(do func(*adoption, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		err := do(ts.Value(adoptionKey{}).(*adoption), ts, args)
		switch {
		case err != nil && !neg:
			ts.Fatalf("%v", err)
		case err == nil && neg:
			ts.Fatalf("unexpected success")
		}
	}
}

// runAdoption runs one command line against the script's account.
func runAdoption(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(adoptionKey{}).(*adoption)
	outputs, err := s.writeOutputs(s.dir)
	ts.Check(err)
	settings := map[string]string{"TWILIO_API_SECRET": s.fake.Credentials().APISecret, "USER": "ann", "PATH": ""}
	program := cli.Program{
		In: strings.NewReader(s.said), Out: ts.Stdout(), Err: ts.Stderr(), Dir: ts.MkAbs("."), Version: "test",
		Env:       func(name string) (string, bool) { v, ok := settings[name]; return v, ok },
		Now:       func() time.Time { return faketwilio.DefaultStart },
		Transport: dated{http.DefaultTransport, ts.Getenv("SKEW")}, Sleep: noPause, Terminal: s.said != "",
	}
	s.said = ""
	s.exitCode = program.Run(context.Background(), append(args, "--outputs", outputs))
	if (s.exitCode != 0) != neg {
		ts.Fatalf("exit code %d", s.exitCode)
	}
}

// dated gives every answer a Date of the tests' own, off by skew.
type dated struct {
	next http.RoundTripper
	skew string
}

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := d.next.RoundTrip(r)
	if err == nil {
		skew, _ := time.ParseDuration(d.skew)
		res.Header.Set("Date", faketwilio.DefaultStart.Add(skew).Format(http.TimeFormat))
	}
	return res, err
}

func (s *adoption) sid(ts *testscript.TestScript, name string) string {
	if sid := ts.Getenv(name); sid != "" {
		return sid
	}
	return name
}

const marked = `{"from":"+15005550006","long_lived":true,"status":"ACTIVE","channel_type":"sms"}`

func (s *adoption) newChat(ts *testscript.TestScript, args []string) error {
	attributes := marked
	if len(args) > 1 {
		attributes = args[1]
	}
	ts.Setenv(args[0], s.fake.NewChannel(s.chat, attributes))
	return nil
}

func (s *adoption) newConversation(ts *testscript.TestScript, args []string) error {
	ts.Setenv(args[0], s.fake.NewConversation(s.chat, "{}"))
	return nil
}

func (s *adoption) many(_ *testscript.TestScript, args []string) error {
	n, err := strconv.Atoi(args[0])
	for range n {
		s.fake.NewChannel(s.chat, marked)
	}
	return err
}

func (s *adoption) newTask(ts *testscript.TestScript, args []string) error {
	sid, kind := s.sid(ts, args[0]), "sms"
	if len(args) > 1 {
		kind = args[1]
	}
	attribute := "channelSid"
	if kind == "whatsapp" { // in these scripts what is in conversations only
		attribute = "conversationSid"
	}
	s.tasks[sid] = s.fake.NewTask(s.workspace, fmt.Sprintf(`{%q:%q,"channelType":%q}`, attribute, sid, kind))
	return s.move(sid, "reserved", "assigned")
}

func (s *adoption) wrapTask(ts *testscript.TestScript, args []string) error {
	return s.move(s.sid(ts, args[0]), "wrapping")
}

func (s *adoption) endTask(ts *testscript.TestScript, args []string) error {
	return s.move(s.sid(ts, args[0]), "wrapping", "completed")
}

func (s *adoption) move(sid string, statuses ...string) error {
	for _, status := range statuses {
		s.fake.SetTask(s.tasks[sid], status)
	}
	s.fake.Flush()
	return nil
}

func (s *adoption) say(ts *testscript.TestScript, args []string) error {
	s.fake.Say(s.sid(ts, args[0]), "customer", "hello")
	return nil
}

func (s *adoption) pass(_ *testscript.TestScript, args []string) error {
	d, err := time.ParseDuration(args[0])
	s.fake.Clock().Advance(d)
	return err
}

func (s *adoption) setDeaf(*testscript.TestScript, []string) error { s.deaf.Store(true); return nil }
func (s *adoption) hear(*testscript.TestScript, []string) error    { s.deaf.Store(false); return nil }

func (s *adoption) scheduled(*testscript.TestScript, []string) error {
	return s.sweep(context.Background())
}

// newSample writes what the sample would have written: the last event with all its data.
func (s *adoption) newSample(ts *testscript.TestScript, args []string) error {
	sid := s.sid(ts, args[0])
	attributes := fmt.Sprintf(`{"channelSid":%q,"channelType":"web","name":"somebody"}`, sid)
	data, err := json.Marshal(map[string]any{
		"eventtype": args[1], "timestamp": s.fake.Clock().Now().UTC().Format("2006-01-02T15:04:05.000Z"), "taskattributes": attributes, "channelsid": sid,
		"msg": map[string]any{"task_sid": "WT0000000000000000000000000000005a", "task_attributes": attributes},
	})
	if err != nil {
		return err
	}
	_, err = s.twilio(http.MethodPost, "https://sync.twilio.com/v1/Services/"+s.account.sample+"/Documents",
		url.Values{"UniqueName": {"ChannelSIDIS" + sid}, "Data": {string(data)}})
	return err
}

// change is what others do in the account.
func (s *adoption) change(ts *testscript.TestScript, args []string) error {
	kind, name, _ := strings.Cut(args[1], "/")
	sid := s.sid(ts, name)
	address := map[string]string{
		"chat": s.channelURL(sid), "conversation": s.conversationURL(sid), "sink": "https://events.twilio.com/v1/Sinks/" + s.sink,
		"type": "https://events.twilio.com/v1/Subscriptions/" + s.subscription + "/SubscribedEvents/" + name,
		"sync": "https://sync.twilio.com/v1/Services/" + s.ledger,
	}[kind]
	form := url.Values{}
	for _, pair := range args[2:] {
		key, value, _ := strings.Cut(pair, "=")
		form.Set(key, value)
	}
	_, err := s.twilio(args[0], address, form)
	return err
}

func (s *adoption) fault(_ *testscript.TestScript, args []string) error {
	if args[0] == "off" {
		s.fake.Faults().Clear()
		return nil
	}
	status, err := strconv.Atoi(args[0])
	s.fake.Faults().Add(faketwilio.Fault{Status: status, Method: args[1], Path: args[2]})
	return err
}

func (s *adoption) setting(_ *testscript.TestScript, args []string) error {
	s.settings[args[0]] = args[1]
	return nil
}

func (s *adoption) output(_ *testscript.TestScript, args []string) error {
	s.outputs[args[0]] = args[1]
	return nil
}

func (s *adoption) answerNext(_ *testscript.TestScript, args []string) error {
	s.said = args[0] + "\n"
	return nil
}

func (s *adoption) wantCode(_ *testscript.TestScript, args []string) error {
	if got := strconv.Itoa(s.exitCode); got != args[0] {
		return fmt.Errorf("exit code %s, want %s", got, args[0])
	}
	return nil
}

func (s *adoption) wantRecord(ts *testscript.TestScript, args []string) error {
	doc, found := s.fake.Document(s.ledger, "flexsweep-"+s.sid(ts, args[0]))
	if !found || !strings.Contains(string(doc.Data), args[1]) {
		return fmt.Errorf("record %s (there: %t), want one with %s", doc.Data, found, args[1])
	}
	return nil
}

// lockedBuffer is a buffer that several may write to.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}
