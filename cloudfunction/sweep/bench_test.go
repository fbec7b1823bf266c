package sweep_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// endless is a ledger of so many due records that makes its pages as they are read, so
// that what is held at the end of the walk is held by the sweep.
type endless struct {
	records int
	live    func() // called when all are read, before the last page is let go
}

func (endless) Control(context.Context) (ledger.Control, error) { return ledger.Control{}, nil }

func (e endless) Walk(_ context.Context, _ time.Time, visit func(ledger.Page) error) error {
	for first := 0; first < e.records; first += 100 {
		page := ledger.Page{Entries: make([]ledger.Entry, 0, 100)}
		for n := first; n < min(first+100, e.records); n++ {
			// Ever more overdue, so that each one displaces another in the queue.
			page.Entries = append(page.Entries, ledger.Entry{Record: ended(n, 2*time.Hour+time.Duration(n)*time.Second), Revision: "1"})
		}
		if err := visit(page); err != nil {
			return err
		}
	}
	e.live()
	return nil
}

func (endless) Load(context.Context, string) (ledger.Entry, error) {
	return ledger.Entry{}, ledger.ErrNotFound
}

func (endless) Save(_ context.Context, e ledger.Entry, _ ledger.TTL) (ledger.Entry, error) {
	return e, nil
}

// BenchmarkSweepMemory shows what a sweep holds of a ledger of which every record is due:
// live-B must not grow with the records beyond the run's limit of 1,000.
func BenchmarkSweepMemory(b *testing.B) {
	for _, records := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("records=%d", records), func(b *testing.B) {
			c := config
			c.MaxRetirements, c.Concurrency = 1000, 8
			live, base := uint64(0), heap()
			e := endless{records: records, live: func() { live = heap() - base }}
			r := &retirer{answer: answer{outcome: channel.Outcome{Result: channel.Done}}}
			b.ReportAllocs()
			runs := 0
			for b.Loop() {
				r.asked = nil
				report, err := sweep.New(c, e, r, func() time.Time { return noon }, func(time.Time) string { return "run" }).Run(b.Context(), sweep.Request{}, discard)
				if err != nil || report.Retired != min(1000, records) {
					b.Fatalf("%v, %d retired", err, report.Retired)
				}
				runs++
			}
			b.ReportMetric(float64(live), "live-B")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(runs*records), "ns/record")
		})
	}
}

// heap returns the bytes of the live heap.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
