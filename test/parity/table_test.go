package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// The tables in the fake's README are what -write would write.
func TestTables(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../faketwilio/README.md")
	if err != nil {
		t.Fatal(err)
	}
	content, err := tables("golden")
	if err != nil {
		t.Fatal(err)
	}
	if renewed, err := place(string(page), content); err != nil || renewed != string(page) {
		t.Errorf("the tables of test/faketwilio/README.md are stale (%v): make generate", err)
	}
	routes := faketwilio.New(faketwilio.Options{}).Routes()
	named := sortedKeys(documents)
	for _, s := range sightings {
		named = append(named, s.routes...)
	}
	for _, route := range named {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is no route of the fake", route)
		}
	}
}

// Every trap that is unverified names the case that will decide it.
func TestTraps(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/traps.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`unverified: \[([a-z-]+)\]\(\.\./test/parity/(case_[a-z]+\.go)\)`)
	found := 0
	for _, trap := range strings.Split(string(page), "\n- ")[1:] {
		if !strings.Contains(trap, "unverified") {
			continue
		}
		found++
		match := link.FindStringSubmatch(trap)
		if match == nil {
			t.Errorf("no case decides: %.120s", trap)
			continue
		}
		file, err := os.ReadFile(match[2])
		if err != nil || !strings.Contains(string(file), `{name: "`+match[1]+`"`) {
			t.Errorf("%s has no case %s: %v", match[2], match[1], err)
		}
	}
	if found < 3 {
		t.Errorf("%d unverified traps were found, want all", found)
	}
}
