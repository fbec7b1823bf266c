package plan

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
)

var update = flag.Bool("update", false, "write the golden files anew")

// read loads a plan of testdata; each is written in the form of `terraform show -json`.
func read(t *testing.T, name string) *tfjson.Plan {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var p tfjson.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return &p
}

func TestRender(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ plan, reason string }{
		{"nothing", "an unchanged resource is no news"},
		{"first", "creations are listed without their attributes, data sources not at all"},
		{"new_bundle", "nested changes are shown by path, computed noise of a replacement is not"},
		{"new_url", "the order of replacement and both reasons are told"},
		{"shrunk", "of a list, what goes and what comes"},
		{"destroy", "what can lose data is told"},
		{"forgotten", "leaving the state is a group of its own"},
		{"rotation", "a secret's version says nothing of its value"},
		{"left_over", "the left-over half of a replacement cannot lose anything"},
		{"sensitive", "no sensitive value is shown, nested or whole"},
		{"tainted", "the old one goes first, because its creation broke off"},
	} {
		t.Run(row.plan, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := Render(&got, "Plan for test", Summarise(read(t, row.plan)), NoStyle()); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", row.plan+".txt")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestRenderHidesSecrets(t *testing.T) {
	t.Parallel()
	s := Summarise(read(t, "sensitive"))
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "canary") {
		t.Errorf("a sensitive value is in the summary: %s", text)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	const (
		sync   = "twilio_sync_services_v1.ledger"
		sink   = "twilio_events_sinks_v1.webhook"
		sub    = "twilio_events_subscriptions_v1.tasks"
		secret = `google_secret_manager_secret.this["TWILIO_AUTH_TOKEN"]`
		value  = `google_secret_manager_secret_version.this["TWILIO_AUTH_TOKEN"]`
	)
	for _, row := range []struct {
		name, plan string
		allow      []string
		want       []string // addresses refused
		reason     string
	}{
		{"nothing", "nothing", nil, nil, "no change, no objection"},
		{"first apply", "first", nil, nil, "creations lose nothing"},
		{"new bundle", "new_bundle", nil, nil, "the everyday deployment must pass"},
		{"new url", "new_url", nil, []string{sink, sub}, "a replacement deletes, though the plan counts it as one of each"},
		{"new url, one allowed", "new_url", []string{sink}, []string{sub}, "each address is named for itself"},
		{"new url, both allowed", "new_url", []string{sink, sub}, nil, "named is named"},
		{"shorter list", "shrunk", nil, []string{sub}, "fewer types are an update, and lose events for good"},
		{"shorter list, allowed", "shrunk", []string{sub}, nil, "named is named"},
		{"unknown list", "types_unknown", nil, []string{sub}, "what nobody can see is not known to be harmless"},
		{"longer list", "grown", nil, nil, "one more type loses nothing"},
		{"destroy", "destroy", nil, []string{secret, sink, sub, sync}, "all that matters, and not the bucket"},
		{"destroy, another allowed", "destroy", []string{"twilio_sync_services_v1.other"}, []string{secret, sink, sub, sync}, "another name lets nothing through"},
		{"forgotten", "forgotten", nil, []string{sync}, "a removed block loses the ledger to Terraform"},
		{"rotation", "rotation", nil, nil, "a new value before the old goes is how a token is rotated"},
		{"rotation with a gap", "rotation_with_gap", nil, []string{value}, "between the two the functions have no token"},
		{"left over", "left_over", nil, nil, "its successor stands already"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range Guard(read(t, row.plan), row.allow) {
				if r.Why == "" {
					t.Errorf("%s is refused without a reason", r.Address)
				}
				got = append(got, r.Address)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestGuardNamesLostTypes(t *testing.T) {
	t.Parallel()
	got := Guard(read(t, "shrunk"), nil)
	want := []Refusal{{"twilio_events_subscriptions_v1.tasks", "no longer subscribed: com.twilio.taskrouter.task.wrapup"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBeyond(t *testing.T) {
	t.Parallel()
	one := func(k Kind) Summary { return Summary{Changes: []Change{{Address: "a.b", Kind: k}}} }
	for _, row := range []struct {
		name          string
		agreed, again Summary
		want          bool // beyond
		reason        string
	}{
		{"nothing left", one(Create), Summary{}, false, "done is done"},
		{"same again", one(Update), one(Update), false, "what was not reached is still to do"},
		{"created half", one(Create), one(Replace), false, "a creation that broke off is tainted"},
		{"created, then changed", one(Create), one(Update), false, "made, and not all of it set"},
		{"replace, old one gone", one(Replace), one(Create), false, "the first half is done"},
		{"replace, left over", one(Replace), Summary{Changes: []Change{{Address: "a.b", Kind: Delete, Deposed: true}}}, false, "the second half is left"},
		{"replace, the new one deleted", one(Replace), one(Delete), true, "nobody agreed to have none"},
		{"update becomes replace", one(Update), one(Replace), true, "a replacement was never shown"},
		{"update becomes delete", one(Update), one(Delete), true, "nor a deletion"},
		{"another address", one(Create), Summary{Changes: []Change{{Address: "c.d", Kind: Create}}}, true, "something new has come up"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := len(Beyond(row.agreed, row.again)) > 0; got != row.want {
				t.Errorf("beyond = %t, want %t: %s", got, row.want, row.reason)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	got := Summarise(read(t, "first")).Addresses()
	want := []string{"google_storage_bucket.source", "twilio_sync_services_v1.ledger", "output.webhook_url"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
