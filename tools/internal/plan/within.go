package plan

import "reflect"

// succeeds tells which kinds of change may follow a kind that was agreed to,
// when a first apply stopped half way: a creation that broke off is replaced, a
// replacement that got through its first half only deletes what is left.
var succeeds = map[Kind][]Kind{
	Create:  {Create, Replace, Update},
	Update:  {Update},
	Replace: {Replace, Create, Update, Delete},
	Delete:  {Delete},
	Forget:  {Forget},
	Import:  {Import},
	Move:    {Move},
}

// Beyond lists the changes of again that go further than what was agreed to in
// agreed: another resource, another kind of change to one, or another value.
// Terraform cannot apply the same plan file twice, so a repeated apply makes a new
// plan; this holds the new one to the old one's word. A left-over (deposed) half is
// let through only where a replacement was agreed to.
func Beyond(agreed, again Summary) []Change {
	return compare(agreed, again, func(a, c Change) bool { return permits(a.Kind, c) })
}

// Differing lists the changes of again that are not those of agreed to the letter.
// What was done meanwhile and is no longer in again differs in nothing.
func Differing(agreed, again Summary) []Change {
	return compare(agreed, again, func(a, c Change) bool {
		return a.Kind == c.Kind && a.Deposed == c.Deposed && a.CreateFirst == c.CreateFirst
	})
}

func compare(agreed, again Summary, same func(a, c Change) bool) []Change {
	known := map[string]Change{}
	for _, c := range agreed.Changes {
		if other, ok := known[c.Address]; !ok || other.Kind == Delete {
			known[c.Address] = c // a deposed deletion beside a change must not hide the change
		}
	}
	var out []Change
	for _, c := range again.Changes {
		a, ok := known[c.Address]
		if !ok || !same(a, c) || c.Kind != Delete && !sameValues(a.values, a.open, c.values) {
			out = append(out, c)
		}
	}
	return out
}

func permits(agreed Kind, c Change) bool {
	for _, k := range succeeds[agreed] {
		if k == c.Kind {
			// The object that now stands at the address is the new one.
			return agreed != Replace || k != Delete || c.Deposed
		}
	}
	return false
}

// sameValues reports whether now is what was agreed to. What was known after apply
// only may have become anything.
func sameValues(agreed, open, now any) bool {
	switch {
	case isTrue(open):
		return true
	case isObject(agreed, now):
		for _, key := range keys(agreed, now) {
			if !sameValues(field(agreed, key), field(open, key), field(now, key)) {
				return false
			}
		}
		return true
	case sameLength(agreed, now):
		for i := range agreed.([]any) {
			if !sameValues(item(agreed, i), item(open, i), item(now, i)) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(agreed, now)
}
