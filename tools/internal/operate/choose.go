package operate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Choice is which rows are shown, and in which order.
type Choice struct {
	filters map[string][]string
	sort    string
	reverse bool
	limit   int
}

// columns are what rows can be filtered by.
var columns = map[string]func(Row) string{
	"channel": func(r Row) string { return r.Channel },
	"state":   func(r Row) string { return string(r.State) },
	"backend": func(r Row) string { return string(r.Backend) },
	"type":    func(r Row) string { return r.Type },
	"failing": func(r Row) string { return yes(r.Failures > 0) },
	"overdue": func(r Row) string { return yes(r.Overdue) },
	"run": func(r Row) string {
		if r.Record.Retirement == nil {
			return ""
		}
		return r.Record.Retirement.Run
	},
}

// orders are what rows can be sorted by.
var orders = map[string]func(a, b Row) int{
	"due":      byUrgency,
	"channel":  func(a, b Row) int { return cmp.Compare(a.Channel, b.Channel) },
	"state":    func(a, b Row) int { return cmp.Compare(rank(a.State), rank(b.State)) },
	"type":     func(a, b Row) int { return cmp.Or(cmp.Compare(a.Backend, b.Backend), cmp.Compare(a.Type, b.Type)) },
	"ended":    func(a, b Row) int { return a.LastEnd.Compare(b.LastEnd) },
	"failures": func(a, b Row) int { return cmp.Compare(b.Failures, a.Failures) },
}

// Columns and Orders name them, for help and completion.
func Columns() []string { return sortedKeys(columns) }

// Orders names what rows can be sorted by.
func Orders() []string { return sortedKeys(orders) }

func sortedKeys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ParseChoice reads filters like state=due,held, an order like due or -due, and a limit,
// of which 0 is none.
func ParseChoice(filters []string, order string, limit int) (Choice, error) {
	c := Choice{filters: map[string][]string{}, limit: limit}
	c.sort, c.reverse = strings.CutPrefix(order, "-")
	if orders[c.sort] == nil {
		return c, fmt.Errorf("cannot sort by %q; by one of %s, a - before it for the other way round", c.sort, strings.Join(Orders(), ", "))
	}
	if limit < 0 {
		return c, fmt.Errorf("the limit must be 0 (none) or more, but is %d", limit)
	}
	for _, f := range filters {
		column, values, ok := strings.Cut(f, "=")
		if !ok || columns[column] == nil {
			return c, fmt.Errorf("cannot filter by %q; write it like state=due,held, with one of %s", f, strings.Join(Columns(), ", "))
		}
		for value := range strings.SplitSeq(values, ",") {
			if column == "state" && !slices.Contains(States(), State(value)) {
				return c, fmt.Errorf("there is no state %q; there are %v", value, States())
			}
			c.filters[column] = append(c.filters[column], value)
		}
	}
	return c, nil
}

// Of returns the chosen rows, and how many there were before the limit.
func (c Choice) Of(rows []Row) (chosen []Row, of int) {
	chosen = []Row{}
	for _, r := range rows {
		if c.takes(r) {
			chosen = append(chosen, r)
		}
	}
	slices.SortFunc(chosen, func(a, b Row) int {
		order := orders[c.sort](a, b)
		if c.reverse {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.Channel, b.Channel))
	})
	of = len(chosen)
	if c.limit > 0 && of > c.limit {
		chosen = chosen[:c.limit]
	}
	return chosen, of
}

func (c Choice) takes(r Row) bool {
	for column, values := range c.filters {
		if !slices.Contains(values, columns[column](r)) {
			return false
		}
	}
	return true
}

// byUrgency puts first what the next sweep does, longest due first; then what comes due,
// soonest first; what is retired comes last, the latest first.
func byUrgency(a, b Row) int {
	order := a.At.Compare(b.At)
	if a.State == StateRetired && b.State == StateRetired {
		order = -order
	}
	return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), order)
}

func rank(s State) int { return slices.Index(States(), s) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
