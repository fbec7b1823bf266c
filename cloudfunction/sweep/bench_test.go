package sweep_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// endless is a ledger of so many due records that makes its pages as they are read, so
// that what is held at the end of the walk is held by the sweep.
type endless struct {
	*memory
	records int
	live    func() // called when all are read, before the last page is let go
}

func (e endless) ReadPage(_ context.Context, at ledger.Place, _ time.Time) (ledger.Page, error) {
	first, _ := strconv.Atoi(string(at)) // the front is 0
	last := min(first+ledger.PageSize, e.records)
	page := ledger.Page{Entries: make([]ledger.Entry, 0, ledger.PageSize)}
	for n := first; n < last; n++ {
		page.Entries = append(page.Entries, ledger.Entry{Record: ended(n, 2*time.Hour+time.Duration(n)*time.Second), Revision: "1"})
	}
	if last < e.records {
		page.Next = ledger.Place(strconv.Itoa(last))
	} else {
		e.live()
	}
	return page, nil
}

// BenchmarkSweepMemory shows what a sweep holds of a ledger of which every record is due:
// live-B must not grow with the records. A dry run, since that one goes on to the end
// whatever its limit.
func BenchmarkSweepMemory(b *testing.B) {
	for _, records := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("records=%d", records), func(b *testing.B) {
			room := newRoom(newMemory())
			room.config.MaxRetirements, room.config.Concurrency = 1000, 8
			live, base := uint64(0), heap()
			e := endless{memory: room.memory, records: records, live: func() { live = heap() - base }}
			sweeper := sweep.New(room.config, sweep.Ports{
				Records: e, Memory: e, Retirer: room.retirer, Tasks: room.tasks, Now: room.now, NewRun: func(time.Time) string { return "run" },
			})
			b.ReportAllocs()
			runs := 0
			for b.Loop() {
				report, err := sweeper.Run(b.Context(), sweep.Request{DryRun: true}, discard)
				if err != nil || report.Due != records {
					b.Fatalf("%v, %d due", err, report.Due)
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
