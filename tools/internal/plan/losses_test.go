package plan

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
)

// change makes one entry of a plan.
func change(address, kind string, actions tfjson.Actions, before, after any) *tfjson.ResourceChange {
	module := ""
	if i := strings.LastIndex(address, "."+kind+"."); i > 0 {
		module = address[:i]
	}
	return &tfjson.ResourceChange{Address: address, ModuleAddress: module, Type: kind, Mode: tfjson.ManagedResourceMode,
		Change: &tfjson.Change{Actions: actions, Before: before, After: after}}
}

// function is a function's value with the given settings.
func function(settings map[string]any) any {
	return map[string]any{"service_config": []any{map[string]any{"environment_variables": settings}}}
}

const (
	theFunction = "module.event_streams." + functionType + ".this"
	theInvoker  = "module.event_streams." + invokerType + `.invoker["twilio"]`
	theLedger   = ledgerType + ".ledger"
	theVersion  = versionType + `.this["TWILIO_AUTH_TOKEN"]`
	theSecond   = versionType + `.this["TWILIO_AUTH_TOKEN_SECONDARY"]`
)

var (
	gone     = tfjson.Actions{tfjson.ActionDelete}
	made     = tfjson.Actions{tfjson.ActionCreate}
	changed  = tfjson.Actions{tfjson.ActionUpdate}
	asItWas  = tfjson.Actions{tfjson.ActionNoop}
	oldFirst = tfjson.Actions{tfjson.ActionDelete, tfjson.ActionCreate}
	newFirst = tfjson.Actions{tfjson.ActionCreate, tfjson.ActionDelete}
)

// reasoned gives an entry the reason that Terraform tells.
func reasoned(rc *tfjson.ResourceChange, why tfjson.ActionReason) *tfjson.ResourceChange {
	rc.ActionReason = why
	return rc
}

func indexed(rc *tfjson.ResourceChange, index string) *tfjson.ResourceChange {
	rc.Index = index
	return rc
}

