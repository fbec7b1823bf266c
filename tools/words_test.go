package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/world"
)

type scriptKey struct{}

// script is an operator's tool with what the script has named.
type script struct {
	*tool
	threads  map[string]*world.Thread
	jobs     map[string]*world.Job // by thread, the newest
	applied  map[string]string     // other environment variables of the applied webhook
	outputs  map[string]string     // other outputs
	sample   string                // the Sync service of the original sample
	answer   string
	exitCode int
}

// words are what a script can say:
//
//	project                  the small project is laid out, and entered
//	chat NAME [ATTRIBUTES]   a chat channel, long-lived unless the attributes say otherwise; $NAME is its SID
//	conversation NAME        a conversation
//	interaction NAME         the conversation gets an interaction, as Flex makes it
//	many COUNT               so many long-lived chat channels
//	task NAME [TYPE]         a task on it begins
//	wrap NAME, end NAME…     the task goes to wrap-up; it ends
//	say NAME                 the customer writes
//	pass 48h                 time goes by
//	deaf, hear               the webhook loses all events; it listens again
//	scheduled                the schedule sweeps
//	dry                      the applied schedule sweeps dry, as it does at first
//	sample NAME EVENT        the sample has a record of the channel, whose last event was EVENT
//	twilio METHOD WHAT [KEY=VALUE…]   somebody else changes a chat channel (chat/NAME), a conversation
//	                         (conversation/NAME), the ledger (sync), the sink or the subscribed event TYPE (type/TYPE)
//	fault STATUS METHOD PATH Twilio answers so from now on; "fault off" ends it
//	setting NAME VALUE       both functions are deployed with this environment variable
//	applied NAME VALUE       the applied webhook has this environment variable, whatever runs
//	output NAME VALUE        Terraform knows this output
//	answer yes               what the operator answers to the next question
//	code N                   the exit code of the last command
//	attributes NAME TEXT     what Twilio has for the channel contains the text
//	record NAME TEXT         the ledger's record of the channel contains the text
//
// Of the script's variables, SECRET=none takes the API secret away, TOKEN is the operator's
// identity token, and SKEW how far the operator's clock is off.
func words() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"flexsweep": flexsweep, "project": word((*script).project),
		"chat": word((*script).newChat), "conversation": word((*script).newConversation),
		"interaction": word((*script).newInteraction), "many": word((*script).many), "task": word((*script).newTask), "wrap": word((*script).wrap),
		"end": word((*script).end), "say": word((*script).say), "pass": word((*script).pass), "deaf": word((*script).deaf), "hear": word((*script).hear),
		"scheduled": word((*script).scheduled), "dry": word((*script).dry), "sample": word((*script).newSample), "twilio": word((*script).twilio),
		"fault":   word((*script).fault),
		"setting": word((*script).setting), "applied": word((*script).setApplied), "output": word((*script).output), "answer": word((*script).setAnswer),
		"code": word((*script).wantCode), "attributes": word((*script).wantAttributes), "record": word((*script).wantRecord),
	}
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

// flexsweep runs one command line in the script's account.
func flexsweep(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(scriptKey{}).(*script)
	s.env = map[string]string{}
	if ts.Getenv("SECRET") == "none" {
		s.env["TWILIO_API_SECRET"] = ""
	}
	if token := ts.Getenv("TOKEN"); token != "" {
		s.env["FLEXSWEEP_IDENTITY_TOKEN"] = token
	}
	s.skew, _ = time.ParseDuration(ts.Getenv("SKEW"))
	s.dir = ts.MkAbs(".")
	outputs := s.Outputs()
	for name, value := range s.outputs {
		outputs[name] = value
	}
	webhook := outputs["functions"].(map[string]any)["EventStreams"].(map[string]any)["environment"].(map[string]string)
	for name, value := range s.applied {
		webhook[name] = value
	}
	answer := s.answer
	s.answer = ""
	var err error
	s.exitCode, err = s.run(context.Background(), answer, outputs, args)
	ts.Check(err)
	_, _ = s.out.WriteTo(ts.Stdout()) // both are buffers
	_, _ = s.err.WriteTo(ts.Stderr())
	if (s.exitCode != 0) != neg {
		ts.Fatalf("exit code %d", s.exitCode)
	}
}

func (s *script) project(ts *testscript.TestScript, _ []string) error {
	to := ts.MkAbs("project")
	if err := os.CopyFS(to, os.DirFS(filepath.Join("testdata", "project"))); err != nil {
		return err
	}
	return ts.Chdir(to)
}

func (s *script) setAnswer(_ *testscript.TestScript, args []string) error {
	s.answer = args[0] + "\n"
	return nil
}
