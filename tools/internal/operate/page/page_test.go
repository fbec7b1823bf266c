package page

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/test/browser"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

var policy = channel.Policy{
	Retention: 48 * time.Hour, ByChannelType: map[string]time.Duration{"web": time.Hour}, Chat: channel.Deactivate, Conversations: channel.Close,
}

// contactCentre is a ledger with something of everything, the same each time.
func contactCentre(channels int) Data {
	random := rand.New(rand.NewPCG(1, 2))
	s := &operate.Snapshot{Environment: "shop", At: noon, Faulty: []string{"flexsweep-CHbad: read record: it names no channel"}}
	for i := range channels {
		s.Rows = append(s.Rows, operate.NewRow(ledger.Entry{Record: record(i, random)}, policy, noon))
	}
	for i := range 30 {
		p := ledger.Summary{Run: fmt.Sprintf("20260301T%02d0000Z-%06x", i%24, i), Started: noon.Add(time.Duration(i-30) * time.Hour), Outcome: "completed", Walked: channels, Due: random.IntN(30)}
		p.Retired = p.Due
		switch i {
		case 12:
			p.Due, p.Retired, p.Failed = 12, 10, 2
		case 20:
			p.Outcome, p.Due, p.Retired = "refused", 40, 0
		case 25:
			p.Restored = 1
		}
		s.Sweeps = append(s.Sweeps, p)
	}
	s.Overview.Channels, s.Overview.DueNow, s.Overview.Oldest = channels, 3, noon.Add(-5*time.Hour)
	s.Overview.Next = []operate.Within{{Hours: 24, Channels: 7}}
	s.Overview.Overdue, s.Overview.Held, s.Overview.Failing, s.Overview.Faulty = 1, 2, 1, 1
	s.Overview.Kinds = []operate.Kind{
		{Backend: channel.Chat, Type: "sms", Channels: 60, States: map[operate.State]int{operate.StateOpen: 12, operate.StateWaiting: 48}},
		{Backend: channel.Conversations, Type: "whatsapp", Channels: 20, States: map[operate.State]int{operate.StateRetired: 20}},
	}
	choice, err := operate.ParseChoice(nil, "due", 0)
	if err != nil {
		panic(err)
	}
	s.Rows, _ = choice.Of(s.Rows)
	return Data{Snapshot: s, All: s.Rows, Of: channels + 12, Policy: policy}
}

// record makes the i-th record: what is in it goes round.
func record(i int, random *rand.Rand) channel.Record {
	ended := noon.Add(-time.Duration(random.IntN(50*60)) * time.Minute)
	r := channel.Record{
		Version: channel.Version, SID: fmt.Sprintf("CH%032x", i+0xabc0), Backend: channel.Chat, Types: []string{[]string{"sms", "whatsapp", "sms"}[i%3]}, Status: channel.Tracking,
		Tasks: map[string]channel.Task{fmt.Sprintf("WT%032x", i): {Phase: channel.Ended, Time: ended, Outcome: "completed"}},
	}
	switch i % 8 {
	case 1:
		r.Tasks[fmt.Sprintf("WT%032x", i)] = channel.Task{Phase: channel.Open, Time: ended}
	case 2:
		r.Hold = &channel.Hold{By: "ann", Reason: `complaint <b>4711</b> & "more"`}
	case 3:
		r.Status, r.Retirement = channel.Retired, &channel.Retirement{
			Run: "20260301T080000Z-abc", Time: noon.Add(-4 * time.Hour), Target: channel.Target{Backend: channel.Chat, Disposition: channel.Deactivate}, Result: channel.Done,
		}
	case 4:
		r.Tasks[fmt.Sprintf("WT%032x", i)] = channel.Task{Phase: channel.Ended, Time: noon.Add(-54 * time.Hour), Outcome: "canceled"}
		r.Failure = &channel.Failure{Count: 3, Time: noon.Add(-time.Hour), Operation: "update channel", Status: 500, Code: 20500}
	case 5:
		r.Backend, r.Interaction = channel.Conversations, &channel.Interaction{SID: fmt.Sprintf("KD%032x", i), ChannelSID: fmt.Sprintf("UO%032x", i)}
	}
	return r
}

