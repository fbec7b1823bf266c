package operate_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

var update = flag.Bool("update", false, "write the expected output in the scripts anew")

// TestScripts plays the operators' commands as a person types them, each against a world
// of its own. The scripts' words, besides flexsweep:
//
//	chat NAME [TYPE]      a chat channel with a task of its own, both called by NAME
//	conversation NAME     the same with a conversation
//	end NAME              the agent ends the task
//	task NAME [TYPE]      the customer writes again
//	pass 48h              time goes by
//	scheduled             the schedule sweeps
//	fault STATUS METHOD PATH   Twilio answers so from now on; "fault off" ends it
//	delete NAME           somebody deletes the channel
//	answer yes            what the operator answers to the next question
//	code N                the exit code of the last command
//	attributes NAME TEXT  what Twilio has for the channel contains the text
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			w, err := startWorld(env.Defer)
			if err != nil {
				return err
			}
			s := &script{world: w, tasks: map[string]string{}}
			env.Values[scriptKey{}] = s
			s.outputsFile, err = s.writeOutputs(env.WorkDir)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"flexsweep": runTool, "chat": word((*script).newChat), "conversation": word((*script).newConversation), "end": word((*script).endTask),
			"task": word((*script).newTask), "pass": word((*script).pass), "scheduled": word((*script).scheduled), "fault": word((*script).fault),
			"delete": word((*script).delete), "answer": word((*script).sayLater), "code": word((*script).wantCode), "attributes": word((*script).wantAttributes),
		},
	})
}

type scriptKey struct{}

// script is a world with what its script has named.
type script struct {
	*world
	outputsFile string
	tasks       map[string]string // by channel
	answer      string
	exitCode    int
}

func word(do func(*script, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		err := do(ts.Value(scriptKey{}).(*script), ts, args)
		switch {
		case err != nil && !neg:
			ts.Fatalf("%v", err)
		case err == nil && neg:
			ts.Fatalf("unexpected success")
		}
	}
}

// runTool runs one command line, against the script's world.
func runTool(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(scriptKey{}).(*script)
	settings := map[string]string{"TWILIO_API_SECRET": s.fake.Credentials().APISecret, "USER": "ann", "FLEXSWEEP_IDENTITY_TOKEN": sweepToken}
	if ts.Getenv("SECRET") == "none" {
		delete(settings, "TWILIO_API_SECRET")
	}
	if token := ts.Getenv("TOKEN"); token != "" {
		settings["FLEXSWEEP_IDENTITY_TOKEN"] = token
	}
	program := cli.Program{
		In: strings.NewReader(s.answer), Out: ts.Stdout(), Err: ts.Stderr(), Dir: ts.MkAbs("."), Version: "test",
		Env:       func(name string) (string, bool) { v, ok := settings[name]; return v, ok },
		Now:       func() time.Time { return faketwilio.DefaultStart }, // the environment has its own clock
		Transport: http.DefaultTransport, Sleep: pauseNot, Terminal: s.answer != "",
	}
	s.answer = ""
	if args[0] != "__complete" && !slices.Contains(args, "--help") {
		args = append(args, "--outputs", s.outputsFile)
	}
	s.exitCode = program.Run(context.Background(), args)
	if (s.exitCode != 0) != neg {
		ts.Fatalf("exit code %d", s.exitCode)
	}
}

// channelOf reads a name or a SID.
func (s *script) channelOf(ts *testscript.TestScript, name string) string {
	if sid := ts.Getenv(name); sid != "" {
		return sid
	}
	return name
}

func (s *script) newChat(ts *testscript.TestScript, args []string) error {
	ts.Setenv(args[0], s.chatChannel())
	return s.newTask(ts, args)
}

func (s *script) newConversation(ts *testscript.TestScript, args []string) error {
	sid, task := s.conversation()
	ts.Setenv(args[0], sid)
	s.tasks[sid] = task
	return nil
}

func (s *script) newTask(ts *testscript.TestScript, args []string) error {
	sid, kind := s.channelOf(ts, args[0]), "sms"
	if len(args) > 1 {
		kind = args[1]
	}
	s.tasks[sid] = s.world.task(sid, kind)
	return nil
}

func (s *script) endTask(ts *testscript.TestScript, args []string) error {
	for _, name := range args {
		s.end(s.tasks[s.channelOf(ts, name)])
	}
	return nil
}

func (s *script) pass(_ *testscript.TestScript, args []string) error {
	d, err := time.ParseDuration(args[0])
	s.fake.Clock().Advance(d)
	return err
}

func (s *script) scheduled(*testscript.TestScript, []string) error {
	return s.sweep(context.Background())
}

func (s *script) fault(_ *testscript.TestScript, args []string) error {
	if args[0] == "off" {
		s.fake.Faults().Clear()
		return nil
	}
	status, err := strconv.Atoi(args[0])
	s.fake.Faults().Add(faketwilio.Fault{Status: status, Method: args[1], Path: args[2]})
	return err
}

func (s *script) delete(ts *testscript.TestScript, args []string) error {
	account := s.fake.Credentials()
	req, err := http.NewRequest(http.MethodDelete, "https://chat.twilio.com/v2/Services/"+s.world.chat+"/Channels/"+s.channelOf(ts, args[0]), nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(account.APIKey, account.APISecret)
	res, err := s.fake.Transport().RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("delete channel: %v, %w", res, err)
	}
	return nil
}

func (s *script) sayLater(_ *testscript.TestScript, args []string) error {
	s.answer = args[0] + "\n"
	return nil
}

func (s *script) wantCode(_ *testscript.TestScript, args []string) error {
	if got := strconv.Itoa(s.exitCode); got != args[0] {
		return fmt.Errorf("exit code %s, want %s", got, args[0])
	}
	return nil
}

func (s *script) wantAttributes(ts *testscript.TestScript, args []string) error {
	if got := s.world.attributes(s.channelOf(ts, args[0])); !strings.Contains(got, args[1]) {
		return fmt.Errorf("attributes %s, want some with %s", got, args[1])
	}
	return nil
}
