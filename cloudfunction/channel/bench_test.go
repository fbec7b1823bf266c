package channel_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// BenchmarkApply measures one event that is news to a record of so many tasks.
func BenchmarkApply(b *testing.B) {
	for _, tasks := range []int{0, 1, 10, channel.MaxTasks} {
		b.Run(fmt.Sprintf("tasks=%d", tasks), func(b *testing.B) {
			var r channel.Record
			for n := range tasks {
				r = channel.Apply(r, event(n, channel.Ended, at(time.Duration(n)*time.Second)))
			}
			e := event(tasks, channel.Open, at(time.Hour))
			b.ReportAllocs()
			for b.Loop() {
				channel.Apply(r, e)
			}
		})
	}
}

// BenchmarkApplyAll measures a delivery's events of one channel, of as many tasks: the time for
// each event must not grow with their number.
func BenchmarkApplyAll(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			var events []channel.Event
			for i := range n {
				events = append(events, event(i, channel.Open, at(time.Duration(i)*time.Second)))
			}
			for b.Loop() {
				channel.ApplyAll(channel.Record{}, events)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
		})
	}
}

// BenchmarkDecide measures the verdict on one record, of which a sweep needs one each.
func BenchmarkDecide(b *testing.B) {
	r := record(event(1, channel.Ended, noon), event(2, channel.Ended, at(time.Hour)))
	b.ReportAllocs()
	for b.Loop() {
		channel.Decide(r, policy, at(24*time.Hour))
	}
}
