package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

const exampleSchema = `resource example
  name     !#u string
  project  ?^# string = {provider.project}
  email    ^   string = {name}@{project}
  token    ?w  string
  size     ?   string = SMALL
  labels   ?   map(string)
  webhook  ?^  string
  url      ^   string ~ https://{email}/{made}
  made     ^   string ~ yes
  block rule list 0.. #
    age     ?#  string
    state   ?^  string ~ ANY of {name}
  block when set 0..
    age     ?   string
    state   ?^  string ~ ANY
  block policy list 0..1 ^+
    days    ?   string = 7
`

func example(t *testing.T) schema.Block {
	t.Helper()
	resources, err := schema.Parse(exampleSchema)
	if err != nil {
		t.Fatal(err)
	}
	return resources[0].Block
}

func names(name string, _ Object) (any, bool) {
	return map[string]any{"provider.project": "p"}[name], name == "provider.project"
}

func TestPlanned(t *testing.T) {
	t.Parallel()
	prior := Object{"name": "A", "project": "p", "email": "A@p", "webhook": nil, "url": "https://A@p/yes", "made": "yes", "id": "A",
		"rule": []any{Object{"age": "1", "state": "LIVE"}}, "when": []any{Object{"age": "2", "state": "ANY"}}, "policy": []any{Object{"days": "7"}}}
	for _, row := range []struct {
		name          string
		config, prior Object
		want          Object // only the attributes named here are compared
		reason        string
	}{
		{"create", Object{"name": "a", "token": "secret"}, nil,
			Object{"name": "A", "project": "p", "email": "A@p", "token": nil, "size": "SMALL", "url": value.Unknown, "webhook": value.Unknown,
				"policy": value.Unknown},
			"defaults and names are known, what the API answers is not, write-only values are never planned"},
		{"unknown name", Object{"name": value.Unknown}, nil,
			Object{"name": value.Unknown, "email": value.Unknown, "project": "p"},
			"what depends on an unknown value is unknown, not invented"},
		{"map", Object{"name": "a", "labels": Object{"a": "1", "b": value.Unknown}}, nil,
			Object{"labels": value.Unknown},
			"one unknown element makes an SDKv2 map unknown as a whole"},
		{"update", Object{"name": "a", "size": "BIG"}, prior,
			Object{"size": "BIG", "url": "https://A@p/yes", "webhook": nil, "policy": prior["policy"]},
			"computed values stay, and null stays null: otherwise every plan would change something"},
		{"renamed", Object{"name": value.Unknown}, prior,
			Object{"email": value.Unknown},
			"a value computed from a name that is about to change is not the old one"},
		{"blocks", Object{"name": "a", "rule": []any{Object{"age": "1"}, Object{"age": "5"}}, "when": []any{Object{"age": "3"}, Object{"age": "2"}}}, prior,
			Object{"rule": []any{Object{"age": "1", "state": "LIVE"}, Object{"age": "5", "state": value.Unknown}},
				"when": []any{Object{"age": "3", "state": value.Unknown}, Object{"age": "2", "state": "ANY"}}},
			"a list's element is matched by place, a set's by what is configured"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := Planned(example(t), names, row.config, row.prior)
			for name, want := range row.want {
				if !value.Equal(got[name], want) {
					t.Errorf("%s: got %v, want %v: %s", name, got[name], want, row.reason)
				}
			}
		})
	}
}

func TestReplacements(t *testing.T) {
	t.Parallel()
	prior := Object{"name": "A", "project": "p", "rule": []any{Object{"age": "1", "state": "x"}}}
	for _, row := range []struct {
		name   string
		change Object
		want   []string
		reason string
	}{
		{"none", Object{}, nil, "nothing changed"},
		{"in place", Object{"size": "BIG"}, nil, "not a forcing attribute"},
		{"forcing", Object{"name": "B"}, []string{`AttributeName("name")`}, "it is marked so"},
		{"unknown", Object{"name": value.Unknown}, []string{`AttributeName("name")`}, "an unknown value may differ, so SDKv2 replaces"},
		{"in a block", Object{"rule": []any{Object{"age": "2"}}}, []string{`AttributeName("rule").ElementKeyInt(0).AttributeName("age")`},
			"the path leads into the block"},
		{"count", Object{"rule": []any{}}, []string{`AttributeName("rule")`}, "the block itself is marked"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			planned := Object{"name": "A", "project": "p", "rule": prior["rule"]}
			for name, v := range row.change {
				planned[name] = v
			}
			var got []string
			for _, path := range Replacements(example(t), prior, planned) {
				got = append(got, path.String())
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestMadeLeavesNothingUnknown(t *testing.T) {
	t.Parallel()
	b := example(t)
	planned := Planned(b, names, Object{"name": "a", "rule": []any{Object{"age": "1"}}}, nil)
	state := Made(b, names, planned)
	if value.HasUnknown(state) {
		t.Errorf("something is still unknown: %v", state)
	}
	want := Object{"url": "https://A@p/yes", "rule": []any{Object{"age": "1", "state": "ANY of A"}},
		"policy": []any{Object{"days": "7"}}, "webhook": nil}
	for name, v := range want {
		if !value.Equal(state[name], v) {
			t.Errorf("%s: got %v, want %v", name, state[name], v)
		}
	}
	if again := Planned(b, names, Object{"name": "a", "rule": []any{Object{"age": "1"}}}, state); !value.Equal(again, state) {
		t.Errorf("the second plan is not clean:\n%s", cmp.Diff(state, again))
	}
}
