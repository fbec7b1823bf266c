package page

import (
	"fmt"
	"testing"

	"github.com/flexsweep/flexsweep/test/browser"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// TestLooks takes pictures at three widths, in both schemes, and finds nothing wider than the window.
func TestLooks(t *testing.T) {
	t.Parallel()
	tab := browser.Open(t)
	s := newStage(t, 500, 429, 200, 403)
	s.populate()
	s.fake.Faults().Add(faketwilio.Fault{Product: "sync", Method: "POST", Path: "/Documents", Status: 429, RetryAfter: "1", Times: 3})
	for _, width := range []int64{390, 820, 1440} {
		for _, scheme := range []string{"light", "dark"} {
			tab.Resize(width, 900)
			tab.Scheme(scheme)
			tab.Visit(s.address)
			tab.Await("the script runs", `document.documentElement.classList.contains('scripted')`)
			tab.Screenshot(fmt.Sprintf("fake-%d-%s", width, scheme))
			tab.Text(`document.querySelectorAll('.row:first-child').forEach(row => row.open = true), ''`)
			if pixels, guilty := tab.Overflow(); pixels != 0 || guilty != "" {
				t.Errorf("at %d pixels the page is %v wider than its window, by %s", width, pixels, guilty)
			}
			tab.Screenshot(fmt.Sprintf("fake-%d-%s-open", width, scheme))
		}
	}
	if problems := tab.Problems(); len(problems) != 0 {
		t.Errorf("the page complained: %q", problems)
	}
}
