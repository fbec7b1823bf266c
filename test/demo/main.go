// Command demo shows flexsweep at work: a fake Twilio, the cloud function as separate
// processes, and six days in the life of a contact centre, in less than a minute.
// It checks what became of every channel and ends with 1 if one is wrong.
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
	dir := flag.String("dir", filepath.Join("build", "demo"), "where to write logs and report.json")
	seed := flag.Uint64("seed", 1, "another seed tells the stories at other hours")
	flag.Parse()
	wrong, err := run(ctx, *dir, *seed)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	case wrong > 0:
		os.Exit(1)
	}
}

// report is build/demo/report.json.
type report struct {
	Channels               int     `json:"channels"`
	Events                 int     `json:"events"`
	Deliveries             int     `json:"deliveries"`
	Retired                int     `json:"retired"`
	Kept                   int     `json:"kept"`
	Wrong                  int     `json:"wrong"`
	CallsPerEvent          float64 `json:"calls_per_event"`
	CallsPerRetiredChannel float64 `json:"calls_per_retired_channel"`
	SetupSeconds           float64 `json:"setup_seconds"` // building, provisioning and starting
	WallSeconds            float64 `json:"wall_seconds"`  // the play and the verdict
}

func run(ctx context.Context, dir string, seed uint64) (wrong int, err error) {
	started := time.Now()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	stage, err := raise(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer stage.close()
	raised := time.Now()
	p := newPlay(stage, tell(seed))
	if err := p.run(ctx); err != nil {
		return 0, err
	}
	faults, r, err := p.verdict(ctx)
	if err != nil {
		return 0, err
	}
	r.SetupSeconds, r.WallSeconds = raised.Sub(started).Seconds(), time.Since(raised).Seconds()
	return r.Wrong, p.show(os.Stdout, dir, faults, r)
}

func writeReport(dir string, r report) (string, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "report.json")
	return path, os.WriteFile(path, append(text, '\n'), 0o644)
}
