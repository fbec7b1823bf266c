package ui

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// Progress shows a running apply: a line for each resource that is done or has
// failed, with how long it took, and on a terminal one live line of what is under
// way. Terraform itself reports every ten seconds, which keeps the line alive.
type Progress struct {
	out     io.Writer
	live    bool
	colours Colours

	mu      sync.Mutex
	running map[string]time.Duration
	shown   bool
	done    int
}

// NewProgress writes to out; live is for terminals only.
func NewProgress(out io.Writer, live bool, colours Colours) *Progress {
	return &Progress{out: out, live: live, colours: colours, running: map[string]time.Duration{}}
}

// Done counts the resources that were changed so far.
func (p *Progress) Done() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// Observe is a terraform.Observer.
func (p *Progress) Observe(e terraform.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	switch e.Kind {
	case terraform.Started:
		p.running[e.Address] = 0
	case terraform.Running:
		p.running[e.Address] = e.Elapsed
		if !p.live {
			fmt.Fprintf(p.out, "  … %s: %s, %s so far\n", e.Address, e.Action, e.Elapsed)
		}
	case terraform.Completed:
		delete(p.running, e.Address)
		p.done++
		fmt.Fprintf(p.out, "  %s %s: %s%s\n", p.colours.Good("✓"), e.Address, past(e.Action), p.colours.Faint(took(e.Elapsed)))
	case terraform.Errored:
		delete(p.running, e.Address)
		fmt.Fprintf(p.out, "  %s %s: %s failed%s\n", p.colours.Bad("✗"), e.Address, e.Action, p.colours.Faint(took(e.Elapsed)))
	}
	p.draw()
}

// Close removes the live line.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.running = map[string]time.Duration{}
}

func (p *Progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

func (p *Progress) draw() {
	if !p.live || len(p.running) == 0 {
		return
	}
	var names []string
	for n, d := range p.running {
		names = append(names, n+took(d))
	}
	sort.Strings(names)
	line := fmt.Sprintf("  %d under way: %s", len(names), strings.Join(names, ", "))
	fmt.Fprint(p.out, p.colours.Faint(fit(line, Width(p.out))))
	p.shown = true
}

func took(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return fmt.Sprintf(" (%s)", d)
}

// past turns Terraform's word for what is done into that for what was done.
func past(action string) string {
	if w, ok := map[string]string{"create": "created", "update": "changed", "delete": "deleted", "read": "read"}[action]; ok {
		return w
	}
	return action
}