func write(t *testing.T, d Data) string {
	t.Helper()
	text, err := Render(d)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "status.html")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// TestInBrowser looks at the page as people do: on a phone, a tablet and a desk, in the
// dark, and printed.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	data := contactCentre(64)
	data.Snapshot.Pause = ledger.Control{Paused: true, By: "ann", Since: noon.Add(-time.Hour), Reason: "wrong retention"}
	tab := browser.Open(t)
	for _, width := range []int64{390, 768, 1280} {
		tab.Resize(width, 844)
		tab.Visit(write(t, data))
		if pixels, guilty := tab.Overflow(); pixels > 0 {
			t.Errorf("at %d pixels the page is %g pixels too wide: %s", width, pixels, guilty)
		}
		if small := tab.Number(`Math.min(...[...document.querySelectorAll('figure svg text')].map(e => e.getBoundingClientRect().height))`); small < 9 {
			t.Errorf("at %d pixels the text in the pictures is %g pixels high", width, small)
		}
		tab.Screenshot(fmt.Sprintf("status-%d", width))
	}
	tab.Scheme("dark")
	tab.Screenshot("status-dark")
	if ink, paper := tab.Text(`getComputedStyle(document.body).color`), tab.Text(`getComputedStyle(document.body).backgroundColor`); ink != "rgb(232, 234, 237)" || paper != "rgb(20, 23, 26)" {
		t.Errorf("in the dark: %s on %s", ink, paper)
	}
	tab.Print()
	tab.Screenshot("status-print")
	if paper := tab.Text(`getComputedStyle(document.body).backgroundColor`); paper != "rgb(255, 255, 255)" {
		t.Errorf("printed on %s", paper)
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(problems, "\n"))
	}
}

// TestStoryOpens: a row opens to its story with the keyboard alone, and nothing in it is taken for markup.
func TestStoryOpens(t *testing.T) {
	t.Parallel()
	tab := browser.Open(t)
	tab.Resize(390, 844)
	tab.Visit(write(t, contactCentre(8)))
	if n := tab.Number(`document.querySelectorAll('details[open]').length`); n != 0 {
		t.Fatalf("%g rows are open at first", n)
	}
	held := fmt.Sprintf("CH%032x", 0xabc2)
	tab.Text(fmt.Sprintf(`document.querySelector('#%s summary').focus(), 'focused'`, held))
	tab.Press("\r")
	tab.Await("the row is open", fmt.Sprintf(`document.querySelector('#%s[open]')`, held))
	story := tab.Text(fmt.Sprintf(`document.querySelector('#%s .story').innerText`, held))
	for _, part := range []string{`complaint <b>4711</b> & "more"`, "48h, then deactivate", fmt.Sprintf("WT%032x", 2)} {
		if !strings.Contains(story, part) {
			t.Errorf("the story lacks %q: %s", part, story)
		}
	}
	if pixels, guilty := tab.Overflow(); pixels > 0 {
		t.Errorf("open, the page is %g pixels too wide: %s", pixels, guilty)
	}
	tab.Screenshot("status-story")
}

// TestSelfContained: the page asks nobody for anything, and runs nothing.
func TestSelfContained(t *testing.T) {
	t.Parallel()
	text, err := Render(contactCentre(8))
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<script", "<link", "<img", "http://", "https://", "url(", "@import", " on"} {
		for _, tag := range strings.Split(string(text), "<")[1:] {
			if tag, _, _ = strings.Cut(tag, ">"); never != " on" && strings.Contains("<"+tag, never) {
				t.Errorf("it contains %s: <%s>", never, tag)
			}
		}
	}
	if !strings.Contains(string(text), `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`) && !strings.Contains(string(text), `content="default-src 'none'; style-src 'unsafe-inline'"`) {
		t.Error("it has no content security policy")
	}
}

