package eventstream_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

// allocated is what f allocates, whether or not it is collected meanwhile.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// As many events as fit into a delivery cost what the delivery itself does. Not parallel:
// memory is the process's.
func TestMillionsOfTinyElements(t *testing.T) {
	h := newHook(newMemory())
	const n = eventstream.MaxBody/2 - 1
	body := "[" + strings.Repeat("0,", n-1) + "0]"
	var code int
	if got := allocated(func() { code = h.deliver(body).Code }); got > 64<<20 || code != http.StatusOK {
		t.Errorf("status %d, and %d MiB for a body of %d", code, got>>20, len(body)>>20)
	}
	if d := cmp.Diff(map[string]int{"received": n, "quarantined": n, "unlogged": n - 20}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
	if lines := len(h.logged(t)); lines != 21 {
		t.Errorf("%d lines are logged", lines)
	}
}

// A delivery is taken in chunks, and nothing of it is lost between them.
func TestChunks(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	const n = 2500
	var events []string
	for task := range n {
		events = append(events, taskEvent(task%1700, task, "created", noon)) // some channels in two chunks
	}
	events[1234] = `"poison"`
	if w := h.deliver(array(events...)); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	tasks := 0
	for _, r := range h.memory.records() {
		tasks += len(r.Tasks)
	}
	if tasks != n-1 {
		t.Errorf("%d of %d tasks are stored", tasks, n-1)
	}
	if d := cmp.Diff(map[string]int{"received": n, "applied": n - 1, "quarantined": 1}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
}

// What can be read of a delivery that breaks off is stored; Twilio would drop the rest of it
// whatever is answered, and says so in its debugger where that is a 400.
func TestBrokenDeliveryKeepsItsBeginning(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	body := strings.TrimSuffix(array(taskEvent(1, 1, "created", noon), taskEvent(2, 2, "created", noon)), "}}}]")
	if w := h.deliver(body); w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
	if d := cmp.Diff(map[string]int{"received": 1, "applied": 1}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
}

// A deeply nested event is its own misfortune: the others of the delivery are stored.
func TestDeepEventCostsNoOther(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	deep := `{"id":"EZ9","data":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`
	if w := h.deliver(array(taskEvent(1, 1, "created", noon), deep, taskEvent(2, 2, "created", noon))); w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	if d := cmp.Diff(map[string]int{"received": 3, "applied": 2, "quarantined": 1}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
}

// Thousands of tasks of one channel in one delivery cost each their own, not that of all
// before them. Not parallel: memory is the process's.
func TestThousandsOfTasksOnOneChannel(t *testing.T) {
	h := newHook(newMemory())
	var events []string
	const n = 12_000
	for task := range n {
		events = append(events, taskEvent(1, task, "completed", noon))
	}
	body := array(events...)
	var code int
	if got := allocated(func() { code = h.deliver(body).Code }); got > 128<<20 || code != http.StatusOK {
		t.Errorf("status %d, and %d MiB for a body of %d", code, got>>20, len(body)>>20)
	}
	if d := cmp.Diff(map[string]int{"received": n, "applied": n}, h.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
	want := append([]string{"load", "create"}, slices.Repeat([]string{"save"}, n/1000-1)...) // one write for each chunk
	if d := cmp.Diff(want, h.memory.took()); d != "" {
		t.Errorf("the calls (-want +got):\n%s", d)
	}
}

// A large body whose length is announced is read in one piece: doubling up to it takes three
// times its memory. Not parallel: memory is the process's.
func TestLargeBodyIsReadInOnePiece(t *testing.T) {
	h := newHook(newMemory())
	r := attempt{body: "[" + strings.Repeat(" ", eventstream.MaxBody-2) + "]"}.request()
	w := httptest.NewRecorder()
	if got := allocated(func() { h.ServeHTTP(w, r) }); got > eventstream.MaxBody*5/2 || w.Code != http.StatusOK {
		t.Errorf("status %d, and %.1f MiB for a body of %d", w.Code, float64(got)/(1<<20), eventstream.MaxBody>>20)
	}
}
