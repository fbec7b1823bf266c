package tfdouble

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

const function = "google_cloudfunctions2_function"

// faults sets what shall go wrong from now on.
func (w *workspace) faults(f applied.Faults) {
	w.t.Helper()
	if err := applied.WriteFaults(w.double, f); err != nil {
		w.t.Fatal(err)
	}
}

// atOnce lets roles hold and APIs answer at once, where a test is about something else.
func atOnce(fail ...applied.Fail) applied.Faults {
	return applied.Faults{RoleDelaySeconds: new(int64), ServiceDelaySeconds: new(int64), Fail: fail}
}

// arrives wants that one apply is enough, and that there is nothing left to do.
func (w *workspace) arrives() {
	w.t.Helper()
	w.apply()
	w.clean()
}

// applied gives a function as Google runs it.
func (w *workspace) applied(entryPoint string) applied.Function {
	w.t.Helper()
	functions, err := applied.Functions(w.double)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range functions {
		if f.EntryPoint == entryPoint {
			return f
		}
	}
	w.t.Fatalf("no function %s is applied", entryPoint)
	return applied.Function{}
}

// TestRolesTakeTimeToHold: the first apply of an empty project waits for the APIs that it enables and for the roles
// that it grants, and no later one does.
func TestRolesTakeTimeToHold(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int64{40, 60, 120} {
		t.Run(strconv.FormatInt(seconds, 10), func(t *testing.T) {
			t.Parallel()
			w := newInfraWorkspace(t)
			w.faults(applied.Faults{RoleDelaySeconds: &seconds})
			w.arrives()

			w.vars["bundle"] = w.write("b.zip", "bundle two")
			from := w.journalLength()
			w.apply()
			for _, action := range w.actions("time", from) {
				t.Errorf("a later apply: %s", action)
			}
		})
	}
}

// TestFunctionWhoseFirstCreationFails is there, tainted, and in the way of its successor.
func TestFunctionWhoseFirstCreationFails(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"flexsweep-local-events", "flexsweep-local-sweep"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newInfraWorkspace(t)
			w.faults(atOnce(applied.Fail{Action: "create", Type: function, Name: name, Times: 1}))
			w.run(1, w.withArgs("apply", "-auto-approve")...)
			w.arrives()
		})
	}
}

// TestFunctionWhoseUpdateFails serves the old code, and is sent the new again by the next apply.
func TestFunctionWhoseUpdateFails(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	w.arrives()
	old := w.applied("EventStreams").Bundle.Object

	w.faults(atOnce(applied.Fail{Action: "update", Type: function, Times: 2}))
	w.vars["bundle"] = w.write("b.zip", "bundle two")
	w.run(1, w.withArgs("apply", "-auto-approve")...)
	if got := w.applied("EventStreams").Bundle.Object; got != old {
		t.Fatalf("the function serves %s after an update that failed, want %s", got, old)
	}
	w.arrives()
	for _, entryPoint := range []string{"EventStreams", "Sweep"} {
		if got := w.applied(entryPoint).Bundle.Object; got == old {
			t.Errorf("%s still serves %s", entryPoint, got)
		}
	}
}

// TestAlertEmails are changed and taken away, though a channel in use cannot be deleted.
func TestAlertEmails(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	for _, emails := range []string{`["a@example.com"]`, `["b@example.com"]`, `[]`} {
		w.vars["alert_emails"] = emails
		w.arrives()
	}
}

// TestLedgerIsGone: after it was deleted by hand and forgotten, one apply makes another and tells the functions.
func TestLedgerIsGone(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	w.arrives()
	old := w.ledger("EventStreams")
	w.deleteInTwilio("https://sync.twilio.com/v1/Services/" + old)
	w.run(0, "state", "rm", "twilio_sync_services_v1.ledger")
	w.arrives()
	for _, entryPoint := range []string{"EventStreams", "Sweep"} {
		if got := w.ledger(entryPoint); got == old || !strings.HasPrefix(got, "IS") {
			t.Errorf("%s writes to %s, and the ledger that is gone is %s", entryPoint, got, old)
		}
	}
}

// ledger gives the Sync service that a function is told, by whichever way.
func (w *workspace) ledger(entryPoint string) string {
	w.t.Helper()
	f := w.applied(entryPoint)
	for _, s := range f.Secrets {
		if s.Key == "SYNC_SERVICE_SID" {
			return w.read(s.File)
		}
	}
	return f.EnvironmentVariables["SYNC_SERVICE_SID"]
}

// TestChangeOfRegion arrives in one apply, though names stay the same.
func TestChangeOfRegion(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	w.arrives()
	w.args = append(w.args, "-var=region=europe-west4")
	w.arrives()
	if got := w.applied("EventStreams").Location; got != "europe-west4" {
		t.Errorf("the function is in %s", got)
	}
}

// TestLedgerIsTakenOver: a Sync service that is there already becomes the ledger, and no second one is made.
func TestLedgerIsTakenOver(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	existing := w.fake.NewSyncService("from before")
	w.vars["ledger_sid"] = existing
	w.twilioCalls()
	w.arrives()
	calls := w.twilioCalls()
	if slices.Contains(calls, "POST /v1/Services") || !slices.Contains(calls, "POST /v1/Services/IS") {
		t.Errorf("requests that change something: %q, want the existing service changed and no other made", calls)
	}
	if got := w.ledger("Sweep"); got != existing {
		t.Errorf("the sweep walks %s, want %s", got, existing)
	}

	w.vars["ledger_sid"] = w.fake.NewSyncService("another")
	if out := w.run(1, w.withArgs("plan")...); !strings.Contains(out, "another Sync service than the one in the state") {
		t.Errorf("a second ledger_sid is answered by\n%s", out)
	}
}

// TestProjectNumber: a wrong one ends the apply before there are functions.
func TestProjectNumber(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	w.args = append(w.args, "-var=project_number=200000000000")
	if out := w.run(1, w.withArgs("apply", "-auto-approve")...); !strings.Contains(out, "would lead to another project") {
		t.Errorf("a wrong project_number is answered by\n%s", out)
	}
	if functions, err := applied.Functions(w.double); err != nil || len(functions) > 0 {
		t.Errorf("functions: %v, %v", functions, err)
	}
}

// TestPlanWithoutSecrets is what the workflow for pull requests does: nobody signs in to Twilio, and the plan is the
// same.
func TestPlanWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.faults(atOnce())
	w.arrives()
	for _, name := range []string{"twilio_api_secret", "twilio_auth_token", "twilio_auth_token_secondary", "events_twilio_api_secret", "sweep_twilio_api_secret"} {
		w.vars[name] = "none"
	}
	w.fake.Journal().Reset()
	w.run(0, w.withArgs("plan", "-refresh=false", "-detailed-exitcode")...)
	if got := len(w.fake.Journal().Entries()); got != 0 {
		t.Errorf("the plan made %d requests to Twilio, want none", got)
	}
}
