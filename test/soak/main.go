// Command soak lets a contact centre live under bad conditions: deliveries twice, out of
// order and with lost answers, Twilio failing and breaking connections, function processes
// killed at random, clocks that are seconds off. At the end it compares every channel and
// every record with what an oracle of its own says, and ends with 1 if anything is lost
// or wrong. The same seed tells the same story, up to the moments of the kills.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir := flag.String("dir", filepath.Join("build", "soak"), "where to write logs and report.json")
	events := flag.Int("events", 20_000, "how many events to make, at least")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "which story to tell")
	flag.Parse()
	r, err := run(ctx, *dir, *events, *seed)
	if err != nil {
		fmt.Fprintf(os.Stderr, "soak: %v (seed %d)\n", err, *seed)
		os.Exit(1)
	}
	if r.Lost+r.Wrong > 0 {
		os.Exit(1)
	}
}

// report is build/soak/report.json.
type report struct {
	Seed           uint64   `json:"seed"`
	Events         int      `json:"events"`
	Channels       int      `json:"channels"`
	Retired        int      `json:"retired"`
	Lost           int      `json:"lost"`                // records that do not hold what happened
	Wrong          int      `json:"wrong"`               // channels that are not as they must be
	TooLate        int      `json:"closed_under_a_task"` // conversations whose task began while the sweep was closing them
	DuplicatesKept int      `json:"duplicates_absorbed"` // deliveries of an event that had been answered before
	Retries        int      `json:"retries"`             // deliveries that had to be repeated
	Kills          int      `json:"kills"`
	Sweeps         int      `json:"sweeps"`
	BrokenSweeps   int      `json:"broken_sweeps"` // killed, or stopped by faults
	Requests       int      `json:"requests"`      // to Twilio
	WallSeconds    float64  `json:"wall_seconds"`
	Faults         []string `json:"faults,omitempty"` // what is lost or wrong
}

func run(ctx context.Context, dir string, events int, seed uint64) (report, error) {
	started := time.Now()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return report{}, err
	}
	fmt.Printf("soak: seed %d, at least %d events\n", seed, events)
	s, err := raise(ctx, dir, seed)
	if err != nil {
		return report{}, err
	}
	defer s.close()
	c := newCentre(s, seed)
	if err := c.live(ctx, events); err != nil {
		return report{}, err
	}
	if err := c.calmDown(ctx); err != nil {
		return report{}, err
	}
	r, err := c.judge(ctx)
	if err != nil {
		return report{}, err
	}
	r.Seed, r.WallSeconds = seed, time.Since(started).Seconds()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return report{}, err
	}
	fmt.Println(string(text))
	return r, os.WriteFile(filepath.Join(dir, "report.json"), append(text, '\n'), 0o644)
}
