// Command bench measures flexsweep beside the algorithm of the original sample, on the
// same fake Twilio with the same latency, and the function's memory, start and size. It
// prints the figures and writes build/bench/report.json and a page with plots.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/flexsweep/flexsweep/test/rig"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir := flag.String("dir", filepath.Join("build", "bench"), "where to write report.json and index.html")
	full := flag.Bool("full", false, "measure the sample's sweeps at 50 ms, too (20 minutes more)")
	flag.Parse()
	if err := run(ctx, *dir, *full); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// figure is one line of report.json. Beside is the sample's or the limit's value, and
// ratio how much better flexsweep is than it (or, for a limit, how much worse).
type figure struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Beside float64 `json:"beside"`
	Ratio  float64 `json:"ratio"`
}

// book collects the figures and prints each as it comes.
type book struct{ figures []figure }

func (b *book) add(name string, value float64, unit string, beside, ratio float64) {
	b.figures = append(b.figures, figure{name, value, unit, beside, ratio})
	line := fmt.Sprintf("%-44s %12.4g %s", name, value, unit)
	if beside != 0 {
		line += fmt.Sprintf("   beside %.4g, ratio %.4g", beside, ratio)
	}
	fmt.Println(line)
}

var sizes = []int{100, 1_000, 10_000}

func run(ctx context.Context, dir string, full bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	fakeProgram, program, err := rig.Programs(ctx, dir)
	if err != nil {
		return err
	}
	fake, err := rig.StartFake(ctx, dir, fakeProgram, "--clock", "frozen", "--journal-bodies", "-1")
	if err != nil {
		return err
	}
	defer fake.Process.Stop()
	base, err := url.Parse(fake.Address)
	if err != nil {
		return err
	}
	w, b := &world{fake: fake, base: base}, &book{}
	if err := fake.Advance(ctx, ahead); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *book) error{
		w.fakeFigures,
		w.eventFigures,
		func(ctx context.Context, b *book) error { return w.sweepFigures(ctx, b, full) },
		func(ctx context.Context, b *book) error { return processFigures(ctx, b, dir, program) },
	} {
		if err := step(ctx, b); err != nil {
			return err
		}
	}
	if err := writeJSON(filepath.Join(dir, "report.json"), b.figures); err != nil {
		return err
	}
	return writePage(filepath.Join(dir, "index.html"), b.figures)
}

func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func (w *world) fakeFigures(ctx context.Context, b *book) error {
	perSecond, err := w.fakeSpeed(ctx)
	b.add("fake_requests_per_second", perSecond, "1/s", 0, 0)
	return err
}

// latencies of the network to Twilio that are measured.
var latencies = []time.Duration{0, 50 * time.Millisecond}

// suffix tells the latency in a figure's name; none for the first.
func suffix(latency time.Duration) string {
	if latency == 0 {
		return ""
	}
	return "/latency=" + latency.String()
}

// sampleEventsAt is how many events the sample is given: each costs it a walk of all
// documents, so a few must do.
func sampleEventsAt(d int, latency time.Duration) int {
	if d >= 10_000 && latency > 0 {
		return inFlight
	}
	return max(2*inFlight, 20_000/d)
}

func (w *world) eventFigures(ctx context.Context, b *book) error {
	for _, latency := range latencies {
		for _, d := range sizes {
			n := 5_000
			if latency > 0 {
				n = 1_000
			}
			ours, err := w.flexsweepEvents(ctx, d, n, latency)
			if err != nil {
				return err
			}
			theirs, err := w.sampleEvents(ctx, d, sampleEventsAt(d, latency), latency)
			if err != nil {
				return err
			}
			at := "/" + sizeName(d) + suffix(latency)
			b.add("events_per_second"+at, ours.perSecond, "1/s", theirs.perSecond, ours.perSecond/theirs.perSecond)
			b.add("calls_per_event"+at, ours.callsPerEvent, "calls", theirs.callsPerEvent, theirs.callsPerEvent/ours.callsPerEvent)
			b.add("event_p50_ms"+at, ms(ours.p50), "ms", ms(theirs.p50), ms(theirs.p50)/ms(ours.p50))
			b.add("event_p99_ms"+at, ms(ours.p99), "ms", ms(theirs.p99), ms(theirs.p99)/ms(ours.p99))
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (w *world) sweepFigures(ctx context.Context, b *book, full bool) error {
	for _, latency := range latencies {
		for _, d := range sizes {
			ours, err := w.flexsweepSweep(ctx, d, latency)
			if err != nil {
				return err
			}
			at := fmt.Sprintf("/due=%d%s", d, suffix(latency))
			b.add("sweep_seconds_over_limit"+at, ours.seconds/ours.limit, "", 1, ours.seconds/ours.limit)
			// The sample needs two calls for each channel, one after another: at 50 ms
			// a thousand channels take it almost two minutes.
			if latency > 0 && d > 100 && !full {
				b.add("sweep_seconds"+at, ours.seconds, "s", 0, 0)
				continue
			}
			theirs, err := w.sampleSweep(ctx, d, latency)
			if err != nil {
				return err
			}
			b.add("sweep_seconds"+at, ours.seconds, "s", theirs.seconds, theirs.seconds/ours.seconds)
			b.add("sweep_calls"+at, float64(ours.calls), "calls", float64(theirs.calls), float64(theirs.calls)/float64(ours.calls))
		}
	}
	return nil
}

func processFigures(ctx context.Context, b *book, dir, program string) error {
	for _, records := range []int{10_000, 100_000, 1_000_000} {
		mib, seconds, err := sweepMemory(ctx, dir, program, records)
		if err != nil {
			return err
		}
		b.add(fmt.Sprintf("sweep_rss_mib/records=%d", records), mib, "MiB", 0, 0)
		b.add(fmt.Sprintf("sweep_walk_seconds/records=%d", records), seconds, "s", 0, 0)
	}
	start, err := coldStart(ctx, dir, program)
	if err != nil {
		return err
	}
	b.add("cold_start_ms", ms(start), "ms", 0, 0)
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	b.add("binary_mb", float64(info.Size())/1e6, "MB", 0, 0)
	return nil
}
