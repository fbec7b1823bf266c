package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// Refusal is one thing the guard does not let through.
type Refusal struct {
	Address string `json:"address"`
	Why     string `json:"why"`
}

// Types that the guard knows by name.
const (
	ledgerType   = "twilio_sync_services_v1"
	functionType = "google_cloudfunctions2_function"
	invokerType  = "google_cloud_run_v2_service_iam_member"
	versionType  = "google_secret_manager_secret_version"
)

// guarded are the types whose loss is the customer's loss: the ledger, the way
// events come in, and the secrets.
var guarded = map[string]string{
	ledgerType:                       "the ledger",
	"twilio_events_sinks_v1":         "the event sink",
	"twilio_events_subscriptions_v1": "the event subscription",
	"twilio_events_subscriptions_subscribed_events_v1": "a subscribed event type",
	"google_secret_manager_secret":                     "a secret",
	versionType:                                        "a secret's value",
	functionType:                                       "a function",
	invokerType:                                        "who may call a function: whom Google turns away never reaches it, and Twilio drops the event for good",
}

// Guard looks for what must not happen to a protected environment unasked: what is
// guarded deleted, replaced or forgotten, the list of subscribed types shortened, the
// documents' prefix changed, a second ledger made. Counting deletions is not enough:
// a replacement deletes too, and a shorter list is an "update". Addresses in allow are
// let through. It returns the rest, sorted by address.
func Guard(p *tfjson.Plan, allow []string) []Refusal {
	g := guard{plan: p, rotated: rotates(p), broken: brokenOff(p)}
	var out []Refusal
	for _, rc := range p.ResourceChanges {
		what, watched := guarded[rc.Type]
		if !watched || rc.Change == nil || rc.DeposedKey != "" || slices.Contains(allow, rc.Address) {
			continue
		}
		for _, why := range g.objections(rc, what) {
			out = append(out, Refusal{Address: rc.Address, Why: why})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Address < out[j].Address })
	return out
}

// GuardDestroy is the guard of a destroy plan, which is meant to delete: only the
// ledger, which cannot be made again, has to be named.
func GuardDestroy(p *tfjson.Plan, allow []string) []Refusal {
	var out []Refusal
	for _, rc := range p.ResourceChanges {
		if rc.Type == ledgerType && rc.Change != nil && kindOf(rc.Change.Actions) == Delete && !slices.Contains(allow, rc.Address) {
			out = append(out, Refusal{Address: rc.Address, Why: "the plan would delete the ledger"})
		}
	}
	return out
}

// guard is what the plan says as a whole.
type guard struct {
	plan    *tfjson.Plan
	rotated bool            // the Auth Token gets a successor
	broken  map[string]bool // modules whose function was never finished
}

func (g guard) objections(rc *tfjson.ResourceChange, what string) []string {
	var out []string
	switch kind := kindOf(rc.Change.Actions); kind {
	case Delete, Forget:
		if !g.endsRotation(rc) {
			out = append(out, fmt.Sprintf("the plan would %s %s", kind, what))
		}
	case Replace:
		if !isRotation(rc) && !g.neverServed(rc) {
			out = append(out, fmt.Sprintf("the plan would replace %s", what))
		}
	case Create:
		if rc.Type == ledgerType && hasFunctions(g.plan) {
			out = append(out, "the plan would make a second, empty ledger beside functions that use another")
		}
	}
	if lost := lostTypes(rc); len(lost) > 0 {
		out = append(out, "no longer subscribed: "+strings.Join(lost, ", "))
	}
	if before, after, changed := newPrefix(rc); changed {
		out = append(out, fmt.Sprintf("DOCUMENT_PREFIX changes from %s to %s: the ledger would begin empty, and holds and a pause stay behind", before, after))
	}
	return out
}

