package page

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// depth is how many of the newest of each kind are looked through for a text.
const depth = 2000

// sizes are how many rows of each kind may be shown; the first is the default.
var sizes = []int{20, 100, 500}

// selection is what of the world the reader wants to see.
type selection struct {
	Query string // only what contains this
	Size  int    // rows of each kind
}

func readSelection(query url.Values) selection {
	size, err := strconv.Atoi(query.Get("show"))
	if err != nil || !slices.Contains(sizes, size) {
		size = sizes[0]
	}
	return selection{Query: strings.TrimSpace(query.Get("q")), Size: size}
}

// reach is how many things of a kind to look at.
func (s selection) reach() int {
	if s.Query != "" {
		return depth
	}
	return s.Size
}

// view is all that the template needs.
type view struct {
	selection
	AccountSID string
	Now        time.Time
	Real       bool
	Next       time.Time // of the next timer; zero if there is none
	Problem    string    // why the last form was refused
	Sections   []section
	Faults     []faultInForce

	Effects, Frequencies, Products, Methods []option
	Sizes                                   []int
}

// faultInForce is one fault and what it has done.
type faultInForce struct {
	ID, Text string
	Strikes  int
}

// section is one kind of thing: a list of rows, newest first.
type section struct {
	ID, Title, Key string
	Nothing        string // said if there are none at all
	Total          int
	Rows           []row
}

// Shown is how many there are, and how many of them are shown.
func (s section) Shown() string {
	if len(s.Rows) == s.Total {
		return strconv.Itoa(s.Total)
	}
	return fmt.Sprintf("%d of %d", len(s.Rows), s.Total)
}

// World are the sections of what is, Traffic those of what happens.
func (v view) World() []section   { return v.Sections[:3] }
func (v view) Traffic() []section { return v.Sections[3:] }

// row is one thing: a line, and what it opens to.
type row struct {
	ID    string // unique in the page, and stable
	Name  string
	Note  string
	Chips []chip
	Time  time.Time // zero if it has none
	Age   string    // how long ago that was

	Facts    []fact
	Blocks   []block
	Attempts []faketwilio.Attempt
	Messages []faketwilio.Message
}

// chip is a word with a tone: good, warn, bad, or none.
type chip struct{ Text, Tone string }

// fact is a name and a value. A value that is a SID leads to all that mentions it.
type fact struct{ Name, Value string }

// IsSID tells whether the whole value is a SID.
func (f fact) IsSID() bool { return sidPattern.FindString(f.Value) == f.Value && f.Value != "" }

// block is a longer text, such as JSON.
type block struct{ Name, Text string }

// look takes a picture of the fake.
func look(fake *faketwilio.Server, wanted selection) view {
	state := fake.State(wanted.reach())
	v := view{
		selection: wanted, AccountSID: state.AccountSID, Now: state.Now.Truncate(time.Second), Real: fake.Clock().Real(),
		Sections: []section{
			channels(state), ledger(state), tasks(state), streams(state), deliveries(state, fake.LatestDeliveries(wanted.reach())),
			journal(state, fake.Journal().Latest(wanted.reach())),
		},
		Effects: effects, Frequencies: frequencies, Products: products, Methods: methods, Sizes: sizes,
	}
	if due, ok := fake.Clock().Next(); ok {
		v.Next = due
	}
	for i := range v.Sections {
		v.Sections[i].Key = strconv.Itoa(i + 1)
		v.Sections[i].narrow(wanted)
		for j := range v.Sections[i].Rows {
			v.Sections[i].Rows[j].finish(v.Now)
		}
	}
	strikes := fake.Faults().Strikes()
	for _, f := range fake.Faults().List() {
		v.Faults = append(v.Faults, faultInForce{f.ID, describe(f), strikes[f.ID]})
	}
	return v
}

// narrow keeps the rows that the reader wants to see.
func (s *section) narrow(wanted selection) {
	if wanted.Query != "" {
		lowered := strings.ToLower(wanted.Query)
		s.Rows = slices.DeleteFunc(s.Rows, func(r row) bool { return !r.mentions(lowered) })
	}
	s.Rows = s.Rows[:min(len(s.Rows), wanted.Size)]
}

// finish fills in what all kinds of rows have alike.
func (r *row) finish(now time.Time) {
	r.Age = age(now, r.Time)
	r.Facts = slices.DeleteFunc(r.Facts, func(f fact) bool { return f.Value == "" })
	r.Blocks = slices.DeleteFunc(r.Blocks, func(b block) bool { return b.Text == "" })
}

// mentions tells whether a row shows a text anywhere.
func (r row) mentions(lowered string) bool {
	for _, c := range r.Chips {
		if contains(c.Text, lowered) {
			return true
		}
	}
	for _, f := range r.Facts {
		if contains(f.Value, lowered) {
			return true
		}
	}
	for _, b := range r.Blocks {
		if contains(b.Text, lowered) {
			return true
		}
	}
	for _, m := range r.Messages {
		if contains(m.Author+" "+m.Body, lowered) {
			return true
		}
	}
	return contains(r.Name+" "+r.Note, lowered)
}
