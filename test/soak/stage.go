package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
)

const retention = 2 * time.Hour

// stage is the fake Twilio, the way to it, and the two functions, of which each may be
// killed at any moment.
type stage struct {
	*rig.Account
	way *httptest.Server // what the functions take for Twilio: the fake, with a clock that is off

	dir, program string
	deployment   *rig.Deployment

	mu        sync.Mutex
	functions map[string]*rig.Process
	kills     int
	starting  sync.RWMutex // held for writing while a killed function comes up again
}

func raise(ctx context.Context, dir string, seed uint64) (_ *stage, err error) {
	s := &stage{dir: dir, functions: map[string]*rig.Process{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	fakeProgram, program, err := rig.Programs(ctx, dir)
	if err != nil {
		return nil, err
	}
	s.program = program
	fake, err := rig.StartFake(ctx, dir, fakeProgram, "--clock", "frozen", "--parallel", "16", "--journal-bodies", "-1",
		"--seed", fmt.Sprint(seed), "--batch", "20", "--batch-wait", "20s")
	if err != nil {
		return nil, err
	}
	if s.Account, err = rig.NewAccount(ctx, fake); err != nil {
		fake.Process.Stop()
		return nil, err
	}
	if err := s.skew(seed); err != nil {
		return nil, err
	}
	if err := s.deploy(ctx); err != nil {
		return nil, err
	}
	return s, s.disturb(ctx)
}

// skew puts a proxy before the fake whose clock is up to three seconds off, each time
// another way, as the clocks of several machines are.
func (s *stage) skew(seed uint64) error {
	to, err := url.Parse(s.Address)
	if err != nil {
		return err
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	proxy.Transport = transport
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) {
		panic(http.ErrAbortHandler) // the fake broke the connection: so does the proxy
	}
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 2))
	mux := http.NewServeMux()
	mux.Handle("/", proxy)
	mux.HandleFunc("HEAD /{$}", func(w http.ResponseWriter, r *http.Request) {
		var clock struct {
			Now time.Time `json:"now"`
		}
		if err := s.Control(r.Context(), http.MethodGet, "clock", nil, &clock); err != nil {
			panic(http.ErrAbortHandler)
		}
		mu.Lock()
		clock.Now = clock.Now.Add(time.Duration(random.IntN(6001)-3000) * time.Millisecond)
		mu.Unlock()
		w.Header().Set("Date", clock.Now.UTC().Format(http.TimeFormat))
	})
	s.way = httptest.NewServer(mux)
	return nil
}

// deploy starts the functions.
func (s *stage) deploy(ctx context.Context) (err error) {
	s.deployment, err = s.Deploy(ctx, map[string]string{
		"TWILIO_BASE_URL": s.way.URL, "CLOCK_URL": s.way.URL, "TWILIO_REQUESTS_PER_SECOND": "10000",
		"RETENTION": retention.String(), "SWEEP_CONCURRENCY": "16", "TOMBSTONE_TTL": "8760h",
	})
	if err != nil {
		return err
	}
	if err := s.start(ctx, "EventStreams"); err != nil {
		return err
	}
	return s.start(ctx, "Sweep")
}

func (s *stage) start(ctx context.Context, target string) error {
	p, err := s.deployment.Start(ctx, s.dir, s.program, target)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != nil {
		s.functions[target] = p
	}
	return err
}

// restart kills a function in whatever it is doing, and starts it again.
func (s *stage) restart(ctx context.Context, target string) error {
	s.mu.Lock()
	p := s.functions[target]
	s.kills++
	s.mu.Unlock()
	s.starting.Lock()
	defer s.starting.Unlock()
	p.Kill()
	return s.start(ctx, target)
}

// longestOutage is how much of the fake's time may pass while a function is down. Twilio
// gives events up after four hours, which on a slow machine a process may take to start.
const longestOutage = time.Hour

// outage adds the time that has passed to an outage that goes on, and waits for its end
// if it gets too long.
func (s *stage) outage(so, passed time.Duration) time.Duration {
	if s.starting.TryRLock() {
		s.starting.RUnlock()
		return 0
	}
	if so += passed; so < longestOutage {
		return so
	}
	s.starting.RLock()
	defer s.starting.RUnlock()
	return 0
}

// disturb makes everything as bad as the report's numbers say.
func (s *stage) disturb(ctx context.Context) error {
	err := s.Disturb(ctx, faketwilio.Chaos{
		Duplicate: 0.10, Reorder: 0.10, LostAnswer: 0.02, MaxDelay: 30 * time.Second, BatchMin: 1, BatchMax: 20,
	})
	if err != nil {
		return err
	}
	for _, fault := range []faketwilio.Fault{
		{Status: http.StatusServiceUnavailable, Probability: 0.05},
		{Reset: true, Late: true, Probability: 0.02},
		{Status: http.StatusTooManyRequests, Probability: 0.01},
	} {
		if err := s.AddFault(ctx, fault); err != nil {
			return err
		}
	}
	return nil
}

// calm ends the chaos and the faults.
func (s *stage) calm(ctx context.Context) error {
	if err := s.Disturb(ctx, faketwilio.Chaos{}); err != nil {
		return err
	}
	return s.Control(ctx, http.MethodDelete, "faults", nil, nil)
}

func (s *stage) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.functions {
		p.Stop()
	}
	if s.way != nil {
		s.way.Close()
	}
	if s.Account != nil {
		s.Process.Stop()
	}
}
