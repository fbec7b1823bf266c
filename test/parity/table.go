package main

import (
	"fmt"
	"os"
	"strings"
)

// Where the tables stand, in the fake's README.
const (
	tableBegin = "<!-- BEGIN known: go run ./test/parity -write -->\n"
	tableEnd   = "<!-- END known -->"
)

// tables are what the README says about it.
func tables(dir string) (string, error) {
	k, err := known(dir)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	k.summary(&b)
	k.switches(&b)
	k.routes(&b)
	b.WriteString("\nFacts that somebody saw at the real Twilio and published, which the battery checks the fake against:\n\n| fact | where | noted |\n|---|---|---|\n")
	for _, s := range sightings {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.fact, s.source, s.noted)
	}
	return b.String(), nil
}

func (k knowledge) summary(b *strings.Builder) {
	counts := map[string]int{}
	for _, level := range k.level {
		counts[level]++
	}
	fmt.Fprintf(b, "Of %d routes **%d are known live**, %d by a sighting, %d by more documents than the specification, %d by the specification only. "+
		"Of %d cases of the battery %d were played against Twilio. Of %d switches %d are decided.\n",
		len(k.level), counts[live], counts[sighted], counts[documented], counts[specification], len(battery()), len(k.byCase), len(switches), k.decided())
}

// decided is how many switches have been put to Twilio.
func (k knowledge) decided() int {
	n := 0
	for _, s := range switches {
		if k.byCase[s.Case] != "" {
			n++
		}
	}
	return n
}

func (k knowledge) switches(b *strings.Builder) {
	b.WriteString("\n| switch | what it decides | asked by (case, step) | asked on |\n|---|---|---|---|\n")
	for _, s := range switches {
		fmt.Fprintf(b, "| `%s` | %s | `%s`, %s | %s |\n", s.Switch, s.Asks, s.Case, s.Step, orNever(k.byCase[s.Case]))
	}
}

func orNever(day string) string {
	if day == "" {
		return "never"
	}
	return day
}

// routes are one row for each path: most of its methods are known alike.
func (k knowledge) routes(b *strings.Builder) {
	b.WriteString("\n| path | methods, and how they are known |\n|---|---|\n")
	rows := map[string][]string{}
	for _, route := range sortedKeys(k.level) {
		method, path, _ := strings.Cut(route, " ")
		how := k.level[route]
		switch {
		case how == live:
			how += " (" + k.days[route] + ")"
		case how == documented:
			how += " (" + documents[route] + ")"
		}
		rows[path] = append(rows[path], method+" "+how)
	}
	for _, path := range sortedKeys(rows) {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.Replace(path, ".twilio.com", " ", 1), strings.Join(rows[path], "; "))
	}
}

// place puts the tables into a page, where they stand.
func place(page, content string) (string, error) {
	before, rest, begins := strings.Cut(page, tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		return "", fmt.Errorf("the page has no lines %q and %q", strings.TrimSpace(tableBegin), tableEnd)
	}
	return before + tableBegin + "\n" + content + "\n" + tableEnd + after, nil
}

// write renews the tables in a file.
func write(file, dir string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	content, err := tables(dir)
	if err != nil {
		return err
	}
	renewed, err := place(string(page), content)
	if err != nil {
		return fmt.Errorf("renew %s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(renewed), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}