func TestEmptyLedger(t *testing.T) {
	t.Parallel()
	s := &operate.Snapshot{Environment: "shop", At: noon}
	s.Overview.Next = []operate.Within{{Hours: 24}}
	text, err := Render(Data{Snapshot: s, Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Nothing is due, and nothing waits.", "No channel is in use.", "No sweep is remembered.", "No channel to show."} {
		if !strings.Contains(string(text), part) {
			t.Errorf("it does not say %q", part)
		}
	}
}

// heights are the totals of a chart's bars, in units of the scale.
func heights(c chart, scale float64) []float64 {
	var list []float64
	for _, b := range c.Bars {
		total := 0.0
		for _, p := range b.Parts {
			total += p.Height
		}
		list = append(list, float64(int(total/(c.Base-top)*scale*100+0.5))/100)
	}
	return list
}

func TestDueChart(t *testing.T) {
	t.Parallel()
	rows := []operate.Row{
		{State: operate.StateDue, At: noon.Add(-time.Hour)}, {State: operate.StateDue, At: noon},
		{State: operate.StateWaiting, At: noon.Add(time.Minute)}, {State: operate.StateWaiting, At: noon.Add(5 * time.Hour)},
		{State: operate.StateWaiting, At: noon.Add(48 * time.Hour)}, {State: operate.StateOpen, At: noon}, {State: operate.StateRetired, At: noon},
	}
	c := dueChart(rows, noon)
	if d := cmp.Diff([]float64{2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, heights(c, 2)); d != "" {
		t.Errorf("now, and twelve bars of four hours (-want +got):\n%s", d)
	}
	if want := "2 due now, 3 more by 2026-03-03 12:00Z; each bar is 4h."; c.Caption != want {
		t.Errorf("caption %q, want %q", c.Caption, want)
	}
}

func TestAgeChart(t *testing.T) {
	t.Parallel()
	ended := func(ago time.Duration, state operate.State) operate.Row {
		return operate.Row{State: state, LastEnd: noon.Add(-ago)}
	}
	c := ageChart([]operate.Row{
		ended(0, operate.StateWaiting), ended(59*time.Minute, operate.StateDue), ended(time.Hour, operate.StateHeld), ended(40*24*time.Hour, operate.StateDue),
		ended(0, operate.StateRetired), ended(0, operate.StateOpen), {State: operate.StateNoTask},
	}, noon)
	if d := cmp.Diff([]float64{1, 2, 1, 0, 0, 0, 0, 1}, heights(c, 2)); d != "" {
		t.Errorf("open, then by age (-want +got):\n%s", d)
	}
}

func TestSweepChart(t *testing.T) {
	t.Parallel()
	c := sweepChart([]ledger.Summary{
		{Outcome: "completed", Due: 4, Retired: 3, Failed: 1}, {Outcome: "refused", Due: 10}, {Outcome: "paused"}, {Outcome: "completed", Restored: 1, Irrecoverable: 1},
	})
	if d := cmp.Diff([]float64{4, 10, 1, 2}, heights(c, 10)); d != "" {
		t.Errorf("a sweep that did nothing shows, too (-want +got):\n%s", d)
	}
	var classes []string
	for _, b := range c.Bars {
		for _, p := range b.Parts {
			classes = append(classes, p.Class)
		}
	}
	if d := cmp.Diff([]string{"s-retired", "s-failed", "s-stopped", "s-stopped", "s-undone", "s-failed"}, classes); d != "" {
		t.Errorf("what they did (-want +got):\n%s", d)
	}
}

func TestNiceTop(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 1, 1: 1, 3: 4, 4: 4, 5: 6, 9: 10, 11: 20, 41: 60, 81: 100, 1000: 1000, 1001: 2000} {
		if got := niceTop(n); got != want {
			t.Errorf("top of an axis for %d: %d, want %d", n, got, want)
		}
	}
}
