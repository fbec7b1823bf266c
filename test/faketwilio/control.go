package faketwilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// controlRoutes sets up the control API, with which an outside process turns the clock, breaks things, plays the people and looks
// at the world. It is no part of Twilio, so it needs no credentials; the program listens on the loopback address only.
func (s *Server) controlRoutes() {
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"GET /_fake/health":         func(*http.Request) (any, error) { return map[string]string{"status": "ok"}, nil },
		"GET /_fake/clock":          func(*http.Request) (any, error) { return s.clockBody(), nil },
		"POST /_fake/clock":         s.turnClock,
		"GET /_fake/faults":         func(*http.Request) (any, error) { return map[string]any{"faults": s.faults.List()}, nil },
		"POST /_fake/faults":        s.addFault,
		"DELETE /_fake/faults":      func(*http.Request) (any, error) { s.faults.Clear(); return nil, nil },
		"DELETE /_fake/faults/{id}": s.removeFault,
		"GET /_fake/journal":        s.showJournal,
		"DELETE /_fake/journal":     func(*http.Request) (any, error) { s.journal.Reset(); return nil, nil },
		"GET /_fake/deliveries":     func(*http.Request) (any, error) { return map[string]any{"deliveries": s.Deliveries()}, nil },
		"GET /_fake/state":          s.showState,
		"GET /_fake/channels/{sid}": s.showChannel,
		"POST /_fake/seed":          s.seed,
		"POST /_fake/tasks":         s.postTask,
		"POST /_fake/tasks/{sid}":   s.postTaskStatus,
		"POST /_fake/say":           s.postSay,
		"POST /_fake/events":        s.postEvent,
		"POST /_fake/chaos":         s.postChaos,
		"POST /_fake/limits":        s.postLimits,
		"POST /_fake/auth_token":    s.postAuthToken,
	} {
		s.control.Handle(pattern, controlHandler(handle))
	}
	s.control.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": fmt.Sprintf(
			"no product of Twilio is at host %q: send the request with the product's Host header, such as sync.twilio.com, "+
				"or use the control API under /_fake/", r.Host)})
	})
}

// controlHandler answers with what handle returns: JSON, 204 for nil, 400 for an error.
type controlHandler func(*http.Request) (any, error)

func (h controlHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := h(r)
	switch {
	case err != nil:
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, body)
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // the client went away: nobody is left to tell
}

// readControl reads a JSON body; a name that is not known is a mistake, not a default.
func readControl(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read body of %s: %w", r.URL.Path, err)
	}
	return nil
}

// Duration is a time.Duration that is written as text, such as "1h30m", in JSON.
type Duration time.Duration

// MarshalJSON writes "1h30m0s".
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads what time.ParseDuration reads.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return errors.New(`a duration is text such as "90s" or "1h"`)
	}
	parsed, err := time.ParseDuration(text)
	*d = Duration(parsed)
	return err
}

// clockBody is the clock as the control API shows it.
func (s *Server) clockBody() any {
	body := map[string]any{"now": s.clock.Now(), "real": s.clock.real}
	if due, ok := s.clock.Next(); ok {
		body["next_timer"] = due
	}
	return body
}

// turnClock advances or sets the clock, and answers when everything that was due has been done.
func (s *Server) turnClock(r *http.Request) (any, error) {
	var turn struct {
		Advance *Duration  `json:"advance"`
		Set     *time.Time `json:"set"`
	}
	if err := readControl(r, &turn); err != nil {
		return nil, err
	}
	switch {
	case (turn.Advance == nil) == (turn.Set == nil):
		return nil, errors.New(`turn clock: give either {"advance":"1h"} or {"set":"2026-01-05T08:00:00Z"}`)
	case turn.Advance != nil && *turn.Advance < 0, turn.Set != nil && turn.Set.Before(s.clock.Now()):
		return nil, errors.New("turn clock: time does not run backwards")
	case turn.Advance != nil:
		s.clock.Advance(time.Duration(*turn.Advance))
	default:
		s.clock.Set(*turn.Set)
	}
	return s.clockBody(), nil
}

func (s *Server) addFault(r *http.Request) (any, error) {
	var fault Fault
	if err := readControl(r, &fault); err != nil {
		return nil, err
	}
	id, err := s.faults.add(fault)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (s *Server) removeFault(r *http.Request) (any, error) {
	s.faults.Remove(r.PathValue("id"))
	return nil, nil
}

// showJournal shows the counters and the newest exchanges: ?limit of them (100), or those ?after a number.
func (s *Server) showJournal(r *http.Request) (any, error) {
	limit, err := queryInt(r, "limit", 100)
	if err != nil {
		return nil, err
	}
	after, err := queryInt(r, "after", 0)
	if err != nil {
		return nil, err
	}
	entries := s.journal.Entries()
	for len(entries) > 0 && entries[0].Number <= uint64(after) {
		entries = entries[1:]
	}
	entries = entries[max(len(entries)-limit, 0):]
	return map[string]any{"calls": s.journal.Calls(), "by_route": s.journal.CallsByRoute(), "entries": entries}, nil
}

// queryInt reads a number that is 0 or more from the query.
func queryInt(r *http.Request, name string, fallback int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("read %s: %q is not a number", name, text)
	}
	return n, nil
}

func (s *Server) postChaos(r *http.Request) (any, error) {
	var chaos Chaos
	if err := readControl(r, &chaos); err != nil {
		return nil, err
	}
	s.Chaos(chaos)
	return chaos, nil
}

func (s *Server) postLimits(r *http.Request) (any, error) {
	var limits Limits
	if err := readControl(r, &limits); err != nil {
		return nil, err
	}
	s.SetLimits(limits)
	return limits, nil
}

// postAuthToken rotates the Auth Token: {"primary":…} promotes one, {"secondary":…} makes a second one good for REST.
func (s *Server) postAuthToken(r *http.Request) (any, error) {
	var tokens struct {
		Primary   string `json:"primary"`
		Secondary string `json:"secondary"`
	}
	if err := readControl(r, &tokens); err != nil {
		return nil, err
	}
	if tokens.Primary != "" {
		s.SetAuthToken(tokens.Primary)
	}
	if tokens.Secondary != "" {
		s.SetSecondaryAuthToken(tokens.Secondary)
	}
	return nil, nil
}
