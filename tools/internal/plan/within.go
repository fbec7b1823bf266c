package plan

// succeeds tells which kinds of change may follow a kind that was agreed to,
// when a first apply stopped half way: a creation that broke off is replaced, a
// replacement that got through its first half only deletes what is left.
var succeeds = map[Kind][]Kind{
	Create:  {Create, Replace, Update},
	Update:  {Update},
	Replace: {Replace, Create, Update, Delete},
	Delete:  {Delete},
	Forget:  {Forget},
}

// Beyond lists the changes of again that go further than what was agreed to in
// agreed: another resource, or another kind of change to one. Terraform cannot
// apply the same plan file twice, so a repeated apply makes a new plan; this
// holds the new one to the old one's word. A left-over (deposed) half is let
// through only where a replacement was agreed to.
func Beyond(agreed, again Summary) []Change {
	kinds := map[string]Kind{}
	for _, c := range agreed.Changes {
		if known, ok := kinds[c.Address]; !ok || known == Delete {
			kinds[c.Address] = c.Kind // a deposed deletion beside a change must not hide the change
		}
	}
	var out []Change
	for _, c := range again.Changes {
		if !permits(kinds[c.Address], c) {
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
