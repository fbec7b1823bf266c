// Package plan reads a Terraform plan for people and for the guard: what it
// creates, changes, replaces and deletes, why, and what of that can lose data.
// It is pure: it works on terraform-json and touches neither Terraform nor disk.
package plan

import (
	"maps"
	"slices"
	"sort"

	tfjson "github.com/hashicorp/terraform-json"
)

// Kind is what a plan does to one resource instance.
type Kind string

// The kinds of change, in the words the rendering uses.
const (
	Create  Kind = "create"
	Update  Kind = "update"
	Replace Kind = "replace"
	Delete  Kind = "delete"
	Forget  Kind = "forget" // leaves the state, the object stays
	Import  Kind = "import" // an object that stands already enters the state
	Move    Kind = "move"   // another address for the same object
	Read    Kind = "read"
)

// Change is one resource instance that the plan touches.
type Change struct {
	Address     string      `json:"address"`
	Type        string      `json:"type"`
	Kind        Kind        `json:"kind"`
	CreateFirst bool        `json:"create_before_destroy,omitempty"`
	Deposed     bool        `json:"deposed,omitempty"` // the left-over half of an earlier replacement
	Because     string      `json:"because,omitempty"` // why it is replaced or deleted
	Attributes  []Attribute `json:"attributes,omitempty"`
	Risk        string      `json:"risk,omitempty"` // what can be lost; empty when nothing can
	From        string      `json:"from,omitempty"` // the former address of what is moved, the ID of what is imported

	values any // what it is to be
	open   any // what of it is known after apply only
}

// Summary is a plan without what does not change.
type Summary struct {
	Changes []Change          `json:"changes"`
	Outputs map[string]string `json:"outputs,omitempty"` // name → create|update|delete
}

// Summarise reads p. Reads of data sources and changes of nothing are left out.
// The changes are sorted: what destroys first, then by address.
func Summarise(p *tfjson.Plan) Summary {
	s := Summary{Changes: []Change{}, Outputs: map[string]string{}}
	for _, rc := range p.ResourceChanges {
		if c, ok := summariseChange(rc); ok {
			s.Changes = append(s.Changes, c)
		}
	}
	sort.SliceStable(s.Changes, func(i, j int) bool {
		a, b := s.Changes[i], s.Changes[j]
		if rank(a.Kind) != rank(b.Kind) {
			return rank(a.Kind) < rank(b.Kind)
		}
		return a.Address < b.Address
	})
	for name, change := range p.OutputChanges {
		if kind := kindOf(change.Actions); kind != "" {
			s.Outputs[name] = string(kind)
		}
	}
	return s
}

// Empty reports whether applying the plan would change nothing: no resource, not
// even its address or whether Terraform knows it, and no output.
func (s Summary) Empty() bool { return len(s.Changes) == 0 && len(s.Outputs) == 0 }

// Addresses names everything that changes: resources, then outputs.
func (s Summary) Addresses() []string {
	var out []string
	for _, c := range s.Changes {
		out = append(out, c.Address)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Outputs)) {
		out = append(out, "output."+name)
	}
	return out
}

// Count tells how many resources are changed in the given way.
func (s Summary) Count(kind Kind) int {
	n := 0
	for _, c := range s.Changes {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

func summariseChange(rc *tfjson.ResourceChange) (Change, bool) {
	if rc.Change == nil || rc.Mode == tfjson.DataResourceMode {
		return Change{}, false
	}
	kind := kindOf(rc.Change.Actions)
	from := rc.PreviousAddress
	if rc.Change.Importing != nil {
		from = rc.Change.Importing.ID
	}
	switch {
	case kind == Read, kind == "" && from == "":
		return Change{}, false
	case kind == "" && rc.Change.Importing != nil:
		kind = Import
	case kind == "":
		kind = Move
	}
	c := Change{
		Address:     rc.Address,
		Type:        rc.Type,
		Kind:        kind,
		CreateFirst: rc.Change.Actions.CreateBeforeDestroy(),
		Deposed:     rc.DeposedKey != "",
		Because:     because(rc),
		Attributes:  attributes(rc.Change),
		From:        from,
		values:      rc.Change.After,
		open:        rc.Change.AfterUnknown,
	}
	if kind == Create {
		c.Attributes = firstValues(rc)
	}
	if kind == Delete || kind == Replace || kind == Forget {
		c.Risk = risk(c)
	}
	return c, true
}

func kindOf(a tfjson.Actions) Kind {
	switch {
	case a.Replace():
		return Replace
	case a.Create():
		return Create
	case a.Update():
		return Update
	case a.Delete():
		return Delete
	case a.Read():
		return Read
	case len(a) == 1 && a[0] == tfjson.ActionForget:
		return Forget
	case len(a) == 2 && (a[0] == tfjson.ActionForget || a[1] == tfjson.ActionForget):
		return Forget // create, then forget the old one: for the old object that is what counts
	}
	return ""
}

func rank(k Kind) int {
	return map[Kind]int{Delete: 0, Forget: 1, Replace: 2, Move: 3, Import: 4, Update: 5, Create: 6}[k]
}
