package main

import (
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/world"
)

// What people do in a contact centre, and what time and the schedule do.

func (s *script) newChat(ts *testscript.TestScript, args []string) error {
	attributes := marked
	if len(args) > 1 {
		attributes = args[1]
	}
	s.named(ts, args[0], s.NewChatWith(attributes))
	return nil
}

func (s *script) newConversation(ts *testscript.TestScript, args []string) error {
	s.named(ts, args[0], s.NewThread(s.Services[0], "{}", false))
	return nil
}

func (s *script) named(ts *testscript.TestScript, name string, c *world.Thread) {
	s.threads[name] = c
	ts.Setenv(name, c.SID)
}

func (s *script) newInteraction(_ *testscript.TestScript, args []string) error {
	c := s.threads[args[0]]
	c.Interaction, c.Unit = s.Fake.NewInteraction(c.SID, c.Kind)
	return nil
}

func (s *script) many(_ *testscript.TestScript, args []string) error {
	n, err := strconv.Atoi(args[0])
	for range n {
		s.NewChatWith(marked)
	}
	return err
}

func (s *script) newTask(_ *testscript.TestScript, args []string) error {
	c := s.threads[args[0]]
	if len(args) > 1 {
		c.Kind = args[1]
	}
	s.jobs[args[0]] = c.NewTask()
	return nil
}

func (s *script) wrap(_ *testscript.TestScript, args []string) error {
	s.jobs[args[0]].Becomes("wrapping")
	return nil
}

func (s *script) end(_ *testscript.TestScript, args []string) error {
	for _, name := range args {
		s.jobs[name].Complete()
	}
	return nil
}

func (s *script) say(_ *testscript.TestScript, args []string) error {
	s.Fake.Say(s.threads[args[0]].SID, "customer", "hello")
	return nil
}

func (s *script) pass(_ *testscript.TestScript, args []string) error {
	d, err := time.ParseDuration(args[0])
	s.Pass(d)
	return err
}

func (s *script) deaf(*testscript.TestScript, []string) error { s.Deliver = world.Drop; return nil }
func (s *script) hear(*testscript.TestScript, []string) error { s.Deliver = nil; return nil }

func (s *script) scheduled(*testscript.TestScript, []string) error {
	s.Sweep("{}")
	return nil
}

func (s *script) dry(*testscript.TestScript, []string) error { s.DryRun = true; return nil }
