package plan

import (
	"fmt"
	"sort"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// Refusal is one thing the guard does not let through.
type Refusal struct {
	Address string `json:"address"`
	Why     string `json:"why"`
}

// guarded are the types whose loss is the customer's loss: the ledger, the way
// events come in, and the secrets.
var guarded = map[string]string{
	"twilio_sync_services_v1":                          "the ledger",
	"twilio_events_sinks_v1":                           "the event sink",
	"twilio_events_subscriptions_v1":                   "the event subscription",
	"twilio_events_subscriptions_subscribed_events_v1": "a subscribed event type",
	"google_secret_manager_secret":                     "a secret",
	"google_secret_manager_secret_version":             "a secret's value",
}

// Guard looks for what must not happen to a protected environment unasked: the
// Sync service, the sink, the subscription or a secret deleted, replaced or
// forgotten, and the list of subscribed types shortened. Counting deletions is
// not enough: a replacement deletes too, and a shorter list is an "update".
// Addresses in allow are let through. It returns the rest, sorted by address.
func Guard(p *tfjson.Plan, allow []string) []Refusal {
	allowed := map[string]bool{}
	for _, a := range allow {
		allowed[a] = true
	}
	var out []Refusal
	for _, rc := range p.ResourceChanges {
		what, watched := guarded[rc.Type]
		if !watched || rc.Change == nil || rc.DeposedKey != "" || allowed[rc.Address] {
			continue
		}
		for _, why := range objections(rc, what) {
			out = append(out, Refusal{Address: rc.Address, Why: why})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Address < out[j].Address })
	return out
}

func objections(rc *tfjson.ResourceChange, what string) []string {
	var out []string
	switch kind := kindOf(rc.Change.Actions); kind {
	case Delete, Forget:
		out = append(out, fmt.Sprintf("the plan would %s %s", kind, what))
	case Replace:
		if !isRotation(rc) {
			out = append(out, fmt.Sprintf("the plan would replace %s", what))
		}
	}
	if lost := lostTypes(rc); len(lost) > 0 {
		out = append(out, "no longer subscribed: "+strings.Join(lost, ", "))
	}
	return out
}

// isRotation reports whether a secret's version gets a successor before it goes:
// that is how a token is rotated, and nothing is without a value meanwhile.
func isRotation(rc *tfjson.ResourceChange) bool {
	return rc.Type == "google_secret_manager_secret_version" && rc.Change.Actions.CreateBeforeDestroy()
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