// isRotation reports whether a secret's version gets a successor before it goes:
// that is how a token is rotated, and nothing is without a value meanwhile.
func isRotation(rc *tfjson.ResourceChange) bool {
	return rc.Type == versionType && rc.Change.Actions.CreateBeforeDestroy()
}

// rotates reports whether the plan gives the Auth Token a new value.
func rotates(p *tfjson.Plan) bool {
	return slices.ContainsFunc(p.ResourceChanges, func(rc *tfjson.ResourceChange) bool {
		return rc.Change != nil && isRotation(rc) && rc.Index == "TWILIO_AUTH_TOKEN"
	})
}

// Stored lists the secrets that the plan gives a new value, by their names.
func Stored(p *tfjson.Plan) []string {
	var out []string
	for _, rc := range p.ResourceChanges {
		if name, ok := rc.Index.(string); ok && rc.Type == versionType && rc.Change != nil {
			if kind := kindOf(rc.Change.Actions); kind == Create || kind == Replace {
				out = append(out, name)
			}
		}
	}
	return out
}

// endsRotation reports whether what goes is the second Auth Token in the moment in
// which the first one is replaced: the last step of a rotation.
func (g guard) endsRotation(rc *tfjson.ResourceChange) bool {
	return g.rotated && rc.Type == versionType && rc.Index == "TWILIO_AUTH_TOKEN_SECONDARY"
}

// brokenOff lists the modules whose function was never finished: it has served
// nobody, so its replacement, and that of its invokers, takes nothing away.
func brokenOff(p *tfjson.Plan) map[string]bool {
	out := map[string]bool{}
	for _, rc := range p.ResourceChanges {
		if rc.Type == functionType && rc.ActionReason == tfjson.ActionReasonReplaceBecauseTainted {
			out[rc.ModuleAddress] = true
		}
	}
	return out
}

func (g guard) neverServed(rc *tfjson.ResourceChange) bool {
	return (rc.Type == functionType || rc.Type == invokerType) && g.broken[rc.ModuleAddress]
}

// hasFunctions reports whether functions stand: they were told of a ledger.
func hasFunctions(p *tfjson.Plan) bool {
	return slices.ContainsFunc(p.ResourceChanges, func(rc *tfjson.ResourceChange) bool {
		return rc.Type == functionType && rc.Change != nil && rc.Change.Before != nil
	})
}

// newPrefix reports whether a function that stands gets another DOCUMENT_PREFIX, or
// one that nobody can see before the apply.
func newPrefix(rc *tfjson.ResourceChange) (before, after string, changed bool) {
	const name = "DOCUMENT_PREFIX"
	if rc.Type != functionType || setting(rc.Change.Before, name) == nil || object(rc.Change.After) == nil {
		return "", "", false
	}
	was, is := setting(rc.Change.Before, name), setting(rc.Change.After, name)
	return show(was, nil), show(is, nil), was != is
}

// setting is an environment variable of a function.
func setting(function any, name string) any {
	return field(field(item(field(function, "service_config"), 0), "environment_variables"), name)
}

// lostTypes lists the event types that a subscription has before and not after.
// Types that are only known after apply count as lost: nobody can see that they
// are not.
func lostTypes(rc *tfjson.ResourceChange) []string {
	if rc.Type != "twilio_events_subscriptions_v1" || rc.Change.After == nil {
		return nil
	}
	after := map[string]bool{}
	for _, t := range typeList(rc.Change.After) {
		after[t] = true
	}
	var lost []string
	for _, t := range typeList(rc.Change.Before) {
		if !after[t] {
			lost = append(lost, eventType(t))
		}
	}
	sort.Strings(lost)
	return lost
}

func typeList(v any) []string {
	list, _ := object(v)["types"].([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

// eventType takes the name out of an entry such as {"schema_version":3,"type":"com.…"}.
func eventType(entry string) string {
	_, rest, found := strings.Cut(entry, `"type":"`)
	if !found {
		return entry
	}
	name, _, _ := strings.Cut(rest, `"`)
	return name
}
