package plan

import (
	"fmt"
	"io"
	"strings"
)

// Style colours a text; the identity where there is no terminal.
type Style struct {
	Good, Bad, Change, Faint func(string) string
}

// NoStyle leaves every text as it is.
func NoStyle() Style {
	plain := func(s string) string { return s }
	return Style{Good: plain, Bad: plain, Change: plain, Faint: plain}
}

// Render writes the plan as people read it: grouped by what happens, the
// dangerous first, with the reason for each replacement and, where something can
// be lost, what.
func Render(w io.Writer, title string, s Summary, style Style) error {
	out := &strings.Builder{}
	if s.Empty() {
		fmt.Fprintf(out, "%s: nothing to do, everything stands as configured.\n", title)
		_, err := io.WriteString(w, out.String())
		return err
	}
	fmt.Fprintf(out, "%s: %s\n", title, Counts(s))
	for _, g := range groups(style) {
		g.write(out, s.Changes, style)
	}
	if len(s.Changes) == 0 {
		fmt.Fprintf(out, "\nOnly outputs change (%d).\n", len(s.Outputs))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Counts is the plan in one line: "3 to create, 1 to replace".
func Counts(s Summary) string {
	var parts []string
	for _, k := range []Kind{Delete, Forget, Replace, Move, Import, Update, Create} {
		if n := s.Count(k); n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, k))
		}
	}
	if len(parts) == 0 {
		return "no resource changes"
	}
	return strings.Join(parts, ", ")
}

type group struct {
	kind   Kind
	title  string
	mark   string
	colour func(string) string
}

func groups(st Style) []group {
	return []group{
		{Delete, "Deleted", "-", st.Bad},
		{Forget, "Forgotten (stays, but no longer managed)", ".", st.Bad},
		{Replace, "Replaced", "±", st.Bad},
		{Move, "Moved (another address for the same object)", ">", st.Change},
		{Import, "Imported (stands already, and is managed from now on)", "<", st.Change},
		{Update, "Changed in place", "~", st.Change},
		{Create, "Created", "+", st.Good},
	}
}

func (g group) write(out *strings.Builder, changes []Change, st Style) {
	first := true
	for _, c := range changes {
		if c.Kind != g.kind {
			continue
		}
		if first {
			fmt.Fprintf(out, "\n%s\n", g.title)
			first = false
		}
		fmt.Fprintf(out, "  %s %s%s\n", g.colour(g.mark), c.Address, st.Faint(order(c)))
		if c.From != "" {
			fmt.Fprintf(out, "      %s %s\n", map[bool]string{true: "ID", false: "was"}[c.Kind == Import], c.From)
		}
		if c.Because != "" {
			fmt.Fprintf(out, "      because %s\n", c.Because)
		}
		if c.Risk != "" {
			fmt.Fprintf(out, "      %s\n", st.Bad("can lose data: "+c.Risk))
		}
		for _, a := range c.Attributes {
			fmt.Fprintf(out, "      %s: %s\n", a.Name, a.values())
		}
	}
}

func order(c Change) string {
	switch {
	case c.Deposed:
		return "  (left over)"
	case c.Kind == Replace && c.CreateFirst:
		return "  (the new one first)"
	case c.Kind == Replace:
		return "  (the old one goes first)"
	}
	return ""
}
