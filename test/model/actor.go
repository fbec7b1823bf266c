package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// effect is what becomes of an actor's next request.
type effect byte

const (
	proceeds   effect = '.' // it takes effect, and its answer arrives
	lost       effect = '?' // it takes effect, and its answer is lost
	diesBefore effect = 'x' // the actor dies before it
	diesAfter  effect = 'X' // it takes effect, and the actor dies before the answer
	ends       effect = 0   // the schedule is cut here: not a choice, only the end of the goroutine
)

var (
	errDead = errors.New("this instance is dead")
	errLost = errors.New("connection reset by peer")
)

// memory is what an actor knows: a hash of all the answers that it has had. Concurrent
// requests of one instance share one memory, since they share a cache.
type memory [sha256.Size]byte

func (m *memory) learn(parts ...string) {
	h := sha256.New()
	h.Write(m[:])
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	h.Sum(m[:0])
}

// actor is a goroutine whose requests to Twilio wait for the scheduler.
type actor struct {
	name   string
	memory *memory
	world  http.RoundTripper
	parked chan *step  // from the actor: its next step, or nil at its end
	resume chan effect // to the actor

	next   *step // the step that it waits for; nil: it has ended
	dead   bool  // this incarnation is dead: none of its requests has an effect
	ended  bool  // cut, with the schedule
	cancel context.CancelFunc
	ctx    context.Context

	acknowledged parcels // since its last step
}

// step is a request, or something outside Twilio's API that must wait for its turn too.
type step struct {
	request *http.Request
	action  func() string // instead of a request; returns what came of it
	text    string        // of an action
	answer  string        // what came back, whether the actor heard it or not
}

// parcels is a set of deliveries of a setting.
type parcels uint16

type actorKey struct{}

// actorTag says in a context whose requests are made under it: two actors of one instance
// share a client.
type actorTag struct{ *actor }

func (t actorTag) context() context.Context {
	if t.actor == nil {
		return context.Background()
	}
	return context.WithValue(t.ctx, actorKey{}, t.actor)
}

// gate is the transport of all actors.
type gate struct{}

func (gate) RoundTrip(request *http.Request) (*http.Response, error) {
	return request.Context().Value(actorKey{}).(*actor).roundTrip(request)
}

// roundTrip waits for the scheduler and does what it says.
func (a *actor) roundTrip(request *http.Request) (*http.Response, error) {
	if a.dead {
		return nil, errDead
	}
	s := &step{request: request}
	e := a.wait(s)
	if e == diesBefore || e == ends {
		a.die()
		return nil, errDead
	}
	response, err := a.world.RoundTrip(request)
	if err == nil {
		err = s.read(response)
	}
	if err != nil {
		panic("model: the fake Twilio gave no answer: " + err.Error())
	}
	switch e {
	case lost:
		a.memory.learn(a.name, "lost")
		return nil, errLost
	case diesAfter:
		a.die()
		return nil, errDead
	}
	a.memory.learn(a.name, s.answer)
	return response, nil
}

// read keeps the answer to the step, and leaves the response as it was.
func (s *step) read(response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	s.answer = fmt.Sprintf("%d %s", response.StatusCode, body)
	return nil
}

// act waits for the scheduler with something that is no request. It returns what came of
// it, and false if the schedule was cut.
func (a *actor) act(text string, action func() string) (string, bool) {
	s := &step{text: text, action: action}
	if a.wait(s) == ends {
		a.die()
		return "", false
	}
	s.answer = action()
	a.memory.learn(a.name, s.answer)
	return s.answer, true
}

func (a *actor) wait(s *step) effect {
	a.parked <- s
	e := <-a.resume
	a.ended = a.ended || e == ends
	return e
}

func (a *actor) die() {
	a.dead = true
	a.memory.learn(a.name, "dead")
	a.cancel()
}

// waits says what the actor's next step is.
func (a *actor) waits() wait {
	if a.next == nil {
		return wait{over: true}
	}
	request := a.next.request
	if request == nil {
		return wait{}
	}
	writes := request.Method != http.MethodGet
	return wait{fails: true, writes: writes, looks: !writes && strings.HasSuffix(request.URL.Path, "/Messages")}
}

// live begins an incarnation.
func (a *actor) live() {
	a.dead = false
	a.ctx, a.cancel = context.WithCancel(context.Background())
}
