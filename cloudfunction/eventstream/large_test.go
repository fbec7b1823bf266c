package eventstream_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// slow is a body whose second half comes when it is let.
type slow struct {
	first, rest io.Reader
	begun       func() // somebody wants the second half
	let         <-chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	if n, err := s.first.Read(p); err == nil {
		return n, nil
	}
	s.begun()
	<-s.let
	return s.rest.Read(p)
}

// Four large bodies are in memory at a time; the others wait for their turn, and those that
// wait too long are sent again. Whatever becomes of one, its turn ends.
func TestLargeBodiesTakeTurns(t *testing.T) {
	t.Parallel()
	const atATime, size, half = 4, 256 << 10, 128 << 10
	h := newHook(newMemory())
	text := "[" + strings.Repeat(" ", size-2) + "]"
	large := func(body io.Reader) *http.Request {
		r := attempt{body: text}.request()
		r.Body = io.NopCloser(body)
		return r
	}
	serve := func(r *http.Request) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	let := make(chan struct{})
	var held, done sync.WaitGroup
	held.Add(atATime)
	for range atATime {
		s := &slow{strings.NewReader(text[:half]), strings.NewReader(text[half:]), sync.OnceFunc(held.Done), let}
		done.Go(func() {
			if code := serve(large(s)); code != http.StatusOK {
				t.Errorf("status %d of a large body", code)
			}
		})
	}
	held.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if code := serve(large(strings.NewReader(text)).WithContext(gone)); code != http.StatusServiceUnavailable {
		t.Errorf("status %d of one too many", code)
	}
	if w := h.deliver(array(taskEvent(1, 1, "created", noon))); w.Code != http.StatusOK {
		t.Errorf("status %d of a small one meanwhile", w.Code)
	}
	close(let)
	done.Wait()
	for range 2 * atATime {
		if code := serve(large(strings.NewReader(text))); code != http.StatusOK {
			t.Fatalf("status %d afterwards", code)
		}
	}
}