func TestGuardLosses(t *testing.T) {
	t.Parallel()
	told := function(map[string]any{"DOCUMENT_PREFIX": "flexsweep-", "SYNC_SERVICE_SID": "IS1"})
	other := function(map[string]any{"DOCUMENT_PREFIX": "other-", "SYNC_SERVICE_SID": "IS1"})
	for _, row := range []struct {
		name    string
		changes []*tfjson.ResourceChange
		want    []string
		reason  string
	}{
		{"function deleted", []*tfjson.ResourceChange{change(theFunction, functionType, gone, told, nil)}, []string{theFunction}, "nobody takes the events"},
		{"function replaced", []*tfjson.ResourceChange{change(theFunction, functionType, oldFirst, told, told)}, []string{theFunction}, "nobody takes them in between, and its URL may change"},
		{"module renamed", []*tfjson.ResourceChange{change("module.hook."+functionType+".this", functionType, made, nil, told), change(theFunction, functionType, gone, told, nil)}, []string{theFunction}, "without a moved block a new name is another function"},
		{"function never finished", []*tfjson.ResourceChange{reasoned(change(theFunction, functionType, oldFirst, nil, told), tfjson.ActionReasonReplaceBecauseTainted), change(theInvoker, invokerType, oldFirst, nil, nil)}, nil, "it never served, and a repeated apply must get through"},
		{"invoker gone", []*tfjson.ResourceChange{change(theInvoker, invokerType, gone, nil, nil)}, []string{theInvoker}, "Google's 403 loses events for good"},
		{"invoker replaced", []*tfjson.ResourceChange{change(theInvoker, invokerType, newFirst, nil, nil)}, []string{theInvoker}, "the old one's end takes the same binding away again"},
		{"new bundle", []*tfjson.ResourceChange{change(theFunction, functionType, changed, told, told)}, nil, "the everyday deployment"},
		{"prefix", []*tfjson.ResourceChange{change(theFunction, functionType, changed, told, other)}, []string{theFunction}, "another prefix is an empty ledger"},
		{"prefix unknown", []*tfjson.ResourceChange{change(theFunction, functionType, changed, told, function(nil))}, []string{theFunction}, "what nobody can see is not known to be harmless"},
		{"second ledger", []*tfjson.ResourceChange{change(theLedger, ledgerType, made, nil, nil), change(theFunction, functionType, changed, told, told)}, []string{theLedger}, "the functions' records would be left behind"},
		{"first ledger", []*tfjson.ResourceChange{change(theLedger, ledgerType, made, nil, nil), change(theFunction, functionType, made, nil, told)}, nil, "a first apply"},
		{"rotation ends", []*tfjson.ResourceChange{indexed(change(theVersion, versionType, newFirst, nil, nil), "TWILIO_AUTH_TOKEN"), indexed(change(theSecond, versionType, gone, nil, nil), "TWILIO_AUTH_TOKEN_SECONDARY")}, nil, "the documented last step: the second token has become the first"},
		{"second token only", []*tfjson.ResourceChange{indexed(change(theSecond, versionType, gone, nil, nil), "TWILIO_AUTH_TOKEN_SECONDARY")}, []string{theSecond}, "Twilio may sign with it by now"},
		{"moved", []*tfjson.ResourceChange{{Address: theLedger, PreviousAddress: ledgerType + ".old", Type: ledgerType, Change: &tfjson.Change{Actions: asItWas}}}, nil, "the same object by another name"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range Guard(&tfjson.Plan{ResourceChanges: row.changes}, nil) {
				got = append(got, r.Address)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestGuardDestroy(t *testing.T) {
	t.Parallel()
	p := &tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{change(theLedger, ledgerType, gone, nil, nil), change(theFunction, functionType, gone, nil, nil)}}
	if got := GuardDestroy(p, nil); len(got) != 1 || got[0].Address != theLedger {
		t.Errorf("refused %v, want the ledger: the rest can be made again", got)
	}
	if got := GuardDestroy(p, []string{theLedger}); len(got) > 0 {
		t.Errorf("named, and yet refused: %v", got)
	}
}

// TestMovesAndImportsAreChanges: what changes only Terraform's own books is shown,
// so that it is asked about.
func TestMovesAndImportsAreChanges(t *testing.T) {
	t.Parallel()
	moved := change(theLedger, ledgerType, asItWas, nil, nil)
	moved.PreviousAddress = ledgerType + ".old"
	imported := change("a.b", "a", asItWas, nil, nil)
	imported.Change.Importing = &tfjson.Importing{ID: "IS1"}
	s := Summarise(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{moved, imported, change("a.c", "a", asItWas, nil, nil)}})
	if s.Empty() {
		t.Fatal("a plan with a move is called empty")
	}
	var got bytes.Buffer
	if err := Render(&got, "Plan for test", s, NoStyle()); err != nil {
		t.Fatal(err)
	}
	want := `Plan for test: 1 to move, 1 to import

Moved (another address for the same object)
  > twilio_sync_services_v1.ledger
      was twilio_sync_services_v1.old

Imported (stands already, and is managed from now on)
  < a.b
      ID IS1
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

// TestFirstPlanShowsWhatIsReviewed: docs/deploy.md tells people to look at the webhook's
// URL, at what the functions are told and at who may call them.
func TestFirstPlanShowsWhatIsReviewed(t *testing.T) {
	t.Parallel()
	f := change(theFunction, functionType, made, nil, function(map[string]any{"RETENTION": "48h"}))
	f.Change.AfterUnknown = function(map[string]any{"SYNC_SERVICE_SID": true})
	invoker := change(theInvoker, invokerType, made, nil, map[string]any{"member": "allUsers"})
	sink := change("twilio_events_sinks_v1.webhook", "twilio_events_sinks_v1", made, nil, map[string]any{"sink_configuration": `{"destination":"https://x.test"}`})
	job := change("j.j", "google_cloud_scheduler_job", made, nil, map[string]any{"schedule": "* * * * *"})
	job.Change.AfterUnknown = true
	got := map[string][]Attribute{}
	for _, c := range Summarise(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{f, invoker, sink, job, change(theLedger, ledgerType, made, nil, map[string]any{"friendly_name": "x"})}}).Changes {
		if c.Attributes != nil {
			got[c.Address] = c.Attributes
		}
	}
	env := "service_config.0.environment_variables."
	want := map[string][]Attribute{
		theFunction:  {{Name: env + "RETENTION", After: `"48h"`}, {Name: env + "SYNC_SERVICE_SID", After: unknown}},
		theInvoker:   {{Name: "member", After: `"allUsers"`}},
		sink.Address: {{Name: "sink_configuration", After: `"{\"destination\":\"https://x.test\"}"`}},
		"j.j":        {{Name: "schedule", After: unknown}, {Name: "time_zone", After: unknown}, {Name: "paused", After: unknown}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDiffering(t *testing.T) {
	t.Parallel()
	one := func(actions tfjson.Actions, after, open any) Summary {
		rc := change("a.b", "a", actions, map[string]any{}, after)
		rc.Change.AfterUnknown = open
		return Summarise(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{rc}})
	}
	kept := func(d string) any { return map[string]any{"retention": d, "list": []any{"x"}} }
	for _, row := range []struct {
		name              string
		agreed, again     Summary
		differing, beyond bool
		reason            string
	}{
		{"the same", one(changed, kept("72h"), nil), one(changed, kept("72h"), nil), false, false, "what was not reached"},
		{"another value", one(changed, kept("72h"), nil), one(changed, kept("1h"), nil), true, true, "nobody agreed to an hour"},
		{"known by now", one(made, kept("72h"), map[string]any{"sid": true}), one(made, map[string]any{"retention": "72h", "list": []any{"x"}, "sid": "IS1"}, nil), false, false, "it was to be known after apply"},
		{"one value more", one(made, kept("72h"), nil), one(made, map[string]any{"retention": "72h", "list": []any{"x"}, "disposition": "delete"}, nil), true, true, "nobody agreed to delete"},
		{"another list", one(made, kept("72h"), nil), one(made, map[string]any{"retention": "72h", "list": []any{"x", "y"}}, nil), true, true, "nobody agreed to y"},
		{"broke off", one(made, kept("72h"), nil), one(oldFirst, kept("72h"), nil), true, false, "shown again, and within what was agreed to"},
		{"done", one(made, kept("72h"), nil), Summary{}, false, false, "nothing is left"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := len(Differing(row.agreed, row.again)) > 0; got != row.differing {
				t.Errorf("differing = %t: %s", got, row.reason)
			}
			if got := len(Beyond(row.agreed, row.again)) > 0; got != row.beyond {
				t.Errorf("beyond = %t: %s", got, row.reason)
			}
		})
	}
}
