package faketwilio

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Server is the fake. It is an http.Handler that routes by Host header: the products of Twilio by their names, everything else
// to the control API under /_fake/. Use New.
type Server struct {
	options Options
	clock   *Clock
	faults  *Faults
	journal *Journal
	routes  router
	control *http.ServeMux

	requests atomic.Uint64 // to the products

	// mu guards everything below. It is held for the few microseconds of one request's work, never across I/O or timers.
	mu     sync.Mutex
	random *rand.Rand
	tokens []string // accepted Auth Tokens; the first signs
	limits limiter

	sync       syncState
	messaging  messagingState
	flex       flexState
	taskrouter taskRouterState
	events     eventState
}

// New makes a server. With a real clock it owns a goroutine; end it with Close.
func New(options Options) *Server {
	options = options.withDefaults()
	s := &Server{
		options: options,
		clock:   newClock(options.Start, options.RealClock),
		faults:  newFaults(options.Seed),
		journal: newJournal(options.JournalSize, options.JournalBodies),
		routes:  router{},
		control: http.NewServeMux(),
		random:  rand.New(rand.NewPCG(options.Seed, seedSIDs)),
		tokens:  []string{options.AuthToken},
		limits:  newLimiter(options.Limits),
	}
	s.sync = newSyncState()
	s.messaging = newMessagingState()
	s.flex = newFlexState()
	s.taskrouter = newTaskRouterState()
	s.events = newEventState(options)
	for _, routes := range []func(router){
		syncRoutes, chatRoutes, conversationRoutes, flexRoutes, taskRouterRoutes, eventRoutes,
	} {
		routes(s.routes)
	}
	s.controlRoutes()
	startRecording(s.journal)
	return s
}

// Close ends the goroutine of a real clock. A frozen server needs no Close.
func (s *Server) Close() { s.clock.close() }

// Clock returns the server's clock.
func (s *Server) Clock() *Clock { return s.clock }

// Faults returns the faults that the server commits on demand.
func (s *Server) Faults() *Faults { return s.faults }

// Journal returns the record of all exchanges with the products.
func (s *Server) Journal() *Journal { return s.journal }

// Routes returns method, host and path pattern of everything that the server models, sorted, in the form of
// Journal.CallsByRoute.
func (s *Server) Routes() []string {
	var routes []string
	for _, set := range s.routes {
		for _, r := range set {
			routes = append(routes, r.key)
		}
	}
	slices.Sort(routes)
	return routes
}

// Flush runs everything that is due now: deliveries, timers.
func (s *Server) Flush() { s.clock.Advance(0) }

// Credentials returns the account's credentials, with the Auth Token that signs at present.
func (s *Server) Credentials() Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Credentials{
		AccountSID: s.options.AccountSID, AuthToken: s.tokens[0],
		APIKey: s.options.APIKey, APISecret: s.options.APISecret,
	}
}

// SetAuthToken promotes a token: it signs from now on, and it alone is accepted for REST.
func (s *Server) SetAuthToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = []string{token}
}

// SetSecondaryAuthToken makes a second token good for REST, as Twilio does before a rotation. It does not sign.
func (s *Server) SetSecondaryAuthToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = append(s.tokens[:1:1], token)
}

// Handle adds a handler to the control side, such as a page to look at the server. pattern is one of net/http.ServeMux.
func (s *Server) Handle(pattern string, handler http.Handler) { s.control.Handle(pattern, handler) }

// ServeHTTP serves products by host name, and the control API on every other host.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	product, host, ok := productOf(r.Host)
	if !ok {
		w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
		guard(s.control).ServeHTTP(w, r)
		return
	}
	answer := s.exchange(r, product, host)
	switch answer.outcome {
	case outcomeHang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case outcomeReset:
		panic(http.ErrAbortHandler) // net/http closes the connection and answers nothing
	}
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body)
}

// answer is what an exchange ends in.
type answer struct {
	outcome string
	status  int
	header  map[string]string
	body    []byte
}

// exchange serves one request to a product, faults included, and records it.
func (s *Server) exchange(r *http.Request, product, host string) answer {
	c, err := readCall(r, host)
	c.now, c.unverified = s.clock.Now(), &s.options.Unverified
	path := r.URL.Path
	effect := s.faults.pick(product, r.Method, path)
	s.delay(r, effect)

	var out answer
	switch {
	case effect.Late: // takes effect first, whatever is answered
		s.perform(c, product, err)
		out = effect.answer()
	case effect.ends():
		_ = s.find(c, product) // only for the journal: the fault answers, whether there is a route or not
		out = effect.answer()
	default:
		out = s.perform(c, product, err).answer()
	}
	if out.header != nil {
		out.header["Date"] = s.clock.Now().UTC().Format(http.TimeFormat)
		out.header["Twilio-Request-Id"] = fmt.Sprintf("RQ%032x", s.requests.Add(1))
		out.header["Twilio-Concurrent-Requests"] = "1"
	}
	s.journal.record(c, product, effect.ID, out)
	return out
}

// delay lets a fault's latency pass.
func (s *Server) delay(r *http.Request, effect Fault) {
	if effect.Latency <= 0 {
		return
	}
	if effect.Virtual {
		s.clock.pass(effect.Latency)
		return
	}
	wait := time.NewTimer(effect.Latency)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done():
	}
}

// find sets the call's route, or says why there is none.
func (s *Server) find(c *call, product string) error {
	match, vars, known := s.routes.match(product, c.method, c.path)
	switch {
	case match != nil:
		c.route, c.vars = match, vars
		return nil
	case known:
		return fail(http.StatusMethodNotAllowed, codeMethodNotAllowed, "Method not allowed")
	}
	return fail(http.StatusNotFound, codeNotFound, "The requested resource %s was not found", c.path)
}

// perform checks a call and lets its endpoint do the work.
func (s *Server) perform(c *call, product string, err error) reply {
	if notRouted := s.find(c, product); err == nil {
		err = notRouted
	}
	out := reply{}
	s.mu.Lock()
	if err == nil {
		err = errors.Join(checkSIDs(c.form), checkSIDs(c.query))
	}
	if denied := s.authenticate(c.header); denied != nil {
		err = denied
	}
	if err == nil {
		out, err = c.route.serve(s, c)
	}
	s.mu.Unlock()
	if err == nil {
		return out
	}
	var problem *apiError
	if errors.As(err, &problem) {
		return problem.reply()
	}
	return fail(http.StatusInternalServerError, codeServer, "%v", err).reply()
}

// answer renders a reply, with the headers that Twilio puts on each.
func (r reply) answer() answer {
	body := r.encode()
	header := map[string]string{"Access-Control-Allow-Origin": "*"}
	if body != nil {
		header["Content-Type"] = "application/json;charset=utf-8"
		header["Content-Length"] = strconv.Itoa(len(body))
	}
	for name, value := range r.header {
		header[name] = value
	}
	return answer{outcome: outcomeAnswered, status: r.status, header: header, body: body}
}
