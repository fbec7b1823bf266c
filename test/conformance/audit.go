package conformance

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// Audit is what became of a number of exchanges.
type Audit struct {
	Exchanges  int            // all of them
	Disturbed  int            // of these, struck by a fault on purpose: only the request was held against the files
	Refused    int            // of these, answered with an error
	Operations map[string]int // how often which operation of Twilio was answered with success

	findings map[Finding]int // with one example each
	examples map[Finding]string
}

// NewAudit starts with none.
func NewAudit() *Audit {
	return &Audit{Operations: map[string]int{}, findings: map[Finding]int{}, examples: map[Finding]string{}}
}

// Add holds one exchange against the files.
func (a *Audit) Add(ctx context.Context, specs Specs, e faketwilio.Exchange) {
	a.Exchanges++
	switch {
	case e.Fault != "" || e.Outcome != "answered":
		a.Disturbed++
	case e.Status >= 400:
		a.Refused++
	default:
		if op, ok := specs.find(e.Product, e.Method, e.Path); ok {
			a.Operations[op.key]++
		}
	}
	for _, f := range specs.Check(ctx, e) {
		a.findings[f]++
		if a.examples[f] == "" {
			a.examples[f] = fmt.Sprintf("%s %s%s?%s %v%s → %d %s", e.Method, e.Host, e.Path, e.Query, e.Form, e.Body, e.Status, e.Response)
		}
	}
}

// AddFolder adds what programs recorded in a folder, see FLEXSWEEP_EXCHANGES of the fake.
func (a *Audit) AddFolder(ctx context.Context, specs Specs, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := a.addFile(ctx, specs, name); err != nil {
			return fmt.Errorf("read exchanges: %w", err)
		}
	}
	return nil
}

func (a *Audit) addFile(ctx context.Context, specs Specs, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := json.NewDecoder(bufio.NewReaderSize(file, 1<<20))
	for decoder.More() {
		var e faketwilio.Exchange
		if err := decoder.Decode(&e); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		a.Add(ctx, specs, e)
	}
	return nil
}

// Findings are all findings, each once, sorted, with an example of the exchange.
func (a *Audit) Findings() []Finding {
	sorted := slices.SortedFunc(maps.Keys(a.findings), func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.Route, y.Route), cmp.Compare(x.Part, y.Part), cmp.Compare(x.Field, y.Field), cmp.Compare(x.Problem, y.Problem))
	})
	for i, f := range sorted {
		sorted[i].Example = a.examples[f]
	}
	return sorted
}
