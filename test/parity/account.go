package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// ours begins the name of everything that a run makes.
const ours = "parity-"

// holding is something that an account holds.
type holding struct{ kind, address, name string }

// inventory is where the things stand that an account may hold, and which field names them.
var inventory = []struct{ kind, address, key, name string }{
	{"Sync service", syncServices, "services", "friendly_name"},
	{"chat service", chatServices, "services", "friendly_name"},
	{"subscription", subscriptions, "subscriptions", "description"},
	{"sink", sinks, "sinks", "description"},
	{"workspace", workspaces, "workspaces", "friendly_name"},
	{"Flex Flow", "flex-api.twilio.com/v1/FlexFlows", "flex_flows", "friendly_name"},
}

// inspect lists what an account holds: what earlier runs have left, and what is somebody else's. Twilio's own defaults are
// neither.
func inspect(ctx context.Context, t target) (left, strangers []holding, err error) {
	r := &run{target: t, ctx: ctx, normaliser: newNormaliser(), seen: map[string]bool{}}
	defer func() {
		if p, ours := recover().(stopped); ours {
			err = fmt.Errorf("look at the account: %w", p.err)
		}
	}()
	for _, place := range inventory {
		for address := place.address + "?PageSize=50"; address != ""; {
			page := r.ask(http.MethodGet, address, nil)
			if page.status == http.StatusUnauthorized {
				return nil, nil, fmt.Errorf("look at the account: Twilio refuses the credentials (HTTP 401)")
			}
			if page.status != http.StatusOK {
				break // the account has not that product
			}
			rows, _ := field(page.body, place.key).([]any)
			for _, row := range rows {
				name, _ := field(row, place.name).(string)
				sid, _ := field(row, "sid").(string)
				found := holding{place.kind, place.address + "/" + sid, name}
				switch {
				case strings.HasPrefix(name, ours):
					left = append(left, found)
				case !strings.HasPrefix(name, "Default "):
					strangers = append(strangers, found)
				}
			}
			next, _ := field(field(page.body, "meta"), "next_page_url").(string)
			address = strings.TrimPrefix(next, "https://")
		}
	}
	return left, strangers, nil
}

// remove deletes what earlier runs have left.
func remove(ctx context.Context, t target, left []holding) error {
	r := &run{target: t, ctx: ctx}
	for _, h := range left {
		r.cleanup = append([]string{h.address}, r.cleanup...) // oldest last: subscriptions go before their sinks
	}
	if err := r.clean(); err != nil {
		return fmt.Errorf("remove what an earlier run has left: %w", err)
	}
	return nil
}
