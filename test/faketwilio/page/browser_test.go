package page

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

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
			tab.Text(`document.querySelectorAll('.row:first-child, #keys').forEach(row => row.open = true), ''`)
			if pixels, guilty := tab.Overflow(); pixels != 0 || guilty != "" {
				t.Errorf("at %d pixels the page is %v wider than its window, by %s", width, pixels, guilty)
			}
			if faint := tab.Faint(); faint != "" {
				t.Errorf("in %s these are hard to read: %s", scheme, faint)
			}
			tab.Screenshot(fmt.Sprintf("fake-%d-%s-open", width, scheme))
		}
	}
	if problems := tab.Problems(); len(problems) != 0 {
		t.Errorf("the page complained: %q", problems)
	}
}

// TestKeyboard does everything that the page can do without a mouse, and meanwhile the page must keep what the reader has
// opened and where the reader is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	tab := browser.Open(t)
	s := newStage(t)
	tab.Resize(1440, 900)
	tab.Visit(s.address)
	tab.Await("the script runs", `document.documentElement.classList.contains('scripted')`)

	s.fake.NewTask(s.workspace, "{}")
	tab.Press("h")
	tab.Await("the clock is an hour later", `document.getElementById('now').textContent === '09:00:00'`)
	tab.Await("the delivery appears", `document.querySelector('#delivery-1 .chip.good')?.textContent === 'delivered'`)
	if now := s.fake.Clock().Now(); !now.Equal(faketwilio.DefaultStart.Add(time.Hour)) {
		t.Errorf("the fake's clock shows %v, want an hour after its start", now)
	}

	tab.Press("5")
	tab.Await("5 goes to the deliveries", `document.activeElement.id === 'deliveries-title'`)
	tab.Press("j")
	tab.Await("j goes to the next row", `document.activeElement.closest('details')?.id === 'delivery-1'`)
	tab.Press(kb.Enter)
	tab.Await("Enter opens it", `document.getElementById('delivery-1').open`)
	s.fake.NewTask(s.workspace, "{}")
	tab.Press("m")
	tab.Await("the next delivery appears", `document.getElementById('delivery-2')`)
	if open := tab.Text(`String(document.getElementById('delivery-1').open)`); open != "true" {
		t.Error("the row that the reader had opened was closed by an update")
	}
	if focus := tab.Text(`document.activeElement.closest('details')?.id ?? ''`); focus != "delivery-1" {
		t.Errorf("the focus is at %q after an update, want it to stay at delivery-1", focus)
	}

	tab.Press("f")
	tab.Press(strings.Repeat(kb.Tab, 5) + kb.Enter) // past product, method, how often and path
	tab.Await("the fault is in force", `document.getElementById('fault-1')`)
	s.call(http.MethodGet, "https://sync.twilio.com/v1/Services", nil)
	tab.Await("it struck", `document.querySelector('#request-1 .chip.warn')?.textContent === '429' && document.getElementById('fault-1').textContent.includes('1 time')`)
	tab.Press("x")
	tab.Await("all faults are off", `!document.getElementById('fault-1')`)
	tab.Await("the focus stays among the faults", `document.activeElement.closest('#faults')`)

	tab.Press("/")
	tab.Press("no such thing")
	tab.Await("the filter narrows", `document.querySelectorAll('.row').length === 0 && location.search.includes('no+such+thing')`)
	tab.Press(kb.Escape)
	tab.Await("Escape shows all again", `document.querySelectorAll('.row').length > 0 && document.activeElement === document.body`)

	tab.Press("?")
	tab.Await("the keys are explained", `document.getElementById('keys').open`)
	tab.Press(kb.Tab + " ") // to the box that switches single keys off
	before := s.fake.Clock().Now()
	tab.Press("d")
	tab.Press(" m")
	tab.Await("m works again", `document.getElementById('now').textContent === '09:02:00'`)
	if now := s.fake.Clock().Now(); !now.Equal(before.Add(time.Minute)) {
		t.Errorf("the clock shows %v, want a minute more than %v: d was switched off", now, before)
	}

	tab.Press("p")
	tab.Await("p pauses", `document.getElementById('live').getAttribute('aria-pressed') === 'false'`)
	tab.Press("p")
	tab.Await("and goes on", `document.getElementById('live').textContent.trim() === 'Live'`)

	tab.Press("s")
	tab.Text(`document.activeElement.value = '2026-01-07T08:30'`)
	tab.Press(kb.Enter)
	tab.Await("the clock is set", `document.getElementById('now').getAttribute('datetime') === '2026-01-07T08:30:00Z'`)
	if problems := tab.Problems(); len(problems) != 0 {
		t.Errorf("the page complained: %q", problems)
	}
}

// TestSetbacks is what the page says when it is refused, and when the fake goes away. The browser itself reports both.
func TestSetbacks(t *testing.T) {
	t.Parallel()
	tab := browser.Open(t)
	s := newStage(t)
	tab.Visit(s.address)
	tab.Await("the script runs", `document.documentElement.classList.contains('scripted')`)
	tab.Press("s")
	tab.Text(`document.activeElement.value = '2001-01-01T00:00'`)
	tab.Press(kb.Enter)
	tab.Await("the reason is told", `document.querySelector('#said.refused')?.textContent.includes('backwards')`)
	s.stop()
	tab.Await("the page says that the fake is gone", `document.getElementById('live').classList.contains('lost')`)
}
